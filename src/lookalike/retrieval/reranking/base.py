"""What a second look is: the first ranking's best items in, the same items in a better order out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.index.rescoring import Hit, Scores, Scoring, Vectors
from lookalike.retrieval.query import QueryPhoto
from lookalike.retrieval.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The best items of a ranking, with everything that a second look may want to see.

    Args:
        question: what was compared: vectors of the query's photos, the dial already in them, shape
            (photos, width).
        hits: the items, best first.
        snapshot: the version of the store that they are of.
        scoring: how views and photos were pooled.
        photos: the query's own photos, where the caller has them; those of catalogue items follow.
        dial: what the dial of colour multiplied the question by, shape (width,); None where at rest.
    """

    question: Vectors
    hits: tuple[Hit, ...]
    snapshot: Snapshot
    scoring: Scoring
    photos: tuple[QueryPhoto, ...] = ()
    dial: Vectors | None = None

    def __len__(self) -> int:
        return len(self.hits)

    @property
    def scores(self) -> Scores:
        """The items' scores, best first, shape (items,)."""
        return np.array([hit.score for hit in self.hits])

    def views(self, *, most: int | None = None) -> tuple[Vectors, NDArray[np.int64]]:
        """The vectors of the items' views, shape (views, width), and where each item's begin.

        Args:
            most: of each item only so many, those closest to the question; all if None.
        """
        parts = [self._nearest(self.snapshot.vectors(hit.place), most) for hit in self.hits]
        counts = np.array([len(part) for part in parts], np.int64)
        return np.concatenate(parts), np.cumsum(counts) - counts

    def _nearest(self, views: Vectors, most: int | None) -> Vectors:
        if most is None or len(views) <= most:
            return views
        closeness = (views @ self.question.T).max(axis=1)
        return views[np.argsort(-closeness, kind="stable")[:most]]

    def matched(self) -> Vectors:
        """The vector of the view of each item that met the query, shape (items, width)."""
        return np.stack([self.snapshot.vectors(hit.place)[hit.view] for hit in self.hits])


class Reranker(ABC):
    """Orders the items of a shortlist anew.

    A subclass gives each item a new score; what is beyond its depth, putting in order and keeping
    ties as they were is done here, once. It adds no items and drops none.
    """

    depth: int = 100
    """How many of the best items are looked at; the others follow as they were."""

    @abstractmethod
    def _scores(self, shortlist: Shortlist) -> Scores:
        """A new score for each item of the shortlist, higher is better, shape (items,), finite.

        The shortlist holds ``depth`` items at most, and two at least.
        """

    @final
    def rerank(self, shortlist: Shortlist) -> Shortlist:
        """The same items, best first by their new scores; equal ones as they were."""
        looked_at, rest = shortlist.hits[: self.depth], shortlist.hits[self.depth :]
        if len(looked_at) < 2:
            return shortlist
        scores = self._scores(replace(shortlist, hits=looked_at))
        assert scores.shape == (len(looked_at),)
        assert np.isfinite(scores).all()
        order = np.argsort(-scores, kind="stable")
        hits = tuple(replace(looked_at[place], score=float(scores[place])) for place in order)
        return replace(shortlist, hits=hits + _after(hits[-1].score, rest))


def _after(last: float, rest: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Hits that were not looked at, their scores moved together so that they stand behind the others."""
    if not rest:
        return ()
    down = min(0.0, last - rest[0].score)
    return tuple(replace(hit, score=hit.score + down) for hit in rest)
