from __future__ import annotations

import numpy as np
import pytest

from lookalike.evaluation import bootstrap as module
from lookalike.evaluation.bootstrap import bootstrap, mean_of, paired_bootstrap


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        hits = (rng.random(120) < 0.7).astype(float)
        found = bootstrap(mean_of(hits), np.arange(120), resamples=300, seed=trial)
        covered += found.low <= 0.7 <= found.high
    assert 0.90 <= covered / 200 <= 0.985


def test_items_are_drawn_not_queries():
    hits = np.repeat([0.0, 1.0] * 20, 50)
    by_item = bootstrap(mean_of(hits), np.repeat(np.arange(40), 50))
    by_query = bootstrap(mean_of(hits), np.arange(2000))
    assert by_item.value == by_query.value == 0.5
    assert by_item.high - by_item.low > 4 * (by_query.high - by_query.low)


def test_the_same_seed_gives_the_same_interval_in_any_chunks(monkeypatch):
    hits = np.random.default_rng(1).random(90).round()
    whole = bootstrap(mean_of(hits), np.arange(90), seed=7)
    assert whole == bootstrap(mean_of(hits), np.arange(90), seed=7)
    assert whole != bootstrap(mean_of(hits), np.arange(90), seed=8)
    monkeypatch.setattr(module, "CHUNK", 900)
    assert whole == bootstrap(mean_of(hits), np.arange(90), seed=7)


def test_a_small_but_steady_gain_is_seen_only_when_pairs_are_kept():
    rng = np.random.default_rng(3)
    base = rng.random(300)
    better = base + 0.02
    paired = paired_bootstrap(mean_of(better), mean_of(base), np.arange(300))
    assert paired.low == pytest.approx(0.02)
    assert paired.p_like == 0.0
    alone = bootstrap(mean_of(better), np.arange(300))
    assert alone.low < base.mean()


def test_swapping_the_models_turns_the_difference_round():
    rng = np.random.default_rng(4)
    one, other = rng.random(50), rng.random(50)
    there = paired_bootstrap(mean_of(one), mean_of(other), np.arange(50))
    back = paired_bootstrap(mean_of(other), mean_of(one), np.arange(50))
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_the_interval_of_a_mean_of_many_is_what_the_normal_law_says():
    values = np.random.default_rng(5).standard_normal(2000)
    found = bootstrap(mean_of(values), np.arange(2000), resamples=8000)
    reach = 1.96 * values.std() / 2000**0.5
    assert found.high - found.low == pytest.approx(2 * reach, rel=0.04)


def test_the_difference_of_totals_is_that_of_all_queries():
    one, other = np.array([[3.0], [1.0], [2.0]]), np.array([[1.0], [1.0], [1.0]])
    found = paired_bootstrap(one, other, np.array([0, 0, 1]), combine=lambda sums: sums[:, 0])
    assert found.value == 3.0
