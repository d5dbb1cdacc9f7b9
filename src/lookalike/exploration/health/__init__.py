"""Catalogue health: what is wrong with the photos and the data of each item."""
