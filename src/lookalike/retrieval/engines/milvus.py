"""A search engine over Milvus: the questions and answers of our own engine, the vectors on a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.errors import EngineError, FingerprintMismatch, QueryError
from lookalike.retrieval.asked_photos import Photos, catalogue_photos, query_photos, query_vectors
from lookalike.retrieval.asking.asking import Asking
from lookalike.retrieval.engines.certain import Found, Seen, certain_best
from lookalike.retrieval.engines.collections import MOST_VIEWS, Milvus, columns_in
from lookalike.retrieval.engines.rows import FIELDS, condition, item_key, snapshot_of
from lookalike.retrieval.filters import Where
from lookalike.retrieval.index.rescoring import Scoring, Vectors
from lookalike.retrieval.query import Query, dial_of
from lookalike.retrieval.ranking import Ranking
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.choosing import Rerankers
from lookalike.retrieval.searching import match_of
from lookalike.retrieval.snapshot import Identity, Snapshot

KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class _Serving:
    """The collection that answers, and the model of its vectors."""

    collection: str
    card: Card
    embedder: Embedder
    columns: dict[str, bool]
    version: int
    asking: Asking
    rerankers: Rerankers


class MilvusEngine:
    """Finds items of a collection by photos of them, as ``SearchEngine`` does for a store.

    Milvus finds views; the items of the best ones are scored here, exactly, over all their views, until
    no other item can be among the k best. With an exact index (``FLAT``) the answer is that of the
    local engine, item for item; with an approximate one, what Milvus overlooks stays unseen.

    Palettes, words and dislikes are not asked here, and matches carry no verdict: both need the whole
    catalogue.

    Raises:
        EngineError: nothing was loaded, or Milvus is gone.
        FingerprintMismatch: the embedder is not the one whose vectors answer.
        EmbedderError: the model of the vectors cannot be opened.
    """

    def __init__(self, milvus: Milvus, *, embedder: Embedder | None = None) -> None:
        self.milvus = milvus
        self._given = embedder
        self._serving = self._opened()

    def __len__(self) -> int:
        return self.milvus.count(self._serving.collection, "position == 0")

    @property
    def embedder(self) -> Embedder:
        """The model of the vectors."""
        return self._serving.embedder

    def refresh(self) -> bool:
        """Follow the alias to the collection that answers now; whether that is another one."""
        before = self._serving
        facts = self.milvus.facts(before.collection)
        same = self.milvus.answering() == before.collection
        if same and facts.get("version") == str(before.version):
            return False
        self._serving = self._opened()
        return True

    def search(
        self,
        query: Photos | Query,
        k: int = 10,
        *,
        where: Where | None = None,
        colour: float | None = None,
        min_score: float | None = None,
    ) -> Ranking:
        """The k items that look most like the photos, best first (see ``SearchEngine.search``).

        Raises:
            QueryError: an option is out of range, not to be had here, or no such attribute or item.
            PhotoError: a photo cannot be used.
            EngineError: Milvus is gone.
        """
        if not isinstance(query, Query):
            query = Query(photos=query_photos(query), where=where or {}, colour=colour, min_score=min_score)
        elif where is not None or colour is not None or min_score is not None:
            raise QueryError("Options were given beside a Query.", hint="Put them into the Query.")
        return self._answer(self._serving, query, k, None)

    def similar(self, item: str, k: int = 10, *, where: Where | None = None) -> Ranking:
        """The k items that look most like an item, without that item.

        Raises:
            QueryError: there is no such item, or an option is out of range.
        """
        query = Query(items=(item,), exclude=frozenset({item}), where=where or {})
        return self._answer(self._serving, query, k, None)

    def search_embedded(
        self, query: Query, vectors: NDArray[np.float32], k: int = 10, *, made_by: str | None = None
    ) -> Ranking:
        """As ``search``, for a caller that has embedded the query already.

        Raises:
            FingerprintMismatch: the vectors are of another model than ``made_by``.
        """
        serving = self._serving
        if made_by is not None and made_by != serving.card.fingerprint:
            raise FingerprintMismatch("The query", expected=serving.card.fingerprint, found=made_by)
        return self._answer(serving, query, k, vectors)

    def nearest(
        self, question: Vectors, k: int, *, scoring: Scoring | None = None, hidden: Iterable[str] = ()
    ) -> Found:
        """The k best items for vectors of a query's photos, as an ``Index`` gives them.

        Args:
            question: shape (photos, width).
            k: how many items.
            scoring: how views and photos are pooled; the best pair if None.
            hidden: ids of items that are not to be found.

        Raises:
            QueryError: k is not positive, or the question cannot be compared.
        """
        if k < 1:
            raise QueryError(f"k is {k}.", hint="Ask for at least one item.")
        scoring = scoring or Scoring()
        return self._nearest(self._serving, question, k, scoring=scoring, hidden=hidden, filters="")

    def item(self, identity: str) -> StoredItem:
        """An item of the collection.

        Raises:
            QueryError: there is no such item.
        """
        snapshot = self._fetch(self._serving, [item_key(identity)])
        return snapshot.item(snapshot.place(identity))

    def _opened(self) -> _Serving:
        collection, uri, name = self.milvus.answering(), self.milvus.uri, self.milvus.name
        if collection is None:
            raise EngineError(
                f"Milvus at {uri} has no whole collection for {name!r}.",
                hint=f"Load one: lookalike milvus load STORE --at {uri} --name {name}",
            )
        facts = self.milvus.facts(collection)
        self.milvus.make_ready(collection)
        card = Card.from_json(facts["card"], where=collection)
        embedder = self._given or _embedder(facts["model"], card)
        if embedder.card.fingerprint != card.fingerprint:
            raise FingerprintMismatch(
                f"The model {embedder.card.name}", expected=card.fingerprint, found=embedder.card.fingerprint
            )
        version = int(facts.get("version", "0"))
        asking, rerankers = Asking(embedder), Rerankers(embedder)
        return _Serving(collection, card, embedder, columns_in(facts), version, asking, rerankers)

    def _answer(self, serving: _Serving, query: Query, k: int, vectors: Vectors | None) -> Ranking:
        if k < 1:
            raise QueryError(f"k is {k}.", hint="Ask for at least one item.")
        named = {*query.items, *query.plus, *query.minus, *query.unlike_items}
        asked = self._fetch(serving, [item_key(item) for item in sorted(named)])
        if vectors is None:
            vectors = query_vectors(serving.embedder, asked, query)
        if query.words.strip() or query.palette or query.unlike or query.unlike_items:
            raise QueryError(
                "Milvus is asked by photos and items only, not by palettes, words or dislikes.",
                hint="Leave them out, or search a store on one machine.",
            )
        question = serving.asking.question(query, vectors, asked)
        filters = condition(query.where, serving.columns)
        reranker = serving.rerankers.of(query.rerank)
        deep = max(k, reranker.depth)
        found = self._nearest(
            serving, question.photos, deep, scoring=query.scoring, hidden=query.hidden, filters=filters
        )
        passing = tuple(hit for hit in found.hits if query.min_score is None or hit.score >= query.min_score)
        photos = query.photos + catalogue_photos(asked, query.items)
        dial = dial_of(query, serving.card)
        shortlist = Shortlist(question.photos, passing, found.snapshot, query.scoring, photos, dial)
        matches = tuple(match_of(found.snapshot, hit, {}) for hit in reranker.rerank(shortlist).hits[:k])
        return Ranking(matches, photos, serving.card.fingerprint, serving.version)

    def _nearest(
        self,
        serving: _Serving,
        question: Vectors,
        k: int,
        *,
        scoring: Scoring,
        hidden: Iterable[str],
        filters: str,
    ) -> Found:
        _check(question, serving.card)
        left_out = frozenset(map(item_key, hidden))
        return certain_best(
            question,
            k,
            scoring,
            find=lambda photos, views, seen: self._find(serving, photos, views, seen | left_out, filters),
            fetch=lambda keys: self._fetch(serving, keys),
            most_views=MOST_VIEWS,
        )

    def _find(
        self, serving: _Serving, photos: Vectors, views: int, without: Iterable[int], filters: str
    ) -> list[Seen]:
        left_out = sorted(without)
        parts = [filters] if filters else []
        if left_out:
            parts.append(f"item_key not in {left_out}")
        with self.milvus.told():
            answers = self.milvus.client.search(
                serving.collection,
                data=[photo.tolist() for photo in photos],
                limit=views,
                filter=" and ".join(parts),
                output_fields=["item_key"],
                search_params={"metric_type": "IP", "params": _params(views)},
            )
        return [_seen(answer, views) for answer in answers]

    def _fetch(self, serving: _Serving, keys: Iterable[int]) -> Snapshot:
        """All views of some items."""
        wanted = sorted(keys)
        rows = []
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            some = wanted[start : start + KEYS_AT_ONCE]
            rows += self.milvus.query(serving.collection, f"item_key in {some}", FIELDS)
        identity = Identity(Path(), serving.collection, serving.version, serving.card.fingerprint)
        return snapshot_of(rows, identity, serving.card.width)


def _params(views: int) -> dict[str, int]:
    """What approximate indexes need to return so many; an exact one does not look at it."""
    return {"ef": min(32_768, max(views, 64))}


def _seen(answer: Sequence[Any], views: int) -> Seen:
    items = tuple(int(row["entity"]["item_key"]) for row in answer)
    return Seen(items, float(answer[-1]["distance"]) if len(answer) >= views else -np.inf)


def _check(photos: Vectors, card: Card) -> None:
    if photos.ndim != 2 or not len(photos):
        raise QueryError("The query has no photos.", hint="Give one photo at least.")
    if photos.shape[1] != card.width:
        raise QueryError(
            f"The query's vectors have {photos.shape[1]} coordinates, the collection's {card.width}.",
            hint=f"Embed the query with {card.fingerprint}.",
        )
    if not np.isfinite(photos).all() or not photos.any(axis=1).all():
        raise QueryError("A vector of the query is zero or not finite.", hint="Embed the photo again.")


def _embedder(model: str, card: Card) -> Embedder:
    from lookalike.embedding.zoo import open_embedder  # model runtimes are heavy

    embedder = open_embedder(model)
    return (
        embedder
        if embedder.card.precision == card.precision
        else open_embedder(model, precision=card.precision)
    )
