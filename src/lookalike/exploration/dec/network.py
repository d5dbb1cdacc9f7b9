"""The autoencoder and the layer of cluster centres."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.exploration.dec.settings import DecSettings


class Autoencoder(nn.Module):
    """A mirrored pair of dense networks with ReLU between, linear at code and output (Xie et al., 3.2)."""

    def __init__(self, width: int, settings: DecSettings) -> None:
        super().__init__()
        widths = (width, *settings.hidden, settings.code)
        self.encoder = _dense(widths)
        self.decoder = _dense(widths[::-1])

    def forward(self, features: Tensor) -> Tensor:
        """The features again, by way of their code."""
        decoded: Tensor = self.decoder(self.encoder(features))
        return decoded


def _dense(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[Any] = []
    for before, after in pairwise(widths):
        layer = nn.Linear(before, after)
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def soft_assignment(codes: Tensor, centres: Tensor) -> Tensor:
    """Student's t similarity of codes to centres, rows summing to one: Xie et al., equation 1, alpha 1.

    Args:
        codes: shape (photos, code).
        centres: shape (clusters, code).
    """
    near = 1.0 / (1.0 + torch.cdist(codes, centres).square())
    return near / near.sum(dim=1, keepdim=True)


def target_distribution(assignment: Tensor) -> Tensor:
    """Sharpened assignments, each cluster weighed by its size: Xie et al., equation 3."""
    weight = assignment.square() / assignment.sum(dim=0, keepdim=True)
    return weight / weight.sum(dim=1, keepdim=True)


def divergence(target: Tensor, assignment: Tensor) -> Tensor:
    """KL(P || Q), mean over photos: Xie et al., equation 2."""
    return functional.kl_div(assignment.clamp_min(1e-12).log(), target, reduction="batchmean")
