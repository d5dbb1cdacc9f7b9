"""The long part of our recipe: distillation until a time is up, by one process or several, resumable."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lookalike.training.augment import Augmentation
from lookalike.training.averaging import load_weights, meet, save_weights
from lookalike.training.distil import joined_loss, lesson
from lookalike.training.network import Network
from lookalike.training.teacher import Teacher


@dataclass(frozen=True, kw_only=True)
class DistilPlan:
    """How long and how fast.

    Args:
        minutes: of this run; the learning rate falls to nothing at their end.
        batch: photos a step.
        size_px: side of the views; smaller than in use, for speed.
        rate: learning rate at the start.
        stage_share: weight of the stages' surprise beside the features' cosines.
        meet_every_s: how often workers average and a checkpoint is written.
        worker: number of this process among those that share the folder.
    """

    minutes: float
    batch: int = 24
    size_px: int = 96
    rate: float = 1e-3
    stage_share: float = 0.6
    meet_every_s: float = 100.0
    worker: int = 0


Report = Callable[[str], None]


def draws(
    photos: NDArray[np.uint8], small: NDArray[np.uint8] | None, *, batch: int, seed: int
) -> Iterator[list[NDArray[np.uint8]]]:
    """Endless batches: photos of the table and, where there are some, two fifths of small ones."""
    rng = np.random.default_rng(seed)
    few = 0 if small is None else 2 * batch // 5
    while True:
        found = [photos[np.sort(rng.choice(len(photos), batch - few, replace=len(photos) < batch))]]
        if small is not None and few:
            found.append(small[np.sort(rng.choice(len(small), few, replace=False))])
        yield found


def resume(network: Network, folder: Path) -> bool:
    """Take the newest checkpoint of the folder, if there is one."""
    files = sorted(folder.glob("worker-*.safetensors"), key=lambda file: file.stat().st_mtime)
    if not files:
        return False
    network.load_state_dict(load_weights(files[-1]))
    return True


def distil(
    network: Network,
    teacher: Teacher,
    batches: Iterator[list[NDArray[np.uint8]]],
    *,
    plan: DistilPlan,
    folder: Path,
    report: Report,
) -> None:
    """Train end to end until the minutes are up; checkpoints and averages go through ``folder``.

    Args:
        network: trained in place; call ``resume`` first to go on from a checkpoint.
        teacher: opened at the stages' borders and its last map.
        batches: from ``draws``.
        plan: how long and how fast.
        folder: of checkpoints, shared by the workers.
        report: takes one line now and then.
    """
    centre = load_weights(folder / "centre.safetensors")["centre"]
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-4)
    rng = np.random.default_rng(plan.worker + 1)
    how = Augmentation(size_px=plan.size_px, mixed=0.15)
    began = met = time.monotonic()
    network.train()
    step = 0
    while (spent := (time.monotonic() - began) / (60 * plan.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1.0, (step + 1) / 60) * max(0.04, math.cos(math.pi / 2 * spent))
        given = lesson(next(batches), teacher, how, rng)
        with torch.autocast("cpu", torch.bfloat16):
            loss = joined_loss(network, given, stage_share=plan.stage_share, centre=centre)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 3.0)
        optimiser.step()
        step += 1
        if time.monotonic() - met > plan.meet_every_s:
            met = time.monotonic()
            together = meet(network, folder, worker=plan.worker)
            report(f"step {step}: loss {float(loss):.3f}, {together} workers averaged")
    save_weights(network.state_dict(), folder / f"worker-{plan.worker}.safetensors")
    network.eval()
