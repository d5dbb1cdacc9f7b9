"""One score of many: over an item's views, over a query's photos, and one photo in the middle of several."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import QueryError
from lookalike.retrieval import pooling
from lookalike.retrieval.pooling import POOLINGS, centroid, pool_photos, top2


@pytest.mark.parametrize("photos", [1, pooling.MANY_PHOTOS - 1, pooling.MANY_PHOTOS, 40])
@pytest.mark.parametrize("most", [1, 3, pooling.MOST_LAYERS, pooling.MOST_LAYERS + 5])
def test_the_best_view_is_the_best_however_many_views_and_photos_there_are(photos, most):
    rng = np.random.default_rng(0)
    counts = [2, *rng.integers(1, most + 1, 30).tolist(), most]
    starts = np.cumsum([0, *counts[:-1]])
    scores = rng.standard_normal((sum(counts), photos)).astype(np.float32)
    expected = [
        scores[first : first + count].max(axis=0) for first, count in zip(starts, counts, strict=True)
    ]
    assert np.array_equal(pooling.best(scores, starts), expected)


def test_two_views_that_are_equally_good_are_both_of_the_best_two():
    scores = np.array([[0.5], [0.2], [0.5], [0.1]])
    assert top2(scores, np.array([0])).item() == 0.5


@pytest.mark.parametrize("name", ["best", "mean", "top2"])
def test_the_score_of_one_photo_is_its_own_and_of_three_is_pooled(name):
    scores = np.array([[0.1, 0.9, 0.4], [0.2, 0.2, 0.8]])
    wanted = {"best": [0.9, 0.8], "mean": [1.4 / 3, 0.4], "top2": [0.65, 0.5]}[name]
    assert pool_photos(scores, name) == pytest.approx(wanted)
    assert pool_photos(scores[:, :1], name).tolist() == [0.1, 0.2]


def test_the_middle_of_several_photos_is_a_unit_vector_between_them():
    middle = centroid(np.array([[1.0, 0.0], [0.0, 1.0]], np.float32))
    assert middle.dtype == np.float32
    assert middle == pytest.approx(np.array([[0.5**0.5, 0.5**0.5]]))


@pytest.mark.parametrize("angles", [(0, 180), (10, 130, 250)], ids=["two", "three"])
def test_photos_that_cancel_out_have_no_middle(angles):
    turns = np.radians(angles)
    with pytest.raises(QueryError, match="cancel out") as error:
        centroid(np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32))
    assert any(name in error.value.hint for name in POOLINGS)
