"""Which item is nearest to which, by their best pair of views: among all, or among those that complete it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.features import Codes
from lookalike.exploration.health.coverage import way_of
from lookalike.exploration.health.neighbours import Neighbours

ITEMS = 256  # compared at once
Scores = NDArray[np.float64]
Ways = frozenset[str]


@dataclass(frozen=True, eq=False)
class NearestItems:
    """Of each item its nearest one, shape (items,) each.

    Args:
        nearest: its number, -1 where there is none.
        likeness: of the best pair of views, -inf where there is none.
        second: likeness of the second nearest, -inf where there is none.
        partners: among how many items it was looked for.
    """

    nearest: Codes
    likeness: Scores
    second: Scores
    partners: Codes

    def mutual(self) -> Iterator[tuple[int, int]]:
        """Pairs of items that are each other's nearest, the lower number first."""
        for one, other in enumerate(self.nearest.tolist()):
            if one < other and self.nearest[other] == one:
                yield one, other

    def lead(self, one: int, other: int) -> float:
        """By how much two items are more alike than either is to the next one."""
        return float(self.likeness[one] - max(self.second[one], self.second[other]))


def item_ways(seen: Evaluated) -> list[Ways]:
    """For each item the kinds of views it has (roles, angles); empty where any of them is not known."""
    held: dict[int, set[str]] = defaultdict(set)
    for code, view in zip(seen.codes.tolist(), seen.views, strict=True):
        held[code].add(way_of(view))
    return [frozenset(held[code]) if "" not in held[code] else frozenset() for code in range(len(held))]


def nearest_among_all(seen: Evaluated, neighbours: Neighbours) -> NearestItems:
    """Each item's nearest among all others, as far as its photos' neighbours tell."""
    items = neighbours.items
    found = _empty(items)
    found.partners[:] = items - 1
    for code in range(items):
        rows = np.flatnonzero(seen.codes == code)
        best: dict[int, float] = {}
        pairs = zip(neighbours.rows[rows].ravel(), neighbours.likeness[rows].ravel(), strict=True)
        for other, score in pairs:
            if other >= 0:
                key = int(seen.codes[other])
                best[key] = max(best.get(key, -np.inf), float(score))
        ranked = sorted(best.items(), key=lambda pair: -pair[1])
        if ranked:
            found.nearest[code], found.likeness[code] = ranked[0]
        if len(ranked) > 1:
            found.second[code] = ranked[1][1]
    return found


def nearest_complements(seen: Evaluated, ways: Sequence[Ways]) -> NearestItems:
    """Each item's nearest among the items that have none of its kinds of views.

    Args:
        seen: the photos.
        ways: of each item; items of unknown ways take no part.
    """
    found = _empty(len(ways))
    alike: dict[Ways, list[int]] = defaultdict(list)
    for code, held in enumerate(ways):
        if held:
            alike[held].append(code)
    for held, group in alike.items():
        partners = [code for other, codes in alike.items() if not held & other for code in codes]
        found.partners[group] = len(partners)
        for start in range(0, len(group) if partners else 0, ITEMS):
            part = group[start : start + ITEMS]
            _note(found, part, np.array(partners), _likeness(seen, part, partners))
    return found


def _empty(items: int) -> NearestItems:
    none, far = np.full(items, -1, np.int64), np.full(items, -np.inf)
    return NearestItems(none, far, far.copy(), np.zeros(items, np.int64))


def _note(found: NearestItems, part: list[int], partners: Codes, likeness: Scores) -> None:
    places = likeness.argmax(axis=1)
    found.nearest[part] = partners[places]
    found.likeness[part] = likeness[np.arange(len(part)), places]
    if len(partners) > 1:
        found.second[part] = np.partition(likeness, -2, axis=1)[:, -2]


def _likeness(seen: Evaluated, ones: Sequence[int], others: Sequence[int]) -> Scores:
    """The best pair of views of each two items, shape (ones, others)."""
    rows, starts = _rows_of(seen.codes, ones)
    columns, places = _rows_of(seen.codes, others)
    scores = np.maximum.reduceat(seen.matrix[rows] @ seen.matrix[columns].T, places, axis=1)
    return np.asarray(np.maximum.reduceat(scores, starts, axis=0), np.float64)


def _rows_of(codes: Codes, items: Sequence[int]) -> tuple[Codes, Codes]:
    """The photos of some items, item after item, and where each item's begin."""
    order = np.argsort(codes, kind="stable")
    firsts = np.searchsorted(codes[order], items, side="left")
    counts = np.searchsorted(codes[order], items, side="right") - firsts
    starts = np.cumsum(counts) - counts
    within = np.arange(counts.sum()) - np.repeat(starts, counts)
    return order[np.repeat(firsts, counts) + within], starts
