"""The catalogue asks itself: views left out as questions, once with their item there, once without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.retrieval.pooling import pool_photos
from lookalike.retrieval.query import weigh_colour
from lookalike.retrieval.snapshot import Snapshot

Scores = NDArray[np.float64]
Places = NDArray[np.int64]

NEAR = 10
"""How many of the best scores tell how sure an answer is."""
FEWEST_ITEMS = 20
"""Items with enough views that a catalogue needs before its scores can be given a meaning."""
MOST_TRIALS = 512
PRODUCTS = 4_000_000_000
"""Multiplications that all trials may cost, about: larger catalogues are asked by fewer of them."""
CELLS = 1 << 23
"""Scores held at once, about."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Questions whose answer is known.

    Args:
        items: the place of the item that each shows, shape (trials,).
        rows: the rows of the snapshot that were left out and asked, shape (trials, photos).
        own: the best score with the item's other views, shape (trials,).
        others: the best scores of other items, falling, shape (trials, NEAR).
        ahead: how many other items score at least as high as the right one, shape (trials,).
    """

    items: Places
    rows: Places
    own: Scores
    others: Scores
    ahead: Places

    def __len__(self) -> int:
        return len(self.items)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the right item stands first, where it is in the catalogue."""
        return np.asarray(self.ahead == 0)

    @property
    def present(self) -> Scores:
        """The best scores with the item in the catalogue, falling, shape (trials, NEAR)."""
        both = np.concatenate([self.own[:, None], self.others], axis=1)
        return -np.sort(-both, axis=1)[:, :NEAR]

    @property
    def absent(self) -> Scores:
        """The same with the whole item left out."""
        return self.others

    def of(self, keep: NDArray[np.bool_] | Places) -> Trials:
        """Some of the trials."""
        return Trials(self.items[keep], self.rows[keep], self.own[keep], self.others[keep], self.ahead[keep])


def askable(snapshot: Snapshot, *, photos: int = 1) -> Places:
    """Items that have a view left when ``photos`` of theirs are taken for a question, by place."""
    return np.flatnonzero(np.diff(snapshot.starts) > photos)


@dataclass(frozen=True, slots=True)
class Manner:
    """How queries are asked, as far as it changes what their scores mean.

    Args:
        colour: the colour weight; None as the model has it.
        photos: how many photos a query has.
        pooling: how they are pooled: ``best``, ``mean`` or ``top2``.
    """

    colour: float | None = None
    photos: int = 1
    pooling: str = "best"


def ask(
    snapshot: Snapshot, card: Card, manner: Manner | None = None, *, seed: int = 0, most: int = MOST_TRIALS
) -> Trials:
    """Trials of a catalogue; each item asks about as often as any other.

    Args:
        snapshot: the catalogue; ``NEAR + 1`` items at least, some of them with enough views.
        card: of the model whose vectors it holds.
        manner: how queries will be asked; by one photo if None.
        seed: chooses the views.
        most: trials at most.
    """
    manner = manner or Manner()
    photos = manner.photos
    affordable = PRODUCTS // max(1, snapshot.matrix.size * photos)
    rows = _drawn(snapshot, photos, min(most, max(2 * FEWEST_ITEMS, affordable)), seed)
    step = max(1, CELLS // max(1, len(snapshot.matrix) * photos))
    parts = [
        _asked(snapshot, card, rows[start : start + step], manner) for start in range(0, len(rows), step)
    ]
    items = np.searchsorted(snapshot.starts, rows[:, 0], side="right") - 1
    own, others, ahead = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Trials(items, rows, own, others, ahead)


def _drawn(snapshot: Snapshot, photos: int, most: int, seed: int) -> Places:
    """Rows that are asked together, shape (trials, photos): every item once, then every item again, ..."""
    rng = np.random.default_rng(seed)
    drawn: list[tuple[int, Places]] = []
    for item in rng.permutation(askable(snapshot, photos=photos))[:most]:
        views = rng.permutation(np.arange(snapshot.starts[item], snapshot.starts[item + 1]))
        turns = max(1, len(views) // photos)
        drawn += [(turn, views[turn * photos : (turn + 1) * photos]) for turn in range(turns)]
    drawn.sort(key=lambda one: one[0])
    return np.stack([rows for _, rows in drawn[:most]]).astype(np.int64)


def _asked(snapshot: Snapshot, card: Card, rows: Places, manner: Manner) -> tuple[Scores, Scores, Places]:
    trials, photos = rows.shape
    asked = snapshot.matrix[rows.ravel()]
    if manner.colour is not None:
        asked = weigh_colour(asked, card, manner.colour)
    scores = (snapshot.matrix @ asked.T).reshape(-1, trials, photos)
    scores[rows, np.arange(trials)[:, None]] = -np.inf  # a view answers neither itself nor its like
    by_photo = np.maximum.reduceat(scores, snapshot.starts[:-1], axis=0).astype(np.float64)
    pooled = pool_photos(by_photo.reshape(-1, photos), manner.pooling)
    best = np.asarray(pooled, np.float64).reshape(-1, trials)
    items = np.searchsorted(snapshot.starts, rows[:, 0], side="right") - 1
    each = np.arange(trials)
    own = best[items, each].copy()
    best[items, each] = -np.inf
    ahead = (best >= own).sum(axis=0)
    near = -np.sort(np.partition(-best, NEAR - 1, axis=0)[:NEAR], axis=0)
    return own, near.T, ahead
