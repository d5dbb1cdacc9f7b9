"""Exact search: every view is looked at, and items are scored within the scan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.index.base import Index, Mask, Places, Scoring, Vectors, mean_lengths
from lookalike.retrieval.pooling import pool_photos, pooling

BLOCK_VALUES = 1 << 18
"""Scores held at once: small enough to stay in the cache between the product and the pooling."""

ROUNDING = 1e-5
"""Relative to the query's length: how far a float32 scan may be off the exact score."""


class ExactIndex(Index):
    """The best items, all of them looked at: one pass over the vectors for a batch of questions."""

    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        asked = [scoring.asked(question) for question in questions]
        stacked = np.concatenate(asked)
        scores = self._scan(stacked, scoring)
        rounding = ROUNDING / self._mean_lengths if pooling(scoring.views).centred else ROUNDING
        found, first = [], 0
        for photos in asked:
            totals = pool_photos(scores[:, first : first + len(photos)], scoring.photos)
            reach = float(np.linalg.norm(photos, axis=1).max())
            found.append(_within_rounding(totals, k, allowed, rounding * reach))
            first += len(photos)
        return found

    def _scan(self, photos: Vectors, scoring: Scoring) -> NDArray[np.float32]:
        """Item scores of each photo, shape (items, photos)."""
        matrix, starts = self.snapshot.matrix, self.snapshot.starts
        how = pooling(scoring.views)
        columns = np.ascontiguousarray(photos.T)
        scores = np.empty((len(self), len(photos)), np.float32)
        blocks = _blocks(starts, max(1, BLOCK_VALUES // len(photos)))
        longest = max(starts[high] - starts[low] for low, high in blocks)
        desk = np.empty((longest, len(photos)), np.float32)  # used again for each block, so it stays cached
        for low, high in blocks:
            rows = matrix[starts[low] : starts[high]]
            products = np.matmul(rows, columns, out=desk[: len(rows)])
            scores[low:high] = how.pool(products, starts[low:high] - starts[low])
        if how.centred:
            scores /= self._mean_lengths[:, None]
        return np.ascontiguousarray(scores.T).T  # each photo's scores are read in one go

    @cached_property
    def _mean_lengths(self) -> NDArray[np.float32]:
        starts = self.snapshot.starts
        blocks = [
            mean_lengths(self.snapshot.matrix[starts[low] : starts[high]], starts[low:high] - starts[low])
            for low, high in _blocks(starts, BLOCK_VALUES // self.snapshot.width)
        ]
        return np.concatenate(blocks).astype(np.float32)


def _blocks(starts: NDArray[np.int64], views: int) -> list[tuple[int, int]]:
    """Ranges of whole items with about that many views each (more where one item has more)."""
    cuts = np.searchsorted(starts, np.arange(0, starts[-1], views), side="left")
    edges = np.unique(np.concatenate([cuts, [0, len(starts) - 1]]))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _within_rounding(
    totals: NDArray[np.float32], k: int, allowed: Mask | None, rounding: float | NDArray[np.float32]
) -> NDArray[np.int64]:
    """The places of the k highest, and of all that rounding may have kept from being among them."""
    if allowed is not None:
        totals = np.where(allowed, totals, -np.inf)
    at_least = totals - rounding
    last = np.partition(at_least, len(totals) - k)[len(totals) - k]
    return np.flatnonzero(totals + rounding >= last).astype(np.int64)
