"""The scan is in single precision, and still no best item is lost to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from tests.contracts.test_indexes import snapshot_of

from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring

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
