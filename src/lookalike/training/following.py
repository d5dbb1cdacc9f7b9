"""A teacher's vectors of the training photos, for runs that follow one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.photos import Photo
from lookalike.embedding.zoo import open_embedder
from lookalike.training.data import Lessons
from lookalike.training.recipe import Recipe

BATCH = 16


def teacher_vectors(recipe: Recipe, lessons: Lessons) -> NDArray[np.float32]:
    """A unit vector for each row of the lessons, from its photos at the teacher's size.

    Args:
        recipe: names the teacher.
        lessons: whose photos.

    Raises:
        EmbedderError: there is no such teacher.
    """
    teacher = open_embedder(recipe.loss.teacher)
    size = teacher.card.size_px
    found = []
    for start in range(0, len(lessons.pixels), BATCH):
        photos = [resized(pixels, size) for pixels in lessons.pixels[start : start + BATCH]]
        found.append(teacher.encode(photos))
    return np.concatenate(found)


def resized(pixels: NDArray[np.uint8], size_px: int) -> Photo:
    """A letterboxed photo at another size; the whole square counts as content."""
    image = Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.BICUBIC)
    return Photo(np.asarray(image), (0, 0, size_px, size_px), size_px, size_px)
