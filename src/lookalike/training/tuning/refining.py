"""A head's gradient steps on cached features: views of one thing together, a fresh sample of others apart.

The loss is a softmax over one positive and all negatives (NT-Xent, arXiv 2002.05709; SupCon, arXiv
2004.11362, in its masking of other positives). Features are cached, so a large sample of other rows
passes the head anew at every step: a cross-batch memory (arXiv 1912.06798) that is never stale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lookalike.training.tuning.heads import Codes, Floats, Scatter


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How a head is refined.

    Args:
        count: gradient steps; the rate falls to nothing over them.
        pairs: positives in a step, each of another thing.
        negatives: other rows that a step compares with.
        rate: of Adam, as a share of the start's root mean square.
        temperature: of the softmax.
        pull: weight of staying near the closed form.
        dropout: share of coordinates left out.
    """

    count: int = 200
    pairs: int = 128
    negatives: int = 1024
    rate: float = 0.03
    temperature: float = 0.1
    pull: float = 3.0
    dropout: float = 0.1


def refined(scatter: Scatter, start: Floats, things: Codes, *, steps: Steps, seed: int) -> Floats:
    """The matrix after its steps, shape of ``start``.

    Args:
        scatter: its rows are learned from.
        start: the closed form's matrix on principal coordinates, shape (kept, width).
        things: which rows are of one thing, shape (rows,).
        steps: how many, and how.
        seed: where chance comes from.
    """
    rows, began = torch.from_numpy(scatter.principal.rows), torch.from_numpy(start)
    matrix = began.clone().requires_grad_()
    rate = steps.rate * float(began.square().mean().sqrt())
    optimiser = torch.optim.Adam([matrix], lr=rate)
    rng, chance = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    pairs = _Pairs(things, variants=rows.shape[1])
    for step in range(steps.count):
        first, second, others = pairs.draw(steps, rng)
        ours, theirs, apart = (
            _embedded(rows, where, matrix, steps.dropout, chance) for where in (first, second, others)
        )
        loss = contrast(
            ours, theirs, apart, things[first[0]], things[others[0]], temperature=steps.temperature
        )
        loss = loss + steps.pull * (matrix - began).square().sum() / began.square().sum()
        optimiser.param_groups[0]["lr"] = rate * (1 - step / steps.count)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return matrix.detach().numpy()


def contrast(
    first: Tensor, second: Tensor, others: Tensor, ours: Codes, theirs: Codes, *, temperature: float
) -> Tensor:
    """Mean of -log p of the positive, among it, the other pairs and the sample.

    Args:
        first, second: unit vectors, shape (pairs, width); row i of both is of one thing.
        others: the sample's, shape (negatives, width).
        ours, theirs: the thing of each pair and of each of the sample; like things are no negatives.
        temperature: of the softmax.
    """
    known = np.concatenate([ours, theirs])
    same = torch.from_numpy(ours[:, None] == known[None, :])
    same[:, : len(ours)] &= ~torch.eye(len(ours), dtype=torch.bool)
    scores = first @ torch.cat([second, others]).T / temperature
    return functional.cross_entropy(scores.masked_fill(same, -1e4), torch.arange(len(ours)))


Places = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Row numbers and variant numbers."""


class _Pairs:
    """Draws two views of one thing; where a thing has one, two pictures of it."""

    def __init__(self, things: Codes, *, variants: int) -> None:
        order = np.argsort(things, kind="stable")
        cuts = np.flatnonzero(np.diff(things[order])) + 1
        self.members = np.split(order, cuts)
        self.rows, self.variants = len(things), variants

    def draw(self, steps: Steps, rng: np.random.Generator) -> tuple[Places, Places, Places]:
        chosen = rng.permutation(len(self.members))[: steps.pairs]
        pairs = np.array([self._two(self.members[number], rng) for number in chosen])
        others = rng.integers(0, self.rows, min(steps.negatives, self.rows))
        first, second, third = (
            rng.integers(0, self.variants, n) for n in (len(pairs), len(pairs), len(others))
        )
        return (pairs[:, 0], first), (pairs[:, 1], second), (others, third)

    @staticmethod
    def _two(members: Codes, rng: np.random.Generator) -> Codes:
        return rng.permutation(members)[:2] if len(members) > 1 else np.repeat(members, 2)


def _embedded(rows: Tensor, where: Places, matrix: Tensor, dropout: float, chance: torch.Generator) -> Tensor:
    chosen = rows[torch.from_numpy(where[0]), torch.from_numpy(where[1])]
    kept = torch.rand(chosen.shape, generator=chance) >= dropout
    return functional.normalize((chosen * kept) @ matrix, dim=1)
