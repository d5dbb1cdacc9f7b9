"""Any model of ours as a frozen backbone, and its graph joined with the head that was trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Block
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import TrainingError
from lookalike.training.recipe import Backbone as Settings
from lookalike.training.recipe import Head as HeadSettings
from lookalike.training.tuning.base import WHOLE, open_base
from lookalike.training.tuning.graph import joined
from lookalike.training.tuning.heads import Head

NAME = "model"
"""What a recipe calls it: ``backbone.name = "model"``, with the folder or file as ``backbone.weights``."""
AS_THEY_ARE = {"mean": (0.0, 0.0, 0.0), "std": (1 / 255, 1 / 255, 1 / 255)}
"""Facts of a network that takes pixels in 0..255."""


class ModelFeatures(nn.Module):
    """Unit vectors of a model folder or ONNX file; it has no weights that could be trained.

    Args:
        path: of the model.
        size_px: side of the recipe's photos, which must be the model's.

    Raises:
        TrainingError: it has no graph, or takes photos of another size.
        ModelFileError: its files are damaged or unsafe.
    """

    def __init__(self, path: str, *, size_px: int) -> None:
        super().__init__()
        self.base = open_base(path if path in ("default", "lookalike") else Path(path))
        self.embedder = open_embedder(self.base.path)
        wanted = self.embedder.card.size_px
        if size_px != wanted:
            raise TrainingError(
                f"{path} takes photos of {wanted} px, the recipe gives {size_px}.",
                hint=f"Set data.size_px={wanted}.",
            )

    def forward(self, pixels: Tensor) -> Tensor:
        """Vectors, shape (n, width), of pixels in 0..255, shape (n, 3, size, size)."""
        rows = np.ascontiguousarray(pixels.detach().cpu().round().byte().permute(0, 2, 3, 1).numpy())
        side = rows.shape[1]
        photos = [Photo(row, (0, 0, side, side), side, side) for row in rows]
        return torch.from_numpy(self.embedder.encode(photos)).to(pixels.device)

    def __deepcopy__(self, _: dict[int, Any]) -> ModelFeatures:
        """Itself: it never changes, and a session cannot be copied."""
        return self


def check_settings(backbone: Settings, head: HeadSettings) -> None:
    """Refuse what a finished graph cannot do, before anything is trained.

    Raises:
        TrainingError: it would have to be trained or pooled, or the head is not linear.
    """
    if backbone.name != NAME:
        return
    if not backbone.frozen or backbone.pool != "model":
        raise TrainingError(
            "A finished model is a frozen backbone, pooled as it is.",
            hint="Set backbone.frozen=true and backbone.pool=model.",
        )
    if head.hidden and head.embedding == "head":
        raise TrainingError(
            "The head on a finished model is one linear layer.",
            hint="Leave head.hidden empty and set head.width.",
        )


def joined_with_head(features: ModelFeatures, head: nn.Module) -> bytes:
    """One ONNX file: the model's graph, its unit vector, the linear head (or none), a unit vector.

    Args:
        features: the backbone.
        head: whose linear layer, if any, follows.
    """
    block = Block(WHOLE, 0, features.embedder.card.width, 1.0)
    return joined(features.base, (block,), {WHOLE: linear_head(head)}, size_px=features.embedder.card.size_px)


def linear_head(head: nn.Module) -> Head:
    """The matrix of the only linear layer; an empty head where there is none."""
    layers = [layer for layer in head.modules() if isinstance(layer, nn.Linear)]
    if not layers:
        return Head()
    weight, bias = layers[0].weight.detach().cpu().numpy(), layers[0].bias.detach().cpu().numpy()
    return Head(np.zeros(weight.shape[1], np.float32), np.ascontiguousarray(weight.T), bias)
