from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.evaluation.confidence.open_set import (
    auroc,
    calibration_error,
    identified_at,
    oscr,
    pairs_ranked,
    reliability,
)
from lookalike.evaluation.confidence.resampling import resampled

CASES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]), st.booleans()), min_size=2, max_size=20
)


@given(CASES)
def test_the_area_is_the_share_of_pairs_in_order_counted_one_by_one(cases):
    said = np.array([value for value, _ in cases])
    so = np.array([truth for _, truth in cases])
    pairs = [(a > b) + 0.5 * (a == b) for a in said[so] for b in said[~so]]
    if pairs:
        assert auroc(said, so) == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(auroc(said, so))


@given(CASES)
def test_pairs_in_order_agree_with_the_area_where_there_are_two_outcomes(cases):
    said = np.array([value for value, _ in cases])
    so = np.array([truth for _, truth in cases])
    area = auroc(said, so)
    assert pairs_ranked(said, so.astype(float)) == pytest.approx(area, nan_ok=True)


def test_what_is_identified_counts_only_right_answers_above_the_surest_false_alarms():
    said = np.array([0.9, 0.8, 0.3, 0.85, 0.1])
    present = np.array([True, True, True, False, False])
    right = np.array([True, True, False, False, False])
    assert identified_at(0.0, said, right, present) == pytest.approx(1 / 3)
    assert identified_at(0.5, said, right, present) == pytest.approx(2 / 3)
    assert identified_at(1.0, said, right, present) == pytest.approx(2 / 3)


def test_the_open_set_area_is_the_recall_where_no_false_alarm_is_as_sure_as_a_right_answer():
    present = np.array([True, True, True, False])
    right = np.array([True, True, False, False])
    assert oscr(np.array([0.9, 0.8, 0.7, 0.1]), right, present) == pytest.approx(2 / 3)
    assert oscr(np.array([0.9, 0.8, 0.7, 0.85]), right, present) == pytest.approx(1 / 3)


def test_percentages_that_come_true_have_no_error_and_boasting_has():
    so = np.tile([True, False, False, False], 50)
    assert calibration_error(np.full(200, 0.25), so, bins=1) == pytest.approx(0.0)
    assert calibration_error(np.full(200, 0.95), so, bins=1) == pytest.approx(0.7)


def test_bins_hold_equally_many_and_go_from_the_least_sure_to_the_surest():
    told = reliability(np.array([0.9, 0.1, 0.5, 0.3]), np.array([True, False, True, False]), bins=2)
    assert told.counts == (2, 2)
    assert told.said == pytest.approx((0.2, 0.7))
    assert told.so == (0.0, 1.0)


def test_whole_items_are_drawn_for_an_interval():
    items = np.repeat(np.arange(5), 20)
    values = items == 0
    told = resampled(items, lambda rows: float(values[rows].mean()))
    assert told.value == pytest.approx(0.2)
    assert told.low == pytest.approx(0.0)
    assert told.high >= 0.4
