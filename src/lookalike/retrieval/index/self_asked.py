"""Questions with right answers that a catalogue asks of itself, to measure an index by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Places, Vectors


@dataclass(frozen=True, eq=False)
class SelfAsked:
    """Views of a catalogue, asked for other items than their own.

    Args:
        vectors: of the views, shape (questions, width).
        wanted: for each the places of the items that exact search finds first.
    """

    vectors: Vectors
    wanted: tuple[Places, ...]

    @classmethod
    def of(cls, exact: ExactIndex, rng: np.random.Generator, *, count: int, k: int) -> SelfAsked:
        """Some drawn views, each with its k best items.

        Args:
            exact: over the catalogue.
            rng: draws the views.
            count: how many; fewer where there are fewer.
            k: how many items are wanted.
        """
        snapshot = exact.snapshot
        rows = rng.permutation(int(snapshot.starts[-1]))[:count]
        vectors = np.asarray(snapshot.matrix[rows])
        own = np.searchsorted(snapshot.starts, rows, side="right") - 1
        found = exact.nearest([row[None] for row in vectors], k + 1)
        others = [
            [hit.place for hit in hits if hit.place != item] for hits, item in zip(found, own, strict=True)
        ]
        return cls(vectors, tuple(np.array(places[:k], np.int64) for places in others))
