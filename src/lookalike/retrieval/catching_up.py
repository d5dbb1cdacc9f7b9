"""Opening a store that changed since it was laid out: what differs is read, the rest mapped as it was.

Without that the first opening after one added item would read a store of a million views whole. What differs
is found by the checksum that each item was written with, so it does not matter how the difference came about.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from lookalike.retrieval.derived import kept_versions, read_derived
from lookalike.retrieval.memory import let_go
from lookalike.retrieval.snapshot import Identity, Snapshot

IDS_AT_ONCE = 500


def latest_laid_out(home: Path, wanted: Identity) -> Snapshot | None:
    """The latest version of a store whose derived files are whole; None where there is none.

    Args:
        home: of the store's file.
        wanted: the store's present identity; its version does not count.
    """
    for version in kept_versions(home):
        earlier = Identity(wanted.folder, wanted.store_id, version, wanted.fingerprint)
        if (found := read_derived(home, earlier)) is not None:
            return found
    return None


def differences(connection: sqlite3.Connection, known: Snapshot) -> tuple[list[str], list[str]]:
    """Ids of items that the store does not have as the snapshot has them, or has too; and of those it lost.

    Both ascend; an item that was changed is among the first only.
    """
    records = known.layered_records
    checksums = {name: zlib.crc32(records[place]) for place, name in enumerate(known.ids)}
    let_go(records.base)
    written = []
    for name, checksum in connection.execute("SELECT id, checksum FROM items ORDER BY id"):
        if checksums.pop(name, None) != checksum:
            written.append(name)
    return written, list(checksums)


def parts(ids: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """An SQL condition on items for some of the ids at a time, with the values for its question marks."""
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = tuple(ids[start : start + IDS_AT_ONCE])
        yield f"WHERE id IN ({', '.join('?' * len(some))})", some
