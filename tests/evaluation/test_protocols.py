from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.protocols import (
    LeaveOneViewOut,
    OneKnownView,
    QueryGallery,
    Selection,
    deepfashion_in_shop,
    stanford_online_products,
)

AXES = np.eye(4)


def values(outcome) -> dict[str, float]:
    return {measure.name: float(measure.columns[:, 0].mean()) for measure in outcome.measures}


def on_a_circle(*degrees: float) -> np.ndarray:
    return np.stack([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))], axis=1)


def test_leave_one_view_out_asks_each_view_of_an_item_with_several(make):
    # cup at 0 and 10 degrees, hat at 30 and 60, one view of a bag at 12 that deceives the second cup
    seen = make(
        on_a_circle(0, 10, 30, 60, 12), [("cup", {}), ("cup", {}), ("hat", {}), ("hat", {}), ("bag", {})]
    )
    outcome = LeaveOneViewOut(ks=(1, 2, 3)).measure(seen)
    # cup 0: cup 10 first. cup 10: bag (2 off) before cup (10 off). hat 30: bag, cup, hat. hat 60: hat first.
    assert values(outcome)["R@1"] == 0.5
    assert values(outcome)["R@2"] == 0.75
    assert values(outcome)["R@3"] == 1.0
    assert values(outcome)["MRR"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1) / 4)
    assert outcome.counts["queries"] == 4
    assert outcome.counts["gallery views"] == 5
    assert sum(outcome.excluded.values()) == 1


def test_items_are_ranked_where_views_would_crowd_the_list(make):
    # three views of the bag stand before the cup's other view: place 4 among views, place 2 among items
    seen = make(
        on_a_circle(0, 20, 3, 4, 5), [("cup", {}), ("cup", {}), ("bag", {}), ("bag", {}), ("bag", {})]
    )
    first_cup = {m.name: m.columns[0, 0] for m in LeaveOneViewOut(ks=(1, 2)).measure(seen).measures}
    assert first_cup["R@2"] == 1.0
    assert first_cup["view R@2"] == 0.0
    assert first_cup["mAP"] == 0.25


def test_the_worst_failures_come_with_the_right_view_and_what_was_found(make):
    seen = make(
        on_a_circle(0, 10, 30, 60, 12), [("cup", {}), ("cup", {}), ("hat", {}), ("hat", {}), ("bag", {})]
    )
    failures = LeaveOneViewOut().measure(seen).failures
    assert [(f.query, f.right, f.place) for f in failures] == [(2, 3, 3.0), (1, 0, 2.0)]
    assert failures[0].found == (4, 1, 3)


def test_one_view_items_alone_cannot_be_evaluated(make):
    with pytest.raises(EvaluationError, match="No item has two views"):
        LeaveOneViewOut().measure(make(AXES, [(name, {}) for name in "abcd"]))
    with pytest.raises(EvaluationError, match="No item has two views"):
        OneKnownView().measure(make(AXES, [(name, {}) for name in "abcd"]))


def test_query_and_gallery_are_chosen_by_role_in_any_word(make):
    rows = [
        ("cup", {"role": "front"}),
        ("cup", {"role": "back"}),
        ("hat", {"role": "front"}),
        ("bag", {"role": "back"}),
    ]
    outcome = QueryGallery(Selection("role", "rear"), Selection("role", "main")).measure(make(AXES, rows))
    assert outcome.counts["queries"] == 1
    assert outcome.counts["gallery views"] == 2
    assert outcome.excluded == {"queries whose item is not in the gallery": 1}


def test_an_unknown_column_or_value_names_those_that_exist(make):
    seen = make(AXES, [("a", {"attributes": {"colour": "red"}})] * 4)
    with pytest.raises(EvaluationError, match="colour") as caught:
        Selection("color", "red").mask(seen)
    assert "colour" in caught.value.hint
    with pytest.raises(EvaluationError) as caught:
        Selection("colour", "blue").mask(seen)
    assert "red" in caught.value.hint


def test_a_query_and_a_gallery_without_a_common_item_are_refused(make):
    seen = make(AXES, [("a", {"role": "front"}), ("b", {"role": "back"}), ("c", {"role": "back"}), ("d", {})])
    with pytest.raises(EvaluationError, match="No item has views both"):
        QueryGallery(Selection("role", "front"), Selection("role", "back")).measure(seen)


def test_files_are_listed_as_paths_end(make, tmp_path):
    from dataclasses import replace

    seen = make(AXES, [("a", {}), ("a", {}), ("b", {}), ("b", {})])
    views = tuple(replace(v, source=tmp_path / f"x/{n}.jpg") for n, v in enumerate(seen.views))
    seen = replace(seen, views=views)
    assert Selection(files=("x/1.jpg", "3.jpg")).mask(seen).tolist() == [False, True, False, True]
    with pytest.raises(EvaluationError, match="listed files"):
        Selection(files=("y/1.jpg",)).mask(seen)


def test_one_known_view_pools_its_draws(make_noisy):
    outcome = OneKnownView(draws=3).measure(make_noisy(20, 4))
    assert len(outcome.measures[0].rows) == 3 * 20 * 3
    assert outcome.counts["gallery views"] == 20


def test_published_protocols_use_the_split_column(make):
    split = [("a", "test"), ("a", "test"), ("b", "test"), ("b", "train"), ("b", "test")]
    seen = make(on_a_circle(0, 1, 50, 51, 52), [(name, {"attributes": {"split": s}}) for name, s in split])
    outcome = stanford_online_products().measure(seen)
    assert outcome.counts["gallery views"] == 4
    assert values(outcome)["view R@1"] == 1.0
    assert {"view R@10", "view R@100", "view R@1000"} <= set(values(outcome))
    split = [("a", "query"), ("a", "gallery"), ("b", "query"), ("b", "train"), ("b", "gallery")]
    seen = make(on_a_circle(0, 30, 50, 51, 40), [(name, {"attributes": {"split": s}}) for name, s in split])
    outcome = deepfashion_in_shop().measure(seen)
    assert outcome.counts["gallery views"] == 2
    assert values(outcome)["view R@1"] == 1.0


def test_four_views_an_item_bring_the_n_s_score(make_noisy):
    assert values(LeaveOneViewOut().measure(make_noisy(8, 4, noise=0.0)))["N-S score"] == 4.0
    assert "N-S score" not in values(LeaveOneViewOut().measure(make_noisy(8, 3)))


def test_figures_of_noise_are_near_chance(make_noisy):
    report = evaluate(make_noisy(50, 2, noise=1e6, width=32), check_leaks=False)
    assert report["R@1"].low <= 1 / 49 <= report["R@1"].high + 0.02
