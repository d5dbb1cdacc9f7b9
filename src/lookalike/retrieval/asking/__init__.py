"""Further ways to ask: what it should not look like, item arithmetic, colours by name, and words."""
