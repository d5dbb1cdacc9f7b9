"""The truth on disk: items, views, attributes, vectors, and the card they were made with."""

from __future__ import annotations

import shlex
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lookalike.embedding.card import Card
from lookalike.errors import FingerprintMismatch, StoreError
from lookalike.retrieval.database import (
    check_format,
    connect,
    create_tables,
    damaged,
    told_as_store_errors,
    transaction,
)
from lookalike.retrieval.failures import FailedPhoto, count_failures, read_failures
from lookalike.retrieval.lock import WriterLock
from lookalike.retrieval.reading import Lookup, check_vectors, read_encoded
from lookalike.retrieval.versions import serving_home
from lookalike.retrieval.writing import Writer

FILE_NAME = "store.sqlite"


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """How much a store holds; ``photos`` are different pictures, ``views`` their uses.

    ``failed`` are photos of its catalogues that could not be indexed.
    """

    items: int
    views: int
    photos: int
    failed: int = 0


class Store:
    """A folder with one SQLite file that holds everything, and derived files that may be deleted.

    Every commit is synced to disk and raises the store's version. Reading sees exactly one
    version. Any number of processes may read while one writes.

    Args:
        folder: of the store.
        read_only: never write.
        home: where the file is: that of the model which answers if None, else of one that stands beside it
            (see ``versions``).
    """

    def __init__(self, folder: Path, *, read_only: bool = False, home: Path | None = None) -> None:
        self.folder = folder
        self.home = serving_home(folder) if home is None else home
        self.path = self.home / FILE_NAME
        self._answers = home is None
        self.read_only = read_only
        meta = self._read_meta()
        self.card = Card.from_json(str(meta["card"]), where=str(self.path))
        self.model = str(meta["model"])
        self.id = str(meta["id"])

    @classmethod
    def create(
        cls, folder: str | Path, *, card: Card, model: str | None = None, home: Path | None = None
    ) -> Store:
        """A new store for vectors of ``card``.

        Args:
            folder: where the store is to be; made when missing.
            card: of the embedder whose vectors it will hold.
            model: name or folder by which that embedder can be opened again; the card's name if None.
            home: of a version beside the one that answers; the folder itself if None.

        Raises:
            StoreError: there is a store already, or the folder cannot be written.
        """
        folder = Path(folder)
        path = (serving_home(folder) if home is None else home) / FILE_NAME
        with told_as_store_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path)
        try:
            if check_format(connection, path):
                raise StoreError(f"{folder} is a store already.", hint="Open it, or choose another folder.")
            meta: dict[str, str | int] = {
                "card": card.to_json(),
                "model": card.name if model is None else model,
                "id": uuid.uuid4().hex,
                "version": 0,
            }
            create_tables(connection, path, meta)
        finally:
            connection.close()
        return cls(folder, home=home)

    @classmethod
    def open(cls, folder: str | Path, *, read_only: bool = False) -> Store:
        """An existing store.

        Raises:
            StoreError: there is none, it is damaged, or it is of a newer lookalike.
        """
        return cls(Path(folder), read_only=read_only)

    @classmethod
    def open_or_create(cls, folder: str | Path, *, card: Card, model: str | None = None) -> Store:
        """The store in ``folder``, made when missing, for vectors of ``card``.

        Raises:
            FingerprintMismatch: it holds vectors of another model.
        """
        if not holds_store(folder):
            return cls.create(folder, card=card, model=model)
        store = cls.open(folder)
        store.check_fingerprint(card.fingerprint, f"The model {card.name}")
        return store

    @property
    def fingerprint(self) -> str:
        """Of the embedder whose vectors these are."""
        return self.card.fingerprint

    @property
    def version(self) -> int:
        """How many commits were made; a higher number means other content."""
        with self.reading() as connection:
            return stored_version(connection)

    def counts(self) -> StoreCounts:
        """How many items, views and photos there are."""
        with self.reading() as connection:
            items, views, photos = (
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("items", "views", "photos")
            )
            return StoreCounts(items, views, photos, failed=count_failures(connection))

    def failures(self) -> tuple[FailedPhoto, ...]:
        """The photos that could not be indexed when they were last tried, by item; those of a catalogue
        are replaced whenever it is indexed again to its end.

        Raises:
            StoreError: the list is damaged.
        """
        with self.reading() as connection:
            return read_failures(connection, self.path)

    def check_fingerprint(self, fingerprint: str, what: str) -> None:
        """Refuse vectors that another model made.

        Raises:
            FingerprintMismatch: naming both.
        """
        if fingerprint != self.fingerprint:
            raise FingerprintMismatch(what, expected=self.fingerprint, found=fingerprint)

    def check(self) -> None:
        """Read the file from end to end, each item and vector against the checksum it was written with.

        Raises:
            StoreError: something in it is damaged.
        """
        with self.reading() as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise damaged(self.path, str(verdict).splitlines()[-1])
            for _ in read_encoded(connection, self.path):
                pass
            check_vectors(connection, self.path, width=self.card.width)
            read_failures(connection, self.path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one version of the store until it is left.

        Raises:
            StoreError: the file is missing, damaged or cannot be read.
        """
        if not self.path.is_file():
            raise missing(self.folder)
        connection = connect(self.path, read_only=True)
        try:
            with told_as_store_errors(self.path), transaction(connection):
                yield connection
        finally:
            connection.close()

    @contextmanager
    def lookup(self) -> Iterator[Lookup]:
        """Questions to the store's latest version, each answered by itself.

        Raises:
            StoreError: the file is missing, damaged or cannot be read.
        """
        connection = connect(self.path, read_only=True)
        try:
            yield Lookup(connection, self.path)
        finally:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """The right to write, for one process at a time.

        Raises:
            StoreError: the store was opened to be read only, or another writer holds it.
        """
        if self.read_only:
            raise StoreError(
                f"{self.folder} was opened to be read only.", hint="Open it without read_only to change it."
            )
        # A version that does not answer has a lock of its own: filling it leaves the others free.
        with WriterLock(self.folder / "writer.lock" if self._answers else self.home / "version.lock"):
            self._check_role()
            connection = connect(self.path)
            try:
                kept = self.folder if self._answers else None
                yield Writer(connection, self.path, width=self.card.width, keeps_photos_in=kept)
            finally:
                connection.close()

    def _check_role(self) -> None:
        """Refuse to write where a switch has made another version answer, or this one, since opening."""
        if self._answers != (serving_home(self.folder) == self.home):
            raise StoreError(
                f"{self.folder} answers with another model's version since it was opened.",
                hint="Open the store again; a running server goes on by itself within seconds.",
            )

    def close(self) -> None:
        """Nothing stays open between calls; this is here for ``with``."""

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r}, {self.fingerprint})"

    def _read_meta(self) -> dict[str, str | int]:
        with self.reading() as connection:
            if not check_format(connection, self.path):
                raise missing(self.folder)
            meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        absent = {"card", "model", "id", "version"} - meta.keys()
        if absent:
            raise damaged(self.path, f"no {min(absent)} in it")
        return meta


def stored_version(connection: sqlite3.Connection) -> int:
    """The version of the store that a connection sees."""
    return int(connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0])


def holds_store(folder: str | Path) -> bool:
    """True where a folder has a store file that was begun to be filled."""
    path = serving_home(Path(folder)) / FILE_NAME
    if not path.is_file():
        return False
    connection = connect(path)
    try:
        return check_format(connection, path)
    finally:
        connection.close()


def missing(folder: Path) -> StoreError:
    """The error for a folder without a store."""
    return StoreError(
        f"There is no store in {folder}.",
        hint=f"Make one: lookalike index PHOTOS --store {shlex.quote(str(folder))}",
    )
