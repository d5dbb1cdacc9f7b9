"""What the network sees: some photos, and the training pictures made of them, as one image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lookalike.training.augmentation import augment
from lookalike.training.data import Lessons
from lookalike.training.feature_cache import photos_of
from lookalike.training.recipe import Recipe

PHOTOS, VARIANTS, CELL_PX = 6, 7, 112


def draw_augmentations(lessons: Lessons, recipe: Recipe, file: Path) -> Path:
    """A row a photo: the photo, then pictures made of it.

    Args:
        lessons: whose first training photos are shown.
        recipe: its augmentation.
        file: where to.
    """
    rows = lessons.train[np.linspace(0, len(lessons.train) - 1, PHOTOS).astype(int)]
    photos = photos_of(lessons.pixels, rows)
    columns = [photos]
    columns += [augment(photos, recipe.augmentation, seed=(recipe.seed, at)) for at in range(VARIANTS)]
    cells = torch.stack(columns, dim=1).round().byte().permute(0, 1, 3, 4, 2).numpy()
    sheet = Image.new("RGB", ((VARIANTS + 1) * (CELL_PX + 4) + 8, PHOTOS * (CELL_PX + 4)), "white")
    for row in range(PHOTOS):
        for column in range(VARIANTS + 1):
            picture = Image.fromarray(cells[row, column]).resize((CELL_PX, CELL_PX))
            sheet.paste(picture, (column * (CELL_PX + 4) + (8 if column else 0), row * (CELL_PX + 4)))
    sheet.save(file)
    return file
