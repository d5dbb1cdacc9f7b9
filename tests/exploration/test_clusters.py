from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import View
from lookalike.errors import ExplorationError
from lookalike.exploration.choosing import agreement, stability, sweep
from lookalike.exploration.clusters import ClusterSettings, cluster, medoids, random_members
from lookalike.exploration.grouping import draw_grouping, draw_sweep, group, write_members
from lookalike.exploration.naming import Trait, cluster_names, naming_columns

METHODS = ("kmeans", "gmm", "agglomerative", "hdbscan")


@pytest.mark.parametrize("method", METHODS)
def test_three_far_groups_are_found_by_every_method(method, three_groups):
    found = cluster(three_groups.matrix, ClusterSettings(method, k=3))
    assert agreement(found, three_groups.column("category")).accuracy == 1
    assert found.sizes == (21, 21, 18)


@pytest.mark.parametrize("method", METHODS)
def test_identical_photos_are_one_cluster(method):
    assert cluster(np.ones((12, 4)), ClusterSettings(method, k=3)).sizes == (12,)


@pytest.mark.parametrize("method", METHODS)
def test_two_photos_get_a_sensible_answer(method):
    found = cluster(np.eye(2), ClusterSettings(method, k=2))
    assert found.sizes == ((1, 1) if method != "hdbscan" else ())


def test_soft_membership_is_a_share_for_each_cluster(three_groups):
    found = cluster(three_groups.matrix, ClusterSettings("gmm", k=3))
    np.testing.assert_allclose(found.membership.sum(axis=1), 1)
    assert (found.membership.argmax(axis=1) == found.labels).all()
    assert np.isfinite(found.bic)


def test_photos_far_from_all_are_noise_to_hdbscan(three_groups):
    far = np.concatenate([three_groups.matrix, 40 * np.eye(12, dtype=np.float32)[5:6]])
    assert cluster(far, ClusterSettings("hdbscan", smallest=8)).labels[-1] == -1


def test_more_clusters_than_photos_are_refused():
    with pytest.raises(ExplorationError, match="3 photos cannot make 4 clusters"):
        cluster(np.eye(3), ClusterSettings(k=4))


def test_a_sweep_finds_the_three_groups(three_groups, tmp_path):
    found = sweep(three_groups.matrix, (2, 3, 4, 5))
    assert found.best_by_silhouette == 3
    assert found.best_by_bic == 3
    assert draw_sweep(found, tmp_path / "sweep.png").is_file()
    assert not found.at_the_end(3)
    assert found.at_the_end(5)


def test_a_sweep_tries_two_clusters_and_no_more_than_the_photos_allow():
    found = sweep(np.repeat(np.eye(4), 3, axis=0), (1, 2, 3, 4, 9))
    assert [step.k for step in found.steps] == [2, 3]


def test_clusters_are_held_against_the_photos_that_have_a_value():
    groups = cluster(np.repeat(np.eye(3), 4, axis=0), ClusterSettings(k=3))
    found = agreement(groups, [*"aaaabbbbcc", None, None])
    assert (found.photos, found.classes) == (10, 3)
    assert (found.nmi, found.ari, found.accuracy) == pytest.approx((1, 1, 1))
    with pytest.raises(ExplorationError, match="both a value"):
        agreement(groups, [None] * 12)


def test_a_sweep_of_identical_photos_is_refused():
    with pytest.raises(ExplorationError, match="1 different photos"):
        sweep(np.ones((9, 3)), (2, 3))


def test_clear_groups_are_stable_and_noise_is_not(three_groups):
    noise = np.random.default_rng(0).normal(size=(80, 10))
    assert stability(three_groups.matrix, ClusterSettings(k=3)) > 0.5
    assert stability(noise, ClusterSettings(k=8)) < 0.7


def test_the_medoid_is_nearest_to_the_middle():
    line = np.array([[0.0, 1], [1, 1], [2.1, 1]])
    found = cluster(line, ClusterSettings(k=1))
    assert medoids(line, found, count=2)[0].tolist() == [1, 0]


def test_random_members_are_members_and_come_again_with_the_seed(three_groups):
    found = cluster(three_groups.matrix, ClusterSettings(k=3))
    drawn = random_members(found, count=5, seed=1)
    assert all((found.labels[rows] == number).all() for number, rows in enumerate(drawn))
    assert [rows.tolist() for rows in drawn] == [r.tolist() for r in random_members(found, count=5, seed=1)]


def test_clusters_are_named_by_what_is_frequent_in_them_alone(three_groups):
    found = cluster(three_groups.matrix, ClusterSettings(k=3))
    names = cluster_names(three_groups, found)
    assert sorted(names) == ["a", "b", "c"]
    assert names[found.labels[-1]] == "c"


@pytest.mark.parametrize(
    ("value", "word"), [("red", "red"), ("True", "kids"), ("False", "not kids"), ("42", "kids 42")]
)
def test_a_value_that_says_nothing_alone_is_named_with_its_column(value, word):
    assert Trait("kids", value, 1.0, 2.0).word == word


def test_columns_that_say_the_same_are_taken_once(make_seen):
    attributes = [{"category": kind, "label": kind, "colour": "red" if row % 2 else "blue"}
                  for row, kind in enumerate(["cups"] * 4 + ["hats"] * 4)]  # fmt: skip
    seen = make_seen(np.eye(8), [f"i{row}" for row in range(8)], attributes=attributes)
    assert list(naming_columns(seen)) == ["category", "colour"]


def test_a_grouping_is_drawn_and_written(make_seen, tmp_path):
    views = [View(encoded(drawn_photo(row))) for row in range(8)]
    seen = make_seen(
        np.repeat(np.eye(2), 4, axis=0), [f"i{row}" for row in range(8)], views=views,
        attributes=[{"category": "cups" if row < 4 else "hats"} for row in range(8)],
    )  # fmt: skip
    found = group(seen, ClusterSettings(k=2), against="category", seeds=2)
    assert found.agreement.nmi == pytest.approx(1)
    assert found.stability == 1
    medoid_sheet, random_sheet = draw_grouping(seen, found, tmp_path)
    with Image.open(medoid_sheet) as sheet:
        assert sheet.width > 500
    assert random_sheet.is_file()
    lines = write_members(seen, found, tmp_path / "members.csv").read_text().splitlines()
    assert len(lines) == 9
    assert "cups" in found.to_text()


def test_photos_that_are_gone_leave_an_empty_frame(make_seen, tmp_path):
    views = [View(b"no photo"), View(b"none either")]
    seen = make_seen(np.eye(2), ["a", "b"], views=views)
    assert draw_grouping(seen, group(seen, ClusterSettings(k=2)), tmp_path / "out")
