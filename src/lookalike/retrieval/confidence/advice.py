"""The photo that would help: from which side the items that may be meant tell themselves apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.retrieval.confidence.trials import Manner
from lookalike.retrieval.pooling import pool_photos
from lookalike.retrieval.query import weigh_colour
from lookalike.retrieval.records import StoredView
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]
Scores = NDArray[np.float64]

CANDIDATES = 5
"""Best items among which the right one is looked for."""
SHARPNESS = 25.0
"""How fast an item is less believed with its distance from the first: a softmax's inverse temperature."""
LEAST_GAIN = 0.1
"""Advice is given where it settles so much more than is settled now."""
LEAST_SEEN = 0.5
"""Of the belief in the candidates, the share that must have a photo of that side."""

SIDES = {
    "angle": "from an angle",
    "side": "from the side",
    "detail": "of a detail",
    "flat": "of it lying flat",
    "worn": "of it worn",
    "room": "of it in a room",
}
"""How a photo of a role is asked for, where "of the ROLE" would be odd; the page's sure.js has the same."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A further photo that would help.

    Args:
        role: from which side: ``back``, ``detail``, ...
        settles: the probability that with it the right one of the closest items stands first.
        now: the same without it.
    """

    role: str
    settles: float
    now: float

    def __str__(self) -> str:
        side = SIDES.get(self.role, f"of the {self.role}")
        return f"A photo {side} would help: it tells the closest items apart."


def advise(
    snapshot: Snapshot, card: Card, question: Vectors, places: Sequence[int], manner: Manner
) -> Advice | None:
    """The side that would settle which of the closest items is meant; None where none would.

    Each candidate is supposed to be the right one in turn, as probable as its score says. Its own photo
    of a side joins the question, left out of the gallery, and the candidates are ranked again. So the
    advice depends on how *these* items look from there, not on which side is best on the whole.

    Args:
        snapshot: the catalogue.
        card: of its model.
        question: vectors of the query's photos, the dial in them, shape (photos, width).
        places: of the best items, best first; the first ``CANDIDATES`` count.
        manner: how the query is asked.
    """
    candidates = [int(place) for place in places[:CANDIDATES]]
    if len(candidates) < 2:
        return None
    close = _Close.of(snapshot, card, candidates, manner)
    scores = close.ranked(question)
    belief = np.exp(SHARPNESS * (scores - scores.max()))
    belief /= belief.sum()
    settled = {side: close.settled(question, side, belief) for side in close.sides_but(close.seen(question))}
    known = {side: found for side, found in settled.items() if found is not None}
    if not known:
        return None
    side = max(known, key=lambda one: known[one])
    settles, now = known[side][0], float(belief.max())
    return Advice(side, round(settles, 4), round(now, 4)) if settles - now >= LEAST_GAIN else None


def side_of(view: StoredView) -> str | None:
    """From where a view shows its item: its role, or what its angle amounts to.

    >>> from pathlib import Path
    >>> side_of(StoredView("id", Path("x"), azimuth_deg=200.0))
    'back'
    """
    if view.role is not None or view.azimuth_deg is None:
        return view.role
    turned = abs((view.azimuth_deg + 180) % 360 - 180)
    return "front" if turned <= 45 else "back" if turned >= 135 else "side"


@dataclass(frozen=True, eq=False)
class _Close:
    """The closest items: the vectors of their views, and the side that each shows."""

    card: Card
    manner: Manner
    vectors: tuple[Vectors, ...]
    sides: tuple[tuple[str | None, ...], ...]

    @classmethod
    def of(cls, snapshot: Snapshot, card: Card, places: Sequence[int], manner: Manner) -> _Close:
        sides = tuple(tuple(side_of(view) for view in snapshot.record(place).views) for place in places)
        return cls(card, manner, tuple(snapshot.vectors(place) for place in places), sides)

    def ranked(self, question: Vectors, *, left_out: tuple[int, int] | None = None) -> Scores:
        """The score of each item, shape (items,); ``left_out`` is an item and one of its views."""
        best = []
        for number, views in enumerate(self.vectors):
            scores = views @ question.T
            if left_out is not None and left_out[0] == number:
                scores[left_out[1]] = -np.inf
            best.append(scores.max(axis=0))
        return np.asarray(pool_photos(np.stack(best), self.manner.pooling), np.float64)

    def seen(self, question: Vectors) -> str | None:
        """The side that the question seems to show: that of the first item's closest view."""
        return self.sides[0][int((self.vectors[0] @ question.T).max(axis=1).argmax())]

    def sides_but(self, seen: str | None) -> list[str]:
        """All other sides that the items have photos of."""
        return sorted({side for one in self.sides for side in one if side is not None and side != seen})

    def settled(self, question: Vectors, side: str, belief: Scores) -> tuple[float, float] | None:
        """How probably the right item stands first with a photo of that side more, and by how much."""
        first, lead, known = 0.0, 0.0, 0.0
        for number, sides in enumerate(self.sides):
            if side not in sides or len(sides) < 2:
                continue
            view = sides.index(side)
            scores = self.ranked(self._joined(question, self.vectors[number][view]), left_out=(number, view))
            ahead = float(scores[number] - np.delete(scores, number).max())
            first += float(belief[number]) * (ahead > 0)
            lead += float(belief[number]) * ahead
            known += float(belief[number])
        return (first / known, lead / known) if known >= LEAST_SEEN else None

    def _joined(self, question: Vectors, photo: Vectors) -> Vectors:
        further, colour = photo[None], self.manner.colour
        return np.concatenate(
            [question, further if colour is None else weigh_colour(further, self.card, colour)]
        )
