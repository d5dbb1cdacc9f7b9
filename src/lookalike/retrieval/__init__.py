"""Stores, indexes and the engine that answers queries with ranked items."""
