"""Synthetic items that lie among the embedded ones: each between two photos, its views around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.large_search import unit

from lookalike.embedding.card import Card
from lookalike.retrieval.asking.blocks import restored
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Snapshot

SEED, VIEWS_AN_ITEM, ITEMS_A_COMMIT = 0, 6, 2_000
ITEM_SPREAD, VIEW_SPREAD = 0.35, 0.35
"""Lengths of what is added to an item's place, and to each of its views, against a block's own."""

Vectors = dict[tuple[str, str], np.ndarray]


def synthetic_items(
    embedded: Snapshot, card: Card, views: int, *, first: int = 0
) -> Iterator[tuple[list[StoredItem], Vectors]]:
    """Items with about ``views`` views in all, a commit's worth at a time, from the ``first`` commit on.

    The same items lie between the same photos whatever the model, so that two versions of a store can be
    filled alike. Each view names the photo of one of its two parents, so that there is a file to show.

    Args:
        embedded: what the photos became.
        card: of the model.
        views: how many.
        first: commits that are there already.
    """
    photos = [view.path for place in range(len(embedded)) for view in embedded.item(place).views]
    matrix = np.asarray(embedded.matrix)
    commits = -(-views // (VIEWS_AN_ITEM * ITEMS_A_COMMIT))
    for commit in range(first, commits):
        items = min(ITEMS_A_COMMIT, views // VIEWS_AN_ITEM - commit * ITEMS_A_COMMIT)
        yield _commit(commit, items, matrix, photos, card)


def _commit(
    commit: int, items: int, matrix: np.ndarray, photos: list[Path], card: Card
) -> tuple[list[StoredItem], Vectors]:
    rng = np.random.default_rng((SEED, commit))
    parents = rng.integers(len(matrix), size=(items, 2))
    shares = rng.uniform(0.3, 0.7, (items, 1)).astype(np.float32)
    counts = np.full(items, VIEWS_AN_ITEM) + np.tile([-5, 5, -3, 3], -(-items // 4))[:items]
    centres = shares * matrix[parents[:, 0]] + (1 - shares) * matrix[parents[:, 1]]
    centres = restored(centres + _noise(rng, items, card.width, ITEM_SPREAD), card)
    rows = np.repeat(centres, counts, axis=0)
    rows = unit(restored(rows + _noise(rng, len(rows), card.width, VIEW_SPREAD), card))
    stored: list[StoredItem] = []
    vectors: Vectors = {}
    ends = np.cumsum(counts)
    for number, end in enumerate(ends.tolist()):
        name = commit * ITEMS_A_COMMIT + number
        shown = photos[int(parents[number, 0])]
        looks = tuple(StoredView(f"synthetic-{name:07}-{view:02}", shown) for view in range(counts[number]))
        facts = {"set": "synthetic", "price": float(name % 1000), "title": f"synthetic thing {name % 977}"}
        stored.append(StoredItem(f"synthetic/{name:07}", looks, facts, "synthetic"))
        own = rows[end - len(looks) : end]
        vectors.update({view.key: vector for view, vector in zip(looks, own, strict=True)})
    return stored, vectors


def _noise(rng: np.random.Generator, rows: int, width: int, length: float) -> np.ndarray:
    return np.float32(length / width**0.5) * rng.standard_normal((rows, width), dtype=np.float32)
