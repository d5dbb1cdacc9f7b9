"""One search: from a query and its vectors to a ranking that says how sure it is."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError, StoreError
from lookalike.retrieval.asked_photos import catalogue_photos, query_vectors
from lookalike.retrieval.asking.answering import answer
from lookalike.retrieval.confidence.calibration import Verdict
from lookalike.retrieval.confidence.judging import Judged, Meaning, judge
from lookalike.retrieval.confidence.trials import NEAR
from lookalike.retrieval.index.rescoring import Hit
from lookalike.retrieval.query import Query
from lookalike.retrieval.ranking import Match, Ranking
from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.serving import Serving
from lookalike.retrieval.snapshot import Snapshot


def ranking_for(
    serving: Serving,
    query: Query,
    k: int,
    *,
    vectors: NDArray[np.float32] | None = None,
    meaning: Meaning | None = None,
) -> Ranking:
    """The k best items for a query, best first.

    Candidates come from the index, are judged by what scores mean in this store, and put into another order
    where the query asks for a second look.

    Args:
        serving: what answers.
        query: what is asked.
        k: how many items.
        vectors: as ``query_vectors`` gives them; made here if None.
        meaning: gives the calibrations; the store's own if None.

    Raises:
        QueryError, PhotoError, StoreError: as ``SearchEngine.search``.
    """
    index, snapshot = serving.index, serving.index.snapshot
    _check(serving, k)
    allowed = _allowed(snapshot, query)
    if vectors is None:
        vectors = query_vectors(serving.embedder, snapshot, query)
    question = serving.asking.question(query, vectors, snapshot)
    reranker = serving.rerankers.of(query.rerank)
    deep = max(k, NEAR, reranker.depth)
    found = answer(index, question, deep, scoring=query.scoring, allowed=allowed)
    by = Judged(snapshot, serving.embedder.card, meaning or serving.calibrations.of)
    judged = judge(query, question.photos, [one.hit for one in found], by)
    passing = [one for one in found if query.min_score is None or one.hit.score >= query.min_score]
    photos = query.photos + catalogue_photos(snapshot, query.items)
    hits = tuple(one.hit for one in passing)
    shortlist = Shortlist(question.photos, hits, snapshot, query.scoring, photos)
    terms = {one.hit.place: serving.asking.terms(question, one, snapshot) for one in passing}
    matches = tuple(
        match_of(snapshot, hit, terms[hit.place], verdict=judged.words.get(hit.place))
        for hit in reranker.rerank(shortlist).hits[:k]
    )
    told = snapshot.fingerprint, snapshot.version
    return Ranking(matches, photos, *told, judged.confidence, judged.advice, query.said)


def _check(serving: Serving, k: int) -> None:
    if not len(serving.index):
        folder = serving.store.folder
        raise StoreError(
            f"The store {folder} has no items.",
            hint=f"Fill it: lookalike index PHOTOS --store {shlex.quote(str(folder))}",
        )
    if k < 1:
        raise QueryError(f"k is {k}.", hint="Ask for at least one item.")


def _allowed(snapshot: Snapshot, query: Query) -> NDArray[np.bool_] | None:
    if not query.where and not query.hidden:
        return None
    allowed = np.ones(len(snapshot), np.bool_)
    if query.where:
        allowed &= snapshot.columns.allowed(query.where)
    allowed[[snapshot.places[item] for item in query.hidden if item in snapshot.places]] = False
    return allowed


def match_of(
    snapshot: Snapshot, hit: Hit, terms: Mapping[str, float], *, verdict: Verdict | None = None
) -> Match:
    """A hit with what the snapshot knows of its item."""
    item = snapshot.item(hit.place)
    return Match(
        item=item.id,
        score=hit.score,
        matched=hit.view,
        photo=hit.photo,
        pair_score=hit.pair_score,
        views=item.views,
        attributes=item.attributes,
        terms=terms,
        verdict=verdict,
    )
