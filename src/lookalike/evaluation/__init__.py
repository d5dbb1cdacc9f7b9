"""Honest figures: metrics, protocols, intervals, reports."""
