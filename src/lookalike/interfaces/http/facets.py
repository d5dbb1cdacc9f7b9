"""What a catalogue can be filtered by: its attributes, their values, and how many items have each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lookalike.retrieval.value_counts import ValueCounts

MOST_VALUES = 60
"""An attribute with more different values is no filter, or a range where all are numbers."""


def facets(counts: ValueCounts) -> list[dict[str, Any]]:
    """Attributes worth filtering by, the shortest lists first.

    Returns:
        For each its name, its values with counts (most frequent first), and for attributes with
        many numbers the lowest and the highest instead.
    """
    found = [
        facet for name, values in counts.by_name.items() if (facet := _facet(name, values, counts.items))
    ]
    return sorted(found, key=lambda facet: (not facet["values"], len(facet["values"]), facet["name"]))


def _facet(name: str, values: Counter[Any], total: int) -> dict[str, Any] | None:
    if len(values) < 2:
        return None
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if numbers and len(values) > 8:
        return {"name": name, "values": [], "low": float(min(values)), "high": float(max(values))}
    if len(values) > MOST_VALUES or len(values) > max(8, total // 2):
        return None
    ranked = sorted(values.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {"name": name, "values": [{"value": value, "count": count} for value, count in ranked]}
