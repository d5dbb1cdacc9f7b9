"""A snapshot after a change: what is gone left out, what is new in its place by id, the rest not touched."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.layered import layered
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, ranges, starts_of

LAYERED_FROM = 50_000
"""Views from which on the old vectors stay where they are; fewer are copied, which takes milliseconds."""

Numbers = NDArray[np.int64]


def merge(
    identity: Identity,
    known: Snapshot,
    present: AbstractSet[str],
    news: list[StoredItem],
    matrix: NDArray[np.float32],
) -> Snapshot:
    """The snapshot after ``known``.

    Args:
        identity: of the new snapshot.
        known: the old one.
        present: ids of all items that the store has now.
        news: items written since, in the order of their ids; ``matrix`` holds their vectors.
    """
    changed = {item.id for item in news}
    ids = known.ids
    kept = np.array([p for p, name in enumerate(ids) if name in present and name not in changed], np.int64)
    rows = [Row.of(item) for item in news]
    names = [ids[place] for place in kept.tolist()] + [row.id for row in rows]
    order = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    counts = np.concatenate([np.diff(known.starts)[kept], [row.views for row in rows]]).astype(np.int64)
    attributes = known.attributes
    every = [attributes[place] for place in kept.tolist()] + [row.attributes for row in rows]
    records, record_starts = _records(known, kept, rows, order)
    nothing = np.empty(0, np.uint8)
    merged = Snapshot(
        folder=identity.folder,
        store_id=identity.store_id,
        version=identity.version,
        fingerprint=identity.fingerprint,
        matrix=_matrix(known, kept, matrix, counts, order),
        starts=starts_of(counts[order]),
        item_ids=nothing,
        attributes_json=nothing,
        records=records,
        record_starts=record_starts,
    )
    in_order = order.tolist()
    return merged.known_items(
        tuple(names[number] for number in in_order), tuple(every[number] for number in in_order)
    )


def _matrix(
    known: Snapshot, kept: Numbers, news: NDArray[np.float32], counts: Numbers, order: Numbers
) -> NDArray[np.float32]:
    """The vectors in the new order of items; ``counts`` are the views of the kept and then the new ones."""
    kept_rows = ranges(known.starts[kept], counts[: len(kept)])
    firsts = np.cumsum(counts) - counts  # among the kept rows and then the new ones
    by_row = ranges(firsts[order], counts[order])
    joined = layered(known.matrix, kept_rows, news, by_row)
    if len(joined) >= LAYERED_FROM:
        return joined  # type: ignore[return-value]  # reads like an array
    whole: NDArray[np.float32] = joined[:]
    whole = whole.copy() if whole.base is not None else whole
    whole.flags.writeable = False
    return whole


def _records(
    known: Snapshot, kept: Numbers, rows: list[Row], order: Numbers
) -> tuple[NDArray[np.uint8], Numbers]:
    """The items as JSON in the new order, long runs of kept ones copied at once; and where each begins."""
    sizes = np.concatenate([np.diff(known.record_starts)[kept], [len(row.record) for row in rows]])
    parts: list[bytes] = []
    old = order < len(kept)
    places = (
        np.where(old, kept[np.minimum(order, len(kept) - 1)], -1) if len(kept) else np.full(len(order), -1)
    )
    run_ends = np.flatnonzero((np.diff(places, append=-2) != 1) | ~old) + 1
    begin = 0
    for end in run_ends.tolist():
        if old[begin]:
            low, high = known.record_starts[places[begin]], known.record_starts[places[end - 1] + 1]
            parts.append(known.records[low:high].tobytes())
        else:
            parts.append(rows[int(order[begin]) - len(kept)].record)
        begin = end
    return np.frombuffer(b"".join(parts), np.uint8), starts_of(sizes[order].astype(np.int64))
