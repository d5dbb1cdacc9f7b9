"""Deep embedded clustering: DEC and IDEC, beside k-means on raw and on autoencoder features."""
