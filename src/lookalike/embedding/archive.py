"""Vectors in one .npz file with the model's card beside it, for use in other programs."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.atomic import write_atomically
from lookalike.catalogue.items import Catalogue
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import Embedded, Failed, embed_views
from lookalike.errors import CatalogueError, SettingsError


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What was written, and which photos could not be used."""

    path: Path
    card_path: Path
    embedded: int
    failed: tuple[Failed, ...]


def write_archive(
    catalogue: Catalogue,
    embedder: Embedder,
    path: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ArchiveReport:
    """Embed a catalogue into an .npz file: ``paths``, ``items`` (text), ``vectors`` (float32, n x width).

    The file is written whole or not at all, and can be read with ``allow_pickle=False``.

    Args:
        catalogue: whose views are embedded, in order.
        embedder: the model; its card is written as ``<path>.card.json`` without the .npz.
        path: ends in .npz.
        progress: is told (done, total) after each photo.

    Raises:
        SettingsError: the path does not end in .npz, or cannot be written; that is tried before the work.
        CatalogueError: no photo could be used; nothing is written.
    """
    if path.suffix != ".npz":
        raise SettingsError(f"{path} does not end in .npz.", hint="Name the file something.npz.")
    card_path = path.with_suffix(".card.json")
    for place in (path, card_path):
        _try_to_write(place)
    good: list[tuple[str, str, np.ndarray]] = []
    failed: list[Failed] = []
    pairs = list(catalogue.views())
    outcomes = embed_views((view for _, view in pairs), embedder)
    for (item, view), outcome in zip(pairs, outcomes, strict=True):
        if isinstance(outcome, Embedded) and outcome.vector is not None:
            good.append((view.name, item.id, outcome.vector))
        elif isinstance(outcome, Failed):
            failed.append(outcome)
        if progress is not None:
            progress(len(good) + len(failed), len(pairs))
    if not good:
        raise CatalogueError(
            f"None of the {len(pairs)} photos could be used; the first: {failed[0]}.",
            hint="Look at the photos named above.",
        )
    paths, items, vectors = zip(*good, strict=True)
    buffer = io.BytesIO()
    np.savez(buffer, paths=np.array(paths), items=np.array(items), vectors=np.stack(vectors))
    _write_whole(card_path, embedder.card.to_json().encode())
    _write_whole(path, buffer.getvalue())
    return ArchiveReport(path, card_path, len(good), tuple(failed))


def _try_to_write(path: Path) -> None:
    """See that a file could be put there; nothing is left."""
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass


def _write_whole(path: Path, content: bytes) -> None:
    with _told(path):
        write_atomically(path, content)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Trouble with the disk, in our words."""
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written ({error.strerror or error}).", hint="Choose another place."
        ) from error
