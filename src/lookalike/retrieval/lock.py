"""One writer at a time: who holds the store, known to everybody else."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from lookalike.errors import StoreError
from lookalike.retrieval.database import told_as_store_errors


class WriterLock:
    """Held by the one process that writes.

    The lock is SQLite's own on a small file beside the store: the operating system lets go of it
    when its holder dies, however it dies, and a forked worker does not inherit it. The file
    names the holder, so that the next in line can be told.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def acquire(self) -> None:
        """Take the lock or say who has it.

        Raises:
            StoreError: another writer holds it.
        """
        with told_as_store_errors(self._path):
            try:
                self._connection = self._open()
            except sqlite3.DatabaseError as error:
                if "not a database" not in str(error) and "malformed" not in str(error):
                    raise
                self._path.unlink()  # a damaged lock file guards nothing
                self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._take(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _take(self, connection: sqlite3.Connection) -> None:
        # The holder's name is committed first and the lock taken again at once: a rival that slips
        # in between writes its own name, and we are told of it below.
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS holder (name TEXT)")
            connection.execute("DELETE FROM holder")
            connection.execute("INSERT INTO holder VALUES (?)", (_own_name(),))
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise StoreError(
                f"{self._path.parent} is being written by {_holder(connection)}.",
                hint="Wait until it has finished, or stop it; searching goes on meanwhile.",
            ) from error

    def release(self) -> None:
        """Let the next writer in; harmless when not held."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> WriterLock:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _own_name() -> str:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"process {os.getpid()} on {platform.node() or 'this host'} since {since}"


def _holder(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT name FROM holder").fetchone()
    except sqlite3.Error:
        row = None
    return str(row[0]) if row else "another process"
