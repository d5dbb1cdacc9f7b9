"""`lookalike quantise`: the model folder is new, and gone again where int8 loses."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.untrained import untrained_model
from lookalike.evaluation import precision
from lookalike.evaluation.bootstrap import Difference
from lookalike.evaluation.report import Figure

pytest.importorskip("onnx", reason="SKIPPED FOR WANT OF ONNX: pip install 'lookalike[train]'")

FIGURE = Figure("R@1", 0.8, 0.7, 0.9, queries=100, items=50)


def cost(name: str, loss: float) -> precision.Cost:
    return precision.Cost(name, "int8", FIGURE, Difference(loss, -1, 1, 1), 0.99, 1.5)


@pytest.fixture
def quantise(run, tmp_path: Path, item_folder: Path, monkeypatch):
    """The verb on a small untrained model, its loss of recall as given."""
    half = (127.5, 127.5, 127.5)
    card = Card(name="mine", width=256, size_px=96, model_digest="", mean=half, scale=half)
    write_model(tmp_path / "model", card, untrained_model(seed=7))

    def called(out: Path, *, loss: float, more: tuple[str, ...] = ()) -> tuple[int, str]:
        monkeypatch.setattr(precision, "costs", lambda *_, **__: [cost("f32", 0), cost("int8", loss)])
        return run("quantise", item_folder, "--model", tmp_path / "model", "--out", out, *more)[:2]

    return called


def test_a_model_that_loses_too_much_is_removed_again(quantise, tmp_path):
    code, said = quantise(tmp_path / "small", loss=-0.02)
    assert code == 1
    assert "not kept" in said
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize(("loss", "more"), [(-0.001, ()), (-0.02, ("--anyway",))], ids=["good", "anyway"])
def test_a_good_one_is_kept_and_a_bad_one_on_request(quantise, tmp_path, loss, more):
    assert quantise(tmp_path / "small", loss=loss, more=more)[0] == 0
    assert (tmp_path / "small" / "model.onnx").is_file()


def test_a_folder_with_other_files_is_neither_written_nor_removed(quantise, tmp_path):
    mine = tmp_path / "mine" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("years of work")
    assert quantise(mine.parent, loss=-0.02)[0] == 2
    assert [path.name for path in mine.parent.iterdir()] == ["thesis.txt"]
