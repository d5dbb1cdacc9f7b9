"""What a catalogue teaches of a column: the views that have a value, and the items that keep them apart."""

from __future__ import annotations

from array import array
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
    told = _Told.of(snapshot, column, group)
    if not told.values:
        known = ", ".join(predictable(snapshot)) or "none that could be predicted"
        raise QueryError(f"No item has a column {column!r}.", hint=f"Choose one of: {known}.")
    owners = np.bincount(np.unique(np.stack([told.codes, told.groups], 1), axis=0)[:, 0])
    names = sorted(value for value, code in told.values.items() if owners[code] >= FEWEST_ITEMS)
    if not 2 <= len(names) <= MOST_VALUES:
        raise QueryError(
            f"Column {column!r} has {len(names)} values that two items or more have.",
            hint=f"Choose a column with 2 to {MOST_VALUES}, such as a category.",
        )
    number = np.full(len(told.values), -1)
    number[[told.values[name] for name in names]] = np.arange(len(names))
    kept = np.flatnonzero(number[told.codes] >= 0)
    if len(kept) > MOST_VIEWS:
        kept = np.sort(np.random.default_rng(seed).choice(kept, MOST_VIEWS, replace=False))
    _, groups = np.unique(told.groups[kept], return_inverse=True)
    vectors = snapshot.matrix[told.rows[kept]]
    return Labels(column, tuple(names), vectors, number[told.codes[kept]], groups.astype(np.int64))


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


@dataclass(frozen=True, eq=False)
class _Told:
    """The views that have a value: numbers alone, for they may be a million.

    Args:
        rows: of the views in the matrix, ascending.
        codes: of their values.
        groups: numbers of what keeps them together.
        values: the code of each value.
    """

    rows: Codes
    codes: Codes
    groups: Codes
    values: dict[str, int]

    @classmethod
    def of(cls, snapshot: Snapshot, column: str, group: str | None) -> _Told:
        rows, codes, groups = array("q"), array("q"), array("q")
        values: dict[str, int] = {}
        known_groups: dict[str, int] = {}
        for first, name, facts, looks in zip(
            snapshot.starts.tolist(), snapshot.ids, snapshot.attributes, snapshot.view_facts(), strict=False
        ):
            for row, own in enumerate(looks, first):
                value = own.get(column, facts.get(column))
                if value is None or value == "":
                    continue
                shared = None if group is None else own.get(group, facts.get(group))
                together = name if shared is None else f"{group}={shared}"
                rows.append(row)
                codes.append(values.setdefault(str(value), len(values)))
                groups.append(known_groups.setdefault(together, len(known_groups)))
        order = np.argsort(np.argsort(list(known_groups)))  # groups are numbered by name, as values are
        return cls(np.array(rows), np.array(codes), order[np.array(groups, np.int64)], values)
