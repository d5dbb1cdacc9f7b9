"""Changing the store: whole items in, whole items out, each commit one new version."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import StoreError
from lookalike.retrieval.database import told_as_store_errors, transaction
from lookalike.retrieval.failures import FailedPhoto, has_failures, read_failures, write_failures
from lookalike.retrieval.keeping import drop_photos
from lookalike.retrieval.records import StoredItem, StoredView, clean, crop_text

Vector = NDArray[np.float32]
UNIT_TOLERANCE = 1e-3


class Writer:
    """The store's one writer (see ``Store.writing``).

    Args:
        connection, path: to the store's file.
        width: of its vectors.
        keeps_photos_in: the store's folder, whose kept photos go with their last item; None where they
            belong to another version.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, *, width: int, keeps_photos_in: Path | None
    ) -> None:
        self._connection = connection
        self._path = path
        self._width = width
        self._keeps_photos_in = keeps_photos_in
        self._loose: set[int] = set()  # photos that lost a view, and may have no other

    def put(self, items: Sequence[StoredItem], vectors: Mapping[tuple[str, str], Vector]) -> None:
        """Write items, all or none, in place of what the store had under their ids.

        Args:
            items: whole items; when this returns they are safe on disk.
            vectors: by ``StoredView.key``, for photos that the store does not know yet.

        Raises:
            StoreError: a vector is missing or no unit vector of the store's width, or the disk refuses.
        """
        with self._commit() as version:
            for (identity, crop), vector in vectors.items():
                self._put_vector(identity, crop, vector)
            for item in items:
                self._put_item(item, version)

    def remove(self, ids: Iterable[str]) -> int:
        """Remove items by id; how many there were. Photos that no item uses any more go too."""
        with self._commit():
            ids = tuple(ids)
            removed = sum(self._delete_item(identity) for identity in ids)
            if ids and has_failures(self._connection):
                write_failures(self._connection, (), source=None, items=ids)
            self._collect()
        if self._keeps_photos_in is not None:
            drop_photos(self._keeps_photos_in, self._has_photo)
        return removed

    def note_failures(
        self,
        failures: Iterable[FailedPhoto],
        *,
        source: str | None = None,
        items: Collection[str] | None = None,
    ) -> None:
        """Remember the photos that could not be indexed, in place of what was remembered.

        Args:
            failures: of now.
            source: the catalogue whose failures these are; of all catalogues if None.
            items: replace only those of these items; of all if None.
        """
        known = set(read_failures(self._connection, self._path))
        new = {failure.cleaned() for failure in failures}
        names = None if items is None else {clean(item) for item in items}
        if names is not None:
            known = {failure for failure in known if failure.item in names}
        elif source is not None:
            known = {failure for failure in known if failure.source == clean(source)}
        if new != known:
            with self._commit():
                write_failures(self._connection, sorted(new, key=astuple), source=source, items=names)

    def collect(self) -> None:
        """Drop the vectors of photos that lost their last item while this writer was at work."""
        self.remove(())

    def sweep(self) -> None:
        """Drop the vectors of all photos that no item uses, those that a killed writer left among them."""
        unused = (
            "SELECT number FROM photos INDEXED BY sqlite_autoindex_photos_1 EXCEPT SELECT photo FROM views"
        )
        with self._commit():
            self._connection.execute(f"DELETE FROM photos WHERE number IN ({unused})")
        if self._keeps_photos_in is not None:
            drop_photos(self._keeps_photos_in, self._has_photo)

    @contextmanager
    def _commit(self) -> Iterator[int]:
        with told_as_store_errors(self._path), transaction(self._connection, write=True):
            query = "UPDATE meta SET value = value + 1 WHERE key = 'version' RETURNING value"
            ((version,),) = self._connection.execute(query).fetchall()
            yield version

    def _photo_number(self, identity: str, crop: str) -> int | None:
        query = "SELECT number FROM photos WHERE id = ? AND crop = ?"
        row = self._connection.execute(query, (identity, crop)).fetchone()
        return None if row is None else int(row[0])

    def _has_photo(self, identity: str) -> bool:
        query = "SELECT 1 FROM photos WHERE id = ?"
        return self._connection.execute(query, (identity,)).fetchone() is not None

    def _put_vector(self, identity: str, crop: str, vector: Vector) -> None:
        length = float(np.linalg.norm(vector)) if vector.shape == (self._width,) else float("nan")
        if not abs(length - 1) < UNIT_TOLERANCE:
            raise StoreError(
                f"The vector of photo {identity} (shape {vector.shape}, length {length:.3g}) is not a unit "
                f"vector of {self._width} coordinates.",
                hint="Hand over vectors as Embedder.encode gives them.",
            )
        blob = vector.astype("<f4").tobytes()
        self._connection.execute(
            "INSERT OR IGNORE INTO photos (id, crop, vector, checksum) VALUES (?, ?, ?, ?)",
            (identity, crop, blob, zlib.crc32(blob)),
        )

    def _delete_item(self, identity: str) -> int:
        """Delete an item with its views; how many there were, one or none."""
        query = (
            "SELECT views.photo FROM items CROSS JOIN views ON views.item = items.number WHERE items.id = ?"
        )
        self._loose.update(photo for (photo,) in self._connection.execute(query, (identity,)))
        return self._connection.execute("DELETE FROM items WHERE id = ?", (identity,)).rowcount

    def _put_item(self, item: StoredItem, version: int) -> None:
        if not item.views:
            raise StoreError(f"Item {item.id!r} has no views.", hint="Give each item a photo at least.")
        self._delete_item(item.id)
        number = self._connection.execute(
            "INSERT INTO items (id, source, attributes, version, checksum) VALUES (?, ?, ?, ?, ?)",
            (item.id, item.source, json.dumps(dict(item.attributes)), version, item.checksum),
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO views VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(number, position, *self._view_row(view)) for position, view in enumerate(item.views)],
        )

    def _view_row(self, view: StoredView) -> tuple[object, ...]:
        photo = self._photo_number(*view.key)
        if photo is None:
            raise StoreError(
                f"There is no vector for photo {view.id} (crop {crop_text(view.crop) or 'none'}).",
                hint="Hand over the vectors of new photos together with their items.",
            )
        path = os.fsencode(view.path)
        try:
            name: str | bytes = path.decode()
        except UnicodeDecodeError:
            name = path
        return (
            photo,
            name,
            view.size_bytes,
            view.modified_ns,
            view.role,
            view.azimuth_deg,
            view.elevation_deg,
            json.dumps(dict(view.attributes)),
        )

    def _collect(self) -> None:
        # Going through all photos would read all vectors, for each item that goes.
        self._connection.executemany(
            "DELETE FROM photos WHERE number = ? AND NOT EXISTS (SELECT 1 FROM views WHERE photo = number)",
            [(photo,) for photo in self._loose],
        )
