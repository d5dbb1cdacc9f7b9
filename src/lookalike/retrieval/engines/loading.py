"""Filling a collection from a store or from shards: what differs, item by item, so that it may be stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import EngineError
from lookalike.retrieval.engines.collections import Milvus, columns_in
from lookalike.retrieval.engines.rows import absolute, columns_of, item_key, rows_of
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.store import Store

EXACT: Mapping[str, Any] = {"index_type": "FLAT"}
"""Every view is looked at, so that the k best items are certain."""

WHOLE = "whole"
"""The state of a collection whose load was finished once."""

VIEWS_AT_ONCE, ITEMS_AT_ONCE = 2_000, 500

Loaded = tuple[StoredItem, NDArray[np.float32]]
"""An item with absolute paths, and the vectors of its views, shape (views, width)."""

Progress = Callable[[int, int], None]
"""Is told the items that are done, and all that there are."""


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """What a load did.

    Args:
        collection: that was filled.
        answers: whether searches go to it; where another one answers, ``switch`` changes that.
        written, removed, unchanged: numbers of items.
        views: in the collection.
        seconds: how long it took.
    """

    collection: str
    answers: bool
    written: int
    removed: int
    unchanged: int
    views: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Source:
    """What a collection is filled from.

    Args:
        card, model: whose vectors they are, and how that embedder is opened.
        items: each item's checksum, by id.
        read: those of some ids, with their vectors.
        version: of the store; 0 for shards.
    """

    card: Card
    model: str
    items: Mapping[str, int]
    read: Callable[[set[str]], Iterable[Loaded]]
    version: int = 0


def store_source(store: Store) -> Source:
    """The present version of a store."""
    snapshot = load_snapshot(store)
    places = snapshot.places

    def read(wanted: set[str]) -> Iterator[Loaded]:
        for identity in sorted(wanted):
            place = places[identity]
            yield absolute(snapshot.record(place), store.folder), snapshot.vectors(place)

    items = {identity: snapshot.record(place).checksum for identity, place in places.items()}
    return Source(store.card, store.model, items, read, snapshot.version)


def load(
    source: Source, engine: Milvus, *, index: Mapping[str, Any] = EXACT, progress: Progress | None = None
) -> EngineLoad:
    """Make the collection for a source's model hold what the source holds.

    A run that was stopped is taken up by the next; what a collection has already is not sent again. The
    first collection of a catalogue answers from the end of its load on; one for another model is filled
    beside the one that answers, until ``switch`` is called.

    Args:
        source: a store's version, or shards.
        engine: where to.
        index: Milvus' own parameters for its index on the vectors.
        progress: is told how far it has come.

    Raises:
        EngineError: Milvus is gone or refuses; what was written stays.
    """
    begun = time.monotonic()
    collection = engine.create(source.card, source.model, index=index)
    have = _known(engine, collection)
    # An item is known where its last row is: rows of an item are written together, the first one last.
    lacking = {identity for identity, checksum in source.items.items() if have.get(identity) != checksum}
    gone = have.keys() - source.items.keys()
    columns = columns_in(engine.facts(collection))
    _delete(engine, collection, sorted(gone))
    written = 0
    for group in _groups(source.read(lacking)):
        columns = columns_of((item.attributes for item, _ in group), columns)
        rows = [
            row for item, vectors in group for row in reversed(rows_of(item, vectors, source.items[item.id]))
        ]
        _delete(engine, collection, [item.id for item, _ in group if item.id in have])
        engine.put(collection, rows)
        written += len(group)
        if progress is not None:
            progress(written, len(lacking))
    _finish(engine, collection, columns, source)
    answering = engine.answering()
    if answering is None:
        engine.switch(collection)
    return EngineLoad(
        collection,
        answering in (None, collection),
        written,
        len(gone),
        len(source.items) - len(lacking),
        engine.count(collection),
        time.monotonic() - begun,
    )


def switch_whole(engine: Milvus, collection: str) -> str:
    """Make a collection answer; the one that answered before.

    Raises:
        EngineError: there is none of that name, or its load was not finished.
    """
    _check_named(engine, collection)
    if engine.facts(collection)["state"] != WHOLE:
        raise EngineError(f"{collection} is half loaded.", hint="Finish its load: lookalike milvus load")
    before = engine.answering() or collection
    engine.switch(collection)
    return before


def drop_idle(engine: Milvus, collection: str) -> None:
    """Delete a collection that does not answer.

    Raises:
        EngineError: there is none of that name, or it answers.
    """
    _check_named(engine, collection)
    if engine.answering() == collection:
        raise EngineError(f"{collection} answers.", hint="Switch to another one first.")
    engine.drop(collection)


def _check_named(engine: Milvus, collection: str) -> None:
    known = engine.collections()
    if collection not in known:
        raise EngineError(
            f"There is no collection {collection!r} of {engine.name}.",
            hint=f"There are: {', '.join(known)}." if known else "Load one: lookalike milvus load",
        )


def _delete(engine: Milvus, collection: str, items: Sequence[str]) -> None:
    for start in range(0, len(items), ITEMS_AT_ONCE):
        keys = [item_key(identity) for identity in items[start : start + ITEMS_AT_ONCE]]
        engine.delete(collection, f"item_key in {keys}")


def _finish(engine: Milvus, collection: str, columns: Mapping[str, bool], source: Source) -> None:
    """Say that the collection is whole, once it is seen to be."""
    found = _known(engine, collection)
    if found != dict(source.items):
        differing = len(found.items() ^ source.items.items())
        raise EngineError(
            f"{collection} holds other items than its source ({differing} differ).",
            hint="Another load may be at work; run the same command again.",
        )
    engine.note(
        collection,
        {"state": WHOLE, "columns": json.dumps(dict(columns)), "version": str(source.version)},
    )


def _known(engine: Milvus, collection: str) -> dict[str, int]:
    """The checksum of each item that is there whole, by id."""
    rows = engine.query(collection, "position == 0", ("item", "checksum"))
    return {row["item"]: int(row["checksum"]) for row in rows}


def _groups(loaded: Iterable[Loaded]) -> Iterator[list[Loaded]]:
    """Items by turns, about so many views together."""
    group: list[Loaded] = []
    views = 0
    for item, vectors in loaded:
        group.append((item, vectors))
        views += len(vectors)
        if views >= VIEWS_AT_ONCE:
            yield group
            group, views = [], 0
    if group:
        yield group
