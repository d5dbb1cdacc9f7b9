"""Optimiser, learning rate over time, and the running average of weights."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from lookalike.errors import TrainingError
from lookalike.training.heads import Learner
from lookalike.training.recipe import Optimiser, Schedule


def make_optimiser(settings: Optimiser, learner: Learner) -> Optimizer:
    """The optimiser over everything that is trained; each group knows its multiple of the rate.

    Raises:
        TrainingError: nothing is left to train.
    """
    below, above = learner.groups()
    groups = [
        {"params": parameters, "lr": settings.rate * multiple, "multiple": multiple}
        for parameters, multiple in ((below, settings.backbone_rate), (above, 1.0))
        if parameters
    ]
    if not groups:
        raise TrainingError("Backbone and head have nothing to train.", hint="Set backbone.frozen=false.")
    decay = settings.weight_decay
    if settings.name == "sgd":
        return SGD(groups, lr=settings.rate, momentum=settings.momentum, weight_decay=decay)
    kind = AdamW if settings.name == "adamw" else Adam
    return kind(groups, lr=settings.rate, weight_decay=decay)


def rate_at(progress: float, schedule: Schedule) -> float:
    """The rate as a share of the recipe's, ``progress`` epochs into the run.

    >>> [round(rate_at(at, Schedule(epochs=4, warmup_epochs=2, kind="cosine")), 2) for at in (0, 1, 2, 3, 4)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if progress < schedule.warmup_epochs:
        return progress / schedule.warmup_epochs
    if schedule.kind == "constant":
        return 1.0
    length = max(1e-9, schedule.epochs - schedule.warmup_epochs)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - schedule.warmup_epochs) / length)))


def set_rate(optimiser: Optimizer, share: float, settings: Optimiser) -> None:
    """Give each group its rate."""
    for group in optimiser.param_groups:
        group["lr"] = settings.rate * group["multiple"] * share


class Average:
    """An exponential moving average of all weights (Polyak averaging, as in arXiv 1703.01780)."""

    def __init__(self, learner: Learner, *, decay: float) -> None:
        self.learner, self.decay, self.steps = copy.deepcopy(learner).eval(), decay, 0

    def follow(self, learner: Learner) -> None:
        """Move a little towards the weights as they are; faster at first."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        with torch.no_grad():
            ours: dict[str, Tensor] = self.learner.state_dict()
            for name, theirs in learner.state_dict().items():
                if theirs.is_floating_point():
                    ours[name].lerp_(theirs, 1 - decay)
                else:
                    ours[name].copy_(theirs)
