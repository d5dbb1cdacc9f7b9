"""From the photo table to the lessons of the two heads, and from heads to vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lookalike.training.own_model.graph import Weights
from lookalike.training.own_model.metric_head import Lessons
from lookalike.training.own_model.photos import PhotoTable

SHAPE_THING = {"luma": "group"}
"""Shape is taught that recoloured items of one style are the same thing; elsewhere an item is one."""
COLOUR_THING = {"grocery": "path"}
"""Colour is taught by views of one item; a shelf's photos of a class are not that."""


def lessons(
    table: PhotoTable, features: Tensor, again: Tensor, *, thing: dict[str, str], rows: NDArray[np.int64]
) -> Lessons:
    """Lessons of some of the photos.

    Args:
        table: all photos.
        features: shape (photos, inputs).
        again: the same of an augmented view.
        thing: by source, the column that says what is the same thing (else ``item``).
        rows: the photos that may be learnt from.
    """
    entries = [table.entries[row] for row in rows]
    things = [f"{entry.source}:{getattr(entry, thing.get(entry.source, 'item'))}" for entry in entries]
    labels = [f"{entry.source}:{entry.category}" for entry in entries]
    roles = [entry.role for entry in entries]
    return Lessons(features[rows], _numbers(things), _numbers(labels), again[rows], _numbers(roles))


def _numbers(names: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


def project(head: nn.Module, features: Tensor) -> NDArray[np.float32]:
    """Unit vectors of all rows; rows of NaN become zeros."""
    with torch.no_grad():
        return np.asarray(torch.nan_to_num(head(features)).numpy(), np.float32)


def joined(shape: NDArray[np.float32], colour: NDArray[np.float32], weights: Weights) -> NDArray[np.float32]:
    """Both blocks side by side, each times its weight."""
    return np.concatenate([weights.shape * shape, weights.colour * colour], axis=1)
