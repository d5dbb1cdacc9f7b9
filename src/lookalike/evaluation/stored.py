"""Evaluating a store as it is: its own vectors, nothing embedded again."""

from __future__ import annotations

import shlex

import numpy as np

from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.store import Store


def evaluated_store(store: Store) -> Evaluated:
    """The views of a store with the vectors that answer its searches.

    Raises:
        EvaluationError: the store is empty.
        StoreError: it is damaged.
    """
    snapshot = load_snapshot(store)
    if not len(snapshot):
        raise EvaluationError(
            f"The store {store.folder} has no items.",
            hint=f"Fill it: lookalike index PHOTOS --store {shlex.quote(str(store.folder))}",
        )
    stored = [snapshot.item(place) for place in range(len(snapshot))]
    pairs = [(item.to_item(), view) for item in stored for view in item.views]
    return Evaluated(
        items=tuple(item for item, _ in pairs),
        views=tuple(view.to_view() for _, view in pairs),
        ids=tuple(view.id for _, view in pairs),
        matrix=np.asarray(snapshot.matrix),  # a changed store's lies in several places
        fingerprint=snapshot.fingerprint,
        without_vector=store.counts().failed,
    )
