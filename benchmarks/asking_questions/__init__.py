"""The questions of ``benchmarks.asking``, one file a way to ask."""
