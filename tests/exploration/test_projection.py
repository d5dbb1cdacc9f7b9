from __future__ import annotations

import sys
import types

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as reference

from lookalike.errors import ExplorationError, MissingExtra
from lookalike.exploration.projection import MapSettings, PcaMap, project, trust_of
from lookalike.exploration.trust import trustworthiness


def test_trustworthiness_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    truth, flat = rng.normal(size=(50, 6)), rng.normal(size=(50, 2))
    assert trustworthiness(truth, flat, k=7) == pytest.approx(reference(truth, flat, n_neighbors=7))


@pytest.mark.parametrize(("photos", "k"), [(4, 1), (7, 3), (8, 3)])
def test_a_small_catalogue_is_asked_for_as_many_neighbours_as_it_allows(photos, k):
    truth = np.random.default_rng(0).standard_normal((photos, 5))
    flat = np.random.default_rng(1).standard_normal((photos, 2))
    assert trustworthiness(truth, flat, k=15) == pytest.approx(reference(truth, flat, n_neighbors=k))


def test_trustworthiness_of_drawn_photos_is_near_that_of_all(monkeypatch):
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(400, 3))
    everything = trustworthiness(truth, truth[:, :2])
    monkeypatch.setattr("lookalike.exploration.trust.MOST_ROWS", 150)
    assert trustworthiness(truth, truth[:, :2]) == pytest.approx(everything, abs=0.03)


def test_tsne_keeps_three_groups_apart_and_places_new_photos_with_theirs(three_groups):
    made = project(three_groups.matrix, MapSettings("tsne", perplexity=8, iterations=250))
    group = np.array(["abc".index(value) for value in three_groups.column("category")])
    centres = np.stack([made.points[group == code].mean(axis=0) for code in range(3)])
    placed = made.place(three_groups.matrix[[0, 25, 55]])
    nearest = np.linalg.norm(placed[:, None] - centres, axis=2).argmin(axis=1)
    assert nearest.tolist() == [0, 1, 2]
    assert trust_of(three_groups.matrix, made) > 0.85


def test_the_same_seed_draws_the_same_map(three_groups):
    settings = MapSettings("tsne", perplexity=5, iterations=100, seed=3)
    one, other = (project(three_groups.matrix, settings).points for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_few_photos_get_the_pca_plane_whatever_the_method(rows):
    data = np.random.default_rng(0).normal(size=(rows, 4))
    made = project(data, MapSettings("tsne"))
    assert isinstance(made, PcaMap)
    assert made.points.shape == (rows, 2)
    assert np.isfinite(made.points).all()


def test_identical_photos_get_one_point():
    made = project(np.ones((30, 4)), MapSettings("tsne"))
    assert np.ptp(made.points) == 0


def test_a_perplexity_of_nothing_is_refused():
    with pytest.raises(ExplorationError, match="perplexity"):
        project(np.ones((30, 4)), MapSettings(perplexity=0))


def test_umap_that_is_not_installed_is_asked_for_by_name(monkeypatch, three_groups):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtra, match=r"lookalike\[umap\]"):
        project(three_groups.matrix, MapSettings("umap"))


def test_umap_is_given_the_principal_components_and_the_seed(monkeypatch, three_groups):
    asked = {}

    class Umap:
        def __init__(self, **settings):
            asked.update(settings)

        def fit_transform(self, reduced):
            asked["shape"] = reduced.shape
            return reduced[:, :2]

        def transform(self, reduced):
            return reduced[:, :2]

    monkeypatch.setitem(sys.modules, "umap", types.SimpleNamespace(UMAP=Umap))
    made = project(three_groups.matrix, MapSettings("umap", neighbours=7, seed=4))
    assert asked == {"n_neighbors": 7, "random_state": 4, "n_jobs": 1, "shape": (60, 12)}
    np.testing.assert_allclose(made.place(three_groups.matrix[:1]), made.points[:1], atol=1e-5)
