"""From the store to a snapshot: read whole, or only what changed since the last one."""

from __future__ import annotations

import shutil
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval import merging
from lookalike.retrieval.catching_up import differences, latest_laid_out, parts
from lookalike.retrieval.database import damaged
from lookalike.retrieval.derived import draft_for, read_derived, write_derived
from lookalike.retrieval.gone import gone_ids
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.memory import let_go
from lookalike.retrieval.merging import merge
from lookalike.retrieval.reading import as_written, order_of, read_encoded, read_items
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble
from lookalike.retrieval.store import Store, stored_version

MOST_CHANGED = 0.05
"""Share of new and lost vectors from which on all are laid out anew, and their index is built again."""

_VECTORS = """
SELECT items.id, photos.id, photos.crop, photos.vector, photos.checksum
FROM (SELECT * FROM items {where}) AS items
CROSS JOIN views ON views.item = items.number
CROSS JOIN photos ON photos.number = views.photo
ORDER BY {order}, views.position
"""  # CROSS keeps SQLite from going through all views for the few items that changed

_WRITTEN_SINCE = """
WHERE number > coalesce((SELECT number FROM items WHERE version <= ? ORDER BY number DESC LIMIT 1), 0)
"""  # an item that is written gets a number above all others, so numbers and versions rise together


def load_snapshot(store: Store) -> Snapshot:
    """The store's present version: from its derived files where they fit, else from the truth.

    Of a large store files of an earlier version serve, too, where little has changed since.

    Raises:
        StoreError: the store is missing or damaged.
    """
    found = read_derived(store.home, _identity(store, store.version))
    found = found or _caught_up(store)
    if found is not None:
        return found
    with store.reading() as connection:
        identity = _identity(store, stored_version(connection))
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise damaged(store.path, str(verdict).splitlines()[-1])
        return _read_whole(connection, store, identity)


def _read_whole(connection: sqlite3.Connection, store: Store, identity: Identity) -> Snapshot:
    """All that the store has, laid out in derived files and mapped from there where they can be written."""
    rows: list[Row] = []
    keys = array("q")
    for item in read_encoded(connection, store.path):
        rows.append(Row(item.id, item.attributes, len(item.keys), item.record))
        keys.extend(map(hash, item.keys))
    shape = len(keys), store.card.width
    drafted = None if store.read_only else draft_for(store.home, shape)
    draft, matrix = drafted or (None, np.empty(shape, np.float32))
    try:
        _read_vectors(connection, store, keys, into=matrix)
    except BaseException:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        raise
    snapshot = assemble(identity, rows, matrix)
    if store.read_only:
        return snapshot
    write_derived(store.home, snapshot, draft)
    let_go(matrix)
    return read_derived(store.home, identity) or snapshot


def _caught_up(store: Store) -> Snapshot | None:
    """The present version over an earlier one's files; None where much has changed, or little is there."""
    known = latest_laid_out(store.home, _identity(store, store.version))
    if known is None or len(known.matrix) < merging.LAYERED_FROM:
        return None
    with store.reading() as connection:
        identity = _identity(store, stored_version(connection))
        written, gone = differences(connection, known)
        if len(written) + len(gone) > MOST_CHANGED * len(known):
            return None
        news: list[StoredItem] = []
        vectors = [np.empty((0, store.card.width), np.float32)]
        for where, values in parts(written):
            some = list(read_items(connection, store.path, where, values))
            vectors.append(_read_vectors(connection, store, _keys(some), where, values))
            news += some
    return _laid_out(store, merge(identity, known, gone, news, np.concatenate(vectors)))


def refresh_snapshot(store: Store, known: Snapshot, *, removed: Iterable[str] = ()) -> Snapshot:
    """The store's present version, reading only the items that changed since ``known``.

    Args:
        store: to read.
        known: an earlier version.
        removed: ids that are known to have been taken out, which saves looking for them.

    Raises:
        StoreError: the store is missing or damaged.
    """
    if known.store_id != store.id:
        return load_snapshot(store)
    with store.reading() as connection:
        identity = _identity(store, stored_version(connection))
        if identity.version == known.version:
            return known
        news = list(read_items(connection, store.path, _WRITTEN_SINCE, (known.version,)))
        matrix = _read_vectors(connection, store, _keys(news), _WRITTEN_SINCE, (known.version,))
        gone = gone_ids(connection, known.ids, [item.id for item in news], likely=removed)
    return _laid_out(store, merge(identity, known, gone, news, matrix))


def _laid_out(store: Store, snapshot: Snapshot) -> Snapshot:
    """The snapshot, written and mapped anew where much of it lies beside the old vectors."""
    matrix: object = snapshot.matrix
    if not isinstance(matrix, LayeredMatrix) or matrix.changed <= MOST_CHANGED:
        return snapshot
    if not store.read_only:
        write_derived(store.home, snapshot.encoded())
        found = read_derived(store.home, _identity(store, snapshot.version))
        if found is not None:
            return found
    return replace(snapshot, matrix=matrix[:])


def _identity(store: Store, version: int) -> Identity:
    return Identity(store.folder, store.id, version, store.fingerprint)


def _keys(items: list[StoredItem]) -> Sequence[int]:
    """Hashes of what the vectors of the items' views are filed under, for there may be a million."""
    return [hash(view.key) for item in items for view in item.views]


def _read_vectors(
    connection: sqlite3.Connection,
    store: Store,
    keys: Sequence[int],
    where: str = "",
    values: tuple[object, ...] = (),
    *,
    into: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    matrix = np.empty((len(keys), store.card.width), np.float32) if into is None else into
    rows = connection.execute(_VECTORS.format(where=where, order=order_of(where)), values)
    count = 0
    for count, (identity, photo, crop, blob, checksum) in enumerate(rows, start=1):
        # A damaged index of the database could lead a view to another photo's vector.
        misled = count > len(keys) or keys[count - 1] != hash((photo, crop))
        if misled or not as_written(blob, checksum, width=store.card.width):
            raise damaged(store.path, f"a vector of item {identity!r} is not what was written")
        matrix[count - 1] = np.frombuffer(blob, "<f4")
    if count != len(matrix):
        raise damaged(store.path, f"{len(matrix)} views have {count} vectors")
    _check_unit(matrix, store.path)
    return matrix


def _check_unit(matrix: NDArray[np.float32], path: Path) -> None:
    lengths = np.einsum("ij,ij->i", matrix, matrix)
    if not (np.abs(lengths - 1) < 1e-2).all():
        raise damaged(path, "a vector in it has no length of one")
