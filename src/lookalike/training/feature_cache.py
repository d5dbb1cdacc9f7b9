"""Features of a frozen backbone, computed once, so that fifty epochs of a head take seconds."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lookalike.training.augmentation import augment
from lookalike.training.backbones import Backbone
from lookalike.training.data import Lessons, Progress
from lookalike.training.recipe import Recipe

BATCH = 16


def cached_features(
    backbone: Backbone, lessons: Lessons, recipe: Recipe, *, progress: Progress | None = None
) -> Tensor:
    """Features of every row, shape (variants, rows, width); variant 0 is the photo as it is.

    Args:
        backbone: frozen.
        lessons: whose rows.
        recipe: its augmentation makes the other variants.
        progress: told photos passed, and all.
    """
    variants = 1 if recipe.augmentation.idle else max(1, recipe.backbone.cached_variants)
    rows = np.arange(len(lessons.pixels))
    found = torch.empty(variants, len(rows), backbone.width)
    with torch.no_grad():
        for variant in range(variants):
            for start in range(0, len(rows), BATCH):
                photos = photos_of(lessons.pixels, rows[start : start + BATCH])
                if variant:
                    photos = augment(photos, recipe.augmentation, seed=(recipe.seed, variant, start))
                device = next(backbone.parameters(), backbone.mean).device
                found[variant, start : start + BATCH] = backbone(photos.to(device)).float().cpu()
                if progress is not None:
                    progress(variant * len(rows) + start + len(photos), variants * len(rows))
    return found


def photos_of(pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> Tensor:
    """Rows of photos as a network takes them: float32, 0..255, shape (n, 3, size, size)."""
    chosen = torch.from_numpy(np.ascontiguousarray(pixels[rows]))
    return chosen.permute(0, 3, 1, 2).float().contiguous()
