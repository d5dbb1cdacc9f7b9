"""A run can be interrupted, resumed to the same weights, stopped early, and does not swallow NaN."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from tests.training.drawn import drawn_catalogue, quick  # noqa: E402

from lookalike.errors import TrainingError  # noqa: E402
from lookalike.training.checkpoints import BEST, LAST, read  # noqa: E402
from lookalike.training.data import prepare  # noqa: E402
from lookalike.training.devices import Devices, start  # noqa: E402
from lookalike.training.heads import make_learner  # noqa: E402
from lookalike.training.trainer import Trainer  # noqa: E402

CPU = start(Devices("cpu"))
EVERYTHING = {
    "augmentation": {"crop": 0.5, "flip": True, "colour": 0.4, "grey": 0.2, "blur": 0.2, "rotate_deg": 10},
    "head": {"hidden": [16], "dropout": 0.3},
    "loss": {"memory": 16, "koleo": 0.1},
    "optimiser": {"name": "adamw", "ema": 0.9, "clip": 1.0},
    "schedule": {"epochs": 4, "kind": "cosine", "warmup_epochs": 1},
}


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    return prepare(drawn_catalogue(12), quick(), folder=tmp_path_factory.mktemp("lessons"))


def trainer(recipe, lessons, folder):
    return Trainer(
        recipe, lessons, make_learner(recipe, classes=lessons.classes), folder=folder, workplace=CPU
    )


@pytest.mark.parametrize(
    "recipe",
    [quick(**EVERYTHING), quick(optimiser={"name": "sgd"}, schedule={"epochs": 3})],
    ids=["everything on", "plain sgd"],
)
def test_interrupted_and_resumed_equals_never_interrupted(recipe, lessons, tmp_path):
    trainer(recipe, lessons, tmp_path / "whole").fit()

    def interrupt(found):
        if found["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer(recipe, lessons, tmp_path / "parts").fit(tell=interrupt)
    assert len(read(tmp_path / "parts" / LAST)[1]["history"]) == 2
    trainer(recipe, lessons, tmp_path / "parts").fit(resume=True)

    whole, state = read(tmp_path / "whole" / LAST)
    parts, resumed = read(tmp_path / "parts" / LAST)
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert state == resumed


def test_training_moves_the_weights_and_makes_the_loss_smaller(lessons, tmp_path):
    recipe = quick(optimiser={"rate": 0.01}, schedule={"epochs": 6})
    history = trainer(recipe, lessons, tmp_path).fit().history
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_a_loss_that_is_not_finite_stops_the_run_and_the_last_good_checkpoint_stays(lessons, tmp_path):
    run = trainer(quick(schedule={"epochs": 3}), lessons, tmp_path)

    def spoil(_):
        with torch.no_grad():
            next(run.standing.learner.head.parameters()).fill_(float("nan"))

    with pytest.raises(TrainingError, match="loss became nan in epoch 2"):
        run.fit(tell=spoil)
    tensors, state = read(tmp_path / LAST)
    assert len(state["history"]) == 1
    assert all(torch.isfinite(value).all() for value in tensors.values() if value.is_floating_point())


def test_weights_that_a_finite_loss_spoiled_are_not_kept(lessons, tmp_path, monkeypatch):
    run = trainer(quick(schedule={"epochs": 3}), lessons, tmp_path)
    last, calls, step = 2 * len(run.sampler.batches(0)), count(1), run.standing.optimiser.step

    def spoil_at_the_end():
        step()
        if next(calls) == last:
            with torch.no_grad():
                next(run.standing.learner.head.parameters()).fill_(float("inf"))

    monkeypatch.setattr(run.standing.optimiser, "step", spoil_at_the_end)
    with pytest.raises(TrainingError, match="weights are not finite after epoch 2"):
        run.fit()
    for name in (LAST, BEST):
        tensors, state = read(tmp_path / name)
        assert len(state["history"]) == 1
        assert all(torch.isfinite(value).all() for value in tensors.values() if value.is_floating_point())


def test_a_run_stops_when_nothing_gets_better_and_ends_with_its_best_weights(lessons, tmp_path):
    recipe = quick(optimiser={"name": "sgd", "rate": 0.0}, schedule={"epochs": 9, "patience": 2})
    fitted = trainer(recipe, lessons, tmp_path).fit()
    assert len(fitted.history) == 3
    assert fitted.best_epoch == 1


def test_a_frozen_backbone_stays_as_it_is_while_the_head_learns_on_kept_features(lessons, tmp_path):
    recipe = quick(
        backbone={"frozen": True, "cached_variants": 3}, augmentation={"flip": True}, schedule={"epochs": 2}
    )
    run = trainer(recipe, lessons, tmp_path)
    before = {name: value.clone() for name, value in run.standing.learner.state_dict().items()}
    run.fit()
    assert run.features.shape == (3, len(lessons.pixels), 128)
    moved = {
        name
        for name, value in run.standing.learner.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert moved
    assert all(name.startswith("head.") for name in moved)


def test_bf16_trains_to_finite_weights(lessons, tmp_path):
    fitted = trainer(replace(quick(), precision="bf16"), lessons, tmp_path).fit()
    assert all(torch.isfinite(value).all() for value in fitted.learner.state_dict().values())


def test_resuming_what_is_not_there_or_of_another_recipe_is_an_error(lessons, tmp_path):
    with pytest.raises(TrainingError, match="no checkpoint"):
        trainer(quick(), lessons, tmp_path).fit(resume=True)
    trainer(quick(schedule={"epochs": 1}), lessons, tmp_path).fit()
    with pytest.raises(TrainingError, match="another recipe"):
        trainer(quick(optimiser={"rate": 0.5}), lessons, tmp_path).fit(resume=True)
    (tmp_path / LAST).write_bytes(b"half a file")
    with pytest.raises(TrainingError, match="no checkpoint"):
        trainer(quick(), lessons, tmp_path).fit(resume=True)
