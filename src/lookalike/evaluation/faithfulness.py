"""Deletion and insertion: does a heat map show what the score rests on?

The photo's cells are taken away in the map's order and the score is followed: it should fall quickly
(deletion, the area under the curve small). They are put back onto an empty ground in the same order: it
should rise quickly (insertion, the area large). Source: Petsiuk, Das and Saenko, "RISE", arXiv 1806.07421.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.explaining.grids import Grid, inside
from lookalike.retrieval.explaining.sources import ground_colour

STEPS = 10


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Areas under the two curves of one map, as means of the score over the steps, ends included.

    Args:
        deletion: lower is better.
        insertion: higher is better.
    """

    deletion: float
    insertion: float


def faithfulness(
    embedder: Embedder,
    photo: Photo,
    towards: NDArray[np.float32],
    maps: Mapping[str, Grid],
    *,
    steps: int = STEPS,
) -> dict[str, Faithfulness]:
    """Both areas for each map of one photo; the empty ground is the median colour of its edge.

    Args:
        embedder: the model.
        photo: decoded for it.
        towards: what the photo's vector is multiplied with for the score, shape (width,).
        maps: by name, each a grid over the letterboxed square; more is more important.
        steps: points of a curve beside its start.
    """
    empty = _emptied(photo)
    seen, shares = [photo, empty], np.linspace(0, 1, steps + 1)[1:-1]
    for grid in maps.values():
        ranks = _ranks(photo, grid)
        seen += [_mixed(photo, empty, ranks < share) for share in shares]
        seen += [_mixed(empty, photo, ranks < share) for share in shares]
    scores = embedder.encode(seen) @ towards
    full, nothing, curves = scores[0], scores[1], scores[2:].reshape(len(maps), 2, steps - 1)
    return {
        name: Faithfulness(_area([full, *curve[0], nothing]), _area([nothing, *curve[1], full]))
        for name, curve in zip(maps, curves, strict=True)
    }


def _area(scores: list[float]) -> float:
    return float(np.trapezoid(scores) / (len(scores) - 1))


def _emptied(photo: Photo) -> Photo:
    pixels = photo.pixels.copy()
    left, top, right, bottom = photo.content
    pixels[top:bottom, left:right] = ground_colour(photo)
    return replace(photo, pixels=pixels)


def _mixed(photo: Photo, other: Photo, taken: NDArray[np.bool_]) -> Photo:
    """The photo with some of its pixels taken from the other."""
    return replace(photo, pixels=np.where(taken[..., None], other.pixels, photo.pixels))


def _ranks(photo: Photo, grid: Grid) -> NDArray[np.float64]:
    """For each pixel of the photo how early it goes, 0 first to 1 last; beyond 1 on the letterbox."""
    size = photo.pixels.shape[0]
    smooth = np.asarray(
        Image.fromarray(np.asarray(grid, np.float32)).resize((size, size), Image.Resampling.BILINEAR)
    )
    on_photo = inside(photo, size)
    ranks = np.full((size, size), 2.0)
    values = smooth[on_photo]
    order = np.empty(len(values))
    order[np.argsort(-values, kind="stable")] = (np.arange(len(values)) + 0.5) / len(values)
    ranks[on_photo] = order
    return ranks
