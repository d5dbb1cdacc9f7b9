"""A catalogue's vectors for evaluating, made once and kept on disk where asked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from lookalike.atomic import replacing
from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import Embedded, Key, embed_views
from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluated import Evaluated

EVERY_S = 120.0
"""A cache is written at least so often, so that a kill costs no more work than that."""

Progress = Callable[[int, int], None]
"""Called with the number of views done and of all views."""


def embed_catalogue(
    catalogue: Catalogue, embedder: Embedder, *, cache: Path | None = None, progress: Progress | None = None
) -> Evaluated:
    """Every usable view of a catalogue with its vector, in catalogue order.

    Photos that cannot be used are left out and counted.

    Args:
        catalogue: whose views.
        embedder: the model.
        cache: a folder in which vectors are kept, a file a fingerprint, by content hash and crop; None
            for none. A photo that was changed has another hash, so a cache is never stale. It is written
            every two minutes and at the end, an interruption's too, so that the next call goes on.
        progress: told after every view.

    Raises:
        EvaluationError: no photo of the catalogue can be used.
        EmbedderError: the model failed.
    """
    file = None if cache is None else _cache_file(cache, embedder)
    known = _read(file, width=embedder.card.width)
    pairs, total = list(catalogue.views()), catalogue.view_count
    kept: list[tuple[Item, View, str, NDArray[np.float32]]] = []
    outcomes = embed_views((view for _, view in pairs), embedder, known=known)
    with _kept_in(file, known) as keep:
        for done, ((item, view), outcome) in enumerate(zip(pairs, outcomes, strict=True), start=1):
            if isinstance(outcome, Embedded):
                key: Key = (outcome.id, view.crop)
                if outcome.vector is not None:
                    known[key] = outcome.vector
                kept.append((item, view, outcome.id, known[key]))
            keep()
            if progress is not None:
                progress(done, total)
    if not kept:
        raise EvaluationError(
            f"None of the {total} photos can be used.", hint="Index the catalogue to see why, photo by photo."
        )
    items, views, ids, vectors = zip(*kept, strict=True)
    return Evaluated(items, views, ids, np.stack(vectors), embedder.card.fingerprint, total - len(kept))


@contextmanager
def _kept_in(file: Path | None, known: dict[Key, NDArray[np.float32]]) -> Iterator[Callable[[], None]]:
    """Writes what is new to the cache when it ends in whatever way; what it gives does so now and then."""
    written, last = len(known), time.monotonic()

    def now_and_then() -> None:
        nonlocal written, last
        if file is not None and time.monotonic() - last > EVERY_S:
            _write(file, known)
            written, last = len(known), time.monotonic()

    try:
        yield now_and_then
    finally:
        if file is not None and len(known) > written:
            _write(file, known)


def _cache_file(folder: Path, embedder: Embedder) -> Path:
    digest = hashlib.blake2b(embedder.card.fingerprint.encode(), digest_size=12).hexdigest()
    return folder / f"vectors-{digest}.npz"


def _read(file: Path | None, *, width: int) -> dict[Key, NDArray[np.float32]]:
    """What a cache holds; a damaged one holds nothing, as it can be made again."""
    if file is None or not file.is_file():
        return {}
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            ids, crops, matrix = arrays["ids"], arrays["crops"], arrays["matrix"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}
    if matrix.shape != (len(ids), width) or crops.shape != (len(ids), 4):
        return {}
    return {
        (str(name), None if np.isnan(crop[0]) else (crop[0], crop[1], crop[2], crop[3])): row
        for name, crop, row in zip(ids, crops.tolist(), matrix, strict=True)
    }


def _write(file: Path, known: dict[Key, NDArray[np.float32]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    crops = np.array([crop or (np.nan,) * 4 for _, crop in known], np.float64)
    ids = np.array([name for name, _ in known])
    with replacing(file) as draft:
        np.savez(draft, ids=ids, crops=crops, matrix=np.stack(list(known.values())))
