"""The colour half of our model, as a graph: which pixels are the item, and what colours they have.

The same idea as the descriptor's (``embedding/foreground.py``, ``embedding/colour.py``), said in plain
arithmetic (products, sums, minima), so that it travels inside the model's file. Perceptual space:
Oklab with a toe near black (Ottosson 2020, 2021), its chroma on a logarithmic scale.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.training.own_model.letterbox import content_cells

CELL_PX = 4
"""Pixels are taken as means of squares of this side."""
LIKENESS = 0.06
"""Standard deviation, in Oklab, within which a pixel looks like one of the border's."""
BACKGROUND_SHARE = 0.12
"""A colour that this share of the border looks like is as likely background as not."""
PRIOR_WIDTH = 0.35
"""Standard deviation of the centre prior, as a share of the content's height and width."""
FLOOR = 0.01
"""Least weight of a pixel, as a share of the prior: a white item on white is not nothing."""
LIGHTS, HUES = 9, 13
"""Knots of lightness, and of each of the two hue axes."""
GREY, FULL = 0.03, 0.32
"""Chroma below which greys are told apart finely, and the largest of sRGB."""
POWER = 0.4
"""Exponent of the bins: small areas of a colour count more than their share."""
FAINT = 1e-5
"""Added to each bin, which keeps the exponent's slope finite."""

