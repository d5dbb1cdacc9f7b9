"""One version of the store in memory, for searching: a matrix sorted by item, and the items."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Attributes
from lookalike.errors import QueryError
from lookalike.retrieval.columns import Columns
from lookalike.retrieval.records import StoredItem, attributes_of_views
from lookalike.retrieval.records_layered import LayeredRecords
from lookalike.retrieval.splicing import Splice, starts_of
from lookalike.retrieval.value_counts import ValueCounts

MOST_READ = 2_000
"""Items kept as they were read; some megabytes at most."""

NEAR = 500
"""Ids before and after where an unknown one would stand that may be what was meant."""


class Places(Mapping[str, int]):
    """Where each item is, by id: looked up in the order of the ids, so that a change costs nothing."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        self._ids = ids

    def __getitem__(self, identity: str) -> int:
        place = bisect_left(self._ids, identity)
        if place == len(self._ids) or self._ids[place] != identity:
            raise KeyError(identity)
        return place

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def near(self, identity: str) -> list[str]:
        """Up to three ids that one may have meant; looked for around its place in the order."""
        place = bisect_left(self._ids, identity)
        return get_close_matches(identity, self._ids[max(0, place - NEAR) : place + NEAR], 3)


@dataclass(frozen=True, eq=False)
class Since:
    """What a change did.

    Args:
        version: of the store before it.
        laid_out: the version whose files the old rows and records are mapped from.
        splice: which places went, and where new ones came.
    """

    version: int
    laid_out: int
    splice: Splice


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
        item_ids: UTF-8 JSON list of the ids, as bytes; empty after a change, as are those below (``known``).
        attributes_json: JSON list of the items' attributes, as bytes.
        records: the items as JSON, one after the other, as bytes.
        record_starts: int64, shape (items + 1,): where each begins.
        since: what made it of an earlier version; None where it was read whole.
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
    since: Since | None = field(default=None, kw_only=True)

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
    def places(self) -> Places:
        """Where each item is, by id."""
        return Places(self.ids)

    @cached_property
    def attributes(self) -> tuple[Attributes, ...]:
        """The items' attributes, in order."""
        return tuple(json.loads(self.attributes_json.tobytes(), object_pairs_hook=_Shared().facts))

    def place(self, identity: str) -> int:
        """Where an item is.

        Raises:
            QueryError: there is no such item.
        """
        place = self.places.get(identity)
        if place is None:
            near = self.places.near(identity)
            meant = f"Do you mean {' or '.join(near)}? " if near else ""
            raise QueryError(
                f"There is no item {identity!r} in the store.",
                hint=f"{meant}All ids: lookalike info --store STORE --items",
            )
        return place

    @cached_property
    def columns(self) -> Columns:
        """The attributes by column, for filters."""
        return Columns(self.attributes)

    @cached_property
    def value_counts(self) -> ValueCounts:
        """How many items have each value of each attribute."""
        return ValueCounts.of(self.attributes)

    @cached_property
    def layered_records(self) -> LayeredRecords:
        """The items as JSON, as they are laid out."""
        return LayeredRecords.of(self.records, self.record_starts)

    def known(
        self, ids: tuple[str, ...], attributes: tuple[Attributes, ...], records: LayeredRecords
    ) -> Snapshot:
        """The same with what is known of the items as it is, encoded only where it is written."""
        nothing, none = np.empty(0, np.uint8), np.empty(0, np.int64)
        known = replace(self, item_ids=nothing, attributes_json=nothing, records=nothing, record_starts=none)
        known.__dict__.update(ids=ids, attributes=attributes, layered_records=records)
        return known

    def encoded(self) -> Snapshot:
        """The same with all its arrays filled, as they are written to disk."""
        if len(self.item_ids):
            return self
        facts = [dict(one) for one in self.attributes]
        records, starts = self.layered_records.joined()
        return replace(
            self,
            item_ids=as_bytes(list(self.ids)),
            attributes_json=as_bytes(facts),
            records=records,
            record_starts=starts,
        )

    def item(self, place: int) -> StoredItem:
        """The item at a place in the order, its photos' paths absolute."""
        item = self._read.get(place)
        if item is None:
            record = self.record(place)
            views = tuple(view.under(self.folder) for view in record.views)
            item = StoredItem(record.id, views, record.attributes, record.source)
            if len(self._read) >= MOST_READ:
                self._read.clear()
            self._read[place] = item
        return item

    @cached_property
    def _read(self) -> dict[int, StoredItem]:
        """Items that were asked for: answers repeat, and reading one anew takes longer than finding it."""
        return {}

    def record(self, place: int) -> StoredItem:
        """The item at a place exactly as the store has it."""
        return StoredItem.from_json(self.layered_records[place])

    def view_facts(self) -> Iterator[list[Attributes]]:
        """For each item in order the attributes of its views; read quicker than by ``record``."""
        for place in range(len(self)):
            yield attributes_of_views(self.layered_records[place])

    def row(self, place: int) -> Row:
        """The item at a place, to be laid out in another snapshot."""
        views = int(self.starts[place + 1] - self.starts[place])
        return Row(self.ids[place], self.attributes[place], views, self.layered_records[place])

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


class _Shared:
    """Facts of many items whose equal texts are one: a catalogue says few things many times."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def facts(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The pairs of one item."""
        known = self._texts.setdefault
        return {name: known(value, value) if type(value) is str else value for name, value in pairs}


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


def as_bytes(values: list[Any]) -> NDArray[np.uint8]:
    """A list as UTF-8 JSON."""
    return np.frombuffer(json.dumps(values).encode(), np.uint8)
