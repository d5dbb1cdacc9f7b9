"""The last round of distillation: two teachers, on a GPU where there is one, resumable at any point."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lookalike.atomic import write_atomically
from lookalike.training.own_model.augment import Augmentation, blended, views
from lookalike.training.own_model.distil_run import CHECKPOINT, PROGRESS, Photos
from lookalike.training.own_model.network import Network
from lookalike.training.own_model.two_teachers import Pupil, Teachers, answers
from lookalike.training.own_model.weight_files import load_weights, save_weights

WHOLE = "whole.safetensors"
Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class TwoTeachersPlan:
    """How long and how fast.

    Args:
        steps: gradient steps.
        batch: photos a step.
        small_share: share of a batch drawn from the small photos, where there are some.
        size_px, teacher_px: sides of what the network and the teachers see.
        rate, map_rate: learning rates at the start of the network and of the linear maps.
        stage_share: weight of the stages' surprise.
        mixed: share of views blended with another.
        save_every_s: how often a checkpoint is written.
    """

    steps: int = 4136
    batch: int = 256
    small_share: float = 0.335
    size_px: int = 160
    teacher_px: int = 224
    rate: float = 1e-3
    map_rate: float = 2e-3
    stage_share: float = 0.3
    mixed: float = 0.15
    save_every_s: float = 120.0

    def rate_share(self, step: int) -> float:
        """Share of the learning rates at a step: a short rise, then a quarter of a cosine."""
        return min(1.0, (step + 1) / 200) * max(0.005, math.cos(math.pi / 2 * step / self.steps))


def learn_from_two(  # noqa: PLR0913 - who learns what of whom, how long, where
    network: Network,
    teachers: Teachers,
    photos: Photos,
    *,
    plan: TwoTeachersPlan,
    folder: Path,
    device: torch.device,
    report: Report,
) -> None:
    """Train in place until the steps are done, going on from the folder's checkpoint.

    Args:
        network: learns.
        teachers: on the same device.
        photos: what is drawn from.
        plan: how long and how fast.
        folder: of checkpoints.
        device: where the work is done.
        report: takes one line now and then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network.to(device, memory_format=torch.channels_last)
    whole = _whole_features(teachers, photos, plan, folder, device)
    width = teachers.first(torch.zeros(1, 3, 32, 32, device=device))[-1].shape[1]
    centre = torch.cat([whole["large"][torch.from_numpy(photos.rows)], whole["small"]]).mean(0)
    pupil = Pupil(network, (width, len(centre) - width), centre).to(device, memory_format=torch.channels_last)
    step = _resume(pupil, folder)
    optimiser = _optimiser(pupil, plan)
    pupil.train()
    saved = time.monotonic()
    while step < plan.steps:
        share, rng = plan.rate_share(step), np.random.default_rng(step)
        for group in optimiser.param_groups:
            group["lr"] = share * group["start"]
        loss = _learnt(pupil, teachers, photos, whole, plan, rng, device)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(pupil.parameters(), 3.0)
        optimiser.step()
        step += 1
        if step == plan.steps or time.monotonic() - saved > plan.save_every_s:
            saved = time.monotonic()
            save_weights(pupil.state_dict(), folder / CHECKPOINT)
            write_atomically(folder / PROGRESS, json.dumps({"step": step}))
            report(f"step {step} of {plan.steps}: loss {float(loss.detach()):.4f}")
    network.to("cpu").eval()


def _learnt(  # noqa: PLR0913 - as above
    pupil: Pupil,
    teachers: Teachers,
    photos: Photos,
    whole: dict[str, Tensor],
    plan: TwoTeachersPlan,
    rng: np.random.Generator,
    device: torch.device,
) -> Tensor:
    """The loss of one batch."""
    rows = photos.rows_of(plan.batch, plan.small_share, rng)
    how = Augmentation(size_px=plan.teacher_px, zoom=(0.35, 1.05))
    seen = torch.cat([views(some, how, rng, device=device) for some in photos.at(*rows)])
    seen, mixed = blended(seen, plan.mixed, rng)
    fine = seen / 127.5 - 1
    targets = torch.cat(
        [whole["large"][torch.from_numpy(rows[0])], whole["small"][torch.from_numpy(rows[1])]]
    )
    told = answers(teachers, fine, targets.to(device), (~mixed).float(), size_px=plan.size_px)
    size = (plan.size_px, plan.size_px)
    small = functional.interpolate(fine, size=size, mode="area").contiguous(memory_format=torch.channels_last)
    return pupil.loss(small, told, stage_share=plan.stage_share)


def _optimiser(pupil: Pupil, plan: TwoTeachersPlan) -> torch.optim.Optimizer:
    maps = [*pupil.views.parameters(), *pupil.whole.parameters()]
    groups = [
        {"params": list(pupil.network.parameters()), "lr": plan.rate, "start": plan.rate},
        {"params": maps, "lr": plan.map_rate, "start": plan.map_rate},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=1e-4)


def _resume(pupil: Pupil, folder: Path) -> int:
    """Take the folder's checkpoint, if there is one; the steps already taken."""
    if not (folder / PROGRESS).exists():
        return 0
    pupil.load_state_dict(load_weights(folder / CHECKPOINT))
    return int(json.loads((folder / PROGRESS).read_text())["step"])


def _whole_features(
    teachers: Teachers, photos: Photos, plan: TwoTeachersPlan, folder: Path, device: torch.device
) -> dict[str, Tensor]:
    """Both teachers' features of all whole photos, made once: ``large`` and ``small``."""
    file = folder / WHOLE
    if not file.exists():
        small = photos.large[:0] if photos.small is None else photos.small
        both = {"large": photos.large, "small": small}
        save_weights(
            {name: _features(teachers, some, plan.teacher_px, device) for name, some in both.items()}, file
        )
    return load_weights(file)


def _features(teachers: Teachers, photos: NDArray[np.uint8], size: int, device: torch.device) -> Tensor:
    found = [teachers.features(torch.zeros(1, 3, size, size, device=device))[:0].cpu()]
    for start in range(0, len(photos), 64):
        some = torch.from_numpy(np.array(photos[start : start + 64])).to(device)
        pixels = functional.interpolate(some.permute(0, 3, 1, 2).float(), size=(size, size), mode="bilinear")
        found.append(teachers.features(pixels / 127.5 - 1).cpu())
    return torch.cat(found)
