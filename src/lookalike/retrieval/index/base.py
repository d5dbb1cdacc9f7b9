"""What every index promises: the k best items of a snapshot, rescored exactly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError
from lookalike.retrieval.pooling import centroid, pool_photos, pooling
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


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


class Index(ABC):
    """A way through the vectors of one snapshot.

    A subclass finds candidates; scoring them exactly, ordering them, and checking what comes in
    are done here, once. Equal scores are ordered by the items' order in the snapshot, so the
    answer depends neither on the batch nor on the index.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __len__(self) -> int:
        return len(self.snapshot)

    @abstractmethod
    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        """For each question the places of items, in any order, that should contain the k best.

        ``1 <= k <= number of allowed items``; an exact index leaves none out, nor any that ties
        with the last within rounding.
        """

    @final
    def nearest(
        self,
        questions: Sequence[Vectors],
        k: int,
        *,
        scoring: Scoring | None = None,
        allowed: Mask | None = None,
    ) -> list[list[Hit]]:
        """The k best items for each question, best first; fewer only where fewer are allowed.

        Args:
            questions: for each question the vectors of its photos, shape (photos, width).
            k: how many items.
            scoring: how views and photos are pooled; the best pair if None.
            allowed: bool, shape (items,): which items may be found; all if None.

        Raises:
            QueryError: k is not positive, or a question is empty, of another width, or not finite.
        """
        if k < 1:
            raise QueryError(f"k is {k}.", hint="Ask for at least one item.")
        for question in questions:
            self._check(question)
        scoring = scoring or Scoring()
        reachable = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, reachable)
        if k == 0:
            return [[] for _ in questions]
        found = self._candidates(questions, k, scoring=scoring, allowed=allowed)
        return [
            self._rescored(question, places, k, scoring)
            for question, places in zip(questions, found, strict=True)
        ]

    def _check(self, question: Vectors) -> None:
        if question.ndim != 2 or not len(question):
            raise QueryError("The query has no photos.", hint="Give one photo at least.")
        if question.shape[1] != self.snapshot.width:
            raise QueryError(
                f"The query's vectors have {question.shape[1]} coordinates, the store's "
                f"{self.snapshot.width}.",
                hint=f"Embed the query with {self.snapshot.fingerprint}.",
            )
        if not np.isfinite(question).all() or not question.any(axis=1).all():
            raise QueryError(
                "A vector of the query is zero or not finite.", hint="Embed the photo again; check the model."
            )

    def _rescored(self, question: Vectors, places: Places, k: int, scoring: Scoring) -> list[Hit]:
        places = np.sort(places)
        starts = self.snapshot.starts
        counts = starts[places + 1] - starts[places]
        firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        rows = np.arange(counts.sum()) + np.repeat(starts[places] - firsts, counts)
        views = self.snapshot.matrix[rows]
        # einsum adds up each pair by itself in one fixed order: equal vectors get equal scores
        asked = scoring.asked(question).astype(np.float64)
        scores = exact_scores(views, asked)
        how = pooling(scoring.views)
        pooled = how.pool(scores, firsts)
        if how.centred:
            pooled = pooled / mean_lengths(views, firsts)[:, None]
        totals = pool_photos(pooled, scoring.photos)
        order = np.lexsort((places, -totals))[:k]
        pairs = scores if len(asked) == len(question) else exact_scores(views, question.astype(np.float64))
        return [
            _hit(int(places[i]), float(totals[i]), pairs[firsts[i] : firsts[i] + counts[i]]) for i in order
        ]


def _hit(place: int, score: float, pairs: NDArray[np.float64]) -> Hit:
    view, photo = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
    return Hit(place, score, int(view), int(photo), float(pairs[view, photo]))


def exact_scores(views: Vectors, asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores in double precision, shape (views, photos); a pair's score does not depend on the others."""
    columns = [np.einsum("ij,j->i", views.astype(np.float64), photo) for photo in asked]
    return np.stack(columns, axis=1)


def mean_lengths(views: NDArray[np.floating], starts: NDArray[np.integer]) -> NDArray[np.float64]:
    """The length of each item's mean vector, shape (items,).

    Infinite where the views cancel out: such an item has no centroid, and its score becomes zero.
    """
    counts = np.diff(starts, append=len(views))
    means = np.add.reduceat(views.astype(np.float64), starts, axis=0) / counts[:, None]
    lengths = np.linalg.norm(means, axis=1)
    return np.where(lengths > 1e-6, lengths, np.inf)
