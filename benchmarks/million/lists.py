"""Whether few lists of codes suffice on real photos: what an index in lists measures when it is built."""

from __future__ import annotations

from typing import Any

from benchmarks.million.steps import Run, embedded_only

from lookalike.retrieval.index.codes import lists_of
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store


def lists(run: Run) -> dict[str, Any]:
    """Lists and views that must be taken for the ten best items, of the photos alone and among all views."""
    store = Store.open(run.store)
    return {"photos": _needed(embedded_only(run, store)), "all": _needed(load_snapshot(store))}


def _needed(snapshot: Snapshot) -> dict[str, Any]:
    index = CompressedIndex(snapshot, kind="lists")
    measured = index.measured
    return {
        "views": len(snapshot.matrix),
        "lists": lists_of(index.codes),
        "scanned": measured.probes,
        "reach": measured.reach,
        "recall": round(measured.recall, 4),
    }
