"""Tuning: one model folder that an index takes, colour kept apart, and a plain word when it did not help."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from tests.training.drawn import drawn_catalogue  # noqa: E402

from lookalike.catalogue.items import Catalogue  # noqa: E402
from lookalike.catalogue.photos import read_photo  # noqa: E402
from lookalike.embedding.card import Block, Card  # noqa: E402
from lookalike.embedding.model_folder import write_model  # noqa: E402
from lookalike.embedding.untrained import untrained_model  # noqa: E402
from lookalike.embedding.zoo import open_embedder  # noqa: E402
from lookalike.errors import MissingExtra, TrainingError  # noqa: E402
from lookalike.evaluation.evaluating import evaluate  # noqa: E402
from lookalike.evaluation.features import embed_catalogue  # noqa: E402
from lookalike.interfaces.cli.tune import tune as verb  # noqa: E402
from lookalike.retrieval.opening import index  # noqa: E402
from lookalike.training import extra  # noqa: E402
from lookalike.training.tuning.base import open_base  # noqa: E402
from lookalike.training.tuning.features import cached_features  # noqa: E402
from lookalike.training.tuning.tune import Settings, tune  # noqa: E402

QUICK = Settings(variants=2, widths=(24, 12), steps=5, anyway=True)
PIXELS = {"mean": (127.5, 127.5, 127.5), "scale": (127.5, 127.5, 127.5)}


@pytest.fixture(scope="module")
def catalogue():
    return drawn_catalogue(40, views=2)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A model of one piece, without blocks."""
    folder = tmp_path_factory.mktemp("models") / "plain"
    write_model(folder, Card("plain", 256, 96, "", licence="CC0-1.0", **PIXELS), untrained_model(seed=3))
    return folder


@pytest.fixture(scope="module")
def tuned(catalogue, plain, tmp_path_factory):
    return tune(catalogue, tmp_path_factory.mktemp("tuned"), model=plain, settings=QUICK)


def test_an_index_takes_the_tuned_model_and_finds_the_item(tuned, catalogue, tmp_path):
    engine = index(catalogue, tmp_path / "store", model=tuned.model)
    assert engine.search(catalogue[4].views[0].read(), k=3)[0].item == catalogue[4].id


def test_a_model_of_one_piece_gets_a_colour_block_whose_dial_works(tuned, catalogue):
    embedder = open_embedder(tuned.model)
    assert [block.name for block in embedder.card.blocks] == ["shape", "colour"]
    assert sum(block.weight**2 for block in embedder.card.blocks) == pytest.approx(1)
    vectors = embedder.encode([read_photo(item.views[0].read(), size_px=96) for item in catalogue[:6]])
    for block in embedder.card.blocks:
        lengths = np.linalg.norm(vectors[:, block.start : block.stop], axis=1)
        np.testing.assert_allclose(lengths, block.weight, rtol=1e-4)


def test_the_card_says_what_it_was_made_of_and_how_good_it_was_on_items_it_did_not_learn_from(tuned):
    card = open_embedder(tuned.model).card
    assert card.name == "plain-tuned"
    assert "CC0-1.0" in card.licence
    assert card.training_data[-1].startswith("drawn: views of 28 items")
    figure = card.quality["R@1, leave-one-view-out, held-out items, tuned"]
    assert figure["value"] == tuned.comparison["tuned"].report["R@1"].value
    assert figure["queries"] == 24


def test_before_and_the_baselines_stand_in_the_table_and_in_the_report(tuned):
    names = {one.name for one in tuned.comparison.contenders}
    assert names == {"before", "tuned", "pixels", "descriptor", "untrained", "before + descriptor"}
    report = json.loads((tuned.model.parent / "report.json").read_text())
    assert report["gain"]["value"] == pytest.approx(tuned.gain.value)
    assert set(report["ways"]) == {"shape", "colour"}
    assert report["verdict"] == tuned.verdict


def test_the_figures_after_are_those_of_the_file(tuned, catalogue):
    asked = {view.id for view in tuned.comparison.views}
    held_out = Catalogue(tuple(item for item in catalogue if item.views[0].id in asked))
    report = evaluate(embed_catalogue(held_out, open_embedder(tuned.model)), check_leaks=False)
    assert report["R@1"].value == pytest.approx(tuned.comparison["tuned"].report["R@1"].value)


def test_a_base_with_blocks_keeps_their_names_and_weights(catalogue, tmp_path):
    blocks = (Block("shape", 0, 192, 0.6), Block("colour", 192, 256, 0.8))
    write_model(tmp_path / "two", Card("two", 256, 96, "", blocks=blocks, **PIXELS), untrained_model(seed=3))
    found = tune(catalogue, tmp_path / "out", model=tmp_path / "two", settings=QUICK)
    kept = open_embedder(found.model).card.blocks
    assert [(block.name, block.weight) for block in kept] == [("shape", 0.6), ("colour", 0.8)]
    assert kept[0].stop == kept[1].start


