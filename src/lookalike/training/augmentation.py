"""Training pictures out of photos: crops, flips, turns, colours, blur, a batch at a time.

The changes of SimCLR (arXiv 2002.05709, appendix A), on letterboxed photos, white beyond the edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from lookalike.training.recipe import Augmentation

WHITE = 255.0
LUMA = (0.299, 0.587, 0.114)
BLUR_PX = 9


@dataclass(frozen=True)
class Part:
    """Which photos of a batch are changed here, where several processes share it.

    Args:
        places: of the photos in the batch.
        whole: how many the batch has.
    """

    places: tuple[int, ...]
    whole: int


class _Chance:
    """Random numbers, one for each photo: the same whether the batch is whole or shared."""

    def __init__(self, seed: tuple[int, ...], count: int, part: Part | None) -> None:
        self._generator = torch.Generator().manual_seed(mixed(seed))
        self._places = torch.arange(count) if part is None else torch.tensor(part.places, dtype=torch.long)
        self._whole = count if part is None else part.whole

    def rand(self) -> Tensor:
        return torch.rand(self._whole, generator=self._generator)[self._places]


def augment(photos: Tensor, how: Augmentation, *, seed: tuple[int, ...], part: Part | None = None) -> Tensor:
    """One picture of each photo, the same for the same seed.

    Args:
        photos: 0..255, float32, shape (n, 3, size, size).
        how: how far pictures may stray.
        seed: such as (recipe's seed, epoch, step).
        part: of a larger batch; None where the photos are the whole of it.
    """
    if how.idle:
        return photos
    chance = _Chance(seed, len(photos), part)
    pictures = _moved(photos, how, chance)
    if how.colour:
        pictures = _recoloured(pictures, how.colour, chance)
    if how.grey:
        grey = _grey(pictures).expand_as(pictures)
        pictures = torch.where(_some(how.grey, chance), grey, pictures)
    if how.blur:
        pictures = torch.where(_some(how.blur, chance), _blurred(pictures), pictures)
    return pictures.clamp(0, 255)


def mixed(seed: tuple[int, ...]) -> int:
    """One seed out of several numbers.

    >>> mixed((1, 2)) == mixed((2, 1))
    False
    """
    value = 0x9E3779B9
    for part in seed:
        value = (value * 6364136223846793005 + part + 1442695040888963407) % (1 << 63)
    return value


def _some(share: float, chance: _Chance) -> Tensor:
    return (chance.rand() < share)[:, None, None, None]


def _between(low: float, high: float, chance: _Chance) -> Tensor:
    return low + (high - low) * chance.rand()


def _moved(photos: Tensor, how: Augmentation, chance: _Chance) -> Tensor:
    """Crop, mirror and turn by one resampling."""
    count = len(photos)
    side = _between(how.crop, 1.0, chance).sqrt()
    shape = torch.exp(_between(-0.2, 0.2, chance)) if how.crop < 1 else torch.ones(count)
    width, height = (side * shape).clamp(max=1), (side / shape).clamp(max=1)
    angle = _between(-1, 1, chance) * math.radians(how.rotate_deg)
    mirror = 1 - 2 * (chance.rand() < 0.5 * how.flip).float()
    right, down = (
        _between(-1, 1, chance) * (1 - width),
        _between(-1, 1, chance) * (1 - height),
    )
    first = torch.stack([mirror * width * angle.cos(), -height * angle.sin(), right], dim=1)
    second = torch.stack([mirror * width * angle.sin(), height * angle.cos(), down], dim=1)
    grid = functional.affine_grid(
        torch.stack([first, second], dim=1), list(photos.shape), align_corners=False
    )
    return functional.grid_sample(photos - WHITE, grid, align_corners=False) + WHITE


def _recoloured(pictures: Tensor, strength: float, chance: _Chance) -> Tensor:
    """Brightness, contrast and saturation by factors, hue by a turn of the chroma plane (YIQ)."""
    bright, contrast, saturation = (
        _between(max(0.0, 1 - strength), 1 + strength, chance)[:, None, None, None] for _ in range(3)
    )
    pictures = (pictures * bright).clamp(0, 255)
    mean = _grey(pictures).mean(dim=(2, 3), keepdim=True)
    pictures = mean + (pictures - mean) * contrast
    grey = _grey(pictures)
    pictures = grey + (pictures - grey) * saturation
    turn = _between(-1, 1, chance) * strength * 2 * math.pi / 5
    return torch.einsum("nij,njhw->nihw", _hue(turn), pictures)


def _hue(turn: Tensor) -> Tensor:
    """Matrices that turn the hue, shape (n, 3, 3)."""
    to = torch.tensor([LUMA, (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135)])
    rotation = torch.zeros(len(turn), 3, 3)
    rotation[:, 0, 0] = 1
    rotation[:, 1, 1] = rotation[:, 2, 2] = turn.cos()
    rotation[:, 2, 1] = turn.sin()
    rotation[:, 1, 2] = -turn.sin()
    return torch.linalg.inv(to) @ rotation @ to


def _grey(pictures: Tensor) -> Tensor:
    return (pictures * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)


def _blurred(pictures: Tensor) -> Tensor:
    places = torch.arange(BLUR_PX) - BLUR_PX // 2
    line = torch.exp(-(places**2) / 4.5)
    line = line / line.sum()
    kernel = torch.outer(line, line).expand(3, 1, BLUR_PX, BLUR_PX)
    padded = functional.pad(pictures, [BLUR_PX // 2] * 4, mode="replicate")
    return functional.conv2d(padded, kernel, groups=3)
