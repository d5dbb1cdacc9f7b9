"""The colour head of our model: what differs between views of one item counts less, then a kernel.

Plain products of colour vectors say how unlike two unlike colours are, which nobody asks and which
drowns what the shapes say. Through the kernel only nearly equal colours are near.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lookalike.training.own_model.kernel_map import KernelMap
from lookalike.training.own_model.metric_head import Lessons
from lookalike.training.own_model.wccn import normalised_within

SHRINKAGE = 0.1
AXES = 128
"""Coordinates between the two steps."""
SHARPNESS = 1.0
LANDMARKS = 150
"""Of each source at most, so that no source's colours stand for all."""


def colour_head(lessons: Lessons, sources: NDArray[np.str_], *, width: int) -> nn.Module:
    """A module from histograms' roots to unit vectors, shape (n, inputs) to (n, width).

    Args:
        lessons: histograms of photos, and which are of one thing.
        sources: where each photo is from, shape (photos,).
        width: of the vectors.
    """
    things = torch.from_numpy(lessons.things)
    within = normalised_within(lessons.features, things, width=AXES, shrinkage=SHRINKAGE)
    rng = np.random.default_rng(0)
    chosen = [rng.permutation(np.flatnonzero(sources == source))[:LANDMARKS] for source in np.unique(sources)]
    with torch.no_grad():
        landmarks = within(lessons.features[np.concatenate(chosen)])
    return nn.Sequential(within, KernelMap(landmarks, width=width, sharpness=SHARPNESS)).eval()
