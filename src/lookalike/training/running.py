"""The whole of a run: catalogue and recipe in; checkpoints, curves, a model folder and a report out."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.atomic import write_atomically
from lookalike.catalogue.items import Catalogue
from lookalike.embedding.card import Card
from lookalike.errors import TrainingError
from lookalike.training.extra import require_tensorboard, require_torch
from lookalike.training.recipe import Recipe
from lookalike.training.recipe_limits import check_limits

if TYPE_CHECKING:
    from lookalike.training.data import Lessons
    from lookalike.training.devices import Devices
    from lookalike.training.heads import Learner
    from lookalike.training.measuring import Measured
    from lookalike.training.trainer import Fitted

Tell = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Trained:
    """What a run left behind.

    Args:
        folder: everything it wrote.
        model: the model folder, for ``lookalike index --model``.
        card: the model's papers.
        history: figures of each epoch.
        measured: figures on the held-out items.
    """

    folder: Path
    model: Path
    card: Card
    history: tuple[dict[str, float], ...]
    measured: Measured


def train(  # noqa: PLR0913 - what to do, where, and who is told
    catalogue: Catalogue,
    recipe: Recipe,
    out: Path,
    *,
    resume: bool = False,
    devices: Devices | None = None,
    tell: Tell = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Trained:
    """Run a recipe on a catalogue.

    Writes to ``out``: ``recipe.json``, ``last`` and ``best.safetensors``, ``curves.csv`` and ``.png``,
    ``augmentations.png``, ``model/`` (ONNX and card) and ``report.json``.

    Args:
        catalogue: whose items.
        recipe: what to do.
        out: a folder of the run's own.
        resume: go on from ``last.safetensors``.
        devices: where to work; the CPU or GPU at hand where not given. With several, or under ``torchrun``,
            the other processes run the same program up to here and end in here (``SystemExit``).
        tell: given a line after each epoch.
        progress: told what is done (``decoding``, ``epoch 3``, ...), how much of it, and all of it.

    Raises:
        MissingExtra: PyTorch is not installed.
        TrainingError: recipe and catalogue do not fit, the loss is not finite, nothing to resume, or
            ``out`` holds a run and it is not to be resumed.
        EmbedderError: the backbone or its weights are not to be had.
        CatalogueError: the catalogue cannot be split.
        EvaluationError: the split leaks.
    """
    require_torch("Training")
    if devices is not None and devices.tensorboard:
        require_tensorboard()
    _check(recipe, out, resume=resume)
    from lookalike.training.data import prepare
    from lookalike.training.devices import Devices as DefaultDevices
    from lookalike.training.devices import start
    from lookalike.training.heads import backbone_of, make_learner
    from lookalike.training.previews import draw_augmentations
    from lookalike.training.trainer import Trainer, discard_photos

    workplace = start(devices or DefaultDevices(), bf16=recipe.precision == "bf16")
    fabric = workplace.fabric
    # Each process decodes for itself: the photos of one could be truncated under the hands of another.
    own = out if fabric.is_global_zero else out / f"process-{fabric.global_rank}"
    if not fabric.is_global_zero:
        tell, progress = _say_nothing, _say_nothing
    backbone = backbone_of(recipe)  # before any photo is decoded: a hub out of reach is told at once
    lessons = prepare(catalogue, recipe, folder=own, progress=partial(progress, "decoding"))
    tell(_counts(lessons))
    for leak in lessons.leaks:
        tell(f"note: {leak}; keep such items together by split.group")
    learner = make_learner(recipe, classes=lessons.classes, backbone=backbone)
    before = copy.deepcopy(learner).eval()
    if fabric.is_global_zero:
        write_atomically(out / "recipe.json", json.dumps(recipe.to_dict(), indent=2))
        draw_augmentations(lessons, recipe, out / "augmentations.png")
    trainer = Trainer(
        recipe,
        lessons,
        learner,
        folder=out,
        workplace=workplace,
        teacher=_teacher_vectors(recipe, lessons),
    )
    fitted = trainer.fit(resume=resume, tell=lambda found: tell(epoch_line(found)), progress=progress)
    discard_photos(own)
    if fabric.world_size > 1:
        _part_ways(own, helper=not fabric.is_global_zero)
    return _deliver(recipe, lessons, before, fitted, out=out, progress=progress)


def _check(recipe: Recipe, out: Path, *, resume: bool) -> None:
    """What can be told before any photo is decoded.

    A run of hours is not written over because ``resume`` was forgotten.
    """
    from lookalike.embedding.zoo import open_embedder
    from lookalike.training.checkpoints import LAST, check_resumable

    check_limits(recipe)
    if recipe.loss.distil:
        open_embedder(recipe.loss.teacher)
    if resume:
        check_resumable(out / LAST, recipe)
    elif (out / LAST).exists():
        raise TrainingError(
            f"{out} holds a run already.",
            hint="Go on with it by --resume; or choose another --out, or remove that folder.",
        )


def _say_nothing(*_: str | int) -> None:
    """What the processes beside the first say."""


def _part_ways(folder: Path, *, helper: bool) -> None:
    """After the last step in common: the first process goes on alone, the others end."""
    from torch import distributed

    distributed.destroy_process_group()
    if helper:
        with suppress(OSError):
            folder.rmdir()
        raise SystemExit(0)


def epoch_line(found: dict[str, float]) -> str:
    """An epoch's figures on one line."""
    rest = (f"{name} {value:.4f}" for name, value in found.items() if name != "epoch")
    return f"epoch {found['epoch']:.0f}: " + ", ".join(rest)


