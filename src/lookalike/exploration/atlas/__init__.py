"""The atlas: a catalogue as a map that one can walk about in, in one HTML file."""
