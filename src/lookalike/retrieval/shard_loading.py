"""From a finished job's shards to a filled store: whole items, each shard one commit, again without harm."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from lookalike.embedding.card import Card
from lookalike.embedding.jobs.job import Storage
from lookalike.embedding.jobs.manifest import Manifest, ShardFile, read_manifest
from lookalike.embedding.jobs.places import Place, open_place
from lookalike.embedding.jobs.shards import Head, matrix_of, read_shard
from lookalike.errors import FingerprintMismatch, JobError
from lookalike.retrieval.failures import FailedPhoto
from lookalike.retrieval.records import StoredItem, StoredView, parse_crop
from lookalike.retrieval.store import Store, holds_store
from lookalike.retrieval.writing import Vector, Writer

Progress = Callable[[int, int], None]
AMAZON = Storage()
Vectors = dict[tuple[str, str], Vector]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded.

    Args:
        items, views: of the shards.
        written: items that the store did not have so already.
        bad: photos of the job that have no vector.
        seconds: how long it took.
    """

    items: int
    views: int
    written: int
    bad: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)


def load_shards(
    folder: str, store_folder: str | Path, *, storage: Storage = AMAZON, progress: Progress | None = None
) -> LoadReport:
    """Fill a store from the shards of a finished job, without embedding anything.

    A run that was stopped is taken up by the next one; loading twice changes nothing.

    Args:
        folder: the job's: a path, or an address of an object store.
        store_folder: of the store, made when missing.
        storage: how the object store is reached.
        progress: told (shards done, shards in all).

    Raises:
        JobError: the job is not finished, or a shard is not what the manifest says.
        FingerprintMismatch: the store, or a shard, is of another model.
        StoreError: another writer is at work, or the disk refuses.
    """
    begun = time.monotonic()
    place = open_place(folder, storage)
    manifest = read_manifest(place, where=folder)
    items = views = written = 0
    store: Store | None = None
    failed: list[FailedPhoto] = []
    for done, file in enumerate(manifest.shards, start=1):
        table, head = read_checked(place, file, manifest)
        store = store or _store(Path(store_folder), head.card, manifest.model)
        failed += [
            FailedPhoto(bad.item_id, bad.path, bad.reason, bad.message, manifest.source) for bad in head.bad
        ]
        loaded = list(items_of_shard(table, manifest.source))
        with store.writing() as writer:
            written += _put(loaded, store, writer)
        items, views = items + len(loaded), views + len(table)
        if progress is not None:
            progress(done, len(manifest.shards))
    if store is not None:
        with store.writing() as writer:
            writer.note_failures(failed, source=manifest.source)
    return LoadReport(items, views, written, manifest.bad, time.monotonic() - begun)


def read_checked(place: Place, file: ShardFile, manifest: Manifest) -> tuple[Any, Head]:
    """A shard's rows and its head, once its bytes are those that the manifest names."""
    try:
        content = place.read(file.name)
    except FileNotFoundError:
        content = b""
    if hashlib.blake2b(content, digest_size=16).hexdigest() != file.digest:
        raise JobError(
            f"{file.name} is not the file that the manifest names (it is gone, cut off or changed).",
            hint="Delete it and run the job again; it alone is made again.",
        )
    table, head = read_shard(content, where=file.name)
    if head.card.fingerprint != manifest.fingerprint:
        raise FingerprintMismatch(file.name, expected=manifest.fingerprint, found=head.card.fingerprint)
    return table, head


def _store(folder: Path, card: Card, model: str) -> Store:
    if not holds_store(folder):
        return Store.create(folder, card=card, model=model)
    store = Store.open(folder)
    store.check_fingerprint(card.fingerprint, "The shards")
    return store


def _put(loaded: list[tuple[StoredItem, Vectors]], store: Store, writer: Writer) -> int:
    """Write the items that the store does not have just so, in one commit; how many."""
    with store.lookup() as lookup:
        new = [(item, vectors) for item, vectors in loaded if _differs(lookup.item(item.id), item)]
    if new:
        together = {key: vector for _, vectors in new for key, vector in vectors.items()}
        writer.put([item for item, _ in new], together)
    return len(new)


def _differs(known: StoredItem | None, item: StoredItem) -> bool:
    return known is None or known.checksum != item.checksum


def items_of_shard(table: Any, source: str) -> Iterator[tuple[StoredItem, Vectors]]:
    """The items of a shard with their vectors; the views of an item stand together in it."""
    matrix = matrix_of(table)
    rows = enumerate(table.drop_columns(["vector"]).to_pylist())
    for identity, group in groupby(rows, key=lambda row: row[1]["item_id"]):
        views: list[StoredView] = []
        vectors: Vectors = {}
        for place, row in group:
            views.append(_view(row))
            vectors[views[-1].key] = matrix[place]
            attributes = json.loads(row["item_attributes"])
        yield StoredItem(identity, tuple(views), attributes, source), vectors


def _view(row: dict[str, Any]) -> StoredView:
    return StoredView(
        id=row["view_id"],
        path=Path(row["path"]),
        size_bytes=row["size_bytes"],
        modified_ns=row["modified_ns"],
        role=row["role"],
        azimuth_deg=row["azimuth_deg"],
        elevation_deg=row["elevation_deg"],
        crop=parse_crop(row["crop"]),
        attributes=json.loads(row["view_attributes"]),
    )
