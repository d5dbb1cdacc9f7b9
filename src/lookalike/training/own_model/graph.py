"""Our whole model as one module: raw photos in, ``[a x unit shape | b x unit colour]`` out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.training.own_model.colour_block import ColourHistogram
from lookalike.training.own_model.metric_head import Head
from lookalike.training.own_model.network import Network, pooled

EARLY, EARLY_CELLS = 1, 4
"""The stage whose maps tell where edges lie, and the side of the grid they are averaged on."""
MIDDLE, MIDDLE_CELLS = 3, 2
"""The same for parts of things."""


def shape_inputs(outputs: list[Tensor]) -> Tensor:
    """What the shape head sees: pooled features, and coarse maps of two earlier stages, in one row.

    Args:
        outputs: of all of the network's stages, for square photos.
    """
    early = grid_means(outputs[EARLY], EARLY_CELLS).flatten(1)
    middle = grid_means(outputs[MIDDLE], MIDDLE_CELLS).flatten(1)
    return torch.cat([pooled(outputs[-1]), early, middle], dim=1)


def grid_means(maps: Tensor, cells: int) -> Tensor:
    """Means over a grid of cells, shape (n, channels, cells, cells)."""
    size = -(-maps.shape[-1] // cells)
    return functional.avg_pool2d(maps, size, ceil_mode=False)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each block counts; the squares sum to one."""

    shape: float
    colour: float


class OwnModel(nn.Module):
    """Network, shape head, colour histogram and colour head, joined.

    Args:
        network: of stages.
        shape_head: over ``shape_inputs``.
        histogram: over the pixels.
        colour_head: over the histogram's roots.
        weights: of the blocks.
    """

    def __init__(
        self,
        network: Network,
        shape_head: Head,
        *,
        histogram: ColourHistogram,
        colour_head: nn.Module,
        weights: Weights,
    ) -> None:
        super().__init__()
        self.network, self.shape_head = network, shape_head
        self.histogram, self.colour_head = histogram, colour_head
        self.weights = weights

    def forward(self, photos: Tensor) -> Tensor:
        """Unit vectors, shape (n, width).

        Args:
            photos: uint8 sRGB letterboxed on white, shape (n, size, size, 3).
        """
        pixels = photos.float().permute(0, 3, 1, 2)
        shape = self.shape_head(shape_inputs(self.network(pixels / 127.5 - 1)))
        colour = self.colour_head(self.histogram(pixels))
        return torch.cat([self.weights.shape * shape, self.weights.colour * colour], dim=1)
