"""Pixels as features for DEC, by the one decode path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import read_photo
from lookalike.exploration.features import Matrix


def pixels_of(views: Sequence[View], *, size_px: int = 28) -> Matrix:
    """The photos as flattened RGB pixels, 0 to 1, shape (photos, 3 x size_px x size_px).

    Raises:
        PhotoError: a photo cannot be read.
    """
    return np.stack(
        [
            read_photo(view.source, size_px=size_px, crop=view.crop).pixels.ravel().astype(np.float32) / 255
            for view in views
        ]
    )
