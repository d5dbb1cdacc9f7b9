from __future__ import annotations

import numpy as np
import pytest
from tests.retrieval.conftest import TinyEmbedder

from lookalike.retrieval.calibration import Calibration, calibrate
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble


def snapshot(tmp_path, *, items: int, spread: float, views: int = 2) -> Snapshot:
    """Items around random centres, their views ``spread`` away from them."""
    rng = np.random.default_rng(3)
    centres = np.repeat(rng.normal(size=(items, 20)), views, axis=0)
    vectors = centres + spread * rng.normal(size=centres.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    records = [
        StoredItem(f"{item:03d}", tuple(StoredView(f"{item}-{view}", tmp_path) for view in range(views)))
        for item in range(items)
    ]
    identity = Identity(tmp_path, "store", 1, "tiny")
    return assemble(identity, [Row.of(record) for record in records], vectors.astype(np.float32))


def test_views_that_stand_close_give_thresholds_between_right_and_wrong(tmp_path):
    meaning = calibrate(snapshot(tmp_path, items=60, spread=0.1), TinyEmbedder().card)
    assert meaning.verdict(0.98) == "same"
    assert meaning.verdict(0.0) == "far"
    assert meaning.far_below <= meaning.absent_below <= meaning.same_from < 0.95
    assert meaning.items == 60


def test_views_that_say_nothing_are_never_called_the_same(tmp_path):
    shot = snapshot(tmp_path, items=200, spread=50)
    meaning = calibrate(shot, TinyEmbedder().card)
    others = [np.sort(shot.matrix @ row)[-2] for row in shot.matrix[::7]]
    assert np.mean([meaning.verdict(score) == "same" for score in others]) < 0.25


def test_too_few_items_with_several_views_give_no_meaning(tmp_path):
    assert calibrate(snapshot(tmp_path, items=60, spread=0.1, views=1), TinyEmbedder().card) is None
    assert calibrate(snapshot(tmp_path, items=10, spread=0.1), TinyEmbedder().card) is None


def test_thresholds_are_quantiles_of_the_two_kinds_of_score():
    right, wrong = np.linspace(0.5, 1.0, 101), np.linspace(0.0, 0.6, 101)
    meaning = Calibration.between(right, wrong)
    assert meaning.same_from == pytest.approx(0.57)
    assert meaning.absent_below == pytest.approx(0.525)
    assert meaning.far_below == pytest.approx(0.3)