_TO_CONES = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
             (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
_TO_LAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
           (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip
_TOE, _SLOPE = 0.206, 0.03


def oklab(pixels: Tensor) -> Tensor:
    """Oklab with a toed lightness, shape (n, 3, positions), of sRGB in 0..1 of the same shape."""
    curve = ((pixels.clamp(min=0.04) + 0.055) / 1.055).pow(2.4)
    linear = torch.where(pixels <= 0.04045, pixels / 12.92, curve)
    cones = torch.matmul(torch.tensor(_TO_CONES), linear).clamp(min=1e-7).pow(1 / 3)
    lab = torch.matmul(torch.tensor(_TO_LAB), cones)
    ratio = (1 + _TOE) / (1 + _SLOPE)
    scaled = ratio * lab[:, :1] - _TOE
    lightness = 0.5 * (scaled + (scaled.square() + 4 * _SLOPE * ratio * lab[:, :1].clamp(min=0)).sqrt())
    return torch.cat([lightness, lab[:, 1:]], dim=1)


def squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """Between all colours, shape (n, a, b), of (n, 3, a) and (n, 3, b)."""
    product = torch.matmul(first.transpose(1, 2), second)
    return first.square().sum(1)[:, :, None] + second.square().sum(1)[:, None, :] - 2 * product


def border_colours(colours: Tensor, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """Colours along the four sides of the content, and whether each lies inside it.

    Args:
        colours: shape (n, 3, side, side).
        rows, columns: 1 where the content is, shape (n, side).

    Returns:
        Shapes (n, 3, 4 x side) and (n, 4 x side).
    """
    left, right = _first(columns), _first(columns.flip(1)).flip(1)
    top, bottom = _first(rows), _first(rows.flip(1)).flip(1)
    sides = [torch.matmul(colours, side[:, None, :, None])[..., 0] for side in (left, right)]
    sides += [torch.matmul(side[:, None, None, :], colours)[:, :, 0] for side in (top, bottom)]
    return torch.cat(sides, dim=2), torch.cat([rows, rows, columns, columns], dim=1)


def _first(inside: Tensor) -> Tensor:
    return inside * (inside.cumsum(1) == 1).float()


def reached(background: Tensor) -> Tensor:
    """The weakest link on the best of the four straight ways from the edge to each cell.

    Args:
        background: shape (n, side, side).
    """
    ways = []
    for axis in (1, 2):
        ways += [_running_least(background, axis), _running_least(background.flip(axis), axis).flip(axis)]
    return torch.stack(ways).amax(0)


def _running_least(values: Tensor, axis: int) -> Tensor:
    """The least value so far along an axis, in steps that double (Hillis and Steele 1986)."""
    side, step = values.shape[axis], 1
    while step < side:
        ahead = [0, 0, step, 0] if axis == 1 else [step, 0]
        shifted = functional.pad(values, ahead, value=1.0).narrow(axis, 0, side)
        values, step = torch.minimum(values, shifted), 2 * step
    return values


def centre_prior(inside: Tensor) -> Tensor:
    """A bell over the content of one axis, shape (n, side) as ``inside``; zero outside."""
    length = inside.sum(1, keepdim=True).clamp(min=1)
    place = (inside.cumsum(1) - 0.5) / length - 0.5
    return inside * torch.exp(-0.5 * (place / PRIOR_WIDTH).square())


class Foreground(nn.Module):
    """How much each cell belongs to the item: shape (n, side x side), mean one."""

    def forward(self, colours: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """What the border does not look like, or no straight way from the border leads to.

        Args:
            colours: Oklab, shape (n, 3, side, side).
            rows, columns: 1 where the content is, shape (n, side).
        """
        side = colours.shape[-1]
        border, valid = border_colours(colours, rows, columns)
        border, valid = border[:, :, ::2], valid[:, ::2]
        alike = torch.exp(squared_distances(colours.flatten(2), border) * (-0.5 / LIKENESS**2))
        share = torch.matmul(alike, valid[:, :, None])[..., 0] / valid.sum(1, keepdim=True).clamp(min=1)
        odds = (share / BACKGROUND_SHARE).square()
        content = rows[:, :, None] * columns[:, None, :]
        background = 1 - content * (1 / (1 + odds)).unflatten(1, (side, side))
        prior = centre_prior(rows)[:, :, None] * centre_prior(columns)[:, None, :]
        weight = torch.maximum((1 - reached(background)) * prior.sqrt(), FLOOR * prior).flatten(1)
        return weight / weight.mean(dim=1, keepdim=True).clamp(min=1e-9)


def memberships(values: Tensor, knots: int) -> Tensor:
    """Each value of 0..1 shared between the two of the even knots around it.

    Args:
        values: shape (n, positions).
        knots: how many, from 0 to 1.

    Returns:
        Shape (n, knots, positions).
    """
    places = torch.arange(knots, dtype=torch.float32)[:, None]
    return (1 - (values.clamp(0, 1)[:, None] * (knots - 1) - places).abs()).clamp(min=0)


def hue_axes(colours: Tensor) -> Tensor:
    """The two hue axes in 0..1, chroma on a logarithmic scale: shape (n, 2, positions)."""
    axes = colours[:, 1:]
    chroma = (axes.square().sum(1, keepdim=True) + 1e-12).sqrt()
    return 0.5 + 0.5 * axes * (torch.log1p(chroma / GREY) / (math.log1p(FULL / GREY) * chroma))


def histogram(colours: Tensor, weight: Tensor) -> Tensor:
    """Mass of each bin, shape (n, HUES, HUES, LIGHTS).

    Args:
        colours: Oklab, shape (n, 3, positions).
        weight: of each, shape (n, positions).
    """
    axes = hue_axes(colours)
    red, yellow = memberships(axes[:, 0], HUES), memberships(axes[:, 1], HUES)
    hues = (red[:, :, None] * yellow[:, None]).flatten(1, 2) * weight[:, None]
    bins = torch.matmul(hues, memberships(colours[:, 0], LIGHTS).transpose(1, 2))
    return bins.unflatten(1, (HUES, HUES)) / colours.shape[2]


def reachable() -> Tensor:
    """Indices of the flattened bins that an sRGB colour can fall in."""
    steps = torch.linspace(0, 1, 32)
    cube = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).flatten(1)
    mass = histogram(oklab(cube[None]), torch.ones(1, cube.shape[1]))
    return torch.nonzero(mass.flatten() > 0).flatten()


class ColourHistogram(nn.Module):
    """Photos to a soft histogram of the item's colours, each bin to a power, as a unit vector.

    A bin's mass is a product of memberships, so that one matrix product makes the whole histogram.
    """

    bins: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("bins", reachable())
        self.foreground = Foreground()

    @property
    def width(self) -> int:
        """Number of bins."""
        return len(self.bins)

    def forward(self, photos: Tensor) -> Tensor:
        """Unit vectors, shape (n, width).

        Args:
            photos: pixels in 0..255, letterboxed on white, shape (n, 3, size, size).
        """
        rows, columns = content_cells(photos, CELL_PX)
        cells = functional.avg_pool2d(photos, CELL_PX)
        side = cells.shape[-1]
        colours = oklab(cells.flatten(2) / 255)
        weight = self.foreground(colours.unflatten(2, (side, side)), rows, columns)
        mass = histogram(colours, weight).flatten(1)[:, self.bins]
        return functional.normalize((mass + FAINT).pow(POWER), dim=1)
