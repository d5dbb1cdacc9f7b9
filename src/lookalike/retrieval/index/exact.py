"""Exact search: every view is looked at, and items are scored within the scan."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.index.base import Index, Mask
from lookalike.retrieval.index.rescoring import Places, Scoring, Vectors, mean_lengths
from lookalike.retrieval.pooling import Pooling, pool_photos, pooling
from lookalike.retrieval.splicing import ranges, starts_of
from lookalike.retrieval.threads import one_core_a_product

BLOCK_VALUES = 1 << 18
"""Scores held at once: small enough to stay in the cache between the product and the pooling."""

BLOCK_VIEWS = 1 << 14
"""Views scored at once where the photos are few: large enough to be worth a thread's while."""

PIECE_VALUES = 1 << 18
"""Coordinates of views that stay in a core's cache while one photo after the other meets them."""

FEW_PHOTOS = 4
"""Up to so many, dot products run at the speed of memory; a matrix product takes three times as long."""

FEW_ALLOWED = 0.1
"""Share of the items up to which a filter's own views are copied together and looked at alone."""

ROUNDING = 1e-5
"""Relative to the query's length: how far a float32 scan may be off the exact score."""


class ExactIndex(Index):
    """The best items, all of them looked at: one pass over the vectors for a batch of questions."""

    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        if allowed is not None and np.count_nonzero(allowed) <= FEW_ALLOWED * len(self):
            return self._among(np.flatnonzero(allowed), questions, k, scoring)
        asked = [scoring.asked(question) for question in questions]
        scores = self._scan(np.concatenate(asked), pooling(scoring.views))
        rounding = ROUNDING / self._mean_lengths if pooling(scoring.views).centred else ROUNDING
        ends = np.cumsum([len(photos) for photos in asked])

        def chosen(photos: Vectors, end: int) -> Places:
            totals = pool_photos(scores[end - len(photos) : end].T, scoring.photos)
            reach = float(np.linalg.norm(photos, axis=1).max())
            return _within_rounding(totals, k, allowed, rounding * reach)

        if len(asked) == 1 or scores.size < BLOCK_VALUES:  # threads would cost more than they save
            return list(map(chosen, asked, ends.tolist()))
        return list(self._threads.map(chosen, asked, ends.tolist()))

    def _among(self, places: Places, questions: Sequence[Vectors], k: int, scoring: Scoring) -> list[Places]:
        """The same where few items may be found: only their views are looked at."""
        counts = np.diff(self.snapshot.starts)[places]
        matrix = self.snapshot.matrix[ranges(self.snapshot.starts[places], counts)]
        some = ExactIndex(replace(self.snapshot, matrix=matrix, starts=starts_of(counts)))
        some.__dict__["_threads"] = self._threads
        found = some._candidates(questions, k, scoring=scoring, allowed=None)
        return [places[chosen] for chosen in found]

    def _scan(self, photos: Vectors, how: Pooling) -> NDArray[np.float32]:
        """Item scores of each photo, shape (photos, items)."""
        starts = self.snapshot.starts
        columns = np.ascontiguousarray(photos.T)
        scores = np.empty((len(photos), len(self)), np.float32)

        def scan(block: tuple[int, int]) -> None:
            low, high = block
            products = _products(self.snapshot.matrix[starts[low] : starts[high]], photos, columns)
            scores[:, low:high] = how.pool(products, starts[low:high] - starts[low]).T

        blocks = self._blocks(min(BLOCK_VIEWS, max(1, BLOCK_VALUES // len(photos))))
        if len(blocks) > 1:
            with one_core_a_product():
                list(self._threads.map(scan, blocks))
        else:
            scan(blocks[0])
        if how.centred:
            scores /= self._mean_lengths
        return scores

    def _blocks(self, views: int) -> list[tuple[int, int]]:
        """See `_blocks`; the snapshot never changes, and one photo is asked for most often."""
        if views not in self._known_blocks:
            self._known_blocks[views] = _blocks(self.snapshot.starts, views)
        return self._known_blocks[views]

    @cached_property
    def _known_blocks(self) -> dict[int, list[tuple[int, int]]]:
        return {}

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """One thread a core; products and poolings of blocks run beside one another."""
        return ThreadPoolExecutor(os.cpu_count() or 1, "exact-scan")

    @cached_property
    def _mean_lengths(self) -> NDArray[np.float32]:
        starts = self.snapshot.starts
        blocks = [
            mean_lengths(self.snapshot.matrix[starts[low] : starts[high]], starts[low:high] - starts[low])
            for low, high in _blocks(starts, BLOCK_VALUES // self.snapshot.width)
        ]
        return np.concatenate(blocks).astype(np.float32)


def _products(views: Vectors, photos: Vectors, columns: Vectors) -> NDArray[np.float32]:
    """The score of each view with each photo, shape (views, photos); ``columns`` are the photos upright."""
    if len(photos) > FEW_PHOTOS:
        return np.asarray(views @ columns)
    scores = np.empty((len(views), len(photos)), np.float32)
    rows = max(1, len(views) if len(photos) == 1 else PIECE_VALUES // views.shape[1])
    for piece in (slice(low, low + rows) for low in range(0, len(views), rows)):
        for column, photo in enumerate(photos):
            np.vecdot(views[piece], photo, out=scores[piece, column])
    return scores


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
