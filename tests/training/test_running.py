"""A whole run: an index takes its model folder at once, it gives PyTorch's vectors, and says what it is."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from tests.training.drawn import drawn_catalogue, quick  # noqa: E402

from lookalike.catalogue.items import Catalogue, View  # noqa: E402
from lookalike.catalogue.photos import read_photo  # noqa: E402
from lookalike.embedding import hub  # noqa: E402
from lookalike.embedding.zoo import open_embedder  # noqa: E402
from lookalike.errors import EmbedderError, MissingExtra, TrainingError  # noqa: E402
from lookalike.evaluation.evaluated import Evaluated  # noqa: E402
from lookalike.interfaces.cli.app import main  # noqa: E402
from lookalike.interfaces.cli.train import train as verb  # noqa: E402
from lookalike.retrieval.opening import index  # noqa: E402
from lookalike.training import data, extra, running  # noqa: E402
from lookalike.training.augmentation import augment  # noqa: E402
from lookalike.training.backbones import layer_table, make_backbone  # noqa: E402
from lookalike.training.checkpoints import BEST, Standing, load_weights  # noqa: E402
from lookalike.training.curves import draw_curves  # noqa: E402
from lookalike.training.devices import Devices  # noqa: E402
from lookalike.training.heads import make_learner  # noqa: E402
from lookalike.training.learning_curve import learning_curve  # noqa: E402
from lookalike.training.measuring import colour_following, short_codes, signs  # noqa: E402
from lookalike.training.model_export import Deployed  # noqa: E402
from lookalike.training.recipe import Augmentation, Backbone  # noqa: E402
from lookalike.training.running import train  # noqa: E402

RECIPE = quick(data={"labels": ["item", "category"]}, head={"matryoshka": [8]})


@pytest.fixture(scope="module")
def catalogue():
    return drawn_catalogue(12)


@pytest.fixture(scope="module")
def trained(catalogue, tmp_path_factory):
    return train(catalogue, RECIPE, tmp_path_factory.mktemp("run"))


def test_an_index_takes_the_model_folder_at_once_and_finds_the_item(trained, catalogue, tmp_path):
    engine = index(catalogue, tmp_path / "store", model=trained.model)
    found = engine.search(catalogue[4].views[0].read(), k=3)
    assert found[0].item == catalogue[4].id


def test_the_model_folder_gives_pytorchs_vectors(trained, catalogue):
    learner = make_learner(RECIPE, classes=(6, 3))
    load_weights(trained.folder / BEST, Standing(learner, None, None, []))
    photos = [read_photo(item.views[0].read(), size_px=32) for item in catalogue]
    with torch.no_grad():
        ours = Deployed(learner.eval())(torch.from_numpy(np.stack([photo.pixels for photo in photos])))
    np.testing.assert_allclose(open_embedder(trained.model).encode(photos), ours.numpy(), atol=1e-4)


def test_the_card_says_what_the_model_was_trained_on_and_measured_at(trained):
    card = open_embedder(trained.model).card
    assert card.fingerprint == trained.card.fingerprint
    assert card.training_data[0].startswith("drawn: ")
    figure = card.quality["R@1, leave-one-view-out, held-out items"]
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert any("category" in name for name in card.quality)


def test_the_report_has_before_after_and_baselines_on_the_same_items(trained):
    report = json.loads((trained.folder / "report.json").read_text())
    assert len(report["comparisons"]) == 2
    for comparison in report["comparisons"]:
        names = {one["name"] for one in comparison["contenders"]}
        assert names == {"quick", "before training", "pixels", "descriptor", "untrained"}
    assert set(report["short_codes"]) == {"all", "signs", "8 of 16"}
    for figure in (report["follows_colour"]["quick"], *report["short_codes"].values()):
        assert -1 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
        assert figure["queries"] > 0


def test_held_out_photos_that_are_nearly_photos_learned_from_are_told_at_once_and_in_the_report(tmp_path):
    items = list(drawn_catalogue(12))
    copied = items[0].views[0].read()
    again = [
        replace(item, views=(*item.views[:2], View(_recompressed(copied, 90 - n))))
        for n, item in enumerate(items)
    ]
    told: list[str] = []
    trained = train(Catalogue(tuple(again), source="copied"), quick(), tmp_path, tell=told.append)
    assert any("near-duplicates across the split" in line and "split.group" in line for line in told)
    for comparison in trained.measured.comparisons:
        assert "near-duplicates across the split" in comparison.contenders[0].report.leaks[0]
    assert "leak check: near-duplicates across the split" in trained.measured.to_text()


def _recompressed(photo: bytes, quality: int) -> bytes:
    written = io.BytesIO()
    with Image.open(io.BytesIO(photo)) as image:
        image.convert("RGB").save(written, "JPEG", quality=quality)
    return written.getvalue()


def test_the_text_of_a_run_has_the_shorter_codes_and_how_far_it_follows_colour(trained):
    text = trained.measured.to_text()
    assert f"  8 of 16  {trained.measured.short_codes['8 of 16']}" in text
    assert f"{trained.measured.follows_colour['quick']}" in text


def test_the_curves_have_a_line_an_epoch(trained):
    with (trained.folder / "curves.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["epoch"] for line in lines] == ["1.0", "2.0"]
    assert float(lines[1]["train_loss"]) == trained.history[1]["train_loss"]
    assert not (trained.folder / "photos.npy").exists()


def test_a_learning_curve_has_a_point_a_share(catalogue, tmp_path):
    points = learning_curve(catalogue, quick(schedule={"epochs": 1}), tmp_path, shares=[1.0, 0.5])
    assert [point.share for point in points] == [0.5, 1.0]
    assert (tmp_path / "learning_curve.png").is_file()
    with pytest.raises(TrainingError, match="Shares"):
        learning_curve(catalogue, quick(), tmp_path, shares=[0.0])


def test_augmented_pictures_depend_on_the_seed_alone_and_stay_pictures():
    photos = 255 * torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    how = Augmentation(crop=0.4, flip=True, rotate_deg=20, colour=0.8, grey=0.3, blur=0.5)
    first, again = (augment(photos, how, seed=(0, 1)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, augment(photos, how, seed=(0, 2)))
    assert first.shape == photos.shape
    assert 0 <= float(first.min()) <= float(first.max()) <= 255
    assert torch.equal(augment(photos, Augmentation(copies=2), seed=(0,)), photos)


def test_grey_pictures_have_no_colour_and_a_mirrored_one_is_mirrored():
    photos = 255 * torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    grey = augment(photos, Augmentation(grey=1.0), seed=(0,))
    assert torch.allclose(grey[:, 0], grey[:, 2])
    mirrored = augment(photos, Augmentation(flip=True), seed=(3,))
    same = [torch.allclose(a, b, atol=0.1) for a, b in zip(mirrored, photos, strict=True)]
    turned = [torch.allclose(a, b.flip(-1), atol=0.1) for a, b in zip(mirrored, photos, strict=True)]
    assert all(one != other for one, other in zip(same, turned, strict=True))
    assert any(turned)


@pytest.mark.parametrize(
    ("name", "pool", "width"),
    [
        ("dense", "model", 3072),
        ("small-cnn", "flatten", 2048),
        ("test_resnet", "avg", None),
        ("test_vit", "model", None),
        ("test_vit", "avg", None),
    ],
)
def test_every_kind_of_backbone_gives_features_of_its_width(name, pool, width):
    settings = Backbone(name=name, weights="none", pool=pool)
    backbone = make_backbone(settings, size_px=32, seed=0)
    photos = torch.zeros(2, 3, 32, 32)
    assert backbone(photos).shape == (2, width or backbone.width)
    again = make_backbone(settings, size_px=32, seed=0)
    assert torch.equal(backbone.eval()(photos), again.eval()(photos))


def test_the_layer_table_tells_shapes_and_weights_of_each_layer():
    table = layer_table("small-cnn", size_px=32)
    assert [layer.kind for layer in table[:4]] == ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]
    assert (table[0].shape, table[0].parameters) == ((32, 32, 32), 3 * 9 * 32 + 32)
    assert table[-1].shape == (128, 4, 4)


def test_signs_alone_order_as_hamming_distances_do():
    matrix = np.random.default_rng(0).standard_normal((6, 32)).astype(np.float32)
    hamming = ((matrix[:, None] > 0) != (matrix[None] > 0)).sum(axis=2)
    np.testing.assert_allclose(signs(matrix) @ signs(matrix).T, 1 - 2 * hamming / 32, atol=1e-6)


def test_a_ranking_by_colour_follows_colour_and_a_random_one_does_not(catalogue):
    pairs = list(catalogue.views())
    rng = np.random.default_rng(0)

    def seen(matrix):
        units = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
        names = tuple(str(row) for row in range(len(pairs)))
        return Evaluated(*zip(*pairs, strict=True), names, units.astype(np.float32), "made up")

    colour = seen(rng.random((len(pairs), 8)))
    assert colour_following(colour, colour).value == pytest.approx(1)
    assert abs(colour_following(seen(rng.standard_normal((len(pairs), 8))), colour).value) < 0.15
    one_item = colour.rows(np.arange(len(pairs)) < 3)
    assert colour_following(one_item, one_item) is None
    assert short_codes(colour, [4]).keys() == {"4 of 8", "all", "signs"}


def test_a_hub_that_cannot_be_reached_is_told_at_once(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "answers", lambda _: False)
    recipe = replace(quick(), backbone=Backbone(name="resnet34"))
    with pytest.raises(EmbedderError, match="hub cannot be reached") as caught:
        train(catalogue, recipe, tmp_path / "run")
    assert "backbone.weights" in caught.value.hint
    assert not (tmp_path / "run").exists()  # before any photo was decoded


def test_a_run_is_not_written_over_because_resume_was_forgotten(trained, catalogue):
    before = (trained.folder / "last.safetensors").read_bytes()
    with pytest.raises(TrainingError, match="holds a run already") as caught:
        train(catalogue, RECIPE, trained.folder)
    assert "--resume" in caught.value.hint
    assert (trained.folder / "last.safetensors").read_bytes() == before


def test_what_a_recipe_asks_for_in_vain_is_told_before_any_photo_is_decoded(catalogue, tmp_path):
    for section in (
        {"loss": {"name": "hinge"}},
        {"sampler": {"kind": "odd"}},
        {"backbone": {"name": "net"}},
        {"loss": {"distil": 1.0, "teacher": "nobody"}},
    ):
        with pytest.raises((TrainingError, EmbedderError), match=r"no (loss|sampler|network|embedder)"):
            train(catalogue, quick(**section), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_cannot_be_resumed_is_told_before_any_photo_is_decoded(
    trained, catalogue, tmp_path, monkeypatch
):
    monkeypatch.setattr(data, "prepare", None)
    with pytest.raises(TrainingError, match="no checkpoint"):
        train(catalogue, RECIPE, tmp_path / "run", resume=True)
    longer = replace(RECIPE, schedule=replace(RECIPE.schedule, epochs=9))
    with pytest.raises(TrainingError, match=r"schedule\.epochs is 2 there, 9 here"):
        train(catalogue, longer, trained.folder, resume=True)


def test_without_the_extra_the_command_to_install_it_is_named(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(extra, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as caught:
        train(catalogue, quick(), tmp_path)
    assert "lookalike[train]" in caught.value.hint


def test_ctrl_c_while_training_names_the_command_that_goes_on(item_folder, tmp_path, monkeypatch, capsys):
    small = ("data.size_px=32", "schedule.epochs=2", "split.held_out=0.34", "split.validation=0")
    asked = ["train", str(item_folder), "--recipe", "views-quick", "--out", str(tmp_path / "run")]
    asked += [part for one in small for part in ("--set", one)]
    monkeypatch.setattr("sys.argv", ["lookalike", *asked])

    def told() -> str:
        with pytest.raises(SystemExit) as ended:
            main(asked)
        assert ended.value.code == 130
        return capsys.readouterr().err.splitlines()[-1]

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as early:
        early.setattr(data, "prepare", interrupt)
        assert told() == f"Interrupted. No epoch was over; start again: {shlex.join(['lookalike', *asked])}"
    with monkeypatch.context() as later:
        later.setattr(running, "epoch_line", interrupt)
        said = told()
    assert said.endswith(shlex.join(["lookalike", *asked, "--resume"]))
    with pytest.raises(SystemExit) as done:
        main(shlex.split(said.partition("go on: lookalike ")[2]))
    assert done.value.code == 0
    assert len(json.loads((tmp_path / "run" / "report.json").read_text())["history"]) == 2


def test_a_learning_curve_goes_on_where_it_was_interrupted(catalogue, tmp_path):
    recipe, lines = quick(schedule={"epochs": 2}), []

    def interrupt(line):
        lines.append(line)
        if line.startswith("100%"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learning_curve(catalogue, recipe, tmp_path, shares=[0.5, 1.0], tell=interrupt)
    with pytest.raises(TrainingError, match="holds a run already"):
        learning_curve(catalogue, recipe, tmp_path, shares=[0.5, 1.0])
    again = []
    learning_curve(catalogue, recipe, tmp_path, shares=[0.5, 1.0], resume=True, tell=again.append)
    assert sum(line.startswith("epoch") for line in lines) == 2
    assert sum(line.startswith("epoch") for line in again) == 2  # of the second run alone


def test_progress_is_told_of_decoding_features_and_the_batches_of_each_epoch(catalogue, tmp_path):
    told: list[tuple[str, int, int]] = []
    recipe = quick(backbone={"frozen": True}, schedule={"epochs": 2})
    train(catalogue, recipe, tmp_path, progress=lambda *progress: told.append(progress))
    names = list(dict.fromkeys(name for name, _, _ in told))
    assert names[:4] == ["decoding", "features", "epoch 1", "epoch 2"]
    assert set(names[4:]) >= {"measuring quick", "measuring before training", "measuring pixels"}
    for name in names:
        counts = [(done, total) for what, done, total in told if what == name]
        assert counts[-1][0] == counts[-1][1] > 0
        assert [done for done, _ in counts] == sorted(done for done, _ in counts)


def test_a_run_whose_held_out_items_can_answer_nothing_says_so(tmp_path):
    recipe = quick(
        data={"labels": ["photo"]}, sampler={"kind": "plain"}, augmentation={"copies": 2, "flip": True}
    )
    measured = train(drawn_catalogue(12, views=1), recipe, tmp_path).measured
    assert measured.comparisons == ()
    assert measured.to_text().startswith("How good the model is was not measured: no held-out item has two")


def test_tensorboard_that_is_not_installed_is_told_before_any_work(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "tensorboard" else object())
    with pytest.raises(MissingExtra) as caught:
        train(catalogue, quick(), tmp_path / "run", devices=Devices("cpu", tensorboard=True))
    assert "lookalike[tensorboard]" in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_curves_of_several_runs_have_a_colour_a_run_and_a_line_a_figure(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda self, *_, **__: drawn.append(self.axes[0].lines)
    )
    history = [{"epoch": float(e), "train_loss": 1 / e, "val_loss": 2 / e} for e in (1, 2)]
    draw_curves({"one": history, "two": history}, tmp_path / "curves.png")
    styles = [(line.get_color(), line.get_linestyle()) for line in drawn[0]]
    assert styles == [("C0", "-"), ("C0", "--"), ("C1", "-"), ("C1", "--")]


def test_the_first_five_of_five_classes_are_no_figure(catalogue, tmp_path):
    recipe = quick(data={"labels": ["category"]}, loss={"name": "cross-entropy"}, sampler={"kind": "plain"})
    history = train(catalogue, replace(recipe, schedule=replace(recipe.schedule, epochs=1)), tmp_path).history
    assert "accuracy" in history[0]
    assert "top5" not in history[0]


def test_the_verb_lists_recipes_prints_layers_and_trains(item_folder, tmp_path):
    run = CliRunner().invoke
    assert "resnet34-simclr" in run(verb, ["--list"]).output
    assert "Conv2d" in run(verb, ["--layers", "small-cnn", "--layers-size", "32"]).output
    arguments = [str(item_folder), "--recipe", "views-quick", "--out", str(tmp_path / "run"), "--json"]
    small = ["data.size_px=32", "schedule.epochs=1", "split.held_out=0.34", "split.validation=0"]
    done = run(verb, arguments + [part for one in small for part in ("--set", one)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "run" / "model" / "model.onnx").is_file()
    assert run(verb, []).exit_code == 2
