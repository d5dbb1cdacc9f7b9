"""The photos that could not be indexed, as the store remembers them."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from lookalike.retrieval.database import damaged
from lookalike.retrieval.records import clean

# Stores of earlier versions have no such table, and need none to be read: it comes with the first failure.
TABLE = """
CREATE TABLE IF NOT EXISTS failures (
    item TEXT NOT NULL,
    photo TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    source TEXT NOT NULL,              -- the catalogue that the photo is in
    checksum INTEGER NOT NULL          -- over the row
)
"""


@dataclass(frozen=True, slots=True)
class FailedPhoto:
    """A photo that could not be indexed, and why.

    Args:
        item: the id of the item that it belongs to.
        photo: its path; a word for photos that came as bytes.
        reason: the stable code of ``PhotoError``.
        message: in words.
        source: the catalogue that it is in.
    """

    item: str
    photo: str
    reason: str
    message: str
    source: str = ""

    @property
    def checksum(self) -> int:
        """A 32-bit checksum over all of it."""
        return zlib.crc32(json.dumps(astuple(self)).encode())

    def cleaned(self) -> FailedPhoto:
        """The same in text that UTF-8 can hold."""
        texts = {name: clean(getattr(self, name)) for name in ("item", "photo", "message", "source")}
        return replace(self, **texts)


def has_failures(connection: sqlite3.Connection) -> bool:
    """Whether a store has the table at all."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'failures'"
    return connection.execute(query).fetchone() is not None


def count_failures(connection: sqlite3.Connection) -> int:
    """How many photos could not be indexed."""
    if not has_failures(connection):
        return 0
    return int(connection.execute("SELECT count(*) FROM failures").fetchone()[0])


def read_failures(connection: sqlite3.Connection, path: Path) -> tuple[FailedPhoto, ...]:
    """The photos that could not be indexed, by item and photo.

    Args:
        connection: to the store.
        path: of the store, for messages.

    Raises:
        StoreError: one is not what was written.
    """
    if not has_failures(connection):
        return ()
    query = "SELECT item, photo, reason, message, source, checksum FROM failures ORDER BY item, photo, source"
    found = []
    for *facts, checksum in connection.execute(query):
        failure = FailedPhoto(*facts)
        if not all(isinstance(fact, str) for fact in facts) or failure.checksum != checksum:
            raise damaged(path, f"a failed photo of item {failure.item!r} is not what was written")
        found.append(failure)
    return tuple(found)


def write_failures(
    connection: sqlite3.Connection,
    failures: Iterable[FailedPhoto],
    *,
    source: str | None,
    items: Collection[str] | None,
) -> None:
    """Replace what is remembered of a catalogue (of all if None), or of some of its items (all if None)."""
    connection.execute(TABLE)
    if items is not None:
        connection.executemany("DELETE FROM failures WHERE item = ?", [(item,) for item in items])
    elif source is not None:
        connection.execute("DELETE FROM failures WHERE source = ?", (source,))
    else:
        connection.execute("DELETE FROM failures")
    rows = [(*astuple(failure), failure.checksum) for failure in failures]
    connection.executemany("INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?)", rows)
