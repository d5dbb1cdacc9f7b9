"""The descriptor's colour block: a soft histogram over Oklab, finer near grey."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.oklab import oklab

GREY = 0.03
"""Chroma at which the histogram's bins begin to widen; below it greys are told apart finely."""
FULL = 0.32
"""The largest chroma of sRGB in Oklab."""
LIGHTS, HUES = 9, 13
"""Steps of lightness, and of each of the two hue axes."""
POWER = 0.5
"""Exponent of the bins: the square root makes the inner product Hellinger's affinity."""


_HALVES = np.array([[1], [0.5], [0.5]], np.float32)
_OFFSET = np.array([[0], [0.5], [0.5]], np.float32)


def colour_block(lab: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vector of colours, shape (``colour_width()``,).

    Args:
        lab: Oklab pixels, shape (height, width, 3).
        weight: how much each pixel counts, shape (height, width).
    """
    histogram = _soft_histogram(_compressed(lab).reshape(-1, 3), weight.ravel())
    block = histogram[_reachable()] ** POWER
    return np.asarray(block / np.linalg.norm(block), np.float32)


def colour_agreement(
    lab: NDArray[np.float32], weight: NDArray[np.float32], other: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What each pixel adds to the cosine of the photo's colour block with another; they sum up to it.

    This is histogram back-projection (Swain and Ballard, "Color indexing", 1991): a pixel counts for as
    much of the agreement in its bins as it has of their mass.

    Args:
        lab, weight: as for ``colour_block``.
        other: the other photo's colour block, shape (``colour_width()``,).

    Returns:
        Shape (height, width).
    """
    coordinates, mass = _compressed(lab).reshape(-1, 3), weight.ravel()
    histogram = _soft_histogram(coordinates, mass)
    length = np.linalg.norm(histogram[_reachable()] ** POWER)
    worth = np.zeros(len(histogram))
    worth[_reachable()] = other / length
    worth *= np.where(histogram > 0, np.maximum(histogram, 1e-12) ** (POWER - 1), 0)
    added = sum(share * worth[bins] for bins, share in _corners(coordinates))
    return np.asarray(mass * added, np.float32).reshape(weight.shape)


def colour_width() -> int:
    """Number of coordinates of the colour block."""
    return int(_reachable().sum())


def _compressed(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Oklab with chroma on a logarithmic scale: hue axes in -1..1, hue itself unchanged."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    stretch = np.log1p(chroma / GREY) / np.log1p(FULL / GREY) / np.maximum(chroma, 1e-6)
    return np.stack([lab[..., 0], lab[..., 1] * stretch, lab[..., 2] * stretch], axis=-1)


def _soft_histogram(coordinates: NDArray[np.float32], mass: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each pixel shared among the eight bins around it, by nearness."""
    histogram = np.zeros(LIGHTS * HUES * HUES)
    for bins, share in _corners(coordinates):
        histogram += np.bincount(bins, mass * share, minlength=len(histogram))
    return histogram


def _corners(coordinates: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """For each of the eight bins around a pixel: which one it is, and the pixel's share in it."""
    steps = np.array([LIGHTS, HUES, HUES])
    scaled = np.clip(coordinates.T * _HALVES + _OFFSET, 0, 1) * (steps - 1)[:, None]
    low = np.minimum(scaled.astype(np.int64), (steps - 2)[:, None])
    above = scaled - low
    shares = (1 - above, above)
    first = (low[0] * HUES + low[1]) * HUES + low[2]
    for light, red, yellow in product((0, 1), repeat=3):
        corner = (light * HUES + red) * HUES + yellow
        yield first + corner, shares[light][0] * shares[red][1] * shares[yellow][2]


@cache
def _reachable() -> NDArray[np.bool_]:
    """Which bins an sRGB colour can fall in; the others would be zeros in every vector."""
    steps = np.linspace(0, 255, 32).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return _soft_histogram(_compressed(oklab(cube)), np.ones(len(cube), np.float32)) > 0
