"""A snapshot after a change: what is gone left out, what is new in its place by id, the rest not touched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.snapshot import Identity, Row, Since, Snapshot
from lookalike.retrieval.splicing import Splice, starts_of

LAYERED_FROM = 50_000
"""Views from which on the old vectors stay where they are; fewer are copied, which takes milliseconds."""


def merge(
    identity: Identity,
    known: Snapshot,
    gone: Iterable[str],
    news: list[StoredItem],
    matrix: NDArray[np.float32],
) -> Snapshot:
    """The snapshot after ``known``.

    Args:
        identity: of the new snapshot.
        known: the old one.
        gone: ids of items that the store had then and has no longer.
        news: items written since, in the order of their ids; ``matrix`` holds their vectors.
    """
    ids = known.ids
    replaced = [item.id for item in news if item.id in known.places]
    places = sorted(known.places[name] for name in {*gone, *replaced})
    at = [bisect_left(ids, item.id) for item in news]
    splice = Splice(np.array(places, np.int64), np.array(at, np.int64))
    rows = [Row.of(item) for item in news]
    counts = np.array([row.views for row in rows], np.int64)
    nothing, none = np.empty(0, np.uint8), np.empty(0, np.int64)
    merged = Snapshot(
        folder=identity.folder,
        store_id=identity.store_id,
        version=identity.version,
        fingerprint=identity.fingerprint,
        matrix=_matrix(known, splice.by_rows(known.starts, counts), matrix),
        starts=starts_of(splice.array(np.diff(known.starts), counts)),
        item_ids=nothing,
        attributes_json=nothing,
        records=nothing,
        record_starts=none,
        since=Since(known.version, known.since.laid_out if known.since else known.version, splice),
    )
    after = merged.known(
        splice.several(ids, [row.id for row in rows]),
        splice.several(known.attributes, [row.attributes for row in rows]),
        known.layered_records.spliced(splice, [row.record for row in rows]),
    )
    _go_on(known, after, splice)
    return after


def _go_on(known: Snapshot, after: Snapshot, splice: Splice) -> None:
    """What was made of the old snapshot when it was asked for is made of the new one by what changed."""
    if "columns" in known.__dict__:
        after.__dict__["columns"] = known.columns.after(after.attributes, splice)
    if "value_counts" in known.__dict__:
        lost = [known.attributes[place] for place in splice.gone.tolist()]
        news = [after.attributes[place] for place in splice.news.tolist()]
        after.__dict__["value_counts"] = known.value_counts.after(lost, news)


def _matrix(known: Snapshot, rows: Splice, news: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors in the new order of items."""
    before: object = known.matrix
    layers = before if isinstance(before, LayeredMatrix) else LayeredMatrix.of(known.matrix)
    joined = layers.spliced(rows, news)
    if len(joined) >= LAYERED_FROM:
        return joined  # type: ignore[return-value]  # reads like an array
    whole: NDArray[np.float32] = joined[:]
    whole = whole.copy() if whole.base is not None else whole
    whole.flags.writeable = False
    return whole
