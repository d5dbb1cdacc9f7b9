from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import EvaluationError
from lookalike.evaluation.view_gap import ViewGap


def figures(outcome, section):
    return {m.label: float(m.columns[:, 0].mean()) for m in outcome.measures if m.section == section}


def turning(make, items=12, views=8):
    """Items whose vector turns away as they turn round: near angles are easy, the far side is not."""
    rng = np.random.default_rng(0)
    front, back = rng.standard_normal((2, items, 16))
    back[:] = back[0]  # from behind all look the same
    angles = np.arange(views) * 360 / views
    share = (1 + np.cos(np.deg2rad(angles))) / 2
    matrix = share[None, :, None] * front[:, None] + (1 - share)[None, :, None] * back[:, None]
    matrix += 0.05 * rng.standard_normal(matrix.shape)
    rows = [(f"item-{i}", {"azimuth_deg": angle}) for i in range(items) for angle in angles]
    return make(matrix.reshape(items * views, 16), rows)


def test_recall_falls_with_the_angle_and_differences_are_folded(make):
    found = figures(ViewGap().measure(turning(make)), "angle")
    assert list(found) == ["45°", "90°", "135°", "180°"]
    assert found["45°"] > found["180°"]


def test_each_difference_is_asked_of_every_view_once_a_direction(make):
    outcome = ViewGap().measure(turning(make))
    queries = {m.label: len(m.rows) for m in outcome.measures if m.section == "angle"}
    assert queries == {"45°": 2 * 96, "90°": 2 * 96, "135°": 2 * 96, "180°": 96}


def test_views_of_another_elevation_are_not_searched(make):
    rows = [
        (name, {"azimuth_deg": a, "elevation_deg": e}) for name in "ab" for a in (0, 90) for e in (10, 40)
    ]
    outcome = ViewGap().measure(make(np.random.default_rng(0).standard_normal((8, 5)), rows))
    assert [len(m.rows) for m in outcome.measures if m.section == "angle"] == [8]


def test_roles_make_a_matrix_with_small_pairs_left_out_and_counted(make):
    rng = np.random.default_rng(1)
    names = [f"item-{n}" for n in range(6)]
    rows = [(n, {"role": role}) for n in names for role in ("front", "back")] + [(names[0], {"role": "worn"})]
    centres = rng.standard_normal((6, 8))
    matrix = np.concatenate([np.repeat(centres, 2, axis=0), centres[:1]]) + 0.01 * rng.standard_normal(
        (13, 8)
    )
    outcome = ViewGap().measure(make(matrix, rows))
    assert figures(outcome, "role") == {"back → front": 1.0, "front → back": 1.0}
    assert list(outcome.excluded.values()) == [4]
    assert outcome.measures[0].section == "overall"


def test_views_without_roles_and_angles_are_refused(make):
    with pytest.raises(EvaluationError, match="two roles"):
        ViewGap().measure(make(np.eye(3), [(n, {}) for n in "aab"]))
