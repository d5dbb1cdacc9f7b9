"""A start in closed form: each block solved by regression before any gradient is taken.

The directions that best predict the target from a block's 3 x 3 patches (reduced-rank regression,
Izenman 1975) become rectified pairs, which together are linear; the units left over are random
mixtures with random thresholds (random features, Rahimi and Recht 2007). The narrowing 1 x 1
convolution is then a ridge regression. Minutes of this save an hour of gradient steps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.training.own_model.network import Block

RIDGE = 1e-3
"""Ridge, as a share of the mean variance."""


def patches(maps: Tensor, *, stride: int, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Some 3 x 3 patches as rows (positions, 9 x channels), and the positions chosen."""
    rows = functional.unfold(maps, 3, padding=1, stride=stride).transpose(1, 2).flatten(0, 1)
    chosen = torch.randperm(len(rows), generator=generator)[: max(1, int(share * len(rows)))]
    return rows[chosen], chosen


def fit_block(block: Block, maps: Tensor, target: Tensor, *, samples: int = 24_000) -> None:
    """Solve a block so that it turns ``maps`` into ``target``.

    Args:
        block: changed in place, its normalisation statistics included.
        maps: its inputs, shape (n, channels_in, height, width).
        target: what should come out, at the block's output size.
        samples: about how many positions to regress on.
    """
    widen, first, _, narrow, second = block.body
    generator = torch.Generator().manual_seed(0)
    enough = 1 + 4 * samples // (target.shape[2] * target.shape[3])  # early maps are large: a few photos do
    maps, target = maps[:enough], target[:enough]
    wanted = (target - maps) if block.residual else target
    rows = wanted.permute(0, 2, 3, 1).flatten(0, 2)
    drawn, chosen = _sampled(maps, widen.stride[0], min(1.0, samples / len(rows)), generator)
    rows = rows[chosen]
    directions = predictive_directions(drawn, rows)
    weight, threshold = _units(directions, widen.out_channels, generator)
    raw = drawn @ weight
    _set_normalisation(first, raw, gain=torch.ones(raw.shape[1]), shift=threshold)
    hidden = functional.relu(
        (raw - raw.mean(0)) / (raw.var(0, unbiased=False) + first.eps).sqrt() + threshold
    )
    solution = ridge(hidden - hidden.mean(0), rows - rows.mean(0))
    out = hidden @ solution
    _set_normalisation(second, out, gain=(out.var(0, unbiased=False) + second.eps).sqrt(), shift=rows.mean(0))
    with torch.no_grad():
        widen.weight.copy_(weight.T.reshape(widen.weight.shape))
        narrow.weight.copy_(solution.T.reshape(narrow.weight.shape))


def _sampled(maps: Tensor, stride: int, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Patches of all maps, taken a few photos at a time so that memory stays small."""
    found, places, offset = [], [], 0
    for part in maps.split(16):
        drawn, chosen = patches(part, stride=stride, share=share, generator=generator)
        found.append(drawn)
        places.append(chosen + offset)
        height, width = (-(-side // stride) for side in part.shape[2:])
        offset += len(part) * height * width
    return torch.cat(found), torch.cat(places)


def ridge(inputs: Tensor, targets: Tensor) -> Tensor:
    """Coefficients, shape (inputs' width, targets' width), of centred rows."""
    gram = inputs.T @ inputs
    gram.diagonal().add_(RIDGE * gram.diagonal().mean())
    return torch.linalg.solve(gram, inputs.T @ targets)


def predictive_directions(inputs: Tensor, targets: Tensor) -> Tensor:
    """Directions in input space, best first, each of unit variance: shape (inputs' width, targets' width)."""
    inputs, targets = inputs - inputs.mean(0), targets / (targets.std(0) + 1e-6)
    coefficients = ridge(inputs, targets - targets.mean(0))
    fitted = inputs @ coefficients
    _, axes = torch.linalg.eigh(fitted.T @ fitted)
    directions = coefficients @ axes.flip(1)
    return directions / ((inputs @ directions).std(0) + 1e-6)


def _units(directions: Tensor, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Weights (inputs' width, count) and thresholds of the hidden units, for inputs of unit variance."""
    pairs = min(directions.shape[1], 2 * count // 5)
    leading = directions[:, :pairs]
    fading = torch.linspace(1, 0.3, directions.shape[1])[:, None]
    mixtures = torch.randn(directions.shape[1], count - 2 * pairs, generator=generator) * fading
    thresholds = 0.7 * torch.randn(count - 2 * pairs, generator=generator) - 0.3
    weight = torch.cat([leading, -leading, directions @ mixtures], dim=1)
    mean_free = torch.zeros(2 * pairs)
    return weight, torch.cat([mean_free, thresholds])


def fit_stem(convolution: nn.Conv2d, normalisation: nn.BatchNorm2d, photos: Tensor) -> None:
    """Edges and colours: the principal directions of 3 x 3 pixels, in rectified pairs."""
    generator = torch.Generator().manual_seed(0)
    drawn, _ = _sampled(photos, convolution.stride[0], 0.02, generator)
    centred = drawn - drawn.mean(0)
    _, axes = torch.linalg.eigh(centred.T @ centred)
    half = axes.flip(1)[:, : convolution.out_channels // 2]
    weight = torch.cat([half, -half], dim=1)
    raw = drawn @ weight
    _set_normalisation(
        normalisation, raw, gain=torch.ones(raw.shape[1]), shift=torch.full((raw.shape[1],), 0.3)
    )
    with torch.no_grad():
        convolution.weight.copy_(weight.T.reshape(convolution.weight.shape))


def fit_linear(convolution: nn.Conv2d, normalisation: nn.BatchNorm2d, maps: Tensor, target: Tensor) -> None:
    """Solve a 1 x 1 convolution with its normalisation."""
    inputs = maps.permute(0, 2, 3, 1).flatten(0, 2)
    rows = target.permute(0, 2, 3, 1).flatten(0, 2)
    solution = ridge(inputs - inputs.mean(0), rows - rows.mean(0))
    out = inputs @ solution
    gain = (out.var(0, unbiased=False) + normalisation.eps).sqrt()
    _set_normalisation(normalisation, out, gain=gain, shift=rows.mean(0))
    with torch.no_grad():
        convolution.weight.copy_(solution.T.reshape(convolution.weight.shape))


def principal_maps(maps: Tensor, count: int) -> Tensor:
    """Maps projected on their ``count`` principal directions over all positions."""
    rows = maps.permute(0, 2, 3, 1).flatten(0, 2)
    centred = rows - rows.mean(0)
    _, axes = torch.linalg.eigh(centred.T @ centred)
    projected = centred @ axes.flip(1)[:, :count]
    count_, _, height, width = maps.shape
    return projected.reshape(count_, height, width, count).permute(0, 3, 1, 2)


def _set_normalisation(layer: nn.BatchNorm2d, raw: Tensor, *, gain: Tensor, shift: Tensor) -> None:
    with torch.no_grad():
        layer.running_mean.copy_(raw.mean(0))
        layer.running_var.copy_(raw.var(0, unbiased=False))
        layer.weight.copy_(gain)
        layer.bias.copy_(shift)
