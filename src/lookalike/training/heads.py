"""Backbone, head and losses as one module: what is trained, and what it embeds with."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lookalike.errors import TrainingError
from lookalike.training.augmentation import mixed
from lookalike.training.backbones import Backbone, make_backbone
from lookalike.training.gathering import gathered
from lookalike.training.losses import Loss, check_loss, distillation, koleo, make_loss
from lookalike.training.model_backbone import check_settings
from lookalike.training.recipe import Head, Recipe
from lookalike.training.sampling import check_sampler


class Learner(nn.Module):
    """Everything that has weights in a run.

    Args:
        backbone: from photos to features.
        recipe: its head and loss sections are built here.
        classes: number of classes of each label.
    """

    def __init__(self, backbone: Backbone, recipe: Recipe, *, classes: Sequence[int]) -> None:
        super().__init__()
        self.backbone, self.settings = backbone, recipe.loss
        self.head = make_head(recipe.head, backbone.width)
        self.of_backbone = recipe.head.embedding == "backbone"
        width = head_width(recipe.head, backbone.width)
        self.widths = (width, *_narrower(recipe.head.matryoshka, width))
        self.losses = nn.ModuleList(
            make_loss(recipe.loss, width=each, classes=count) for count in classes for each in self.widths
        )
        self.width = backbone.width if self.of_backbone else width

    def forward(
        self, inputs: Tensor, labels: Tensor, teacher: Tensor | None = None, *, cached: bool = False
    ) -> Tensor:
        """The loss of a batch; where several processes share it, of the batch whole.

        Args:
            inputs: photos, 0..255, shape (n, 3, size, size); or features where ``cached``.
            labels: shape (heads, n).
            teacher: the teacher's vectors, shape (n, their width).
            cached: whether the backbone was passed already.
        """
        vectors = gathered(self.head(inputs if cached else self.backbone(inputs)))
        labels = gathered(labels.T.contiguous()).T
        teacher = None if teacher is None else gathered(teacher)
        total = vectors.new_zeros(())
        for number, loss in enumerate(self.losses):
            head, width = divmod(number, len(self.widths))
            total = total + loss(vectors[:, : self.widths[width]], labels[head])
        total = total / len(self.widths)
        if self.settings.koleo:
            total = total + self.settings.koleo * koleo(vectors)
        if teacher is not None:
            total = total + self.settings.distil * distillation(vectors, teacher)
        return total

    def embed(self, inputs: Tensor, *, cached: bool = False) -> Tensor:
        """Vectors as they are exported, not yet of length one, shape (n, width)."""
        features = inputs if cached else self.backbone(inputs)
        return features if self.of_backbone else self.head(features)

    @property
    def classifier(self) -> Loss | None:
        """The first head's loss, where it classifies."""
        loss = self.losses[0]
        return loss if isinstance(loss, Loss) and loss.classifies else None

    def groups(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Weights that are trained: of the backbone, and all others."""
        below = [one for one in self.backbone.parameters() if one.requires_grad]
        above = [*self.head.parameters(), *self.losses.parameters()]
        return below, above


def make_head(head: Head, features: int) -> nn.Sequential:
    """Dense layers with ReLU, then a linear projection where one is asked for."""
    layers: list[nn.Module] = []
    before = features
    for width in head.hidden:
        layers += [nn.Dropout(head.dropout), nn.Linear(before, width), nn.ReLU()]
        before = width
    if head.width:
        layers += [nn.Dropout(head.dropout), nn.Linear(before, head.width)]
    return nn.Sequential(*layers)


def head_width(head: Head, features: int) -> int:
    """Width of what comes out of the head."""
    return head.width or (head.hidden[-1] if head.hidden else features)


def backbone_of(recipe: Recipe) -> Backbone:
    """The backbone of a recipe, whose other parts are checked too: it needs no photo to be decoded.

    Raises:
        EmbedderError, ModelFileError, TrainingError: as ``make_backbone``, and for a loss or a sampler that
            does not exist.
    """
    check_settings(recipe.backbone, recipe.head)
    check_loss(recipe.loss)
    check_sampler(recipe.sampler)
    return make_backbone(recipe.backbone, size_px=recipe.data.size_px, seed=recipe.seed)


def make_learner(recipe: Recipe, *, classes: Sequence[int], backbone: Backbone | None = None) -> Learner:
    """The whole module of a recipe; the same weights for the same seed.

    Args:
        recipe: what to build.
        classes: number of classes of each label.
        backbone: of ``backbone_of``, where it was made already.

    Raises:
        EmbedderError, ModelFileError, TrainingError: as ``backbone_of``.
    """
    backbone = backbone or backbone_of(recipe)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(mixed((recipe.seed, 2)))
        return Learner(backbone, recipe, classes=classes)


def _narrower(widths: tuple[int, ...], width: int) -> tuple[int, ...]:
    wrong = [each for each in widths if not 0 < each < width]
    if wrong:
        raise TrainingError(
            f"head.matryoshka has {wrong[0]}, but the head is {width} wide.", hint="Give smaller widths."
        )
    return widths
