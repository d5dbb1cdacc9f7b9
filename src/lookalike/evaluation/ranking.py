"""At which place each right answer stands: exact, blocked, without sorting the gallery.

The place of a right answer is one plus the number of wrong ones that score at least as high, so
counting replaces sorting, and no block of scores outlives its turn. A wrong answer whose score lies
within ``TIE`` of a right one's is put before it: ties count against the model, a model that gives
every photo the same vector scores nothing, and the result does not depend on the block's shape.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.metrics import Ranks
from lookalike.retrieval.threads import one_core_a_product

TIE = 1e-6
"""Scores closer than this are equal: a float32 dot product of unit vectors is no more exact."""

GALLERY_ROWS, QUERY_ROWS = 2040, 512  # a block of scores (4 MB) stays in a core's cache
MANY = 24  # right answers of one query beyond which sorting a block is cheaper than counting for each

Matrix = NDArray[np.float32]
Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """The queries, or the gallery: their vectors and the items they belong to.

    Args:
        matrix: unit vectors, float32, shape (views, width).
        items: item code of each view, shape (views,).
        rows: which view of the catalogue each one is, so that a query never meets itself.
    """

    matrix: Matrix
    items: Codes
    rows: Codes


@dataclass(frozen=True, eq=False)
class Places:
    """Where each query's right answers stand.

    Args:
        views: places of the right item's views among all views, float64, shape (queries, most
            relevant), ascending, padded with infinity.
        item: place of the right item among all items, an item scored by its best view, shape (queries,).
    """

    views: Ranks
    item: NDArray[np.float64]


def rank_right_answers(queries: Side, gallery: Side, *, threads: int | None = None) -> Places:
    """Places of every query's right answers; a query without any stands at infinity.

    Exact, in O(queries x gallery x width) time and a few MB a thread.

    Args:
        queries, gallery: may be the same views; a query is never compared with itself.
        threads: None for one a core.
    """
    layout = _Layout.of(gallery)
    pairs = _Pairs.of(queries, layout)
    most = max(1, int(pairs.relevant.max(initial=0)))
    views = np.full((len(queries.items), most), np.inf)
    item = np.full(len(queries.items), np.inf)
    order = np.argsort(pairs.relevant, kind="stable")  # blocks of like counts waste no comparison
    blocks = [order[start : start + QUERY_ROWS] for start in range(0, len(order), QUERY_ROWS)]

    def place(block: Codes) -> None:
        if len(block) and pairs.relevant[block[-1]]:
            found_views, found_item = _place_block(queries, layout, pairs, block)
            views[block, : found_views.shape[1]], item[block] = found_views, found_item

    with one_core_a_product(), ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        list(pool.map(place, blocks))
    return Places(views, item)


@dataclass(frozen=True, eq=False)
class _Layout:
    """The gallery laid out so that the best view of every item is a maximum of whole row ranges.

    Items stand by falling number of views, in blocks; within a block come the first views of all its
    items, then the second views of those that have one, and so on: layer j covers a prefix of the items.
    """

    matrix: Matrix
    items: Codes
    rows: Codes
    blocks: tuple[tuple[int, tuple[int, ...]], ...]  # start, sizes of the layers

    @classmethod
    def of(cls, gallery: Side) -> _Layout:
        _, code, count = np.unique(gallery.items, return_inverse=True, return_counts=True)
        by_count = np.argsort(-count, kind="stable")
        place = np.empty_like(by_count)
        place[by_count] = np.arange(len(by_count))
        block_of = np.cumsum(count[by_count]) // GALLERY_ROWS
        position = place[code]  # of each view's item, items by falling count
        first = np.argsort(position, kind="stable")
        starts = np.concatenate([[0], np.cumsum(count[by_count])])
        layer = np.empty(len(code), np.int64)
        layer[first] = np.arange(len(code)) - starts[position[first]]
        order = np.lexsort((position, layer, block_of[position]))
        blocks, start = [], 0
        for block in np.unique(block_of):
            layers = np.bincount(layer[block_of[position] == block])
            blocks.append((start, tuple(int(size) for size in layers)))
            start += int(layers.sum())
        return cls(gallery.matrix[order], gallery.items[order], gallery.rows[order], tuple(blocks))


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Every query with every gallery view of its own item, by query: ``gallery[start:start + own]``."""

    gallery: Codes  # places in the layout, ascending within an item
    start: Codes
    own: Codes
    relevant: Codes  # the same without the query itself

    @classmethod
    def of(cls, queries: Side, layout: _Layout) -> _Pairs:
        order = np.argsort(layout.items, kind="stable")
        sorted_items = layout.items[order]
        start = np.searchsorted(sorted_items, queries.items, "left")
        own = np.searchsorted(sorted_items, queries.items, "right") - start
        itself = np.isin(queries.rows, layout.rows)
        return cls(order, start, own, own - itself)

    def within(self, block: Codes) -> tuple[Codes, Codes]:
        """All pairs of a block of queries: number of the query in the block, place in the layout."""
        own = self.own[block]
        query = np.repeat(np.arange(len(block)), own)
        step = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        return query, self.gallery[np.repeat(self.start[block], own) + step]


