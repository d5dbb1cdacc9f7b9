"""The shards of a finished job as what a collection is filled from, without a store between."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lookalike.embedding.card import Card
from lookalike.embedding.jobs.job import Storage
from lookalike.embedding.jobs.manifest import read_manifest
from lookalike.embedding.jobs.places import open_place
from lookalike.errors import JobError
from lookalike.retrieval.engines.loading import Loaded, Source
from lookalike.retrieval.shard_loading import items_of_shard, read_checked


def shard_source(folder: str, *, storage: Storage | None = None) -> Source:
    """The items of a job's shards.

    The shards are read twice: for what there is, and for what a collection lacks.

    Args:
        folder: the job's: a path, or an address of an object store.
        storage: how the object store is reached.

    Raises:
        JobError: the job is not finished, has no vectors, or a shard is not what the manifest says.
        FingerprintMismatch: a shard is of another model.
    """
    place = open_place(folder, storage or Storage())
    manifest = read_manifest(place, where=folder)

    def items() -> Iterator[tuple[Card, Loaded]]:
        for file in manifest.shards:
            table, head = read_checked(place, file, manifest)
            for item, vectors in items_of_shard(table, manifest.source):
                yield head.card, (item, np.stack([vectors[view.key] for view in item.views]))

    def read(wanted: set[str]) -> Iterator[Loaded]:
        return (loaded for _, loaded in items() if loaded[0].id in wanted)

    checksums: dict[str, int] = {}
    card: Card | None = None
    for made_by, (item, _) in items():
        card = made_by
        checksums[item.id] = item.checksum
    if card is None:
        raise JobError(f"{folder} has no vectors.", hint="See its bad photos; run the job on other ones.")
    return Source(card, manifest.model, checksums, read)
