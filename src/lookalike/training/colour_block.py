"""The colour half of our model, as a graph: which pixels are the item, and what colours they have.

Everything is plain arithmetic on the pixels (products, a softmax, roots), so that it travels inside
the model's file. Perceptual space: Oklab (Ottosson 2020), its chroma spread near grey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

GRID = 32
"""Pixels are taken on a grid of this side, each the mean of 2 x 2 of the photo."""
BACKGROUND_LIKENESS = 0.06
"""Standard deviation, in Oklab, within which a pixel looks like one of the border's."""
BACKGROUND_SHARE = 0.12
"""A colour that this share of the border looks like is as likely background as not."""
FLOOR = 0.0005
"""Least weight of a pixel: a white item on white is not nothing."""
CHROMA_GAIN = 2.2
"""How much more a step of chroma counts than one of lightness, in telling item from background."""
LIGHTNESSES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95)
"""Knots of the histogram's lightness."""
CHROMAS = (0.01, 0.035, 0.065, 0.1, 0.15, 0.22)
"""Knots of its chroma; the first is grey and has no hue."""
HUES, HUE_SHARPNESS = 16, 30.0
"""How many hues, and how sharply a pixel is shared among them."""
POWER = 0.3
"""Exponent of the bins: small areas of a colour count more than their share."""
BINS = len(LIGHTNESSES) * (1 + HUES * (len(CHROMAS) - 1))
"""Number of bins."""

_TO_CONES = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
             (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
_TO_LAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
           (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip


def perceptual(pixels: Tensor) -> Tensor:
    """Oklab with widened chroma, shape (n, 3, positions), of sRGB in 0..1 of the same shape."""
    linear = torch.where(
        pixels <= 0.04045, pixels / 12.92, ((pixels.clamp(min=0.04) + 0.055) / 1.055).pow(2.4)
    )
    cones = torch.matmul(torch.tensor(_TO_CONES), linear).clamp(min=1e-6).pow(1 / 3)
    lab = torch.matmul(torch.tensor(_TO_LAB), cones)
    return lab * torch.tensor([[1.0], [CHROMA_GAIN], [CHROMA_GAIN]])


def sampled(photos: Tensor) -> Tensor:
    """Means of 2 x 2 pixels on a grid, shape (n, 3, GRID, GRID), of photos (n, 3, size, size)."""
    step = photos.shape[-1] // GRID
    return functional.avg_pool2d(photos, 2, stride=step)


def _border() -> Tensor:
    """Every second place of the border of the flattened grid."""
    ring = torch.ones(GRID, GRID, dtype=torch.bool)
    ring[1:-1, 1:-1] = False
    return torch.nonzero(ring.flatten()).flatten()[::2]


def squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """Between all colours, shape (n, a, b), of (n, 3, a) and (n, 3, b)."""
    product = torch.matmul(first.transpose(1, 2), second)
    return first.square().sum(1)[:, :, None] + second.square().sum(1)[:, None, :] - 2 * product


class Foreground(nn.Module):
    """How much each place of the grid belongs to the item: shape (n, 1, places), mean one."""

    border: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("border", _border())

    def forward(self, colours: Tensor) -> Tensor:
        """From perceptual colours, shape (n, 3, places): what the border does not look like."""
        distances = squared_distances(colours, colours[:, :, self.border])
        likeness = torch.exp(distances.clamp(min=0) * (-0.5 / BACKGROUND_LIKENESS**2)).mean(2)
        weight = 1 / (1 + (likeness / BACKGROUND_SHARE).square()) + FLOOR
        return (weight / weight.mean(dim=1, keepdim=True))[:, None]


def memberships(values: Tensor, knots: Sequence[float]) -> Tensor:
    """Each value shared between the two knots around it: shape (n, knots, places), of (n, places)."""
    shares = []
    for index, knot in enumerate(knots):
        rising = torch.ones_like(values)
        if index:
            rising = ((values - knots[index - 1]) / (knot - knots[index - 1])).clamp(0, 1)
        falling = torch.ones_like(values)
        if index + 1 < len(knots):
            falling = ((knots[index + 1] - values) / (knots[index + 1] - knot)).clamp(0, 1)
        shares.append(torch.minimum(rising, falling))
    return torch.stack(shares, dim=1)


class ColourHistogram(nn.Module):
    """Photos to a soft histogram over lightness, chroma and hue, each bin to a power.

    A bin's mass is a product of memberships, so that one matrix product makes the whole histogram.
    """

    directions: Tensor

    def __init__(self) -> None:
        super().__init__()
        angle = torch.arange(HUES) * (2 * math.pi / HUES)
        self.register_buffer("directions", torch.stack([angle.cos(), angle.sin()], dim=1))
        self.foreground = Foreground()

    def forward(self, photos: Tensor) -> Tensor:
        """Powers of the bins, shape (n, BINS).

        Args:
            photos: pixels in 0..255, shape (n, 3, size, size).
        """
        colours = perceptual(sampled(photos).flatten(2) / 255)
        weight = self.foreground(colours)
        axes = colours[:, 1:] / CHROMA_GAIN
        chroma = (axes.square().sum(1) + 1e-8).sqrt()
        hues = torch.softmax(HUE_SHARPNESS * torch.matmul(self.directions, axes / chroma[:, None]), dim=1)
        levels = memberships(chroma, CHROMAS)
        coloured = (levels[:, 1:, None] * hues[:, None]).flatten(1, 2)
        chromatic = torch.cat([levels[:, :1], coloured], dim=1) * weight
        lightness = memberships(colours[:, 0], LIGHTNESSES)
        bins = torch.matmul(chromatic, lightness.transpose(1, 2)) / GRID**2
        return (bins.flatten(1) + 1e-5).pow(POWER)
