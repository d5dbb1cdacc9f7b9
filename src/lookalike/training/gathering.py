"""What makes several processes learn as one: their vectors together, and their batch statistics.

A loss that compares the vectors of a batch must see the batch whole. Each process therefore gathers the
vectors of all, takes the loss of the whole batch, and sends back what it says of the others' vectors. The
gradients of all processes, averaged, are those of one process with the whole batch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as group
from torch.autograd import Function


def processes() -> int:
    """How many processes train together."""
    return group.get_world_size() if group.is_available() and group.is_initialized() else 1


def gathered(mine: Tensor) -> Tensor:
    """The rows of all processes, one process's after the other's, through which gradients flow.

    Args:
        mine: this process's rows, shape (n, ...); n may differ by process.
    """
    if processes() == 1:
        return mine
    counts: list[Tensor] = [torch.zeros((), dtype=torch.long, device=mine.device) for _ in range(processes())]
    group.all_gather(counts, torch.tensor(len(mine), device=mine.device))
    rows: Tensor = _Gather.apply(mine, [int(count) for count in counts])
    return rows


class _Gather(Function):
    """All rows; backwards, what all processes say of mine."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor, counts: list[int]) -> Tensor:
        """Gather, padded to the longest part."""
        ctx.counts = counts
        padded = mine.new_zeros((max(counts), *mine.shape[1:]))
        padded[: len(mine)] = mine
        parts = [torch.empty_like(padded) for _ in counts]
        group.all_gather(parts, padded)
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, said: Tensor) -> tuple[Tensor, None]:
        """Sum over processes, my part of it."""
        said = said.contiguous()
        group.all_reduce(said)
        first = sum(ctx.counts[: group.get_rank()])
        return said[first : first + ctx.counts[group.get_rank()]], None


class _Sum(Function):
    """The sum over processes; its gradient is summed over processes too."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor) -> Tensor:  # noqa: ARG004 - torch's signature
        """Sum."""
        total = mine.clone()
        group.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, said: Tensor) -> Tensor:  # noqa: ARG004
        """Sum."""
        total = said.clone()
        group.all_reduce(total)
        return total


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation by the statistics of all processes' photos (Ioffe & Szegedy, arXiv 1502.03167).

    PyTorch's own (``SyncBatchNorm``) does not run on a CPU. Weights have the names of ``BatchNorm2d``.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Normalised maps, shape (n, channels, height, width)."""
        if not self.training or processes() == 1:
            return super().forward(maps)
        sizes = maps.new_tensor([maps.numel() / maps.shape[1]])
        count = _Sum.apply(sizes)
        mean = _Sum.apply(maps.sum(dim=(0, 2, 3))) / count
        centred = maps - mean[:, None, None]
        variance = _Sum.apply(centred.square().sum(dim=(0, 2, 3))) / count
        self._follow(mean.detach(), (variance * count / (count - 1)).detach())
        normal = centred * (variance + self.eps).rsqrt()[:, None, None]
        return normal * self.weight[:, None, None] + self.bias[:, None, None] if self.affine else normal

    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


def share_statistics(module: nn.Module) -> None:
    """Let every batch normalisation in a module see the photos of all processes; its weights stay."""
    for part in module.modules():
        if type(part) is nn.BatchNorm2d:
            part.__class__ = SharedBatchNorm2d
