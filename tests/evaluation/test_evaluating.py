from __future__ import annotations

import json

import numpy as np
import pytest

from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.report import Report


def test_every_figure_has_its_interval_around_it(make_noisy):
    report = evaluate(make_noisy(30, 3), by=("category",))
    for figure in report.figures:
        assert figure.low <= figure.value <= figure.high
        assert f"[{figure.low:.3f}, {figure.high:.3f}]" in report.to_text()


def test_groups_add_up_to_the_whole_and_the_weakest_is_named(make):
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40, 16))
    codes = np.repeat(np.arange(40), 2)
    noise = np.where(codes % 2, 0.1, 3.0)[:, None]  # odd items are easy, even ones hard
    rows = [(f"i{c}", {"attributes": {"ease": "easy" if c % 2 else "hard"}}) for c in codes]
    report = evaluate(make(centres[codes] + noise * rng.standard_normal((80, 16)), rows), by=("ease",))
    groups = report.section("by ease")
    assert sum(group.queries for group in groups) == report["R@1"].queries
    pooled = sum(group.value * group.queries for group in groups) / 80
    assert pooled == pytest.approx(report["R@1"].value)
    assert report.weakest("ease")[0].label == "hard"
    assert "weakest ease: hard" in report.to_text()


def test_a_report_survives_json(make_noisy):
    report = evaluate(make_noisy(10, 3), by=("half",), command="lookalike evaluate --store s")
    assert Report.from_json(report.to_json()) == report
    facts = json.loads(report.to_json())
    assert facts["seed"] == 0
    assert facts["model"] == "made@0"
    assert facts["command"] == "lookalike evaluate --store s"


def test_text_that_is_no_report_is_refused():
    with pytest.raises(EvaluationError, match="not a report"):
        Report.from_json('{"figures": 3}')


def test_an_unknown_column_or_figure_is_named(make_noisy):
    seen = make_noisy(6, 2)
    with pytest.raises(EvaluationError, match="colour"):
        evaluate(seen, by=("colour",))
    with pytest.raises(EvaluationError, match="R@3"):
        evaluate(seen, check_leaks=False)["R@3"]