def test_a_tuned_model_can_be_tuned_again(tuned, catalogue, tmp_path):
    again = tune(catalogue, tmp_path, model=tuned.model, settings=QUICK)
    first, second = open_embedder(tuned.model).card, open_embedder(again.model).card
    assert [block.weight for block in second.blocks] == [block.weight for block in first.blocks]
    assert second.name == "plain-tuned-tuned"


def test_features_are_computed_once_and_do_not_depend_on_the_batch(catalogue, plain, tmp_path):
    base = open_embedder(plain)
    blocks = (Block("shape", 0, 256, 1.0), Block("colour", 0, 0, 1.0))
    first = cached_features(catalogue, base, blocks, variants=2, cache=tmp_path / "all")
    kept = sorted((tmp_path / "all").iterdir())
    written = [file.stat().st_mtime_ns for file in kept]
    again = cached_features(catalogue, base, blocks, variants=2, cache=tmp_path / "all")
    assert [file.stat().st_mtime_ns for file in kept] == written
    few = cached_features(Catalogue(catalogue.items[5:7]), base, blocks, variants=2, cache=tmp_path / "few")
    for name, part in first.parts.items():
        np.testing.assert_array_equal(part, again.parts[name])
        np.testing.assert_allclose(part[10:14], few.parts[name], atol=1e-5)
        assert not np.allclose(part[:, 0], part[:, 1])


def test_when_it_is_not_shown_to_help_no_model_is_written_and_the_old_one_stays(catalogue, plain, tmp_path):
    wrong = [
        replace(item, views=(item.views[0], catalogue[number - 1].views[1]))
        for number, item in enumerate(catalogue)
    ]
    settings = replace(QUICK, anyway=False)
    found = tune(Catalogue(tuple(wrong)), tmp_path, model=plain, settings=settings)
    assert not found.helped
    assert found.model is None
    assert "Keep the old model" in found.verdict
    assert not (tmp_path / "model").exists()
    assert (tmp_path / "report.json").is_file()


def test_a_model_of_an_earlier_run_is_told_apart(catalogue, plain, tmp_path):
    (tmp_path / "model").mkdir()
    told: list[str] = []
    wrong = [
        replace(item, views=(item.views[0], catalogue[number - 1].views[1]))
        for number, item in enumerate(catalogue)
    ]
    settings = replace(QUICK, anyway=False)
    tune(Catalogue(tuple(wrong)), tmp_path, model=plain, settings=settings, tell=told.append)
    assert any("is of an earlier run" in line for line in told)


@pytest.mark.parametrize(
    ("settings", "said"), [({"variants": 0}, "variants is 0"), ({"held_out": 1.5}, "held_out is 1.5")]
)
def test_settings_beyond_their_limits_are_refused_before_any_work(catalogue, tmp_path, settings, said):
    with pytest.raises(TrainingError, match=said):
        tune(catalogue, tmp_path / "out", settings=replace(QUICK, **settings))
    assert not (tmp_path / "out").exists()


def test_the_same_seed_gives_the_same_model(catalogue, plain, tuned, tmp_path):
    again = tune(catalogue, tmp_path, model=plain, settings=QUICK)
    assert open_embedder(again.model).card.fingerprint == open_embedder(tuned.model).card.fingerprint


def test_what_has_no_graph_cannot_be_tuned_and_says_what_can():
    for name in ("descriptor", "timm:resnet34", "pixels"):
        with pytest.raises(TrainingError, match="no ONNX graph") as caught:
            open_base(name)
        assert "--model" in caught.value.hint
    with pytest.raises(TrainingError, match="no model at"):
        open_base("no/such/folder")


def test_items_of_one_view_are_nothing_to_tune_on(plain, tmp_path):
    with pytest.raises(TrainingError, match="have several views"):
        tune(drawn_catalogue(20, views=1), tmp_path, model=plain, settings=QUICK)


def test_without_the_extra_the_command_to_install_it_is_named(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(extra, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as caught:
        tune(catalogue, tmp_path)
    assert "lookalike[train]" in caught.value.hint


def test_the_verb_tunes_and_prints_the_table_and_the_verdict(catalogue, plain, tmp_path):
    for item in catalogue:
        (tmp_path / "photos" / item.id).mkdir(parents=True)
        for number, view in enumerate(item.views):
            (tmp_path / "photos" / item.id / f"{number}.png").write_bytes(view.read())
    arguments = [str(tmp_path / "photos"), "--out", str(tmp_path / "out"), "--model", str(plain)]
    done = CliRunner().invoke(verb, [*arguments, "--variants", "2", "--anyway"])
    assert done.exit_code == 0, done.output
    assert re.search(r"^tuned +\d\.\d{3} \[", done.output, re.MULTILINE)
    assert "Tuning " in done.output
    assert f"--model {tmp_path / 'out' / 'model'} --store STORE" in done.output
