from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lookalike.errors import ExplorationError
from lookalike.exploration.pca import fit_pca


@pytest.mark.parametrize("shape", [(40, 7), (7, 40)])
def test_components_are_those_of_scikit_learn(shape):
    data = np.random.default_rng(0).normal(size=shape).astype(np.float32) * np.arange(1, shape[1] + 1)
    ours, theirs = fit_pca(data, components=4), PCA(4, svd_solver="full").fit(data.astype(np.float64))
    np.testing.assert_allclose(ours.explained, theirs.explained_variance_ratio_, rtol=1e-4)
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_, rtol=1e-4)
    np.testing.assert_allclose(np.abs((ours.axes * theirs.components_).sum(axis=1)), 1, atol=1e-4)


def test_a_photo_on_the_map_is_placed_where_it_lies():
    data = np.random.default_rng(1).normal(size=(20, 5))
    principal = fit_pca(data)
    np.testing.assert_allclose(principal.transform(data[3:4]), principal.transform(data)[3:4], atol=1e-6)


def test_shares_say_how_many_components_are_needed():
    data = np.zeros((4, 3))
    data[:, 0], data[:, 1] = [-3, 3, -3, 3], [1, 1, -1, -1]
    principal = fit_pca(data, components=3)
    np.testing.assert_allclose(principal.explained, [0.9, 0.1, 0.0], atol=1e-6)
    assert (principal.needed(0.9), principal.needed(0.95), principal.needed(1.0)) == (1, 2, 2)


def test_photos_that_are_all_the_same_lie_on_one_point():
    principal = fit_pca(np.ones((3, 5)))
    assert principal.explained.tolist() == [0, 0]
    assert np.ptp(principal.transform(np.ones((2, 5)))) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused_with_their_row(bad):
    data = np.ones((3, 2))
    data[1, 1] = bad
    with pytest.raises(ExplorationError, match=r"1 of 3 rows .* row 1"):
        fit_pca(data)
