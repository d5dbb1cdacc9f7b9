"""Items, their views, and the one way from a photo file to pixels."""
