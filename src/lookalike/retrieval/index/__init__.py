"""Ways through the vectors: each finds the best items; the exact one is the measure of the others."""
