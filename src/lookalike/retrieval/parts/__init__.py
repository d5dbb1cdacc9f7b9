"""Parts of photos: where an item may be in a photo, and where a wanted item is in a scene."""
