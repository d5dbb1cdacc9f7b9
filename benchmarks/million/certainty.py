"""What compressed candidates leave out, and what it would take to prove that they leave out nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.large_search import milliseconds as _milliseconds
from benchmarks.large_search import spread
from benchmarks.million.steps import K, Run

from lookalike.catalogue.photos import read_photo
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.opening import open as open_store

REACHES = (64, 128, 256, 512, 1024, 2048)
SAMPLE, SEED = 20_000, 0


def certainty(run: Run) -> dict[str, Any]:
    """Recall of the exact ten items by the number of views taken; and the views that no bound excludes.

    For unit vectors a view's score differs from its code's by at most the length of what the code leaves out
    (Cauchy and Schwarz). A view can still be among the ten best where the code's score and that length
    together reach the tenth item's score: so many would have to be scored for a proof.
    """
    engine = open_store(run.store)
    index: Any = engine.serving.index
    size_px = engine.embedder.card.size_px
    photos = [read_photo(Path(path), size_px=size_px) for _, path in run.laid_out().asked]
    asked = engine.embedder.encode(photos)
    exact = ExactIndex(engine.snapshot).nearest([one[None] for one in asked], K)
    exact_ms = [
        _milliseconds(lambda q=one[None]: ExactIndex(engine.snapshot).nearest([q], K)) for one in asked[:20]
    ]
    wanted = [[hit.place for hit in hits] for hits in exact]
    _, rows = index.codes.search(asked, max(REACHES))
    carried, base = index._carried, index._carried.base
    recall = {
        str(reach): round(
            float(
                np.mean(
                    [
                        np.isin(items, carried.items_of(own[:reach])).mean()
                        for items, own in zip(wanted, rows, strict=True)
                    ]
                )
            ),
            4,
        )
        for reach in REACHES
    }
    some = np.sort(np.random.default_rng(SEED).permutation(len(base))[:SAMPLE])
    codes = index.codes.reconstruct_batch(some)
    left_out = np.linalg.norm(base[some] - codes, axis=1)
    tenth = np.array([hits[-1].score for hits in exact])[:, None]
    possible = (asked @ codes.T + left_out[None] >= tenth).mean(axis=1)
    return {
        "asked": len(asked),
        "reach": index.measured.reach,
        "recall_by_views_taken": recall,
        "all_ten_at_the_measured_reach": round(
            float(
                np.mean(
                    [
                        set(items) <= set(carried.items_of(own[: index.measured.reach]).tolist())
                        for items, own in zip(wanted, rows, strict=True)
                    ]
                )
            ),
            4,
        ),
        "exact_search_ms": spread(exact_ms),
        "length_left_out": {"median": float(np.median(left_out)), "most": float(left_out.max())},
        "share_of_views_not_excluded": {
            "mean": float(possible.mean()),
            "p95": float(np.quantile(possible, 0.95)),
            "most": float(possible.max()),
        },
    }
