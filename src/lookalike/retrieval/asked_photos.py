"""The photos of a query: in what forms they are given, and their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import QueryError
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.snapshot import Snapshot

Photos = str | Path | bytes | QueryPhoto | Sequence[str | Path | bytes | QueryPhoto]


def query_photos(given: Photos) -> tuple[QueryPhoto, ...]:
    """A photo, or several, as a query has them."""
    several = given if isinstance(given, list | tuple) else (given,)
    return tuple(_photo(one) for one in several)


def _photo(given: str | Path | bytes | QueryPhoto) -> QueryPhoto:
    if isinstance(given, QueryPhoto):
        return given
    if isinstance(given, str | Path):
        return QueryPhoto(Path(given))
    if isinstance(given, bytes):
        return QueryPhoto(given)
    raise QueryError(f"A {type(given).__name__} is no photo.", hint="Give a path, bytes, or a QueryPhoto.")


def query_vectors(embedder: Embedder, snapshot: Snapshot, query: Query) -> NDArray[np.float32]:
    """The vectors of a query's photos, its items' views, and its ``unlike`` photos, one after the other."""
    size_px = embedder.card.size_px
    photos = [read_photo(photo.source, size_px=size_px, crop=photo.crop) for photo in query.photos]
    parts = [embedder.encode(photos)] if photos else []
    parts += [snapshot.vectors(snapshot.place(item)) for item in query.items]
    unlike = [read_photo(photo.source, size_px=size_px, crop=photo.crop) for photo in query.unlike]
    parts += [embedder.encode(unlike)] if unlike else []
    return np.concatenate([np.empty((0, snapshot.width), np.float32), *parts])


def catalogue_photos(snapshot: Snapshot, items: Sequence[str]) -> tuple[QueryPhoto, ...]:
    """The views of items that are asked as a query, in the order of their vectors."""
    found = [snapshot.item(snapshot.place(item)) for item in items]
    return tuple(QueryPhoto(view.path, view.crop) for item in found for view in item.views)
