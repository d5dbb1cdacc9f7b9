"""A store of a million views, 20,000 of them embedded photos: made, searched, served, changed, upgraded."""
