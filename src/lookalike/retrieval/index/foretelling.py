"""Whether few lists of codes can suffice, told from their centroids before a million codes are made.

An item is found through lists only where one of its views lies in a list that is scanned. The share of wanted
items of which that is so bounds the recall from above, whatever the codes lose besides.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lookalike.retrieval.index.codes import TRAINED_ON, train
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.self_asked import SelfAsked
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.splicing import ranges


def most_through_lists(snapshot: Snapshot, lists: int, scanned: int, *, count: int, k: int) -> float:
    """The most that a search through lists can find of the k best items, as a share.

    Args:
        snapshot: what is to be searched.
        lists: among how many the views are parted.
        scanned: how many of them are scanned.
        count: how many views of the catalogue are asked.
        k: for how many items.
    """
    import faiss

    rng, matrix = np.random.default_rng(0), snapshot.matrix
    sample = np.asarray(matrix[np.sort(rng.permutation(len(matrix))[:TRAINED_ON])])
    parted: Any = faiss.index_factory(snapshot.width, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    train(faiss, parted, np.ascontiguousarray(sample))
    asked = SelfAsked.of(ExactIndex(snapshot), rng, count=count, k=k)
    near = parted.quantizer.search(np.ascontiguousarray(asked.vectors), scanned)[1]
    found = []
    for wanted, seen in zip(asked.wanted, near, strict=True):
        counts = snapshot.starts[wanted + 1] - snapshot.starts[wanted]
        views = np.ascontiguousarray(matrix[ranges(snapshot.starts[wanted], counts)])
        inside = np.isin(parted.quantizer.search(views, 1)[1][:, 0], seen)
        found.append(np.logical_or.reduceat(inside, np.cumsum(counts) - counts).mean())
    return float(np.mean(found))
