from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import EvaluationError
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.compare import BASELINES, compare, compare_evaluated, with_baselines
from lookalike.evaluation.view_gap import ViewGap


@pytest.fixture
def models(make_noisy):
    clear, rough = make_noisy(40, 3, noise=0.5), make_noisy(40, 3, noise=2.5)
    return {"rough": rough, "clear": replace(rough, matrix=clear.matrix, fingerprint="clear@0")}


def test_the_best_comes_first_with_its_paired_difference(models):
    found = compare_evaluated(models, baseline="rough", check_leaks=False)
    assert [contender.name for contender in found.contenders] == ["clear", "rough"]
    gain = found["clear"].against["R@1"]
    assert gain.value == pytest.approx(
        found["clear"].report["R@1"].value - found["rough"].report["R@1"].value
    )
    assert gain.low > 0
    assert gain.p_like < 0.01
    assert found["rough"].against == {}


def test_any_two_contenders_can_be_set_against_each_other(models):
    found = compare_evaluated(models, baseline="rough", check_leaks=False)
    assert found.difference("clear", "rough") == found["clear"].against["R@1"]
    assert found.difference("rough", "clear", "mAP").value == -found["clear"].against["mAP"].value
    with pytest.raises(EvaluationError, match="no figure 'beauty'"):
        found.difference("clear", "rough", "beauty")


def test_the_table_and_the_json_say_the_same(models):
    found = compare_evaluated(models, baseline="rough", check_leaks=False, command="lookalike compare x")
    facts = json.loads(found.to_json())
    assert facts["baseline"] == "rough"
    assert [one["name"] for one in facts["contenders"]] == ["clear", "rough"]
    assert str(found["clear"].report["R@1"]) in found.to_text()
    assert "again: lookalike compare x" in found.to_text()


def test_the_table_gives_every_group_and_names_the_weakest_of_the_users_models(models):
    found = compare_evaluated(
        {**models, "pixels": models["rough"]}, baseline="pixels", by=["category", "half"], check_leaks=False
    )
    text = found.to_text()
    lines = text.splitlines()
    (row,) = [line for line in lines if line.startswith("kind-2")]
    for one in found.contenders:
        (figure,) = [f for f in one.report.section("by category") if f.label == "kind-2"]
        assert str(figure) in row
    assert "weakest category of clear: " + str(found["clear"].report.weakest("category")[0].label) in text
    assert "weakest half of rough" in text
    assert "of pixels" not in text


def test_the_table_gives_roles_model_beside_model(models):
    found = compare_evaluated(models, ViewGap(), baseline="rough", check_leaks=False)
    lines = found.to_text().splitlines()
    assert any(line.startswith("back → front") and line.count("[") == 2 for line in lines)
    assert max(map(len, found.to_text(60).splitlines()[3:8])) <= 60


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"baseline": "best"}, "'best'"),
        ({"by": ["shop"]}, "'shop'"),
        ({"protocol": Classification("shop")}, "'shop'"),
    ],
)
def test_what_cannot_be_compared_is_told_before_a_photo_is_embedded(item_folder: Path, asked, said):
    told = []
    with pytest.raises(EvaluationError, match=said):
        compare(read_catalogue(item_folder), [], **asked, progress=lambda *progress: told.append(progress))
    assert not told


def test_models_that_saw_different_views_are_not_compared(models, make_noisy):
    with pytest.raises(EvaluationError, match="different views"):
        compare_evaluated({**models, "other": make_noisy(39, 3)}, baseline="rough")


def test_an_unknown_baseline_or_contender_is_refused(models):
    with pytest.raises(EvaluationError, match="'best'"):
        compare_evaluated(models, baseline="best")
    with pytest.raises(EvaluationError, match="'best'"):
        compare_evaluated(models, baseline="rough", check_leaks=False)["best"]


def test_baselines_are_always_in_the_table(item_folder: Path):
    told = set()
    found = compare(read_catalogue(item_folder), [], progress=lambda name, done, total: told.add(name))
    assert {contender.name for contender in found.contenders} == set(BASELINES) == told


def test_two_models_of_one_name_are_refused():
    with pytest.raises(EvaluationError, match="Two models are called 'pixels'"):
        with_baselines([open_embedder("pixels"), open_embedder("pixels")])


def test_the_text_keeps_within_the_terminal_and_always_has_the_headline_and_its_difference(models):
    found = compare_evaluated(models, baseline="rough", check_leaks=False)
    wide, narrow = found.to_text(), found.to_text(80)
    table = [line for line in narrow.splitlines() if line.startswith(("clear", "rough"))]
    assert max(map(len, table)) <= 80 < max(map(len, wide.splitlines()))
    assert all(str(one.report["R@1"]) in narrow for one in found.contenders)
    assert "R@1 less rough" in narrow
