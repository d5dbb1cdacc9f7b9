"""The embedder that a store was made with, opened again by the name that the store keeps."""

from __future__ import annotations

from pathlib import Path

from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.store import Store


def embedder_of(store: Store, model: str | Path | None = None, *, known: Embedder | None = None) -> Embedder:
    """The store's own embedder, in the precision that the store was made with.

    Args:
        store: whose vectors it makes.
        model: name or folder, where the store's own name for it leads nowhere any more.
        known: one that is open already; taken where it is the same model.

    Raises:
        FingerprintMismatch: the model is not the one that made the store.
        EmbedderError: it cannot be opened.
    """
    if known is not None and known.card.fingerprint == store.fingerprint:
        return known
    from lookalike.embedding.zoo import open_embedder  # model runtimes are heavy

    name = store.model if model is None else model
    embedder = open_embedder(name)
    if embedder.card.precision != store.card.precision:
        # Another machine, or another runtime since: the fastest precision is not the same any more.
        embedder = open_embedder(name, precision=store.card.precision)
    store.check_fingerprint(embedder.card.fingerprint, f"The model {embedder.card.name}")
    return embedder
