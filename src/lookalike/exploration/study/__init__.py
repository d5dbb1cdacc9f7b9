"""The seed study, on a catalogue of one's own, as one report."""
