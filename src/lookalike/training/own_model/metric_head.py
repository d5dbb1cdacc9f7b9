"""The metric stage: linear heads over cached features, taught by views of one thing and by labels.

Positives are two views of one item, two photos of one class, or a photo and its own augmented
view; the loss is NT-Xent with the batch's other views of the same thing left out of the negatives
(SimCLR, arXiv 2002.05709; SupCon, arXiv 2004.11362), plus a cosine softmax over category labels.
A pull towards the start (principal directions) keeps what no label speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

ALONE = 0.1
"""What a thing seen in one photo counts for as a source of pairs, where one more photo counts one."""


@dataclass(frozen=True, kw_only=True)
class HeadPlan:
    """How a head is taught.

    Args:
        width: of its unit vectors.
        steps: gradient steps.
        pairs: positives in a batch.
        rate: learning rate at the start (cosine to nothing).
        temperature: of both softmaxes.
        label_share: weight of the category loss.
        pull: weight of the pull towards the start.
        dropout: share of inputs left out.
        whitening: exponent of the start's whitening: 0 keeps variances, 1 evens them all.
        seed: where chance comes from.
    """

    width: int
    steps: int = 600
    pairs: int = 192
    rate: float = 2e-3
    temperature: float = 0.1
    label_share: float = 0.5
    pull: float = 0.3
    dropout: float = 0.1
    whitening: float = 0.5
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Lessons:
    """Cached features with what is known of them.

    Args:
        features: float32, shape (photos, inputs).
        things: what counts as the same thing, a number a photo.
        labels: category number a photo; -1 where unknown.
        again: features of an augmented view of the same photo, same shape; rows of NaN where absent.
        roles: how each photo shows its thing (front, back, in the shop, ...); a partner is drawn from
            another role first, so that the one catalogue picture among forty shelf photos is learnt from.
    """

    features: Tensor
    things: NDArray[np.int64]
    labels: NDArray[np.int64]
    again: Tensor
    roles: NDArray[np.int64]


class Head(nn.Module):
    """Standardise, project, and make a unit vector.

    Args:
        inputs, width: numbers of coordinates before and after.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.project = nn.Linear(inputs, width)

    def forward(self, features: Tensor) -> Tensor:
        """Unit vectors, shape (n, width)."""
        return functional.normalize(self.project((features - self.mean) / self.scale), dim=1)

    def start(self, features: Tensor, *, whitening: float) -> None:
        """Principal directions of the standardised features, partly whitened."""
        mean, scale = features.mean(0), features.std(0) + 1e-3 * features.std()
        self.mean.copy_(mean)
        self.scale.copy_(scale)
        rows = (features - mean) / scale
        variances, axes = torch.linalg.eigh(rows.T @ rows / len(rows))
        width = self.project.out_features
        kept, directions = variances.flip(0)[:width].clamp(min=1e-6), axes.flip(1)[:, :width]
        with torch.no_grad():
            self.project.weight.copy_((directions * kept ** (-whitening / 2)).T)
            self.project.bias.zero_()
            self.project.weight.div_(self.project.weight.norm() / width**0.5)


def contrast(first: Tensor, second: Tensor, same: Tensor, temperature: float) -> Tensor:
    """NT-Xent over pairs (row i of both is one thing), shape of each (pairs, width).

    Args:
        first, second: unit vectors.
        same: which pairs are of one thing, shape (pairs, pairs); they are no negatives.
        temperature: of the softmax.
    """
    closeness = first @ second.T / temperature
    others = same & ~torch.eye(len(same), dtype=torch.bool)
    closeness = closeness.masked_fill(others, -1e4)
    right = torch.arange(len(same))
    return (functional.cross_entropy(closeness, right) + functional.cross_entropy(closeness.T, right)) / 2


class _Pairs:
    """Draws a photo and another view of the same thing; a thing's chance grows with the root of its views."""

    def __init__(self, lessons: Lessons, seed: int) -> None:
        self._rng, self._roles = np.random.default_rng(seed), lessons.roles
        self._has_again = ~torch.isnan(lessons.again[:, 0]).numpy()
        order = np.argsort(lessons.things, kind="stable")
        cuts = np.flatnonzero(np.diff(lessons.things[order])) + 1
        groups = np.split(order, cuts)
        self._groups = [group for group in groups if len(group) > 1 or self._has_again[group].any()]
        sizes = (np.array([len(group) for group in self._groups]) - 1 + ALONE) ** 0.5
        self._chances = sizes / sizes.sum()

    def draw(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Rows, their partners, and whether the partner is the row's own augmented view."""
        chosen = self._rng.choice(
            len(self._groups), min(count, len(self._groups)), replace=False, p=self._chances
        )
        rows = np.array([self._rng.choice(self._groups[index]) for index in chosen])
        partners = np.array(
            [self._other(self._groups[index], row) for index, row in zip(chosen, rows, strict=True)]
        )
        own = partners == rows
        swap = self._has_again[rows] & (self._rng.random(len(rows)) < 0.3)
        return rows, np.where(swap, rows, partners), own | swap

    def _other(self, group: NDArray[np.int64], row: int) -> int:
        if len(group) == 1:
            return row
        others = group[group != row]
        roles = np.unique(self._roles[others])
        if len(roles) > 1:
            others = others[self._roles[others] == self._rng.choice(roles)]
        return int(self._rng.choice(others))


def teach(lessons: Lessons, plan: HeadPlan) -> Head:
    """A head taught on the lessons, in seconds."""
    torch.manual_seed(plan.seed)
    features = lessons.features
    head = Head(features.shape[1], plan.width)
    head.start(features, whitening=plan.whitening)
    began = head.project.weight.detach().clone()
    proxies = nn.Parameter(torch.randn(int(lessons.labels.max()) + 1, plan.width))
    optimiser = torch.optim.AdamW([*head.parameters(), proxies], lr=plan.rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, plan.steps)
    pairs = _Pairs(lessons, plan.seed)
    things, labels = torch.from_numpy(lessons.things), torch.from_numpy(lessons.labels)
    for _ in range(plan.steps):
        rows, partners, augmented = pairs.draw(plan.pairs)
        partner = torch.where(
            torch.from_numpy(augmented)[:, None], lessons.again[partners], features[partners]
        )
        partner = torch.where(torch.isnan(partner), features[partners], partner)
        first = head(_dropped(head, features[rows], plan.dropout))
        second = head(_dropped(head, partner, plan.dropout))
        same = things[rows][:, None] == things[rows][None, :]
        loss = contrast(first, second, same, plan.temperature)
        loss = loss + plan.label_share * _label_loss(first, labels[rows], proxies, plan.temperature)
        loss = loss + plan.pull * (head.project.weight - began).square().sum() / began.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return head.eval()


def _dropped(head: Head, features: Tensor, share: float) -> Tensor:
    """Features with some coordinates set to their mean, which standardising turns to zero."""
    lost = torch.rand_like(features) < share
    return torch.where(lost, head.mean, features)


def _label_loss(vectors: Tensor, labels: Tensor, proxies: Tensor, temperature: float) -> Tensor:
    known = labels >= 0
    if not bool(known.any()):
        return vectors.new_zeros(())
    scores = vectors[known] @ functional.normalize(proxies, dim=1).T / temperature
    return functional.cross_entropy(scores, labels[known], label_smoothing=0.1)
