"""The catalogue laid out: projections, clusters, maps."""
