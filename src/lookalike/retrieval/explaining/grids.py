"""Heat over a photo: values on a square grid, brought to other sizes without changing their sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.photos import Photo

Grid = NDArray[np.float32]

SIDE = 40
"""Cells along each side of the letterboxed square: 4 px each for the default model."""


def resized(grid: Grid, side: int = SIDE) -> Grid:
    """A square grid at another side, smoothly, with the same sum."""
    if grid.shape[0] == side:
        return grid
    kind = Image.Resampling.BICUBIC if grid.shape[0] < side else Image.Resampling.BOX
    smooth = np.asarray(Image.fromarray(np.asarray(grid, np.float32)).resize((side, side), kind), np.float32)
    total = float(smooth.sum())
    if abs(total) > 1e-9 and abs(float(grid.sum())) > 1e-9:
        return np.asarray(smooth * (float(grid.sum()) / total), np.float32)
    return smooth


def total(grids: Sequence[Grid], side: int = SIDE) -> Grid:
    """The sum of grids of any sides."""
    return np.asarray(np.sum([resized(grid, side) for grid in grids], axis=0), np.float32)


def inside(photo: Photo, side: int = SIDE) -> NDArray[np.bool_]:
    """Which cells' centres lie on the photo rather than on the letterbox, shape (side, side)."""
    left, top, right, bottom = photo.content
    centres = (np.arange(side) + 0.5) * photo.pixels.shape[0] / side
    across, down = (centres >= left) & (centres < right), (centres >= top) & (centres < bottom)
    return np.asarray(down[:, None] & across[None, :])
