"""A second look at the best items of a first ranking."""
