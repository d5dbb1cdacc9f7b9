"""A demo catalogue drawn by code: items in 3D, seen from many angles."""
