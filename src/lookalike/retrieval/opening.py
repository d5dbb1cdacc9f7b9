"""Opening a search engine by the name of its store, and filling one from photos: the short way in."""

from __future__ import annotations

from pathlib import Path

from lookalike.catalogue.items import Catalogue
from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import Progress, index_catalogue
from lookalike.retrieval.store import Store, holds_store


def open(store: str | Path, *, model: str | Path | None = None, read_only: bool = False) -> SearchEngine:
    """The search engine over a store, with the model that the store was made with.

    Args:
        store: the folder.
        model: name or folder of the embedder, where the store's own cannot be found any more.
        read_only: never write, not even derived files.

    Raises:
        StoreError: there is no store, or it is damaged.
        FingerprintMismatch: the model is not the one that made the store.
        EmbedderError: the model cannot be opened.

    Example: ``lookalike.open("store").search("photo.jpg", k=10)``
    """
    opened = Store.open(store, read_only=read_only)
    return SearchEngine(_embedder(opened.model if model is None else model), opened)


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
        embedder = _embedder(store.model if model is None else model)
        store.check_fingerprint(embedder.card.fingerprint, f"The model {embedder.card.name}")
        return store, embedder
    from lookalike.embedding.zoo import default_embedder_name

    name = default_embedder_name() if model is None else model
    embedder = _embedder(name)
    return Store.create(folder, card=embedder.card, model=_lasting(name)), embedder


def _lasting(model: str | Path) -> str:
    """A model's name, or its folder in a form that does not depend on where we are."""
    return str(Path(model).resolve()) if Path(model).is_dir() else str(model)


def _embedder(model: str | Path) -> Embedder:
    from lookalike.embedding.zoo import open_embedder  # model runtimes are heavy

    return open_embedder(str(model))
