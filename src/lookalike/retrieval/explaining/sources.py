"""Ways to say where in a photo a score comes from; each gives a grid over the letterboxed square."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.photos import Photo
from lookalike.embedding.colour import colour_agreement, colour_block
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.foreground import foreground
from lookalike.embedding.oklab import oklab
from lookalike.retrieval.explaining.grids import SIDE, Grid, inside

Array = NDArray[np.float32]

OCCLUDERS = 10
"""Places of an occluder along each side; it is twice as wide as its step."""
COLOUR_PX = 80
"""Side of the square on which colours are compared."""


def ground_colour(photo: Photo) -> NDArray[np.uint8]:
    """The median colour of the photo's edge: what is there where nothing is."""
    left, top, right, bottom = photo.content
    content = photo.pixels[top:bottom, left:right]
    edge = np.concatenate([content[0], content[-1], content[:, 0], content[:, -1]])
    return np.asarray(np.median(edge, axis=0), np.uint8)


def occlusion(embedder: Embedder, photo: Photo, towards: Array, *, places: int = OCCLUDERS) -> Grid:
    """How much of the score goes when a place is painted over with the ground's colour.

    Works with every embedder, one forward pass a place (Zeiler and Fergus, arXiv 1311.2901).

    Args:
        embedder: the model.
        photo: decoded for it.
        towards: what the photo's vector is multiplied with for the score, shape (width,).
        places: along each side.

    Returns:
        Shape (SIDE, SIDE); each cell the mean loss over the occluders that cover it.
    """
    size, fill = photo.pixels.shape[0], ground_colour(photo)
    cells = inside(photo)
    step = SIDE / places
    spans = [(max(0, round((n - 0.5) * step)), min(SIDE, round((n + 1.5) * step))) for n in range(places)]
    boxes = [(down, across) for down in spans for across in spans]
    boxes = [box for box in boxes if cells[slice(*box[0]), slice(*box[1])].any()]
    px = size / SIDE
    painted = [_painted(photo, down, across, px=px, fill=fill) for down, across in boxes]
    full = float(embedder.encode([photo])[0] @ towards)
    losses = full - embedder.encode(painted) @ towards
    heat, covered = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    for (down, across), loss in zip(boxes, losses, strict=True):
        heat[slice(*down), slice(*across)] += loss
        covered[slice(*down), slice(*across)] += 1
    return np.asarray(heat / np.maximum(covered, 1), np.float32)


def _painted(
    photo: Photo, down: tuple[int, int], across: tuple[int, int], *, px: float, fill: NDArray[np.uint8]
) -> Photo:
    pixels = photo.pixels.copy()
    rows, columns = (
        slice(round(down[0] * px), round(down[1] * px)),
        slice(round(across[0] * px), round(across[1] * px)),
    )
    left, top, right, bottom = photo.content
    mask = np.zeros(pixels.shape[:2], bool)
    mask[rows, columns] = True
    mask[:top], mask[bottom:], mask[:, :left], mask[:, right:] = False, False, False, False
    pixels[mask] = fill
    return replace(photo, pixels=pixels)


def colour_cells(photo: Photo, other: Photo) -> tuple[Grid, float]:
    """Which places of a photo have colours of the other, as the descriptor sees colour.

    Returns:
        Shape (SIDE, SIDE), and the sum: the cosine of the two photos' colours.
    """
    lab, weight, (top, left) = _colours(photo)
    other_lab, other_weight, _ = _colours(other)
    agreement = colour_agreement(lab, weight, colour_block(other_lab, other_weight))
    square = np.zeros((COLOUR_PX, COLOUR_PX), np.float32)
    square[top : top + lab.shape[0], left : left + lab.shape[1]] = agreement
    step = COLOUR_PX // SIDE
    grid = square.reshape(SIDE, step, SIDE, step).sum(axis=(1, 3))
    return np.asarray(grid, np.float32), float(agreement.sum())


def foreground_cells(photo: Photo) -> Grid:
    """How much each place belongs to the item by the colours of the photo's edge, shape (SIDE, SIDE)."""
    lab, weight, (top, left) = _colours(photo)
    square = np.zeros((COLOUR_PX, COLOUR_PX), np.float32)
    square[top : top + lab.shape[0], left : left + lab.shape[1]] = weight
    step = COLOUR_PX // SIDE
    return np.asarray(square.reshape(SIDE, step, SIDE, step).mean(axis=(1, 3)), np.float32)


def _colours(photo: Photo) -> tuple[Array, Array, tuple[int, int]]:
    """Oklab and foreground of the photo's content within a square of COLOUR_PX, and its corner there."""
    left, top, right, bottom = (round(each * COLOUR_PX / photo.pixels.shape[0]) for each in photo.content)
    left, top = min(left, COLOUR_PX - 1), min(top, COLOUR_PX - 1)
    size = (max(1, right - left), max(1, bottom - top))
    content = photo.pixels[photo.content[1] : photo.content[3], photo.content[0] : photo.content[2]]
    small = np.asarray(Image.fromarray(content).resize(size, Image.Resampling.BOX))
    lab = oklab(small)
    return lab, foreground(lab), (top, left)


def bell() -> Grid:
    """A blob in the middle: what every map of where things are must beat."""
    place = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    return np.asarray(np.exp(-(place[:, None] ** 2 + place[None, :] ** 2) / 0.1), np.float32)
