"""What an engine answers with: the parts that belong to one version of a store, replaced together."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.asking.asking import Asking
from lookalike.retrieval.categories.predicting import Categorisers
from lookalike.retrieval.confidence.kept import Calibrations
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.choosing import index_of
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.memory import trim
from lookalike.retrieval.reranking.choosing import Rerankers
from lookalike.retrieval.store import Store
from lookalike.retrieval.together.kept import Pairings


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """What an engine answers with: embedder, store and index of one version, replaced together."""

    embedder: Embedder
    store: Store
    index: Index
    rerankers: Rerankers
    asking: Asking
    calibrations: Calibrations
    categorisers: Categorisers
    pairings: Pairings


def opened(embedder: Embedder, store: Store, *, exact: bool) -> Serving:
    """The parts for a store's present version.

    Args:
        embedder: the model.
        store: what is searched.
        exact: look at every vector, however many there are.

    Raises:
        FingerprintMismatch: the store holds another model's vectors.
        StoreError: the store is damaged.
    """
    store.check_fingerprint(embedder.card.fingerprint, f"The model {embedder.card.name}")
    snapshot = load_snapshot(store)
    keep = not store.read_only
    index = ExactIndex(snapshot) if exact else index_of(snapshot, keep=keep, home=store.home)
    trim()
    calibrations = Calibrations(store, embedder.card)
    asking = Asking(embedder, home=None if store.read_only else store.home)
    beside = asking, calibrations, Categorisers(embedder.card), Pairings(store.folder)
    return Serving(embedder, store, index, Rerankers(embedder), *beside)
