"""Whether a window frames a thing at all: how much there is in its middle that its edge does not show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.crops import Crop
from lookalike.catalogue.photos import Photo
from lookalike.retrieval.explaining.grids import SIDE, Grid
from lookalike.retrieval.explaining.sources import foreground_cells

MIDDLE = 0.3
"""Worth of a middle that is all foreground, against a cosine."""
CENTRED = 0.5
"""Cost of foreground whose middle lies half a window's side from the window's."""
FAINT = 0.2
"""Foreground below this share of its strongest is not the thing."""
TAIL = 0.01
"""Share of a thing's mass that may lie beyond each side of its box."""

_MIDDLE = slice(round(0.3 * SIDE), round(0.7 * SIDE))


def evidence(photos: Sequence[Photo]) -> tuple[NDArray[np.float32], list[Grid]]:
    """For windows how well they frame something, and where in them it is.

    A blank wall is like any blank photo, and a window that cuts an item is like the item too; what
    makes the difference is a thing in the middle that does not touch the edge.

    Returns:
        Values from about -0.5 to 0.3, shape (windows,), and the foreground of each window.
    """
    cells = [foreground_cells(photo) for photo in photos]
    return np.array([_framed(each) for each in cells], np.float32), cells


def _framed(cells: Grid) -> float:
    places = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    mass = float(cells.sum()) + 1e-6
    off = np.hypot(float(cells.sum(axis=0) @ places) / mass, float(cells.sum(axis=1) @ places) / mass)
    return MIDDLE * float(cells[_MIDDLE, _MIDDLE].mean()) - CENTRED * 2 * float(off)


def tightened(box: Crop, cells: Grid, photo: Photo) -> Crop:
    """The box around what a window frames.

    Args:
        box: the window, as shares of the scene.
        cells: its foreground.
        photo: the window as it was decoded, which says where in the cells' square it lies.
    """
    strong = np.where(cells > FAINT * cells.max(), cells, 0)
    size = photo.pixels.shape[0]
    left, top, right, bottom = (each / size for each in photo.content)
    across, down = _span(strong.sum(axis=0)), _span(strong.sum(axis=1))
    wide, high = (box[2] - box[0]) / (right - left), (box[3] - box[1]) / (bottom - top)
    tight = (
        box[0] + max(0.0, across[0] - left) * wide,
        box[1] + max(0.0, down[0] - top) * high,
        min(box[2], box[0] + (across[1] - left) * wide),
        min(box[3], box[1] + (down[1] - top) * high),
    )
    return tight if tight[0] < tight[2] and tight[1] < tight[3] else box


def _span(mass: NDArray[np.float32]) -> tuple[float, float]:
    """Where the middle of the mass begins and ends, as shares."""
    running = np.concatenate([[0.0], np.cumsum(mass, dtype=np.float64)])
    ends = np.interp([TAIL * running[-1], (1 - TAIL) * running[-1]], running, np.arange(len(running)))
    return float(ends[0]) / len(mass), float(ends[1]) / len(mass)
