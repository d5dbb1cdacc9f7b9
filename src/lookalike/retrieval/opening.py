"""Opening a search engine by the name of its store, and filling one from photos: the short way in."""

from __future__ import annotations

from pathlib import Path

from lookalike.catalogue.items import Catalogue
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.zoo import lasting_name as lasting_name
from lookalike.retrieval.embedders import embedder_of
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import Progress, index_catalogue
from lookalike.retrieval.store import Store, holds_store


def open(
    store: str | Path, *, model: str | Path | None = None, read_only: bool = False, exact: bool = False
) -> SearchEngine:
    """The search engine over a store, with the model that the store was made with.

    Args:
        store: the folder.
        model: name or folder of the embedder, where the store's own cannot be found any more.
        read_only: never write, not even derived files.
        exact: look at every vector of a large store, too (see ``SearchEngine``).

    Raises:
        StoreError: there is no store, or it is damaged.
        FingerprintMismatch: the model is not the one that made the store.
        EmbedderError: the model cannot be opened.

    Example: ``lookalike.open("store").search("photo.jpg", k=10)``
    """
    opened = Store.open(store, read_only=read_only)
    return SearchEngine(embedder_of(opened, model), opened, exact=exact)


def index(
    source: str | Path | Catalogue,
    store: str | Path,
    *,
    model: str | Path | None = None,
    progress: Progress | None = None,
) -> SearchEngine:
    """Bring a store up to date with photos, and open it.

    Args:
        source: a folder with a folder per item, a table of photos, or a catalogue.
        store: the folder of the store; made when missing.
        model: name or folder of the embedder; the store's own where there is one, else the default.
        progress: is told how far it has come.

    Raises:
        CatalogueError: the photos or the table cannot be read.
        FingerprintMismatch: the store was made with another model.
        StoreError: another writer is at work, or the disk refuses.
    """
    from lookalike.catalogue.reading import read_catalogue  # readers are only needed here

    catalogue = source if isinstance(source, Catalogue) else read_catalogue(source)
    opened, embedder = open_for_indexing(store, model=model)
    index_catalogue(catalogue, opened, embedder, progress=progress)
    return SearchEngine(embedder, opened)


def open_for_indexing(folder: str | Path, *, model: str | Path | None = None) -> tuple[Store, Embedder]:
    """The store in a folder, made when missing, with the embedder that fills it.

    Raises:
        FingerprintMismatch: the store was made with another model.
        EmbedderError: the model cannot be opened.
    """
    if holds_store(folder):
        store = Store.open(folder)
        return store, embedder_of(store, model)
    from lookalike.embedding.zoo import open_embedder

    name = "default" if model is None else model
    embedder = open_embedder(name)
    return Store.create(folder, card=embedder.card, model=lasting_name(name)), embedder
