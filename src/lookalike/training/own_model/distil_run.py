"""The long part of our recipe: distillation in phases until their minutes are up, resumable at any point."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread

import numpy as np
import torch
from numpy.typing import NDArray

from lookalike.atomic import write_atomically
from lookalike.training.own_model.augment import Augmentation
from lookalike.training.own_model.distil import Lesson, joined_loss, lesson
from lookalike.training.own_model.network import Network
from lookalike.training.own_model.teacher import Teacher
from lookalike.training.own_model.weight_files import load_weights, save_weights

CHECKPOINT, PROGRESS = "network.safetensors", "progress.json"
AHEAD = 3
"""Lessons prepared while the network learns."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of the run with pictures of one size.

    Args:
        minutes: it lasts.
        size_px: side of what the network sees.
        teacher_px: side of what the teacher sees of the same view; its maps are averaged down.
        batch: photos a step.
    """

    minutes: float
    size_px: int
    teacher_px: int
    batch: int = 32


@dataclass(frozen=True, kw_only=True)
class DistilPlan:
    """How long and how fast.

    Args:
        phases: one after the other; the learning rate falls to nothing at the end of the last.
        rate: learning rate at the start.
        stage_share: weight of the stages' surprise beside the features' cosines.
        small_share: share of a batch that is drawn from the small photos, where there are some.
        save_every_s: how often a checkpoint is written.
    """

    phases: tuple[Phase, ...]
    rate: float = 1.2e-3
    stage_share: float = 0.6
    small_share: float = 0.3
    save_every_s: float = 120.0

    @property
    def minutes(self) -> float:
        """Of all phases."""
        return sum(phase.minutes for phase in self.phases)

    def phase_at(self, spent: float) -> Phase:
        """The phase after ``spent`` minutes."""
        for phase in self.phases:
            spent -= phase.minutes
            if spent < 0:
                return phase
        return self.phases[-1]

    def rate_at(self, spent: float) -> float:
        """The learning rate after ``spent`` minutes: a quarter of a cosine, after a short rise."""
        rise = min(1.0, 0.05 + spent)
        return self.rate * rise * max(0.01, math.cos(math.pi / 2 * min(1.0, spent / self.minutes)))


Report = Callable[[str], None]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Photos:
    """What is drawn from.

    Args:
        large: uint8, shape (photos, size, size, 3).
        rows: which of them may be seen.
        small: photos of another source and size, or None.
        chances: of each of ``rows``, summing to one; None for all alike.
    """

    large: NDArray[np.uint8]
    rows: NDArray[np.int64]
    small: NDArray[np.uint8] | None
    chances: NDArray[np.float64] | None = None

    def draw(self, count: int, small_share: float, rng: np.random.Generator) -> list[NDArray[np.uint8]]:
        """Photos of one batch, as arrays of one size each."""
        return self.at(*self.rows_of(count, small_share, rng))

    def rows_of(self, count: int, small_share: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """Rows of one batch among the large photos and among the small."""
        few = 0 if self.small is None else round(small_share * count)
        chosen = rng.choice(self.rows, count - few, replace=len(self.rows) < count, p=self.chances)
        among = rng.choice(len(self.small), few, replace=False) if self.small is not None else np.arange(0)
        return np.sort(chosen), np.sort(among)

    def at(self, large: Rows, small: Rows) -> list[NDArray[np.uint8]]:
        """The photos at some rows, as arrays of one size each."""
        found = [self.large[large]]
        if self.small is not None and len(small):
            found.append(self.small[small])
        return found


def resume(network: Network, folder: Path) -> float:
    """Take the folder's checkpoint, if there is one; the minutes already spent."""
    if not (folder / PROGRESS).exists():
        return 0.0
    network.load_state_dict(load_weights(folder / CHECKPOINT))
    return float(json.loads((folder / PROGRESS).read_text())["minutes"])


def distil(  # noqa: PLR0913 - who learns what of whom, how long, from where on
    network: Network,
    teacher: Teacher,
    photos: Photos,
    *,
    plan: DistilPlan,
    centre: torch.Tensor,
    folder: Path,
    report: Report,
) -> None:
    """Train end to end until the minutes are up, going on from the folder's checkpoint.

    Args:
        network: trained in place.
        teacher: opened at the stages' borders and its last map.
        photos: what is drawn from.
        plan: how long and how fast.
        centre: the mean of the teacher's features, shape (features,).
        folder: of checkpoints.
        report: takes one line now and then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spent = resume(network, folder)
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-4)
    steps = _Stretch(network, optimiser, centre, plan)
    network.train()
    while spent < plan.minutes:
        phase = plan.phase_at(spent)
        began, learnt = time.monotonic(), 0
        for given in _prepared(photos, teacher, phase, plan, seed=round(1000 * spent)):
            now = spent + (time.monotonic() - began) / 60
            loss = steps.take(given, now)
            learnt += len(given.photos)
            if (now - spent) * 60 > plan.save_every_s or plan.phase_at(now) is not phase:
                break
        spent += (time.monotonic() - began) / 60
        _save(network, folder, spent)
        rate = learnt / (time.monotonic() - began)
        report(f"{spent:.1f} min, {phase.size_px} px, {rate:.0f} photos/s: loss {loss:.4f}")
    network.eval()


class _Stretch:
    """One gradient step after another, with the losses' running mean."""

    def __init__(
        self,
        network: Network,
        optimiser: torch.optim.Optimizer,
        centre: torch.Tensor,
        plan: DistilPlan,
    ) -> None:
        self._network, self._optimiser, self._centre, self._plan = network, optimiser, centre, plan
        self._mean = math.nan

    def take(self, given: Lesson, minutes: float) -> float:
        """Learn one batch; the running mean of the loss."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate_at(minutes)
        with torch.autocast("cpu", torch.bfloat16):
            share = self._plan.stage_share
            loss = joined_loss(self._network, given, stage_share=share, centre=self._centre)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 3.0)
        self._optimiser.step()
        value = float(loss.detach())
        self._mean = value if math.isnan(self._mean) else 0.99 * self._mean + 0.01 * value
        return self._mean


def _prepared(
    photos: Photos, teacher: Teacher, phase: Phase, plan: DistilPlan, *, seed: int
) -> Iterator[Lesson]:
    """Endless lessons, made by a thread ahead of their use."""
    ready: Queue[Lesson | BaseException] = Queue(AHEAD)
    stopped: list[bool] = []
    how = Augmentation(size_px=phase.size_px, mixed=0.15)

    def make() -> None:
        rng = np.random.default_rng(seed)
        try:
            while not stopped:
                batch = photos.draw(phase.batch, plan.small_share, rng)
                ready.put(lesson(batch, teacher, how, rng, teacher_px=phase.teacher_px))
        except BaseException as reason:  # handed to the thread that waits
            ready.put(reason)

    maker = Thread(target=make, daemon=True)
    maker.start()
    try:
        while True:
            given = ready.get()
            if isinstance(given, BaseException):
                raise given
            yield given
    finally:
        stopped.append(True)
        while maker.is_alive():
            _drain(ready)
            maker.join(0.05)


def _drain(ready: Queue[Lesson | BaseException]) -> None:
    while not ready.empty():
        ready.get_nowait()


def _save(network: Network, folder: Path, minutes: float) -> None:
    save_weights(network.state_dict(), folder / CHECKPOINT)
    write_atomically(folder / PROGRESS, json.dumps({"minutes": minutes}))
