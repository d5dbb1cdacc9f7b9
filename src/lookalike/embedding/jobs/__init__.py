"""Embedding a catalogue of any size by one job file: here, by Daft, or on a Ray cluster."""
