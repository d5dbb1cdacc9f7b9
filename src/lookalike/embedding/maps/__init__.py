"""Local features on a grid: where in a photo its vector comes from."""
