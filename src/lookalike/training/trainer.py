"""The loop: epochs of batches, a figure after each, checkpoints, an early stop, a guard against NaN."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lookalike.errors import TrainingError
from lookalike.training.augmentation import Part, augment, mixed
from lookalike.training.checkpoints import BEST, LAST, Standing, load_weights, restore, save
from lookalike.training.curves import draw_curves, write_curves
from lookalike.training.data import Lessons, Rows
from lookalike.training.devices import Workplace
from lookalike.training.feature_cache import cached_features, photos_of
from lookalike.training.gathering import share_statistics
from lookalike.training.heads import Learner
from lookalike.training.optimisation import Average, make_optimiser, rate_at, set_rate
from lookalike.training.recipe import Recipe
from lookalike.training.sampling import Sampler, make_sampler
from lookalike.training.validation import figures, headline

Figures = dict[str, float]
Tell = Callable[[Figures], None]
Progress = Callable[[str, int, int], None]
StepProgress = Callable[[int, int], None]

NOT_FINITE = "The last good checkpoint is kept; lower optimiser.rate, or set optimiser.clip=1."


@dataclass(frozen=True)
class Fitted:
    """A finished run: its best weights, and the figures of every epoch."""

    learner: Learner
    history: tuple[Figures, ...]
    best_epoch: int


class Trainer:
    """One run of a recipe."""

    def __init__(
        self,
        recipe: Recipe,
        lessons: Lessons,
        learner: Learner,
        *,
        folder: Path,
        workplace: Workplace,
        teacher: NDArray[np.float32] | None = None,
    ) -> None:
        """Set up.

        Args:
            recipe: what to do.
            lessons: what to learn from.
            learner: the weights, changed in place.
            folder: where checkpoints and curves go.
            workplace: where to work, and with whom.
            teacher: a vector for each row of the lessons, to be followed.

        Raises:
            TrainingError: the lessons cannot fill the recipe's batches.
        """
        self.recipe, self.lessons, self.folder, self.workplace = recipe, lessons, folder, workplace
        self.teacher = None if teacher is None else torch.from_numpy(teacher)
        self.fabric = workplace.fabric
        if self.fabric.world_size > 1:
            share_statistics(learner)
        average = Average(learner, decay=recipe.optimiser.ema) if recipe.optimiser.ema else None
        optimiser = make_optimiser(recipe.optimiser, learner)
        self.standing = Standing(learner, optimiser, average, [])
        self.sampler = self._sampler()
        self.features: Tensor | None = None

    def fit(
        self, *, resume: bool = False, tell: Tell | None = None, progress: Progress = lambda *_: None
    ) -> Fitted:
        """Train until the epochs are done or nothing gets better; end with the best weights.

        Args:
            resume: go on from the last checkpoint, to the same weights as if never interrupted.
            tell: given each epoch's figures.
            progress: told what is done (``features``, ``epoch 3``), how much of it, and all of it.

        Raises:
            TrainingError: the loss is not finite (the last good checkpoint stays), or there is nothing to
                resume.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if resume:
            restore(self.folder / LAST, self.standing, self.recipe)
        model, optimiser = self.fabric.setup(self.standing.learner, self.standing.optimiser)
        if self.standing.average is not None:
            self.standing.average.learner.to(self.fabric.device)
        if self.recipe.backbone.frozen:
            self.features = cached_features(
                self.standing.learner.backbone,
                self.lessons,
                self.recipe,
                progress=partial(progress, "features"),
            )
        for epoch in range(len(self.standing.history), self.recipe.schedule.epochs):
            if self._stale():
                break
            loss = self._epoch(epoch, model, optimiser, partial(progress, f"epoch {epoch + 1}"))
            self._note({"epoch": float(epoch + 1), "train_loss": loss})
            if tell is not None:
                tell(self.standing.history[-1])
        if self.fabric.is_global_zero:
            draw_curves({self.recipe.name: self.standing.history}, self.folder / "curves.png")
        self.fabric.barrier()  # the first process may still be writing
        load_weights(self.folder / BEST, self.standing)
        return Fitted(
            self.standing.measured.cpu().eval(), tuple(self.standing.history), self._best_epoch() + 1
        )

    def _epoch(self, epoch: int, model: Any, optimiser: Any, progress: StepProgress) -> float:
        """Pass over all batches once; the mean loss."""
        torch.manual_seed(mixed((self.recipe.seed, 3, epoch, self.fabric.global_rank)))  # dropout
        model.train()
        losses, batches = [], self.sampler.batches(epoch)
        for step, rows in enumerate(batches):
            share = rate_at(epoch + step / len(batches), self.recipe.schedule)
            set_rate(self.standing.optimiser, share, self.recipe.optimiser)
            loss = model(*self._batch(rows, epoch, step), cached=self.features is not None)
            if not torch.isfinite(loss):
                raise TrainingError(
                    f"The loss became {float(loss.detach())} in epoch {epoch + 1}, step {step + 1}.",
                    hint=NOT_FINITE,
                )
            optimiser.zero_grad()
            self.fabric.backward(loss)
            if self.recipe.optimiser.clip:
                self.fabric.clip_gradients(model, optimiser, max_norm=self.recipe.optimiser.clip)
            optimiser.step()
            if self.standing.average is not None:
                self.standing.average.follow(self.standing.learner)
            losses.append(float(loss.detach()))
            progress(step + 1, len(batches))
        return float(np.mean(losses))

    def _batch(self, rows: Rows, epoch: int, step: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs, labels and the teacher's vectors of a batch, this process's part of it.

        Chance is drawn for the whole batch: a photo is changed alike however many processes there are.
        """
        whole, (rank, world) = self.lessons.train[rows], (self.fabric.global_rank, self.fabric.world_size)
        places = np.array_split(np.arange(len(whole)), world)[rank]
        mine = whole[places]
        if self.features is not None:
            inputs = self.features[epoch % len(self.features)][mine]
            copies = 1
        else:
            copies, photos = self.recipe.augmentation.copies, photos_of(self.lessons.pixels, mine)
            seed, part = (self.recipe.seed, epoch, step, 0), Part(tuple(places), len(whole))
            inputs = torch.cat(
                [
                    augment(photos, self.recipe.augmentation, seed=(*seed, copy), part=part)
                    for copy in range(copies)
                ]
            )
        labels = torch.from_numpy(self.lessons.labels[:, mine]).repeat(1, copies)
        teacher = None if self.teacher is None else self.teacher[mine].repeat(copies, 1)
        device = self.fabric.device
        return inputs.to(device), labels.to(device), None if teacher is None else teacher.to(device)

    def _note(self, found: Figures) -> None:
        """Measure, write checkpoints and curves; weights that are no numbers are never kept."""
        self._check_weights(int(found["epoch"]))
        found |= figures(
            self.standing.measured, self.lessons, features=None if self.features is None else self.features[0]
        )
        self.standing.history.append(found)
        if not self.fabric.is_global_zero:
            return
        save(self.folder / LAST, self.standing, self.recipe)
        if self._best_epoch() == len(self.standing.history) - 1:
            save(self.folder / BEST, self.standing, self.recipe)
        write_curves(self.standing.history, self.folder, tensorboard=self.workplace.tensorboard)

    def _check_weights(self, epoch: int) -> None:
        """A finite loss can have a gradient that is not: the last step then leaves weights that are not."""
        weights = self.standing.measured.state_dict().values()
        if not all(bool(torch.isfinite(one).all()) for one in weights if one.is_floating_point()):
            raise TrainingError(f"The weights are not finite after epoch {epoch}.", hint=NOT_FINITE)

    def _best_epoch(self) -> int:
        return int(np.argmax([headline(found) for found in self.standing.history]))

    def _stale(self) -> bool:
        patience, done = self.recipe.schedule.patience, len(self.standing.history)
        return bool(patience and done and done - 1 - self._best_epoch() >= patience)

    def _sampler(self) -> Sampler:
        rows = self.lessons.train
        return make_sampler(
            self.recipe.sampler,
            self.lessons.labels[0, rows] if len(self.lessons.labels) else self.lessons.items[rows],
            self.lessons.categories[rows],
            seed=self.recipe.seed,
        )


def discard_photos(folder: Path) -> None:
    """Remove the decoded photos of a run that is over."""
    with suppress(OSError):
        (folder / "photos.npy").unlink()
