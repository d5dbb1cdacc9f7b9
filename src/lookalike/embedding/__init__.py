"""From photos to vectors: embedders, the cards they travel with, and the pipeline that runs them."""
