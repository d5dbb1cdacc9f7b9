"""The SQLite file under a store: its tables, its connections, and its errors in our words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lookalike.errors import StoreError

APPLICATION_ID = 0x6C6F6F6B  # "look", in the file's header
SCHEMA_VERSION = 1
BUSY_TIMEOUT_MS = 10_000

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE items (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,              -- the catalogue that the item came from
    attributes TEXT NOT NULL,          -- JSON object
    version INTEGER NOT NULL,          -- of the store when the item was written
    checksum INTEGER NOT NULL          -- over the item and its views
);
CREATE TABLE photos (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,                  -- content hash
    crop TEXT NOT NULL,                -- left,top,right,bottom, or '' for the whole photo
    vector BLOB NOT NULL,              -- float32, little-endian
    checksum INTEGER NOT NULL,         -- over the vector
    UNIQUE (id, crop)
);
CREATE TABLE views (
    item INTEGER NOT NULL REFERENCES items (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    photo INTEGER NOT NULL REFERENCES photos (number),
    path BLOB NOT NULL,                -- text, or bytes where the name is not UTF-8
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    role TEXT,
    azimuth_deg REAL,
    elevation_deg REAL,
    attributes TEXT NOT NULL,          -- JSON object
    PRIMARY KEY (item, position)
) WITHOUT ROWID;
CREATE INDEX views_of_photo ON views (photo);
"""


@contextmanager
def told_as_store_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system report into a ``StoreError`` that names the file.

    Raises:
        StoreError: the file is locked, full, unreadable, damaged, or no database.
    """
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # our own mistake, not the file's
    except sqlite3.Error as error:
        raise _in_our_words(path, str(error)) from error
    except UnicodeDecodeError as error:  # SQLite quotes the damaged text in its message
        raise damaged(path, "text in it is no text") from error
    except OSError as error:
        raise _in_our_words(path, error.strerror or str(error)) from error


def _in_our_words(path: Path, reason: str) -> StoreError:
    known = {
        "locked": ("is busy", "Try again when the other process has finished writing."),
        "full": ("cannot be written", "Free some disk space and run the command again; nothing is lost."),
        "No space": ("cannot be written", "Free some disk space and run the command again; nothing is lost."),
        "I/O error": ("cannot be read or written", "Check the disk; what was acknowledged is still there."),
        "readonly": ("cannot be written", "Check who may write in the store's folder."),
        "Permission denied": ("cannot be opened", "Check who may read and write the store's folder."),
        "unable to open": ("cannot be opened", "Check that the folder exists and may be written."),
        "No such file": ("cannot be opened", "Check that the folder can be made and written there."),
        "Not a directory": ("cannot be opened", "Check that the folder can be made and written there."),
        "Read-only file system": ("cannot be written", "Choose a folder on a disk that may be written."),
        "Too many open files": ("cannot be opened", "Raise the limit on open files (ulimit -n)."),
    }
    for sign, (what, hint) in known.items():
        if sign in reason:
            return StoreError(f"{path} {what} ({reason}).", hint=hint)
    return damaged(path, reason)


def damaged(path: Path, reason: str) -> StoreError:
    """The error for a store whose content cannot be believed."""
    return StoreError(
        f"{path} is damaged or not a lookalike store ({reason}).",
        hint="Put back a copy, or index the catalogue into a new store; the file was left as it is.",
    )


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in manual-transaction mode, synced fully on each commit.

    Raises:
        StoreError: the file cannot be opened, or is no store of ours.
    """
    with told_as_store_errors(path):
        # An indexing run's workers ask by turns (see Lookup).
        connection = sqlite3.connect(
            _address(path, read_only), uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            if not read_only:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _address(path: Path, read_only: bool) -> str:
    address = path.absolute().as_uri()
    if not read_only:
        return f"{address}?mode=rwc"
    # A write-ahead log needs a folder that may be written; without one the file stands still anyway.
    still = not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()
    return f"{address}?mode=ro" + ("&immutable=1" if still else "")


def check_format(connection: sqlite3.Connection, path: Path) -> bool:
    """True for a store of ours, False for a file that holds nothing yet.

    Raises:
        StoreError: another program's database, or a store of a newer lookalike.
    """
    with told_as_store_errors(path):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == 0 and version == 0 and tables == 0:
        return False
    if application != APPLICATION_ID:
        raise damaged(path, "another program's database")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer lookalike (format {version}, this one knows {SCHEMA_VERSION}).",
            hint="Update: pip install -U lookalike",
        )
    if version != SCHEMA_VERSION:
        raise damaged(path, f"unknown format {version}")
    return True


@contextmanager
def transaction(connection: sqlite3.Connection, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """All or nothing; reading, one version of the store from the first row to the last."""
    connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def create_tables(connection: sqlite3.Connection, path: Path, meta: dict[str, str | int]) -> None:
    """Make an empty file a store, in one transaction."""
    with told_as_store_errors(path):
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection, write=True):
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
