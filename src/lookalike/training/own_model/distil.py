"""Distillation: how our network learns to see without labels.

A deep student that only hears the teacher's last word learns slowly, so each stage is also told what
the teacher's own stage gives (hints: Romero et al., "FitNets", 2015). A stage's loss is the squared
error over the variance of the target, channel by channel: 1 is knowing nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lookalike.training.own_model.augment import Augmentation, views
from lookalike.training.own_model.network import STRIDES, Network, pooled
from lookalike.training.own_model.teacher import Teacher

Draw = Callable[[np.random.Generator], list[NDArray[np.uint8]]]
"""Gives the photos of one batch, as arrays of photos of one size each."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one batch teaches: the photos and the teacher's activations of them.

    Args:
        photos: pixels / 127.5 - 1, shape (n, 3, size, size).
        activations: the teacher's, one a stage; the last is the map before pooling.
    """

    photos: Tensor
    activations: list[Tensor]


def lesson(
    batch: Sequence[NDArray[np.uint8]],
    teacher: Teacher,
    how: Augmentation,
    rng: np.random.Generator,
    *,
    teacher_px: int,
) -> Lesson:
    """Random views of a batch, with the teacher's answers to them.

    The teacher may see a view at a higher resolution than the network (arXiv 1906.06423 on why it
    should): its maps are then averaged down to the network's grid.
    """
    fine = torch.cat([views(photos, replace(how, size_px=teacher_px), rng) for photos in batch])
    activations = [torch.from_numpy(found) for found in teacher(fine.numpy())]
    size, as_rows = how.size_px, torch.channels_last
    pixels = fine if size == teacher_px else functional.interpolate(fine, size=(size, size), mode="area")
    cells = [-(-size // stride) for stride in STRIDES]
    return Lesson(
        (pixels / 127.5 - 1).contiguous(memory_format=as_rows),
        [
            functional.adaptive_avg_pool2d(found, side).contiguous(memory_format=as_rows)
            for found, side in zip(activations, cells, strict=True)
        ],
    )


def surprise(answer: Tensor, target: Tensor) -> Tensor:
    """Squared error as a share of the target's variance, mean over channels."""
    spread = target.var(dim=(0, 2, 3)) + 1e-3 * target.var() + 1e-6
    error = (answer.float() - target).square().mean(dim=(0, 2, 3))
    return (error / spread).mean()


def joined_loss(network: Network, given: Lesson, *, stage_share: float, centre: Tensor) -> Tensor:
    """End to end: features by plain and centred cosine, the stages' surprise for ``stage_share``.

    Args:
        network: the student.
        given: a batch with the teacher's activations.
        stage_share: weight of the mean surprise over all stages.
        centre: mean of the teacher's features, which makes the differences count.
    """
    outputs = network(given.photos)
    target, answer = pooled(given.activations[-1]), pooled(outputs[-1]).float()
    plain = 1 - functional.cosine_similarity(answer, target).mean()
    centred = 1 - functional.cosine_similarity(answer - centre, target - centre).mean()
    pairs = zip(outputs, given.activations, strict=True)
    between = torch.stack([surprise(found, wanted) for found, wanted in pairs]).mean()
    return plain + centred + stage_share * between
