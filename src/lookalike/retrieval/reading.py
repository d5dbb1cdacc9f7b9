"""Reading the store: items, each checked against the checksum it was written with, and what is known."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from lookalike.catalogue.items import Attributes
from lookalike.retrieval.database import damaged, told_as_store_errors
from lookalike.retrieval.records import StoredItem, StoredView, crop_text, encoded, parse_crop

_ITEMS = """
SELECT items.id, items.source, items.attributes, items.checksum,
       photos.id, views.path, views.size_bytes, views.modified_ns, views.role,
       views.azimuth_deg, views.elevation_deg, photos.crop, views.attributes
FROM (SELECT * FROM items {where}) AS items
LEFT JOIN views ON views.item = items.number
LEFT JOIN photos ON photos.number = views.photo
ORDER BY {order}, views.position
"""


def order_of(where: str) -> str:
    """What items are sorted by.

    Of all of them the index of ids gives the order; for a few that index must not be gone through, which
    SQLite would do unless told that the order is none of its (the plus sign).
    """
    return "+items.id" if where else "items.id"


def read_items(
    connection: sqlite3.Connection, path: Path, where: str = "", values: tuple[object, ...] = ()
) -> Iterator[StoredItem]:
    """Items in the order of their ids, views in theirs.

    Args:
        connection: to the store.
        path: of the store, for messages.
        where: an SQL condition on the table ``items``, with ``values`` for its question marks.

    Raises:
        StoreError: an item is not what was written.
    """
    rows = connection.execute(_ITEMS.format(where=where, order=order_of(where)), values)
    for (identity, source, attributes, checksum), group in groupby(rows, key=lambda row: row[:4]):
        try:
            views = tuple(_view(row[4:]) for row in group)
            item = StoredItem(identity, views, json.loads(attributes), source)
            sound = item.checksum == checksum
        except (ValueError, TypeError, AttributeError) as error:
            raise damaged(path, f"item {identity!r} cannot be read: {error}") from error
        if not sound:
            raise damaged(path, f"item {identity!r} is not what was written")
        yield item


@dataclass(frozen=True, slots=True)
class Encoded:
    """An item in the form that is kept in memory.

    Args:
        id, attributes: of the item.
        record: the item as JSON (see ``StoredItem.to_json``).
        keys: of its views' vectors.
    """

    id: str
    attributes: Attributes
    record: bytes
    keys: tuple[tuple[str, str], ...]


def read_encoded(connection: sqlite3.Connection, path: Path) -> Iterator[Encoded]:
    """All items as ``read_items`` gives them, in a third of the time: views are not made one by one.

    Raises:
        StoreError: an item is not what was written.
    """
    rows = connection.execute(_ITEMS.format(where="", order=order_of("")))
    for (identity, source, attributes, checksum), group in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        views = [row[4:] for row in group]
        try:
            known = json.loads(attributes)
            text = encoded([identity, source, known, [_facts(view) for view in views]]).encode()
            sound = zlib.crc32(text) == checksum
        except (ValueError, TypeError, AttributeError) as error:
            raise damaged(path, f"item {identity!r} cannot be read: {error}") from error
        if not sound:
            raise damaged(path, f"item {identity!r} is not what was written")
        yield Encoded(identity, known, text, tuple((view[0], view[7]) for view in views))


def _facts(row: tuple[Any, ...]) -> list[Any]:
    """What ``StoredView.facts`` gives for the view of a row."""
    photo, path, size, modified, role, azimuth, elevation, crop, attributes = row
    name = path if isinstance(path, str) else os.fsdecode(path)
    facts = {} if attributes == "{}" else json.loads(attributes)
    where = parse_crop(crop)
    return [photo, name, size, modified, role, azimuth, elevation, where and list(where), facts]


def check_vectors(connection: sqlite3.Connection, path: Path, *, width: int) -> None:
    """Go through all vectors.

    Raises:
        StoreError: one is not what was written.
    """
    for identity, vector, checksum in connection.execute("SELECT id, vector, checksum FROM photos"):
        if not as_written(vector, checksum, width=width):
            raise damaged(path, f"the vector of photo {identity} is not what was written")


def as_written(vector: object, checksum: object, *, width: int) -> bool:
    """Whether a stored vector is what was written; a damaged file may hold any type in its place."""
    return isinstance(vector, bytes) and len(vector) == 4 * width and zlib.crc32(vector) == checksum


class Lookup:
    """Questions that an indexing run asks of the store, one by one (see ``Store.lookup``)."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._turn = threading.Lock()

    def item(self, identity: str) -> StoredItem | None:
        """What the store has under an id."""
        with self._turn, told_as_store_errors(self._path):
            return next(read_items(self._connection, self._path, "WHERE id = ?", (identity,)), None)

    def ids(self) -> list[str]:
        """The ids of all items, ascending."""
        with self._turn, told_as_store_errors(self._path):
            return [identity for (identity,) in self._connection.execute("SELECT id FROM items ORDER BY id")]

    def ids_from(self, source: str) -> set[str]:
        """The ids of all items that came from one catalogue."""
        with self._turn, told_as_store_errors(self._path):
            rows = self._connection.execute("SELECT id FROM items WHERE source = ?", (source,)).fetchall()
        return {identity for (identity,) in rows}

    def items_with(self, photo: str) -> list[str]:
        """The ids of the items that a photo is a view of, by the photo's id, ascending."""
        query = (
            "SELECT DISTINCT items.id FROM photos JOIN views ON views.photo = photos.number "
            "JOIN items ON items.number = views.item WHERE photos.id = ? ORDER BY items.id"
        )
        with self._turn, told_as_store_errors(self._path):
            return [identity for (identity,) in self._connection.execute(query, (photo,))]

    def __contains__(self, key: object) -> bool:
        """Whether the store has the vector of a photo: (id, crop). May be asked by several threads."""
        if not isinstance(key, tuple):
            return False
        identity, crop = key
        query = "SELECT 1 FROM photos WHERE id = ? AND crop = ?"
        with self._turn, told_as_store_errors(self._path):
            return self._connection.execute(query, (identity, crop_text(crop))).fetchone() is not None


def _view(row: tuple[Any, ...]) -> StoredView:
    photo, path, size, modified, role, azimuth, elevation, crop, attributes = row
    return StoredView(
        id=photo,
        path=Path(os.fsdecode(path)),
        size_bytes=size,
        modified_ns=modified,
        role=role,
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        crop=parse_crop(crop),
        attributes=json.loads(attributes),
    )
