"""The search engine: handed an embedder and a store, it answers photos with ranked items."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Item
from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import NOTHING_DECODED, Key
from lookalike.errors import LookalikeError, PhotoError, QueryError
from lookalike.retrieval.asked_photos import Photos, query_photos, query_vectors
from lookalike.retrieval.categories.predicting import Prediction
from lookalike.retrieval.confidence.judging import Meaning
from lookalike.retrieval.confidence.kept import Calibrations
from lookalike.retrieval.embedders import embedder_of
from lookalike.retrieval.filters import Where
from lookalike.retrieval.indexing import IndexReport, index_items
from lookalike.retrieval.loading import refresh_snapshot
from lookalike.retrieval.parts.proposals import with_parts
from lookalike.retrieval.query import Query
from lookalike.retrieval.ranking import Ranking
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.searching import Asked, ranking_for, rankings_for
from lookalike.retrieval.serving import Serving, opened
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store
from lookalike.retrieval.together.pairing import Companion
from lookalike.retrieval.versions import serving_home

ADDED = "added"
"""The source of items that were added one by one rather than with a catalogue."""


class SearchEngine:
    """Finds items of a store by photos of them.

    A search sees exactly one version of the store, the one at opening or at the last ``refresh``,
    ``add`` or ``remove`` of this engine, whatever others write meanwhile. It may be used from
    several threads.

    Args:
        embedder: the model.
        store: what is searched.
        exact: look at every vector, however many there are; else a large store is searched by compressed
            ones, which find nearly all of the best items (see docs/ideas/search.md).

    Raises:
        FingerprintMismatch: the store holds another model's vectors.
        StoreError: the store is damaged.
    """

    def __init__(self, embedder: Embedder, store: Store, *, exact: bool = False) -> None:
        self._turn = threading.Lock()
        self._exact = exact
        self._serving = opened(embedder, store, exact=exact)

    def __len__(self) -> int:
        return len(self._serving.index)

    def __repr__(self) -> str:
        return f"SearchEngine({len(self)} items, {self.embedder.card.name}, {str(self.store.folder)!r})"

    @property
    def serving(self) -> Serving:
        """Embedder, store and index as they belong together; one look at it is of one version."""
        return self._serving

    @property
    def embedder(self) -> Embedder:
        """The model that the store is searched with now."""
        return self._serving.embedder

    @property
    def store(self) -> Store:
        """The store that is searched."""
        return self._serving.store

    @property
    def snapshot(self) -> Snapshot:
        """The version of the store that is searched now."""
        return self._serving.index.snapshot

    def search(
        self,
        query: Photos | Query,
        k: int = 10,
        *,
        where: Where | None = None,
        colour: float | None = None,
        min_score: float | None = None,
    ) -> Ranking:
        """The k items that look most like the photos, best first; fewer only where fewer are allowed.

        Args:
            query: a photo (path or bytes), several photos of one thing, or a ``Query``, which
                holds the options below and more.
            k: how many items.
            where: filters on attributes, such as ``{"colour": "red", "price": Between(10, 20)}``.
            colour: how much colour counts against shape, 0 to 1; None as the model has it.
            min_score: items below are left out.

        Raises:
            QueryError: k or an option is out of range, there is no photo, no such attribute or item.
            PhotoError: a photo cannot be used.
            StoreError: the store is empty.
        """
        if isinstance(query, Query):
            if where is not None or colour is not None or min_score is not None:
                raise QueryError("Options were given beside a Query.", hint="Put them into the Query.")
            serving = self._serving
            return ranking_for(serving, with_parts(serving.embedder, query), k)
        asked = Query(photos=query_photos(query), where=where or {}, colour=colour, min_score=min_score)
        return ranking_for(self._serving, asked, k)

    def similar(self, item: str, k: int = 10, *, where: Where | None = None) -> Ranking:
        """The k items that look most like an item of the store, without that item.

        Raises:
            QueryError: there is no such item, or an option is out of range.
        """
        query = Query(items=(item,), exclude=frozenset({item}), where=where or {})
        return ranking_for(self._serving, query, k)

    def categorise(self, photos: Photos, column: str | None = None) -> Prediction:
        """What photos of one thing show, by a column of the catalogue: its values with their probabilities.

        Args:
            photos: a photo, or several of one thing.
            column: an attribute; ``category``, or else the first fitting one, if None.

        Raises:
            QueryError: there is no such column, or it has too few values to choose between.
            PhotoError: a photo cannot be used.
        """
        serving = self._serving
        snapshot = serving.index.snapshot
        vectors = query_vectors(serving.embedder, snapshot, Query(photos=query_photos(photos)))
        return serving.categorisers.predict(snapshot, vectors, column)

    def categorise_embedded(
        self, vectors: NDArray[np.float32], column: str | None = None, *, made_by: str | None = None
    ) -> Prediction:
        """As ``categorise``, for a caller that has embedded the photos already.

        Raises:
            QueryError: as ``categorise``.
            FingerprintMismatch: the store has been switched to another model than ``made_by``.
        """
        serving = self._serving
        if made_by is not None:
            serving.store.check_fingerprint(made_by, "The query")
        return serving.categorisers.predict(serving.index.snapshot, vectors, column)

    def goes_with(self, item: str, k: int = 10) -> tuple[Companion, ...]:
        """What goes with an item of the store, best first, by what was bought, worn or furnished together.

        Raises:
            QueryError: there is no such item, or k is not positive.
            StoreError: nobody has said what was together (see ``keep_baskets``).
        """
        serving = self._serving
        return serving.pairings.of(serving.index.snapshot).companions(item, k)

    def item(self, identity: str) -> StoredItem:
        """An item of the store.

        Raises:
            QueryError: there is no such item.
        """
        return self.snapshot.item(self.snapshot.place(identity))

    def add(self, item: Item, *, decoded: Mapping[Key, Photo] = NOTHING_DECODED) -> IndexReport:
        """Put an item into the store, or in place of the one of that id; it can be found at once.

        Args:
            item: with its photos.
            decoded: its photos as far as the caller has decoded them to ``card.size_px``, by hash and crop.

        Raises:
            PhotoError: none of its photos can be used.
            StoreError: another writer is at work, or the disk refuses.
        """
        report = index_items([item], self.store, self.embedder, source=ADDED, decoded=decoded)
        if report.failed and not (report.added or report.changed or report.unchanged):
            failure = report.failed[0]
            raise PhotoError(
                f"Item {item.id!r} was not added: {failure.message}",
                hint="Give one photo at least that can be read.",
                reason=failure.reason,
            )
        self.refresh()
        return report

    def remove(self, items: Sequence[str]) -> int:
        """Take items out of the store by id; how many of them there were.

        Raises:
            StoreError: another writer is at work, or the disk refuses.
        """
        with self.store.writing() as writer:
            items = [items] if isinstance(items, str) else list(items)
            removed = writer.remove(items)
        self.refresh(removed=items)
        return removed

    def refresh(self, *, removed: Sequence[str] = ()) -> bool:
        """Go on with the store's present version, and with its present model; whether it is another one.

        Args:
            removed: items that were just taken out, which then need not be looked for.

        Raises:
            StoreError: the store is missing or damaged.
            EmbedderError: another model was switched to and cannot be opened; the known one goes on.
        """
        with self._turn:
            known, store = self._serving, self._serving.store
            if serving_home(store.folder) != store.home:
                store = Store.open(store.folder, read_only=store.read_only)
                embedder = embedder_of(store, known=known.embedder)
                self._serving = opened(embedder, store, exact=self._exact)
                return True
            snapshot = refresh_snapshot(store, known.index.snapshot, removed=removed)
            if snapshot is known.index.snapshot:
                return False
            known.asking.follow(snapshot)
            self._serving = replace(known, index=known.index.after(snapshot))
            return True

    def search_embedded(
        self,
        query: Query,
        vectors: NDArray[np.float32],
        k: int = 10,
        *,
        made_by: str | None = None,
        meaning: Meaning | None = None,
    ) -> Ranking:
        """As ``search``, for a caller that has embedded the query already (many queries in one batch).

        Args:
            query: as in ``search``; its photos are named in the answer and not read.
            vectors: unit vectors of the query's photos, of its items' views, and of its ``unlike`` photos,
                one after the other, shape (photos, width).
            k: how many items.
            made_by: fingerprint of the model that made the vectors, where it may have been switched since.
            meaning: gives the calibrations; the store's own, made when first asked for, if None.

        Raises:
            QueryError: as ``search``, and where the vectors do not fit the store.
            FingerprintMismatch: the store has been switched to another model than ``made_by``.
            StoreError: the store is empty.
        """
        (ranking,) = self.search_embedded_each([Asked(query, vectors, k, made_by)], meaning=meaning)
        if isinstance(ranking, LookalikeError):
            raise ranking
        return ranking

    def search_embedded_each(
        self, several: Sequence[Asked], *, meaning: Meaning | None = None
    ) -> list[Ranking | LookalikeError]:
        """As ``search_embedded`` for each of several queries, or the error that it raises there.

        All are answered by one version of the store, and where they are photos alone by one scan of it.

        Args:
            several: queries that came at the same time.
            meaning: gives the calibrations; the store's own, made when first asked for, if None.
        """
        return rankings_for(self._serving, several, meaning=meaning)

    @property
    def calibrations(self) -> Calibrations:
        """What scores mean in this store, by how is asked."""
        return self._serving.calibrations
