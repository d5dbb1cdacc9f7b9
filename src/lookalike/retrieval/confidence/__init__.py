"""What scores mean in a catalogue: how sure an answer is, and how hard its question."""
