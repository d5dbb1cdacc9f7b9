"""Searches, one or several at once: from queries and vectors to rankings that say how sure they are."""

from __future__ import annotations

import contextlib
import shlex
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import LookalikeError, QueryError, StoreError
from lookalike.retrieval.asked_photos import catalogue_photos, query_vectors
from lookalike.retrieval.asking.answering import Answered, answer
from lookalike.retrieval.asking.question import Question
from lookalike.retrieval.confidence.calibration import Verdict
from lookalike.retrieval.confidence.judging import Judged, Meaning, judge
from lookalike.retrieval.confidence.trials import NEAR
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.rescoring import Hit, Scoring
from lookalike.retrieval.query import Query, dial_of
from lookalike.retrieval.ranking import Match, Ranking
from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.choosing import Chain
from lookalike.retrieval.serving import Serving
from lookalike.retrieval.snapshot import Snapshot

SCANNED_AT_ONCE = 4
"""Queries in one scan: more photos are a matrix product, which would ask for the cores of other searches."""

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A query that is embedded already.

    Args:
        query: what is asked.
        vectors: of its photos, its items' views, and its ``unlike`` photos (see ``query_vectors``).
        k: how many items.
        made_by: fingerprint of the model that made the vectors; None for that of the store.
    """

    query: Query
    vectors: NDArray[np.float32]
    k: int
    made_by: str | None = None


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
    _check(serving, k)
    if vectors is None:
        vectors = query_vectors(serving.embedder, serving.index.snapshot, query)
    search = _begun(serving, Asked(query, vectors, k))
    return _ended(serving, search, search.found(serving.index), meaning)


def rankings_for(
    serving: Serving, several: Sequence[Asked], *, meaning: Meaning | None = None
) -> list[Ranking | LookalikeError]:
    """As ``ranking_for`` for each, or its own trouble; photos alone, without filters, are found in one scan.

    Args:
        serving: what answers.
        several: queries that came at the same time.
        meaning: gives the calibrations; the store's own if None.
    """
    begun = _each(several, lambda asked: _begun(serving, asked))
    scanned = _scanned(serving.index, [search for search in begun if isinstance(search, _Search)])
    return _each(
        begun,
        lambda search: _ended(serving, search, scanned.get(search) or search.found(serving.index), meaning),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """A query ready for the index: what is compared, how many items are looked at, which may be found."""

    query: Query
    k: int
    question: Question
    reranker: Chain
    deep: int
    allowed: NDArray[np.bool_] | None

    def found(self, index: Index) -> list[Answered]:
        return answer(index, self.question, self.deep, scoring=self.query.scoring, allowed=self.allowed)


def _begun(serving: Serving, asked: Asked) -> _Search:
    snapshot, query = serving.index.snapshot, asked.query
    if asked.made_by is not None:
        serving.store.check_fingerprint(asked.made_by, "The query")
    _check(serving, asked.k)
    allowed = _allowed(snapshot, query)
    question = serving.asking.question(query, asked.vectors, snapshot)
    reranker = serving.rerankers.of(query.rerank)
    return _Search(query, asked.k, question, reranker, max(asked.k, NEAR, reranker.depth), allowed)


def _scanned(index: Index, searches: Sequence[_Search]) -> dict[_Search, list[Answered]]:
    """What several searches find that an index answers alike: without filters, and nothing but photos."""
    alike: dict[tuple[int, Scoring], list[_Search]] = defaultdict(list)
    for search in searches:
        if search.question.plain and search.allowed is None:
            alike[search.deep, search.query.scoring].append(search)
    found: dict[_Search, list[Answered]] = {}
    for (deep, scoring), group in alike.items():
        for first in range(0, len(group), SCANNED_AT_ONCE):
            few = group[first : first + SCANNED_AT_ONCE]
            with contextlib.suppress(QueryError):  # of one of them, which meets it again by itself
                hits = index.nearest([search.question.photos for search in few], deep, scoring=scoring)
                answered = ([Answered(hit) for hit in own] for own in hits)
                found.update(zip(few, answered, strict=True))
    return found


def _ended(serving: Serving, search: _Search, found: Sequence[Answered], meaning: Meaning | None) -> Ranking:
    query, question, snapshot = search.query, search.question, serving.index.snapshot
    by = Judged(snapshot, serving.embedder.card, meaning or serving.calibrations.of)
    judged = judge(query, question.photos, [one.hit for one in found], by)
    passing = [one for one in found if query.min_score is None or one.hit.score >= query.min_score]
    photos = query.photos + catalogue_photos(snapshot, query.items)
    hits = tuple(one.hit for one in passing)
    dial = dial_of(query, serving.embedder.card)
    shortlist = Shortlist(question.photos, hits, snapshot, query.scoring, photos, dial)
    several = serving.asking.terms(question, passing, snapshot)
    terms = {hit.place: own for hit, own in zip(hits, several, strict=True)}
    matches = tuple(
        match_of(snapshot, hit, terms[hit.place], verdict=judged.words.get(hit.place))
        for hit in search.reranker.rerank(shortlist).hits[: search.k]
    )
    told = snapshot.fingerprint, snapshot.version
    return Ranking(matches, photos, *told, judged.confidence, judged.advice, query.said)


def _each(
    several: Sequence[Given | LookalikeError], act: Callable[[Given], Made]
) -> list[Made | LookalikeError]:
    """The outcome of an act on each, or the trouble that it has or meets."""
    outcomes: list[Made | LookalikeError] = []
    for one in several:
        try:
            outcomes.append(one if isinstance(one, LookalikeError) else act(one))
        except LookalikeError as error:
            outcomes.append(error)
    return outcomes


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
