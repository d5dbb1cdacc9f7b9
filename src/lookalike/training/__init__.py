"""Learning from a catalogue's own views."""
