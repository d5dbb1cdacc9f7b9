"""What a photo's neighbours of other items say of its attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.features import Codes
from lookalike.exploration.health.neighbours import Neighbours
from lookalike.exploration.naming import naming_columns

NOT_LABELS = ("role", "split")
FEWEST_OF_VALUE = 4  # items that must share a value before neighbours may speak for it
DIFFERING = 0.1  # of the items: more whose views differ in a column make it one of photos, not of items
BASE = 0.5  # of the nearest neighbour's weight that the k-th still has, at least


@dataclass(frozen=True, eq=False)
class Votes:
    """One column's votes.

    Args:
        column: its name.
        names: its values, but for those of too few items to vote.
        truth: each photo's value as a number, -1 for none and for rare ones, shape (photos,).
        shares: weighted share of its neighbours by value, shape (photos, values).
        given: each photo's value as it is, None where it has none.
    """

    column: str
    names: tuple[str, ...]
    truth: Codes
    shares: NDArray[np.float64]
    given: tuple[str | None, ...]

    @property
    def own(self) -> NDArray[np.float64]:
        """The share of each photo's own value; NaN where it has none."""
        picked = np.take_along_axis(self.shares, np.maximum(self.truth, 0)[:, None], axis=1)[:, 0]
        return np.where(self.truth >= 0, picked, np.nan)


def all_votes(seen: Evaluated, neighbourhoods: Sequence[Neighbours]) -> list[Votes]:
    """The votes on every column that neighbours can speak for: no roles, no ids, no column of rare values.

    Args:
        seen: the photos.
        neighbourhoods: several ways to be near (as a whole, by shape, by colour): on each column those speak
            whose members agree on it most.
    """
    found = []
    for column, values in naming_columns(seen).items():
        if column in NOT_LABELS or _within_items(seen, values):
            continue
        names, truth = _coded(seen, values)
        if len(names) > 1:
            ways = [
                Votes(column, names, truth, _shares(truth, near, len(names)), tuple(values))
                for near in neighbourhoods
            ]
            found.append(max(ways, key=lambda votes: float(np.nanmean(votes.own))))
    return found


def _within_items(seen: Evaluated, values: list[str | None]) -> bool:
    """Whether a column differs between views of one item: it tells of the photo, not of the item."""
    of_item: dict[str, set[str | None]] = defaultdict(set)
    for item, value in zip(seen.items, values, strict=True):
        of_item[item.id].add(value)
    differing = sum(len(found) > 1 for found in of_item.values())
    return differing > DIFFERING * len(of_item)


def _coded(seen: Evaluated, values: list[str | None]) -> tuple[tuple[str, ...], Codes]:
    items: dict[str, set[str]] = defaultdict(set)
    for item, value in zip(seen.items, values, strict=True):
        if value is not None:
            items[value].add(item.id)
    names = tuple(sorted(value for value, who in items.items() if len(who) >= FEWEST_OF_VALUE))
    number = {name: code for code, name in enumerate(names)}
    return names, np.array([number.get(value or "", -1) for value in values], np.int64)


def _shares(truth: Codes, neighbours: Neighbours, values: int) -> NDArray[np.float64]:
    rows = neighbours.rows[
        :, : max(1, neighbours.items // 3)
    ]  # a small catalogue's far items are no neighbours
    labels = np.where(rows >= 0, truth[np.maximum(rows, 0)], -1)
    nearness = np.linspace(1.0, BASE, rows.shape[1])[None, :]
    shares = np.zeros((len(truth), values))
    for value in range(values):
        shares[:, value] = ((labels == value) * nearness).sum(axis=1)
    total = shares.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(shares, total, out=np.zeros_like(shares), where=total > 0))
