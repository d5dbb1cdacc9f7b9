"""The closed form undoes what differs within things, and gradient steps make the loss smaller."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.embedding.card import Block  # noqa: E402
from lookalike.training.tuning.choice import Lessons, Way, choose  # noqa: E402
from lookalike.training.tuning.heads import (  # noqa: E402
    Head,
    Principal,
    _principal,
    closed_form,
    directions,
    item_mrr,
    scatter_of,
)
from lookalike.training.tuning.refining import Steps, contrast, refined  # noqa: E402


def noisy(things=120, views=3, width=24, seed=0):
    """Things told apart by the first half of the coordinates; the second half is loud noise."""
    rng = np.random.default_rng(seed)
    codes, half = np.repeat(np.arange(things), views), width // 2
    meaning = rng.normal(size=(things, half))[codes] + 0.1 * rng.normal(size=(len(codes), half))
    rows = np.concatenate([meaning, 3 * rng.normal(size=(len(codes), half))], axis=1)
    pictures = rows[:, None] + 0.05 * rng.normal(size=(len(codes), 2, width))
    pictures[:, 0] = rows
    units = pictures / np.linalg.norm(pictures, axis=2, keepdims=True)
    return units.astype(np.float32), codes


def test_noise_within_things_is_learned_away_and_unseen_things_are_told_apart():
    features, codes = noisy()
    unseen, theirs = noisy(seed=1)
    head = closed_form(scatter_of(Principal.of(features), codes), width=12, shrinkage=0.1)
    before, after = item_mrr(unseen[:, 0], theirs), item_mrr(head(unseen[:, 0]), theirs)
    assert before < 0.5
    assert after > 0.9


def test_a_head_without_any_pair_of_views_is_a_projection_that_stays_finite():
    features, codes = noisy(views=1)
    head = closed_form(scatter_of(Principal.of(features), codes), width=64, shrinkage=1.0)
    assert head.matrix is not None
    assert head.matrix.shape == (24, 24)
    assert np.isfinite(head(features)).all()


def test_the_principal_axes_are_the_same_by_either_gram_matrix_and_stand_upright():
    rng = np.random.default_rng(0)
    few = rng.normal(size=(12, 30)).astype(np.float32)
    few = few - few.mean(axis=0)
    axes = _principal(few)
    assert axes.shape == (30, 11)
    np.testing.assert_allclose(axes.T @ axes, np.eye(11), atol=1e-4)
    _, _, expected = np.linalg.svd(few, full_matrices=False)
    np.testing.assert_allclose(np.abs((expected[:11] * axes.T).sum(axis=1)), 1, atol=1e-3)


def test_an_empty_head_leaves_features_as_they_are():
    features, _ = noisy()
    assert Head()(features) is features


def test_gradient_steps_lower_the_loss_and_are_the_same_for_the_same_seed():
    features, codes = noisy()
    scatter = scatter_of(Principal.of(features), codes)
    start = directions(scatter, width=12, shrinkage=10.0)
    steps = Steps(count=60, pairs=32, negatives=64, rate=0.1, pull=0.1)
    moved, again = (refined(scatter, start, codes, steps=steps, seed=1) for _ in range(2))
    np.testing.assert_array_equal(moved, again)

    def loss(matrix):
        unit = torch.nn.functional.normalize(torch.from_numpy(scatter.principal.rows[:, 0] @ matrix), dim=1)
        return float(contrast(unit[0::3], unit[1::3], unit[2::3], codes[0::3], codes[2::3], temperature=0.1))

    assert loss(moved) < loss(start)


def test_other_views_of_the_same_thing_are_no_negatives():
    chance = torch.Generator().manual_seed(0)
    first = torch.nn.functional.normalize(torch.randn(4, 8, generator=chance), dim=1)
    things = np.arange(4)
    alone = contrast(first, first, first[:0], things, things[:0], temperature=0.1)
    copies = contrast(first, first, first, np.zeros(4, int), np.zeros(4, int), temperature=0.1)
    others = contrast(first, first, first, things, things + 4, temperature=0.1)
    assert float(copies) == pytest.approx(0, abs=1e-6)  # nothing but the positive is left
    assert float(others) > float(alone)


def chosen(features, codes):
    width = features.shape[2]
    block = Block("shape", 0, width, 1.0)
    return choose(
        Lessons({"shape": features}, codes, codes), (block,), widths={"shape": width}, steps=20, seed=0
    )


def test_the_choice_takes_a_head_that_helps_and_leaves_alone_what_is_right_already():
    features, codes = noisy()
    plan = chosen(features, codes)
    assert plan.ways["shape"].shrinkage is not None
    assert plan.mrr[1] > plan.mrr[0]
    right = np.repeat(np.eye(120, dtype=np.float32), 3, axis=0)[:, None].repeat(2, axis=1)
    plan = chosen(right, codes)
    assert plan.ways["shape"] == Way(None)
    assert plan.mrr == (1.0, 1.0)
