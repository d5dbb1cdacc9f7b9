"""What kind of thing a photo shows, by a column of the catalogue."""
