"""Changing a store's model without fear: a second version, compared, switched to, gone back from."""
