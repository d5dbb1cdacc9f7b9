from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lookalike.catalogue.items import View
from lookalike.errors import EvaluationError, MissingExtra
from lookalike.evaluation import drawing
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.compare import compare_evaluated
from lookalike.evaluation.drawing import draw_comparison
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.figures import draw_angle_curve, draw_bars, draw_failures
from lookalike.evaluation.matrices import draw_confusion, draw_role_matrix
from lookalike.evaluation.outcome import Failure
from lookalike.evaluation.view_gap import ViewGap


def test_plots_are_drawn(make_noisy, tmp_path: Path):
    pytest.importorskip("matplotlib")
    seen = make_noisy(12, 6)
    gap = evaluate(seen, ViewGap(), check_leaks=False)
    pair = {"one": seen, "two": replace(seen, fingerprint="two@0")}
    comparison = compare_evaluated(pair, baseline="one", check_leaks=False)
    for drawn in (
        draw_bars(comparison, tmp_path / "new" / "bars.png"),
        draw_angle_curve({"one": gap}, tmp_path / "angle.png"),
        draw_role_matrix({"one": gap, "two": gap, "three": gap}, tmp_path / "roles.png"),
    ):
        with Image.open(drawn) as image:
            assert len(set(image.convert("L").tobytes())) > 20


def test_without_matplotlib_the_extra_is_named(make_noisy, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    gap = evaluate(make_noisy(6, 6), ViewGap(), check_leaks=False)
    with pytest.raises(MissingExtra, match="explore"):
        draw_role_matrix({"one": gap, "two": gap, "three": gap}, tmp_path / "roles.png")


def test_a_comparison_draws_what_was_measured_of_the_users_model_though_a_baseline_is_better(
    make_noisy, tmp_path: Path, monkeypatch
):
    pytest.importorskip("matplotlib")
    titles = []
    monkeypatch.setattr(drawing, "draw_failures", lambda *given, title: titles.append(title) or given[-1])
    pair = {"mine": make_noisy(12, 6, noise=3.0), "pixels": make_noisy(12, 6, noise=0.5)}
    for protocol, expected in (
        (ViewGap(), ["bars.png", "angle.png", "roles.png"]),
        (Classification("category"), ["bars.png", "confusion.png", "failures.png"]),
    ):
        comparison = compare_evaluated(pair, protocol, baseline="pixels", check_leaks=False)
        drawn = draw_comparison(comparison, tmp_path)
        assert [path.name for path in drawn] == expected
    assert titles == ["Worst failures of mine"]


def test_a_title_stands_above_the_strips(item_folder: Path, tmp_path: Path):
    views = [View(path) for path in sorted(item_folder.rglob("*.png"))[:3]]
    drawn = draw_failures(views, [Failure(0, 1, (2,), 3.0)], tmp_path / "strip.png", title="Mine")
    with Image.open(drawn) as image:
        assert image.height == 154 + 8 + 18
        assert min(image.crop((0, 0, image.width, 20)).convert("L").tobytes()) < 100


def test_failures_are_strips_of_photos_and_lost_photos_leave_a_frame(item_folder: Path, tmp_path: Path):
    views = [*(View(path) for path in sorted(item_folder.rglob("*.png"))[:4]), View(tmp_path / "gone.png")]
    drawn = draw_failures(
        views, [Failure(0, 1, (2, 3), 3.0), Failure(3, 4, (0,), 9.0)], tmp_path / "strip.png"
    )
    with Image.open(drawn) as image:
        assert image.size == (4 * 136 + 24, 2 * 154 + 8)


def test_nothing_to_draw_is_said(make_noisy, tmp_path: Path):
    with pytest.raises(EvaluationError, match="no failures"):
        draw_failures([], [], tmp_path / "strip.png")
    report = evaluate(make_noisy(6, 3), check_leaks=False)
    with pytest.raises(EvaluationError, match="no roles"):
        draw_role_matrix({"one": report}, tmp_path / "roles.png")
    with pytest.raises(EvaluationError, match="no confusion"):
        draw_confusion(report, tmp_path / "confusion.png")
    with pytest.raises(EvaluationError, match="by angle"):
        draw_angle_curve({"one": report}, tmp_path / "angle.png")
