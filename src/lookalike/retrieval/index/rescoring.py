"""From candidates to hits: items scored exactly, in double precision, and put in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.pooling import CANCELLED, centroid, pool_photos, pooling
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]
Scores = NDArray[np.float64]

ROWS_AT_ONCE = 1 << 10
"""Views scored at once, about: few enough to stay in the cache (16 times as many take twice as long). One
question's are never parted."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that was found.

    Args:
        place: of the item in the snapshot's order.
        score: of the item, as its views and the query's photos were pooled.
        view, photo: which of its views and which query photo are the closest pair.
        pair_score: how close those two are.
    """

    place: int
    score: float
    view: int
    photo: int
    pair_score: float


@dataclass(frozen=True, slots=True)
class Scoring:
    """How scores are pooled: over an item's views, and over a query's photos (see ``POOLINGS``)."""

    views: str = "best"
    photos: str = "best"

    def __post_init__(self) -> None:
        pooling(self.views)
        pooling(self.photos)

    def asked(self, question: Vectors) -> Vectors:
        """The vectors that are compared: all of a question's, or their centroid."""
        return centroid(question).astype(np.float32) if self.photos == "centroid" else question


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """A question and the items that may answer it.

    Args:
        question: vectors of its photos, shape (photos, width).
        asked: those that are compared (see ``Scoring.asked``).
        places: of the items in the snapshot, ascending.
    """

    question: Vectors
    asked: Vectors
    places: Places


def best_of(several: Sequence[Candidates], snapshot: Snapshot, k: int, scoring: Scoring) -> list[list[Hit]]:
    """The k best candidates of each question, best first, equal ones in the snapshot's order."""
    hits: list[list[Hit]] = []
    for batch in _batches(several, snapshot):
        hits += _best_of_batch(batch, snapshot, k, scoring)
    return hits


def _batches(several: Sequence[Candidates], snapshot: Snapshot) -> Iterator[list[Candidates]]:
    """Neighbouring questions of as many photos, about ``ROWS_AT_ONCE`` views in all."""
    for _, alike in groupby(several, key=lambda one: (len(one.question), len(one.asked))):
        batch: list[Candidates] = []
        rows = 0
        for one in alike:
            if rows > ROWS_AT_ONCE:
                yield batch
                batch, rows = [], 0
            batch.append(one)
            rows += int((snapshot.starts[one.places + 1] - snapshot.starts[one.places]).sum())
        yield batch


def _best_of_batch(
    batch: Sequence[Candidates], snapshot: Snapshot, k: int, scoring: Scoring
) -> list[list[Hit]]:
    places = np.concatenate([one.places for one in batch])
    question_of = np.repeat(np.arange(len(batch)), [len(one.places) for one in batch])
    counts = snapshot.starts[places + 1] - snapshot.starts[places]
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    rows = np.arange(counts.sum()) + np.repeat(snapshot.starts[places] - firsts, counts)
    views = snapshot.matrix[rows].astype(np.float64)
    asker = np.repeat(question_of, counts)
    scores = _pair_scores(views, np.stack([one.asked for one in batch]), asker)
    how = pooling(scoring.views)
    pooled = how.pool(scores, firsts)
    if how.centred:
        pooled = pooled / mean_lengths(views, firsts)[:, None]
    totals = pool_photos(pooled, scoring.photos)
    if batch[0].asked is not batch[0].question:
        scores = _pair_scores(views, np.stack([one.question for one in batch]), asker)
    order = np.lexsort((places, -totals, question_of))
    ends = np.cumsum([len(one.places) for one in batch])
    return [
        [
            _hit(int(places[i]), float(totals[i]), scores[firsts[i] : firsts[i] + counts[i]])
            for i in order[end - len(one.places) : end][:k]
        ]
        for one, end in zip(batch, ends, strict=True)
    ]


def _pair_scores(views: Scores, photos: NDArray[np.float32], asker: Places) -> Scores:
    """The score of each view with each photo of its question, shape (views, photos).

    einsum adds up each pair by itself in one fixed order: equal vectors get equal scores, whatever
    else is in the batch.

    Args:
        views: shape (views, width).
        photos: shape (questions, photos, width).
        asker: the question of each view, shape (views,).
    """
    upright = photos.astype(np.float64).transpose(1, 0, 2)
    return np.stack([np.einsum("ij,ij->i", views, each[asker]) for each in upright], axis=1)


def _hit(place: int, score: float, pairs: Scores) -> Hit:
    view, photo = divmod(int(pairs.argmax()), pairs.shape[1])
    return Hit(place, score, view, photo, float(pairs[view, photo]))


def mean_lengths(views: NDArray[np.floating], starts: NDArray[np.integer]) -> Scores:
    """The length of each item's mean vector, shape (items,).

    Infinite where the views cancel out: such an item has no centroid, and its score becomes zero.
    """
    counts = np.diff(starts, append=len(views))
    means = np.add.reduceat(np.asarray(views, np.float64), starts, axis=0) / counts[:, None]
    lengths = np.linalg.norm(means, axis=1)
    return np.where(lengths > CANCELLED, lengths, np.inf)
