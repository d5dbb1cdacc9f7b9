"""From baskets to what goes with an item: counted where it was in enough, by its lookalikes where not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.together.baskets import Baskets

Scores = NDArray[np.float64]

SMOOTHING = 2.0
"""Baskets that every item is thought to have been in besides: two that met once by chance are no pair."""
BORROWED = 3.0
"""An item of so many baskets counts its own and its lookalikes' alike; one of fewer trusts them more."""
LOOKALIKES, SHARPNESS = 8, 10.0
MOST_IN_BASKET = 50
"""Larger baskets are orders of a reseller rather than a taste."""


@dataclass(frozen=True, slots=True)
class Companion:
    """An item that goes with another.

    Args:
        item: its id.
        score: higher goes better.
        together: in how many baskets both were.
    """

    item: str
    score: float
    together: int


class Pairing:
    """Says what goes with the items of a catalogue.

    Two items go together as far as their baskets overlap: ``n_ij / sqrt((n_i + s)(n_j + s))``, the cosine of
    their basket sets, smoothed so that rare items do not win by chance (Linden, Smith and York, "Amazon.com
    Recommendations", 2003). An item of few baskets borrows from its lookalikes of its own kind, weighed by
    their likeness.

    Args:
        snapshot: the catalogue.
        baskets: what was together.
        across: an attribute in which companions differ from the item, such as ``category``; any if None.
    """

    def __init__(self, snapshot: Snapshot, baskets: Baskets, *, across: str | None = "category") -> None:
        self._snapshot = snapshot
        self._members: list[NDArray[np.int64]] = []
        of_item: list[list[int]] = [[] for _ in range(len(snapshot))]
        for basket in baskets.baskets:
            places = [snapshot.places[item] for item in basket]
            if len(places) > MOST_IN_BASKET:
                continue
            for place in places:
                of_item[place].append(len(self._members))
            self._members.append(np.array(places, np.int64))
        self._baskets = [np.array(one, np.int64) for one in of_item]
        self.counts = np.array([len(one) for one in of_item], np.float64)
        self._kinds = [None if across is None else facts.get(across) for facts in snapshot.attributes]

    def companions(self, item: str, k: int = 10) -> tuple[Companion, ...]:
        """What goes with an item, best first; fewer than k where fewer were with it or its like.

        Raises:
            QueryError: there is no such item, or k is not positive.
        """
        if k < 1:
            raise QueryError(f"k is {k}.", hint="Ask for at least one item.")
        place = self._snapshot.place(item)
        scores = self.scores(place)
        met = self._met(place)
        order = np.argsort(-scores, kind="stable")[:k]
        return tuple(
            Companion(self._snapshot.ids[one], float(scores[one]), int(met[one]))
            for one in order
            if scores[one] > 0
        )

    def scores(self, place: int) -> Scores:
        """How well each item goes with the one at a place, shape (items,); zero where nothing says so."""
        own = self.counted(place)
        trust = self.counts[place] / (self.counts[place] + BORROWED)
        scores = np.asarray(trust * own + (1 - trust) * self._borrowed(place), np.float64)
        scores[place] = 0.0
        kind = self._kinds[place]
        if kind is not None:
            scores[[other for other, one in enumerate(self._kinds) if one == kind]] = 0.0
        return scores

    def counted(self, place: int) -> Scores:
        """The smoothed cosine of baskets with every item, shape (items,)."""
        scale = np.sqrt((self.counts[place] + SMOOTHING) * (self.counts + SMOOTHING))
        return np.asarray(self._met(place) / scale)

    def _met(self, place: int) -> Scores:
        """In how many baskets each item was together with one, shape (items,)."""
        met = np.zeros(len(self._snapshot))
        for basket in self._baskets[place]:
            met[self._members[basket]] += 1
        met[place] = 0.0
        return met

    def _borrowed(self, place: int) -> Scores:
        """What goes with the item's lookalikes, the closer the more, shape (items,)."""
        views = self._snapshot.vectors(place)
        likeness = np.maximum.reduceat(self._snapshot.matrix @ views.T, self._snapshot.starts[:-1], axis=0)
        closeness = likeness.max(axis=1).astype(np.float64)
        closeness[place] = -np.inf
        closeness[self.counts == 0] = -np.inf
        kind = self._kinds[place]
        same = np.array([one == kind for one in self._kinds])
        if kind is not None and (same & (self.counts > 0)).any():
            closeness[~same] = -np.inf  # a red mug borrows from mugs, not from red hats
        near = np.argsort(-closeness, kind="stable")[:LOOKALIKES]
        near = near[np.isfinite(closeness[near])]
        if not len(near):
            return np.zeros(len(self._snapshot))
        worth = np.exp(SHARPNESS * (closeness[near] - closeness[near[0]]))
        told = np.stack([self.counted(int(one)) for one in near])
        return np.asarray(worth @ told / worth.sum())
