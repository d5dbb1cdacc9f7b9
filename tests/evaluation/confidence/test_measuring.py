from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.retrieval.confidence.conftest import WIDTH, clustered
from tests.retrieval.conftest import TinyEmbedder

from lookalike.errors import EvaluationError
from lookalike.evaluation.confidence.advising import measure_advice
from lookalike.evaluation.confidence.drawing import draw_confidence
from lookalike.evaluation.confidence.measuring import judgements, measure_confidence, to_text
from lookalike.retrieval.confidence.advice import advise
from lookalike.retrieval.confidence.trials import Manner, ask
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, assemble

CARD = TinyEmbedder().card


def test_no_trial_is_judged_by_what_its_own_item_taught(monkeypatch):
    trials = ask(clustered(items=40, spread=0.5), CARD)
    whole = judgements(trials)
    changed = trials.own.copy()
    changed[trials.items == 7] = -1.0  # another answer of item 7 ...
    other = judgements(replace(trials, own=changed))
    same = np.concatenate([trials.items, trials.items]) == 7
    absent = np.arange(len(same)) >= len(trials)
    assert other.said[same & absent] == pytest.approx(
        whole.said[same & absent]
    )  # ... tells nothing of item 7


def test_the_report_has_ours_and_both_baselines_and_reads_as_text(tmp_path):
    report, told = measure_confidence(clustered(items=40, spread=0.5), CARD)
    assert {figure.label for figure in report.figures} == {"ours", "score alone", "score as it is"}
    assert len(report.figures) == 21
    assert "difficulty: pairs" in to_text(report, told)
    assert draw_confidence({"drawn": told}, tmp_path / "curves.png").stat().st_size > 5000


def two_sided(*, items: int = 24):
    """Pairs of items with the same front and different backs."""
    rng = np.random.default_rng(0)
    fronts = np.repeat(rng.normal(size=(items // 2, WIDTH)), 2, axis=0)
    backs = rng.normal(size=(items, WIDTH))
    rows, vectors = [], []
    for item in range(items):
        views = [(fronts[item], "front")] * 2 + [(backs[item], "back")] * 2
        for centre, _ in views:
            vector = centre + 0.05 * rng.normal(size=WIDTH)
            vectors.append(vector / np.linalg.norm(vector))
        stored = tuple(StoredView(f"{item}-{n}", Path("x"), role=role) for n, (_, role) in enumerate(views))
        rows.append(Row.of(StoredItem(f"{item:03d}", stored)))
    return assemble(Identity(Path("x"), "store", 1, "tiny"), rows, np.array(vectors, np.float32))


def test_where_fronts_are_alike_a_photo_of_the_back_is_advised_and_settles_it():
    shot = two_sided()
    front = (shot.vectors(0)[0] + shot.vectors(1)[0])[None]
    front /= np.linalg.norm(front)
    advice = advise(shot, CARD, front, [0, 1, 5], Manner(pooling="mean"))
    assert advice.role == "back"
    assert advice.settles > 0.95 > advice.now
    back = shot.vectors(0)[2][None]
    assert advise(shot, CARD, back, [0, 1, 5], Manner(pooling="mean")) is None  # the back has settled it


def test_the_advised_photo_is_measured_against_the_others():
    report = measure_advice(two_sided(), CARD, pooling="mean")
    found = {figure.label: figure.value for figure in report.figures}
    assert found["advised side"] == pytest.approx(1.0)
    assert found["one photo"] < 0.8


def test_where_views_have_no_sides_there_is_no_advice():
    shot = clustered(items=30, spread=0.6, views=3)
    assert advise(shot, CARD, shot.vectors(0)[:1], [0, 1, 2], Manner()) is None
    with pytest.raises(EvaluationError, match="No query gets advice"):
        measure_advice(shot, CARD)
