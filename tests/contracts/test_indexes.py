"""Every index against a reference written naively: the same items, the same scores, the same pairs."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import QueryError
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.pooling import POOLINGS
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

INDEXES: list[type[Index]] = [ExactIndex, *([CompressedIndex] if find_spec("faiss") else [])]
"""A newcomer is tested by being listed here."""
if find_spec("pymilvus") and find_spec("milvus_lite"):
    from tests.contracts.milvus_index import MilvusIndex

    INDEXES.append(MilvusIndex)

WIDTH = 6


def shortened(kind: type[Index], count: int) -> int:
    """So many, or few where each costs a request."""
    return count if kind.__module__.startswith("lookalike") else count // 10


MILVUS_EXAMPLES = int(os.environ.get("LOOKALIKE_MILVUS_EXAMPLES", "2"))
"""Each makes and loads a collection, which takes a while."""


def snapshot_of(matrix: np.ndarray, view_counts: list[int]) -> Snapshot:
    items = [
        StoredItem(f"item-{place:04}", tuple(StoredView(f"{place}-{v}", Path("/x")) for v in range(count)))
        for place, count in enumerate(view_counts)
    ]
    return assemble(Identity(Path("/store"), "id", 1, "test@0"), [Row.of(item) for item in items], matrix)


def unit_rows(rng: np.random.Generator, count: int) -> np.ndarray:
    """Unit vectors of which many are equal or opposite, so that ties are common and some items cancel out."""
    few = rng.standard_normal((max(1, count // 2), WIDTH))
    rows = few[rng.integers(len(few), size=count)] * rng.choice([1, 1, 1, -1], (count, 1))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def photos_of(rng: np.random.Generator, count: int) -> np.ndarray:
    """Unit vectors of photos that differ, so that how they are pooled matters."""
    rows = rng.standard_normal((count, WIDTH))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def pooled(values: np.ndarray, how: str) -> float:
    """One dimension to one number, as the definition says."""
    best_first = sorted(values, reverse=True)
    return {
        "best": lambda: best_first[0],
        "mean": lambda: sum(values) / len(values),
        "top2": lambda: sum(best_first[:2]) / len(best_first[:2]),
    }[how]()


def unit_mean(rows: np.ndarray) -> np.ndarray:
    middle = rows.astype(np.float64).mean(0)
    length = np.linalg.norm(middle)
    return middle / length if length > 1e-6 else np.zeros_like(middle)


def naive_score(views: np.ndarray, photos: np.ndarray, scoring: Scoring) -> float:
    if scoring.photos == "centroid":
        photos = unit_mean(photos).astype(np.float32)[None]
    each = []
    for photo in photos.astype(np.float64):
        if scoring.views == "centroid":
            each.append(float(unit_mean(views) @ photo))
        else:
            each.append(pooled(views.astype(np.float64) @ photo, scoring.views))
    return each[0] if len(each) == 1 else pooled(np.array(each), scoring.photos)


@pytest.mark.parametrize("kind", [kind for kind in INDEXES if kind.__name__ != "MilvusIndex"])
@pytest.mark.parametrize("views", sorted(POOLINGS))
@pytest.mark.parametrize("photos", sorted(POOLINGS))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_it_finds_what_the_definition_finds(kind, views, photos, data):
    check_definition(kind, views, photos, data)


@pytest.mark.parametrize("kind", [kind for kind in INDEXES if kind.__name__ == "MilvusIndex"])
@pytest.mark.parametrize("views", sorted(POOLINGS))
@pytest.mark.parametrize("photos", sorted(POOLINGS))
@settings(max_examples=MILVUS_EXAMPLES, deadline=None)
@given(data=st.data())
def test_milvus_finds_what_the_definition_finds(kind, views, photos, data):
    check_definition(kind, views, photos, data)


def check_definition(kind, views, photos, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    counts = data.draw(st.lists(st.integers(1, 7), min_size=1, max_size=25))
    snapshot = snapshot_of(unit_rows(rng, sum(counts)), counts)
    asked = [photos_of(rng, data.draw(st.integers(1, 3))) for _ in range(data.draw(st.integers(1, 3)))]
    allowed = rng.random(len(counts)) < 0.7 if data.draw(st.booleans()) else None
    k = data.draw(st.integers(1, 30))
    scoring = Scoring(views, photos)
    found = kind(snapshot).nearest(asked, k, scoring=scoring, allowed=allowed)
    for question, hits in zip(asked, found, strict=True):
        places = range(len(counts)) if allowed is None else np.flatnonzero(allowed).tolist()
        scores = {place: naive_score(snapshot.vectors(place), question, scoring) for place in places}
        assert len(hits) == min(k, len(scores))
        assert len({hit.place for hit in hits}) == len(hits)
        wanted = sorted(scores.values(), reverse=True)[: len(hits)]
        assert [hit.score for hit in hits] == pytest.approx(wanted, abs=1e-6)
        for hit in hits:
            pairs = snapshot.vectors(hit.place).astype(np.float64) @ question.T.astype(np.float64)
            assert hit.score == pytest.approx(scores[hit.place], abs=1e-6)
            assert hit.pair_score == pytest.approx(pairs.max(), abs=1e-6)
            assert pairs[hit.view, hit.photo] == pytest.approx(pairs.max(), abs=1e-6)


@pytest.mark.parametrize("kind", INDEXES)
def test_equal_items_come_in_the_order_of_their_ids_alone_or_in_a_batch(kind):
    rng = np.random.default_rng(1)
    one = unit_rows(rng, 1)
    snapshot = snapshot_of(np.repeat(one, 300, axis=0), [3] * 100)
    alone = kind(snapshot).nearest([one], 10)[0]
    batch = kind(snapshot).nearest([unit_rows(rng, 2), one, unit_rows(rng, 1)], 10)[1]
    assert [hit.place for hit in alone] == list(range(10))
    assert alone == batch


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("views", sorted(POOLINGS))
def test_an_item_of_ten_thousand_views_takes_one_place(kind, views):
    rng = np.random.default_rng(2)
    counts = [1, shortened(kind, 10_000), 2, 1]
    snapshot = snapshot_of(unit_rows(rng, sum(counts)), counts)
    hits = kind(snapshot).nearest([unit_rows(rng, 1)], 4, scoring=Scoring(views))[0]
    assert sorted(hit.place for hit in hits) == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", INDEXES)
def test_more_items_than_there_are_gives_all_of_them(kind):
    rng = np.random.default_rng(3)
    index = kind(snapshot_of(unit_rows(rng, 6), [2, 2, 2]))
    assert len(index.nearest([unit_rows(rng, 1)], 1000)[0]) == 3
    assert index.nearest([unit_rows(rng, 1)], 5, allowed=np.zeros(3, bool)) == [[]]


@pytest.mark.parametrize("kind", INDEXES)
def test_an_empty_index_finds_nothing(kind):
    index = kind(snapshot_of(np.empty((0, WIDTH), np.float32), []))
    assert index.nearest([unit_rows(np.random.default_rng(0), 1)], 5) == [[]]


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("k", [0, -1])
def test_k_must_be_positive(kind, k):
    index = kind(snapshot_of(unit_rows(np.random.default_rng(0), 2), [2]))
    with pytest.raises(QueryError, match="k is"):
        index.nearest([unit_rows(np.random.default_rng(0), 1)], k)


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize(
    "question",
    [
        np.empty((0, WIDTH), np.float32),
        np.zeros((1, WIDTH), np.float32),
        np.full((1, WIDTH), np.nan, np.float32),
        np.full((1, WIDTH), np.inf, np.float32),
        np.ones((1, WIDTH + 1), np.float32),
    ],
    ids=["none", "zero", "nan", "infinite", "too wide"],
)
def test_a_question_that_cannot_be_compared_is_refused(kind, question):
    index = kind(snapshot_of(unit_rows(np.random.default_rng(0), 2), [2]))
    with pytest.raises(QueryError):
        index.nearest([question], 1)


def test_an_unknown_pooling_names_the_known_ones():
    with pytest.raises(QueryError) as error:
        Scoring("median")
    assert "top2" in error.value.hint


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("views", sorted(POOLINGS))
def test_a_question_has_the_same_answer_alone_and_among_many(kind, views):
    rng = np.random.default_rng(4)
    counts = [1, 40, 2, 17, 16, 3, *rng.integers(1, 9, 60).tolist()]
    index = kind(snapshot_of(unit_rows(rng, sum(counts)), counts))
    questions = [unit_rows(rng, 1) for _ in range(shortened(kind, 50))]
    scoring = Scoring(views)
    together = index.nearest(questions, 7, scoring=scoring)
    assert together == [index.nearest([question], 7, scoring=scoring)[0] for question in questions]
    for question, hits in zip(questions, together, strict=True):
        scores = [
            naive_score(index.snapshot.vectors(place), question, scoring) for place in range(len(index))
        ]
        assert [hit.score for hit in hits] == pytest.approx(sorted(scores, reverse=True)[:7], abs=1e-6)
