from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import ExplorationError
from lookalike.exploration.eigenvectors import eigenvector_view, largest_angle_deg
from lookalike.exploration.plots import draw_arrows


def test_the_item_whose_views_point_apart_comes_first(make_seen):
    seen = make_seen(
        [[1, 0, 0.1], [1, 0.05, 0.1], [0, 1, 0.1], [-1, 0.2, 0.1], [0.9, -1, 0.1]],
        ["calm", "calm", "wild", "wild", "alone"],
    )
    view = eigenvector_view(seen)
    assert [one.item for one in view.spreads] == ["wild", "calm"]
    assert view.spreads[0].spread > 0.5 > view.spreads[1].spread
    assert view.arrows.shape == (5, 2)


def test_the_view_least_like_the_others_is_named(make_seen):
    seen = make_seen([[1, 0], [1, 0.1], [0, 1]], ["a", "a", "a"])
    assert eigenvector_view(seen).spreads[0].farthest == 2


def test_opposite_arrows_are_half_a_turn_apart():
    assert largest_angle_deg(np.array([[1.0, 0], [-2.0, 0]])) == 180
    assert largest_angle_deg(np.array([[0.0, 0], [1.0, 0]])) == 0


def test_identical_views_have_no_spread(make_seen):
    (spread,) = eigenvector_view(make_seen(np.ones((3, 4)), ["a"] * 3)).spreads
    assert spread.spread == pytest.approx(0, abs=1e-6)


def test_a_catalogue_of_single_photos_is_told_so(make_seen):
    with pytest.raises(ExplorationError, match="No item has two views"):
        eigenvector_view(make_seen(np.eye(3), ["a", "b", "c"]))


def test_the_arrows_are_drawn(three_groups, tmp_path):
    path = draw_arrows(eigenvector_view(three_groups), tmp_path / "arrows.png", items=3)
    assert path.stat().st_size > 10_000