def _place_block(
    queries: Side, layout: _Layout, pairs: _Pairs, block: Codes
) -> tuple[Ranks, NDArray[np.float64]]:
    vectors = np.ascontiguousarray(queries.matrix[block])
    query, place = pairs.within(block)
    right = layout.rows[place] != queries.rows[block][query]
    thresholds = _thresholds(vectors, layout.matrix, query[right], place[right])
    above = np.zeros(thresholds.shape, np.int64)
    items_above = np.zeros(len(block), np.int64)
    by_place = np.argsort(place, kind="stable")
    query, place = query[by_place], place[by_place]
    for start, layers in layout.blocks:
        stop = start + sum(layers)
        scores = layout.matrix[start:stop] @ vectors.T
        here = slice(*np.searchsorted(place, (start, stop)))
        scores[place[here] - start, query[here]] = -np.inf  # only wrong answers are counted
        above += _count_above(scores, thresholds)
        items_above += _count_above(_best_views(scores, layers), thresholds[:1])[0]
    found = np.isfinite(thresholds)
    ranks = np.where(found, above + np.arange(1, len(thresholds) + 1)[:, None], np.inf).T
    return ranks, np.where(found[0], items_above + 1.0, np.inf)


def _thresholds(vectors: Matrix, gallery: Matrix, query: Codes, place: Codes) -> Matrix:
    """Scores of the right answers less a tie, best first, shape (most relevant, queries); inf for none."""
    scores = np.empty(len(query), np.float32)
    chunk = max(1, (1 << 22) // max(1, gallery.shape[1]))
    for start in range(0, len(query), chunk):
        part = slice(start, start + chunk)
        scores[part] = np.einsum("ij,ij->i", vectors[query[part]], gallery[place[part]])
    order = np.lexsort((-scores, query))
    counts = np.bincount(query, minlength=len(vectors))
    position = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)
    thresholds = np.full((max(1, int(counts.max(initial=0))), len(vectors)), np.inf, np.float32)
    thresholds[position, query[order]] = scores[order] - TIE
    return thresholds


def _best_views(scores: Matrix, layers: tuple[int, ...]) -> Matrix:
    """The best score of each item of a block, shape (items, queries); see ``_Layout``."""
    if len(layers) == 1:
        return scores
    best, start = scores[: layers[0]].copy(), layers[0]
    for size in layers[1:]:
        np.maximum(best[:size], scores[start : start + size], out=best[:size])
        start += size
    return best


def _count_above(scores: Matrix, thresholds: Matrix) -> NDArray[np.int64]:
    """How many scores of each query (column) reach each of its thresholds, shape of ``thresholds``."""
    if len(thresholds) > MANY:
        ordered = np.sort(scores.T, axis=1)
        below = [np.searchsorted(row, wanted) for row, wanted in zip(ordered, thresholds.T, strict=True)]
        return np.asarray(len(scores) - np.stack(below, axis=1), np.int64)
    reached = np.empty(scores.shape, bool)
    counts = np.zeros(thresholds.shape, np.int64)
    for number, threshold in enumerate(thresholds):
        np.greater_equal(scores, threshold, out=reached)
        for start in range(0, len(scores), 255):  # 255 truths fit the sum of a byte: the fastest way
            counts[number] += np.add.reduce(
                reached[start : start + 255].view(np.uint8), axis=0, dtype=np.uint8
            )
    return counts
