"""Which pixels show the item: a soft weight from the colours of the photo's border."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

BORDER_SHARE = 0.04
"""Width of the border that is taken for background, as a share of the shorter side."""
MODES = 4
"""How many colours a background may have (a floor, a wall, a shadow)."""
MODE_RADIUS = 0.08
"""Border pixels this close in Oklab are one colour."""
LIKENESS = 0.05
"""Standard deviation, in Oklab, of a background colour over the photo."""
PRIOR_WIDTH = 0.35
"""Standard deviation of the centre prior, as a share of height and width."""
FLOOR = 0.02
"""The least weight, as a share of the centre prior: a white item on white is not nothing."""

_GRID_OFFSET = np.array([0, 0.35, 0.35], np.float32)
_GRID_STEPS = np.array([12, 33, 33], np.float32)


def foreground(lab: NDArray[np.float32]) -> Plane:
    """How much each pixel belongs to the item, between 0 and 1.

    The border's few most frequent colours are the background. A pixel is background as far as it
    resembles one of them and a straight way from the border, up, down, left or right, leads to it
    through pixels that do so too; hence a white label inside an item remains. The centre prior
    weighs softly what is left, and stands alone where the border has no colour worth the name.

    Args:
        lab: Oklab of the photo's content, shape (height, width, 3).
    """
    height, width = lab.shape[:2]
    prior = _bell(height)[:, None] * _bell(width)[None, :]
    colours = _border_colours(lab)
    if not colours:
        return prior
    distance = np.min([((lab - colour) ** 2).sum(axis=-1) for colour in colours], axis=0)
    background = _reached(np.exp(-distance / (2 * LIKENESS**2)))
    return np.asarray(np.maximum((1 - background) * np.sqrt(prior), FLOOR * prior), np.float32)


def _bell(length: int) -> Plane:
    offset = (np.arange(length) + 0.5) / length - 0.5
    return np.exp(-0.5 * (offset / PRIOR_WIDTH) ** 2).astype(np.float32)


def _border_colours(lab: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The most frequent colours of the border, found one after the other."""
    height, width = lab.shape[:2]
    band = max(1, round(BORDER_SHARE * min(height, width)))
    edge = np.ones((height, width), bool)
    edge[band:-band, band:-band] = False
    left = lab[edge]
    enough = 0.05 * len(left)
    colours: list[NDArray[np.float32]] = []
    while len(colours) < MODES and len(left) > enough:
        near = ((left - _densest(left)) ** 2).sum(axis=1) < MODE_RADIUS**2
        if near.sum() < enough:
            break
        colour = left[near].mean(axis=0)
        colours.append(colour)
        left = left[~near & (((left - colour) ** 2).sum(axis=1) >= MODE_RADIUS**2)]
    return colours


def _densest(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean colour of the fullest of a grid's cells."""
    steps = ((colours + _GRID_OFFSET) * _GRID_STEPS).astype(np.int64)
    cells = (steps[:, 0] * 32 + steps[:, 1]) * 32 + steps[:, 2]
    fullest = np.bincount(cells).argmax()
    return np.asarray(colours[cells == fullest].mean(axis=0), np.float32)


def _reached(background: Plane) -> Plane:
    """The weakest link on the best of the four straight ways from the border to each pixel."""
    weakest = np.minimum.accumulate
    vertical = np.maximum(weakest(background, axis=0), weakest(background[::-1], axis=0)[::-1])
    mirrored = background[:, ::-1]
    horizontal = np.maximum(weakest(background, axis=1), weakest(mirrored, axis=1)[:, ::-1])
    return np.maximum(vertical, horizontal)
