"""Which places of two photos are like each other: cells of a feature map that choose one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.maps.feature_maps import FeatureMaps
from lookalike.retrieval.explaining.grids import SIDE, inside
from lookalike.retrieval.explaining.sources import foreground_cells

Array = NDArray[np.float32]
Spot = tuple[float, float]

LEAST_CELLS = 8
"""The coarsest layer with so many cells along a side is compared; the finest where none has."""
MOST = 5
"""Places that are told; more would hide the photo."""
LEAST_LIKENESS = 0.5
"""Cells less like each other are not told of."""
APART = 2
"""Cells between one told place and the next, along a row or a column."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A place of one photo and the place of the other that it is like.

    Args:
        first, second: (across, down) as shares of either photo (or its crop), 0 to 1.
        likeness: cosine of the two cells' features, at most 1; no part of the score.
    """

    first: Spot
    second: Spot
    likeness: float


def unit_cells(maps: FeatureMaps, photos: Sequence[Photo]) -> tuple[Array, Array]:
    """Unit features of the cells of each photo, and how much each cell is of the item.

    The features have the shape (photos, cells, channels), the weights (photos, cells).
    Each channel is first brought to mean 0 and spread 1 over all cells of these photos.

    Args:
        maps: of these photos.
        photos: decoded, in the same order.
    """
    layers = maps.activations
    layer = next((each for each in reversed(layers) if each.shape[1] >= LEAST_CELLS), layers[0])
    flat = layer.reshape(len(photos), -1, layer.shape[-1])
    even = (flat - flat.mean(axis=(0, 1))) / (flat.std(axis=(0, 1)) + 1e-6)
    unit = even / np.maximum(np.linalg.norm(even, axis=2, keepdims=True), 1e-6)
    weights = np.stack([_foreground(photo, layer.shape[1]) for photo in photos])
    return np.asarray(unit, np.float32), weights


def correspondences(maps: FeatureMaps, first: Photo, second: Photo) -> tuple[Correspondence, ...]:
    """The likest places of two photos, best first: each cell is the likest to the other, both ways.

    Args:
        maps: of the two photos, in this order.
        first, second: decoded.
    """
    cells, weights = unit_cells(maps, (first, second))
    side = round(cells.shape[1] ** 0.5)
    on_item = [
        (weight > weight.max() / 2) & inside(photo, side).reshape(-1)
        for weight, photo in zip(weights, (first, second), strict=True)
    ]
    closeness = np.where(on_item[0][:, None] & on_item[1][None, :], cells[0] @ cells[1].T, -1)
    chosen, choosing = closeness.argmax(axis=1), closeness.argmax(axis=0)
    mutual = np.flatnonzero(choosing[chosen] == np.arange(len(chosen)))
    told: list[tuple[int, int]] = []
    for one in mutual[np.argsort(-closeness[mutual, chosen[mutual]], kind="stable")]:
        pair = (int(one), int(chosen[one]))
        if len(told) == MOST or closeness[pair] < LEAST_LIKENESS:
            break
        if all(_apart(pair[0], known[0], side) and _apart(pair[1], known[1], side) for known in told):
            told.append(pair)
    return tuple(
        Correspondence(_spot(one, side, first), _spot(other, side, second), float(closeness[one, other]))
        for one, other in told
    )


def _apart(one: int, other: int, side: int) -> bool:
    return max(abs(one // side - other // side), abs(one % side - other % side)) >= APART


def _spot(cell: int, side: int, photo: Photo) -> Spot:
    """The middle of a cell of the letterboxed square, in shares of the photo itself."""
    left, top, right, bottom = photo.content
    step = photo.pixels.shape[0] / side
    across, down = (cell % side + 0.5) * step, (cell // side + 0.5) * step
    return (across - left) / (right - left), (down - top) / (bottom - top)


def _foreground(photo: Photo, side: int) -> Array:
    """How much of each cell is the item, flat, nowhere nothing."""
    edges = np.linspace(0, SIDE, side + 1).round().astype(int)
    rows = np.add.reduceat(foreground_cells(photo), edges[:-1], axis=0)
    return np.asarray(np.add.reduceat(rows, edges[:-1], axis=1).reshape(-1) + 1e-3, np.float32)
