"""The scan is in single precision, and still no best item is lost to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from tests.contracts.test_indexes import snapshot_of

from lookalike.retrieval.index import exact
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.pooling import POOLINGS

WIDTH, ITEMS, K = 32, 300, 12


def units(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("allowed", [None, np.arange(ITEMS) % 3 > 0, np.arange(ITEMS) % 20 == 0])
@pytest.mark.parametrize("apart", [1.0, 1e-3], ids=["views alike", "views nearly opposite"])
def test_centroids_that_lie_closer_than_rounding_are_still_put_in_the_right_order(apart, allowed):
    rng = np.random.default_rng(0)
    middle = rng.standard_normal(WIDTH)
    views = []
    for _ in range(ITEMS):
        aside = 0.0 if apart == 1.0 else rng.standard_normal(WIDTH)
        towards = apart * (middle + 1e-5 * rng.standard_normal(WIDTH))
        views += [towards + aside, towards - aside]
    matrix = units(np.array(views))
    index = ExactIndex(snapshot_of(matrix, [2] * ITEMS))
    means = matrix.astype(np.float64).reshape(ITEMS, 2, WIDTH).mean(axis=1)
    for question in units(middle + 0.1 * rng.standard_normal((12, WIDTH))):
        scores = means @ question.astype(np.float64) / np.linalg.norm(means, axis=1)
        best = np.argsort(-np.where(True if allowed is None else allowed, scores, -np.inf))[:K]
        (hits,) = index.nearest([question[None]], K, scoring=Scoring("centroid"), allowed=allowed)
        assert [hit.place for hit in hits] == best.tolist()


@pytest.mark.parametrize("lengths", [(1.0,), (1e-3,), (1e3,), (1e3, 1.0)], ids=str)
def test_a_questions_length_does_not_decide_what_rounding_may_cost(lengths):
    rng = np.random.default_rng(1)
    middle = rng.standard_normal(WIDTH)
    matrix = units(middle + 1e-7 * rng.standard_normal((ITEMS, WIDTH)))
    index = ExactIndex(snapshot_of(matrix, [1] * ITEMS))
    for _ in range(12):
        photos = units(middle + 0.1 * rng.standard_normal((len(lengths), WIDTH)))
        photos = (photos * np.array(lengths)[:, None]).astype(np.float32)
        scores = (matrix.astype(np.float64) @ photos.astype(np.float64).T).max(axis=1)
        (hits,) = index.nearest([photos], K)
        assert [hit.place for hit in hits] == np.argsort(-scores, kind="stable")[:K].tolist()


@pytest.mark.parametrize("views", sorted(POOLINGS))
@pytest.mark.parametrize("photos", [1, 2, exact.FEW_PHOTOS + 2])
def test_how_the_views_are_parted_into_blocks_changes_no_answer(views, photos, monkeypatch):
    rng = np.random.default_rng(2)
    counts = rng.integers(1, 6, 60).tolist()
    shot = snapshot_of(units(rng.standard_normal((sum(counts), WIDTH))), counts)
    question = units(rng.standard_normal((photos, WIDTH)))
    whole = ExactIndex(shot).nearest([question], K, scoring=Scoring(views))
    monkeypatch.setattr(exact, "BLOCK_VIEWS", 7)
    monkeypatch.setattr(exact, "BLOCK_VALUES", 9 * WIDTH)
    assert ExactIndex(shot).nearest([question], K, scoring=Scoring(views)) == whole
