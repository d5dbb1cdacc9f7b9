"""Which items a store no longer has, found by counting rather than by reading all ids."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Sequence

FEW = 256
"""Ids that are read at once rather than counted again."""

_IN_RANGE = "FROM items WHERE id >= ? AND (? IS NULL OR id < ?)"


def gone_ids(
    connection: sqlite3.Connection, known: Sequence[str], news: Sequence[str], *, likely: Iterable[str] = ()
) -> list[str]:
    """Of the known ids those that the store does not have.

    Ids are counted range by range in the database's own index; ranges that lack some are looked into.

    Args:
        connection: to the store.
        known: ids that it had, ascending.
        news: ids that were written since, ascending, whether known before or not.
        likely: ids that may be gone, and are looked up first.
    """
    fresh = [name for name in news if not _holds(known, name)]
    found = sorted({name for name in likely if _holds(known, name) and not _is_there(connection, name)})
    ((there,),) = connection.execute("SELECT count(*) FROM items").fetchall()
    if len(known) - len(found) + len(fresh) == int(there):
        return found
    return _gone(connection, known, fresh, 0, len(known))


def _is_there(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM items WHERE id = ?", (name,)).fetchone() is not None


def _gone(
    connection: sqlite3.Connection, known: Sequence[str], fresh: Sequence[str], low: int, high: int
) -> list[str]:
    first = known[low] if low and low < len(known) else ""
    last = known[high] if high < len(known) else None
    end = len(fresh) if last is None else bisect_left(fresh, last)
    wanted = high - low + end - bisect_left(fresh, first)
    ((there,),) = connection.execute(f"SELECT count(*) {_IN_RANGE}", (first, last, last)).fetchall()
    lost = wanted - int(there)
    if lost == 0:
        return []
    if high - low <= FEW or lost > FEW:
        rows = connection.execute(f"SELECT id {_IN_RANGE}", (first, last, last))
        present = {name for (name,) in rows}
        return [name for name in known[low:high] if name not in present]
    middle = (low + high) // 2
    return [
        *_gone(connection, known, fresh, low, middle),
        *_gone(connection, known, fresh, middle, high),
    ]


def _holds(known: Sequence[str], name: str) -> bool:
    place = bisect_left(known, name)
    return place < len(known) and known[place] == name
