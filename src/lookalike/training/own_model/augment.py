"""Crops, zooms, flips, light and mixes of letterboxed photos, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far a view may stray from the photo.

    Args:
        size_px: side of the views made.
        zoom: least and greatest share of the photo's side that a view shows.
        shift: farthest shift of the centre, as a share of the free room.
        light: standard deviation of the logarithm of brightness.
        tint: standard deviation of the logarithm of each channel's gain.
        mixed: share of views that are blended with another of the batch.
    """

    size_px: int
    zoom: tuple[float, float] = (0.45, 1.05)
    shift: float = 1.0
    light: float = 0.10
    tint: float = 0.04
    mixed: float = 0.0


def views(
    photos: NDArray[np.uint8],
    how: Augmentation,
    rng: np.random.Generator,
    *,
    device: torch.device = torch.device("cpu"),  # noqa: B008 - a device is a name and never changes
) -> Tensor:
    """One random view of each photo: float32 in 0..255, shape (n, 3, size, size).

    Args:
        photos: uint8, shape (n, height, width, 3).
        how: the limits.
        rng: where chance comes from.
        device: where the pixels are made.
    """
    pictures = torch.from_numpy(np.ascontiguousarray(photos)).to(device).permute(0, 3, 1, 2).float()
    count = len(photos)
    zoom = rng.uniform(*how.zoom, (count, 2)) ** 0.5
    zoom = zoom[:, :1] * zoom  # mostly in proportion, a little stretched
    room = np.maximum(1 - zoom, 0) * how.shift
    centre = rng.uniform(-1, 1, (count, 2)) * room
    flip = rng.choice([-1.0, 1.0], count)
    affine = np.zeros((count, 2, 3), np.float32)
    affine[:, 0, 0], affine[:, 1, 1] = zoom[:, 0] * flip, zoom[:, 1]
    affine[:, :, 2] = centre
    shape = (count, 3, how.size_px, how.size_px)
    grid = functional.affine_grid(torch.from_numpy(affine).to(device), list(shape), align_corners=False)
    seen = 255 - functional.grid_sample(255 - pictures, grid, align_corners=False)  # outside is white
    gain = np.exp(rng.normal(0, how.light, (count, 1)) + rng.normal(0, how.tint, (count, 3)))
    gains = torch.from_numpy(gain.astype(np.float32)).to(device)
    return blended((seen * gains[:, :, None, None]).clamp(0, 255), how.mixed, rng)[0]


def blended(seen: Tensor, portion: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Some views blended with their neighbour: activations that no photo alone gives.

    Returns:
        The views, and which of them are blends, shape (n,).
    """
    chosen = rng.random(len(seen)) < portion
    share = np.where(chosen, rng.uniform(0.3, 0.7, len(seen)), 0).astype(np.float32)
    weight = torch.from_numpy(share).to(seen.device)[:, None, None, None]
    return seen * (1 - weight) + seen.roll(1, dims=0) * weight, torch.from_numpy(chosen).to(seen.device)