def _counts(lessons: Lessons) -> str:
    return (
        f"{len(lessons.train)} photos to train on, {len(lessons.validation)} to choose by, "
        f"{len(lessons.held_out)} items held out; classes {', '.join(map(str, lessons.classes))}"
    )


def _teacher_vectors(recipe: Recipe, lessons: Lessons) -> Any:
    """The teacher's vector of each row, where one is followed."""
    if not recipe.loss.distil:
        return None
    from lookalike.training.following import teacher_vectors

    return teacher_vectors(recipe, lessons)


def _deliver(
    recipe: Recipe, lessons: Lessons, before: Learner, fitted: Fitted, *, out: Path, progress: Progress
) -> Trained:
    """Export, measure, and write the report; the card carries what was measured."""
    from lookalike.embedding.zoo import open_embedder
    from lookalike.training import measuring
    from lookalike.training.model_export import write_model_folder

    card = Card(
        name=recipe.name,
        width=fitted.learner.width,
        size_px=recipe.data.size_px,
        model_digest="",
        licence=_licence(recipe),
        training_data=_sources(recipe, lessons),
        notes=f"{recipe.summary} Best of {len(fitted.history)} epochs: {fitted.best_epoch}.",
    )
    card = write_model_folder(fitted.learner, card, out / "model")
    start = measuring.network_embedder(
        before,
        replace(card, name=measuring.BEFORE, model_digest="before", mean=(0.0,) * 3, scale=(1.0,) * 3),
    )
    seen = measuring.embed_held_out(
        lessons.held_out, [start, open_embedder(out / "model")], progress=progress
    )
    measured = measuring.measure(seen, recipe, leaks=lessons.leaks)
    card = write_model_folder(
        fitted.learner, replace(card, quality=measured.quality(recipe.name)), out / "model"
    )
    report = {
        "recipe": recipe.to_dict(),
        "model": card.fingerprint,
        "training": _counts(lessons),
        "unusable_photos": lessons.unusable,
        "best_epoch": fitted.best_epoch,
        "history": fitted.history,
        **measured.to_dict(),
    }
    write_atomically(out / "report.json", json.dumps(report, indent=2))
    return Trained(out, out / "model", card, fitted.history, measured)


def _licence(recipe: Recipe) -> str:
    if recipe.backbone.weights == "none" or recipe.backbone.name in ("dense", "small-cnn"):
        return "the owner of the training photos decides"
    return f"as the weights of {recipe.backbone.name} ({recipe.backbone.weights}) and the training photos"


def _sources(recipe: Recipe, lessons: Lessons) -> tuple[str, ...]:
    source = Path(lessons.held_out.source).name or "a catalogue without a name"
    photos = f"{source}: {len(lessons.train)} photos (licence: as the catalogue's)"
    if recipe.backbone.weights == "none" or recipe.backbone.name in ("dense", "small-cnn"):
        return (photos,)
    return (photos, f"what {recipe.backbone.name} was trained on ({recipe.backbone.weights})")
