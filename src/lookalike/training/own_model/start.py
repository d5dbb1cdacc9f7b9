"""Our network's start: every block solved in turn on what the blocks before it give."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lookalike.training.own_model.closed_form import fit_block, fit_linear, fit_stem, principal_maps
from lookalike.training.own_model.network import HEAD, Network

BLOCK_TARGETS = (
    "conv2d_5",
    "add_120",
    "conv2d_11",
    "add_206",
    "add_252",
    "conv2d_20",
    "add_384",
    "add_430",
    "conv2d_32",
    "add_562",
    "conv2d_41",
    "add_648",
    "add_694",
)
"""The teacher's activation that each of our blocks aims at, in order."""
LAST_TARGET = "conv2d_51"
"""The teacher's last map before its rectifier."""


def closed_form_start(network: Network, photos: Tensor, targets: Sequence[Tensor]) -> Tensor:
    """Solve the whole network, front to back.

    Args:
        network: changed in place.
        photos: pixels / 127.5 - 1, shape (n, 3, size, size); some hundreds to thousands.
        targets: the teacher's activations of them, for ``BLOCK_TARGETS`` and ``LAST_TARGET``.

    Returns:
        The mean of the teacher's features, shape (1280,).
    """
    network.eval()
    first = network.stages[0]
    fit_stem(first[0], first[1], photos[:1000])
    maps = _run(first[:3], photos)
    blocks = [*first[3:], *(block for stage in list(network.stages)[1:-1] for block in stage)]
    for block, target in zip(blocks, targets, strict=False):
        fit_block(block, maps, target.float())
        maps = _run(block, maps)
    head, widen, normalise = network.stages[-1][0], network.stages[-1][1], network.stages[-1][2]
    last = targets[-1].float()
    fit_block(head, maps, principal_maps(last, HEAD))
    fit_linear(widen, normalise, _run(head, maps), last)
    return last.clamp(0, 6).mean(dim=(0, 2, 3))


def _run(part: nn.Module, maps: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat([part(some) for some in maps.split(64)])
