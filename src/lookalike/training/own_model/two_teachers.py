"""The last round's lessons: two teachers at once, of what a view shows and of the whole photo.

The features no longer have to be the first teacher's own: linear maps from them must give what both
teachers see in the same view, and what both see in the whole photo of which it is a part. So the
network keeps what either knows, and learns from a detail what the thing is.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.training.own_model.distil import surprise
from lookalike.training.own_model.network import FEATURES, STRIDES, Network, pooled
from lookalike.training.own_model.torch_teacher import TorchTeacher


@dataclass(frozen=True, eq=False)
class Teachers:
    """Who teaches.

    Args:
        first: answers with the maps at the network's stages, its last map at the end.
        second: answers with its last map.
    """

    first: TorchTeacher
    second: TorchTeacher

    def features(self, photos: Tensor) -> Tensor:
        """Both teachers' pooled features side by side, shape (n, both widths)."""
        return torch.cat([pooled(teacher(photos)[-1]).float() for teacher in (self.first, self.second)], 1)


@dataclass(frozen=True, eq=False)
class Answers:
    """What the teachers say of a batch.

    Args:
        stages: the first teacher's maps, averaged to the network's grids, but the last.
        features: both teachers' features of the views, side by side.
        whole: the same of the whole photos.
        pure: which views are of one photo alone, shape (n,).
    """

    stages: list[Tensor]
    features: Tensor
    whole: Tensor
    pure: Tensor


def answers(teachers: Teachers, photos: Tensor, whole: Tensor, pure: Tensor, *, size_px: int) -> Answers:
    """The teachers' answers to views, for a network that sees them at ``size_px``.

    Args:
        teachers: who are asked.
        photos: views as the teachers see them, pixels / 127.5 - 1, shape (n, 3, size, size).
        whole: both teachers' features of the whole photos.
        pure: which views are of one photo alone.
        size_px: side of what the network sees.
    """
    *inner, last = teachers.first(photos)
    stages = [
        functional.adaptive_avg_pool2d(maps, -(-size_px // stride)).float()
        for maps, stride in zip(inner, STRIDES, strict=False)
    ]
    both = [pooled(last).float(), pooled(teachers.second(photos)[-1]).float()]
    return Answers(stages, torch.cat(both, 1), whole, pure)


class Pupil(nn.Module):
    """The network with the linear maps that its features are judged through; only the network is kept.

    Args:
        network: learns on.
        widths: of the two teachers' features.
        centre: mean of both teachers' features, side by side, which makes the differences count.
    """

    centre: Tensor

    def __init__(self, network: Network, widths: tuple[int, int], centre: Tensor) -> None:
        super().__init__()
        self.network, self.widths = network, widths
        self.views = nn.ModuleList([nn.Linear(FEATURES, width) for width in widths])
        self.whole = nn.Linear(FEATURES, sum(widths))
        self.register_buffer("centre", centre)
        if widths[0] == FEATURES:  # so far the features are the first teacher's
            with torch.no_grad():
                self.views[0].weight.copy_(torch.eye(FEATURES))
                self.views[0].bias.zero_()

    def loss(self, photos: Tensor, told: Answers, *, stage_share: float) -> Tensor:
        """One minus the cosines, of views and of whole photos, and the stages' surprise.

        Args:
            photos: pixels / 127.5 - 1 as the network sees them, shape (n, 3, size, size).
            told: what the teachers say of them.
            stage_share: weight of the mean surprise over the stages.
        """
        with torch.autocast(photos.device.type, torch.bfloat16):
            *inner, last = self.network(photos)
        features = pooled(last.float())
        given = [view(features) for view in self.views]
        targets, centres = told.features.split(self.widths, 1), self.centre.split(self.widths)
        of_views = _far(given[0], targets[0]) + sum(
            _far(answer - centre, target - centre)
            for answer, target, centre in zip(given, targets, centres, strict=True)
        )
        wholes = zip(
            self.whole(features).split(self.widths, 1), told.whole.split(self.widths, 1), centres, strict=True
        )
        of_wholes = sum(
            _far(answer - centre, target - centre, told.pure) for answer, target, centre in wholes
        )
        stages = [surprise(found, wanted) for found, wanted in zip(inner, told.stages, strict=True)]
        return of_views + of_wholes / 2 + stage_share * torch.stack(stages).mean()


def _far(answers: Tensor, targets: Tensor, counted: Tensor | None = None) -> Tensor:
    """One minus the cosine, mean over the rows that count."""
    far = 1 - functional.cosine_similarity(answers, targets)
    return far.mean() if counted is None else (far * counted).sum() / counted.sum().clamp(min=1)
