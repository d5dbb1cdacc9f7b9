"""A model fitted to a catalogue without a recipe: linear heads over cached features, judged before use."""
