"""One version of the store in memory, for searching: a matrix sorted by item, and the items."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.catalogue.items import Attributes
from lookalike.errors import QueryError
from lookalike.retrieval.columns import Columns
from lookalike.retrieval.records import StoredItem


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All items of one version of a store; it never changes.

    Items are in the order of their ids, whatever order they came in, and the views of an item are
    neighbours in the matrix.

    Args:
        folder: of the store.
        store_id, version, fingerprint: which store, which commit, whose vectors.
        matrix: float32, shape (views, width), unit rows.
        starts: int64, shape (items + 1,): item i has rows starts[i]:starts[i + 1].
        item_ids: UTF-8 JSON list of the ids, as bytes; empty where they are known decoded (``known_items``).
        attributes_json: JSON list of the items' attributes, as bytes; the same.
        records: the items as JSON, one after the other, as bytes.
        record_starts: int64, shape (items + 1,): where each begins.
    """

    folder: Path
    store_id: str
    version: int
    fingerprint: str
    matrix: NDArray[np.float32]
    starts: NDArray[np.int64]
    item_ids: NDArray[np.uint8]
    attributes_json: NDArray[np.uint8]
    records: NDArray[np.uint8]
    record_starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def width(self) -> int:
        """Number of coordinates of a vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The items' ids, in order."""
        return tuple(json.loads(self.item_ids.tobytes()))

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each item is, by id."""
        return {identity: place for place, identity in enumerate(self.ids)}

    @cached_property
    def attributes(self) -> tuple[Attributes, ...]:
        """The items' attributes, in order."""
        return tuple(json.loads(self.attributes_json.tobytes()))

    def place(self, identity: str) -> int:
        """Where an item is.

        Raises:
            QueryError: there is no such item.
        """
        if identity not in self.places:
            raise QueryError(
                f"There is no item {identity!r} in the store.", hint="See `lookalike info` for its items."
            )
        return self.places[identity]

    @cached_property
    def columns(self) -> Columns:
        """The attributes by column, for filters."""
        return Columns(self.attributes)

    def known_items(self, ids: tuple[str, ...], attributes: tuple[Attributes, ...]) -> Snapshot:
        """The same with the items' ids and attributes as they are, encoded only where they are written."""
        nothing = np.empty(0, np.uint8)
        known = replace(self, item_ids=nothing, attributes_json=nothing)
        known.__dict__.update(ids=ids, attributes=attributes)
        return known

    def encoded(self) -> Snapshot:
        """The same with all its arrays filled, as they are written to disk."""
        if len(self.item_ids):
            return self
        facts = [dict(one) for one in self.attributes]
        return replace(self, item_ids=as_bytes(list(self.ids)), attributes_json=as_bytes(facts))

    def item(self, place: int) -> StoredItem:
        """The item at a place in the order, its photos' paths absolute."""
        record = self.record(place)
        views = tuple(view.under(self.folder) for view in record.views)
        return StoredItem(record.id, views, record.attributes, record.source)

    def record(self, place: int) -> StoredItem:
        """The item at a place exactly as the store has it."""
        return StoredItem.from_json(self._encoded(place))

    def row(self, place: int) -> Row:
        """The item at a place, to be laid out in another snapshot."""
        views = int(self.starts[place + 1] - self.starts[place])
        return Row(self.ids[place], self.attributes[place], views, self._encoded(place))

    def _encoded(self, place: int) -> bytes:
        return self.records[self.record_starts[place] : self.record_starts[place + 1]].tobytes()

    def vectors(self, place: int) -> NDArray[np.float32]:
        """The vectors of an item's views, shape (views, width)."""
        return self.matrix[self.starts[place] : self.starts[place + 1]]


@dataclass(frozen=True)
class Identity:
    """Which content a snapshot is of: store, version, and the model of its vectors."""

    folder: Path
    store_id: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item on its way into a snapshot: what of it is laid out, ready encoded."""

    id: str
    attributes: Attributes
    views: int
    record: bytes

    @classmethod
    def of(cls, item: StoredItem) -> Row:
        """The row of an item as the store has it."""
        return cls(item.id, item.attributes, len(item.views), item.to_json().encode())


def assemble(identity: Identity, rows: Sequence[Row], matrix: NDArray[np.float32]) -> Snapshot:
    """A snapshot of items in the order of their ids, ``matrix`` holding their views one after the other."""
    matrix.flags.writeable = False
    return Snapshot(
        folder=identity.folder,
        store_id=identity.store_id,
        version=identity.version,
        fingerprint=identity.fingerprint,
        matrix=matrix,
        starts=starts_of([row.views for row in rows]),
        item_ids=as_bytes([row.id for row in rows]),
        attributes_json=as_bytes([dict(row.attributes) for row in rows]),
        records=np.frombuffer(b"".join(row.record for row in rows), np.uint8),
        record_starts=starts_of([len(row.record) for row in rows]),
    )


def starts_of(lengths: ArrayLike) -> NDArray[np.int64]:
    """Where each of several stretches begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def ranges(firsts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers from each first on, as many as are counted, one after the other.

    >>> ranges(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    steps = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    return np.asarray(steps + np.repeat(firsts - (ends - counts), counts), np.int64)


def as_bytes(values: list[Any]) -> NDArray[np.uint8]:
    """A list as UTF-8 JSON."""
    return np.frombuffer(json.dumps(values).encode(), np.uint8)
