"""Catalogues whose truth is known: items around random centres."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

WIDTH = 20


def clustered(*, items: int, spread: float, views: int = 2, seed: int = 3, version: int = 1) -> Snapshot:
    """Items around random centres, their views ``spread`` away from them."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(items, WIDTH)), views, axis=0)
    vectors = centres + spread * rng.normal(size=centres.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        Row.of(
            StoredItem(f"{item:03d}", tuple(StoredView(f"{item}-{view}", Path("x")) for view in range(views)))
        )
        for item in range(items)
    ]
    return assemble(Identity(Path("x"), "store", version, "tiny"), rows, vectors.astype(np.float32))
