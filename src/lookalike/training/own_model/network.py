"""Our own network: dense 3 x 3 blocks in six stages, cheap on wide vector units and small on disk.

Each block widens with one dense 3 x 3 convolution, rectifies, and narrows with a 1 x 1 convolution
(the fused form of MobileNetV2's inverted residual, EfficientNetV2, arXiv 2104.00298). The channel
counts at the stages' borders are the only thing that it shares with the network it learns from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

HEAD = 288
"""Channels before the last widening."""

FEATURES = 1280
"""Width of the pooled features."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: channels in and out, hidden width of each block; the first block halves the picture.

    Args:
        channels_in, channels_out: at the stage's borders.
        hidden: width inside each block.
        stride: of the first block.
    """

    channels_in: int
    channels_out: int
    hidden: tuple[int, ...]
    stride: int = 2


STAGES = (
    Stage(32, 24, (72, 64)),
    Stage(24, 32, (128, 128, 128)),
    Stage(32, 64, (224, 224, 224)),
    Stage(64, 96, (288, 288), stride=1),
    Stage(96, 160, (416, 416, 416)),
)
"""After the stem, whose 32 channels are at half the picture's size."""

STRIDES = (4, 8, 16, 16, 32, 32)
"""Pixels of the picture to a cell of each stage's maps, the last widening included."""


def _convolution(channels_in: int, channels_out: int, *, size: int = 3, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(channels_in, channels_out, size, stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(channels_out)]


class Block(nn.Module):
    """Widen by a dense 3 x 3 convolution, rectify, narrow; added to its input where shapes allow."""

    def __init__(self, channels_in: int, channels_out: int, hidden: int, *, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_convolution(channels_in, hidden, stride=stride),
            nn.ReLU(inplace=True),
            *_convolution(hidden, channels_out, size=1),
        )
        self.residual = stride == 1 and channels_in == channels_out

    def forward(self, maps: Tensor) -> Tensor:
        """Maps, shape (n, channels, height, width), to maps."""
        changed: Tensor = self.body(maps)
        return maps + changed if self.residual else changed


def _stage(stage: Stage) -> list[nn.Module]:
    widths = [stage.channels_in] + [stage.channels_out] * len(stage.hidden)
    strides = [stage.stride] + [1] * (len(stage.hidden) - 1)
    return [
        Block(before, after, hidden, stride=stride)
        for before, after, hidden, stride in zip(widths, widths[1:], stage.hidden, strides, strict=False)
    ]


class Network(nn.Module):
    """Photos to pooled features, in stages that can also be run one by one.

    Args:
        stages: the body's plan.
    """

    def __init__(self, stages: Sequence[Stage] = STAGES) -> None:
        super().__init__()
        stem = [*_convolution(3, stages[0].channels_in, stride=2), nn.ReLU(inplace=True)]
        parts = [nn.Sequential(*_stage(stage)) for stage in stages]
        parts[0] = nn.Sequential(*stem, *parts[0])
        last = stages[-1].channels_out
        head = [Block(last, HEAD, 3 * last), *_convolution(HEAD, FEATURES, size=1)]
        self.stages = nn.ModuleList([*parts, nn.Sequential(*head, nn.ReLU6())])

    def forward(self, photos: Tensor) -> list[Tensor]:
        """Outputs of all stages; the last is the map whose mean over the picture is the features.

        Args:
            photos: pixels / 127.5 - 1, shape (n, 3, height, width).
        """
        outputs = []
        maps = photos
        for stage in self.stages:
            maps = stage(maps)
            outputs.append(maps)
        return outputs

    def parameter_count(self) -> int:
        """How many weights there are."""
        return sum(parameter.numel() for parameter in self.parameters())


def pooled(maps: Tensor) -> Tensor:
    """Mean over the picture, shape (n, channels)."""
    return torch.mean(maps, dim=(2, 3))
