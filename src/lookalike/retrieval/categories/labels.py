"""What a catalogue teaches of a column: the views that have a value, and the items that keep them apart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError
from lookalike.retrieval.snapshot import Snapshot

FEWEST_ITEMS = 2
"""Items that a value needs, so that one may tell of another."""
MOST_VALUES = 500
MOST_VIEWS = 20_000
"""Views that are learned from; of a larger catalogue so many are drawn."""
PLAIN = (str, bool)

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Labels:
    """Views with a value.

    Args:
        column: where the values stand.
        names: the values, sorted.
        vectors: of the views, shape (views, width).
        codes: which value each has, shape (views,).
        groups: its item, or what else keeps views together, shape (views,).
    """

    column: str
    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    codes: Codes
    groups: Codes


def labels_of(snapshot: Snapshot, column: str, *, group: str | None = None, seed: int = 0) -> Labels:
    """The views of a catalogue that have a value in a column of their own or of their item.

    Args:
        snapshot: the catalogue.
        column: an attribute.
        group: views that share this attribute's value are kept together as those of an item are.
        seed: draws the views of a catalogue that has too many.

    Raises:
        QueryError: there is no such column, or not two values that two items have.
    """
    rows, values, groups = _told(snapshot, column, group)
    if not rows:
        known = ", ".join(predictable(snapshot)) or "none that could be predicted"
        raise QueryError(f"No item has a column {column!r}.", hint=f"Choose one of: {known}.")
    owners: dict[str, set[str]] = defaultdict(set)
    for value, one in zip(values, groups, strict=True):
        owners[value].add(one)
    names = tuple(sorted(value for value, several in owners.items() if len(several) >= FEWEST_ITEMS))
    if not 2 <= len(names) <= MOST_VALUES:
        raise QueryError(
            f"Column {column!r} has {len(names)} values that two items or more have.",
            hint=f"Choose a column with 2 to {MOST_VALUES}, such as a category.",
        )
    number = {name: code for code, name in enumerate(names)}
    kept = np.array([place for place, value in enumerate(values) if value in number])
    if len(kept) > MOST_VIEWS:
        kept = np.sort(np.random.default_rng(seed).choice(kept, MOST_VIEWS, replace=False))
    _, coded = np.unique(np.array(groups)[kept], return_inverse=True)
    return Labels(
        column,
        names,
        snapshot.matrix[np.array(rows)[kept]],
        np.array([number[values[place]] for place in kept], np.int64),
        coded.astype(np.int64),
    )


def predictable(snapshot: Snapshot) -> tuple[str, ...]:
    """Attributes of text that may be predicted: 2 to ``MOST_VALUES`` values, two items each on the mean."""
    values: dict[str, set[object]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for attributes in snapshot.attributes:
        for name, value in attributes.items():
            if isinstance(value, PLAIN) and value != "":
                values[name].add(value)
                counts[name] += 1
    fits = [
        name
        for name, seen in values.items()
        if 2 <= len(seen) <= MOST_VALUES and 2 * len(seen) <= counts[name]
    ]
    return tuple(sorted(fits, key=lambda name: (name != "category", name)))


def _told(snapshot: Snapshot, column: str, group: str | None) -> tuple[list[int], list[str], list[str]]:
    """Row, value and group of every view that has a value."""
    rows: list[int] = []
    values: list[str] = []
    groups: list[str] = []
    for place in range(len(snapshot)):
        record = snapshot.record(place)
        for number, view in enumerate(record.views):
            value = view.attributes.get(column, record.attributes.get(column))
            if value is None or value == "":
                continue
            rows.append(int(snapshot.starts[place]) + number)
            values.append(str(value))
            shared = None if group is None else view.attributes.get(group, record.attributes.get(group))
            groups.append(record.id if shared is None else f"{group}={shared}")
    return rows, values, groups
