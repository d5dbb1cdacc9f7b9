"""The one way from a photo file to pixels, shared by indexing, querying and evaluating."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo, letterboxed on white into a square.

    Args:
        pixels: uint8 sRGB, shape (size, size, 3).
        content: (left, top, right, bottom) in pixels of the square: where the photo lies in it.
        width_px, height_px: of the photo itself, after orientation and crop.
    """

    pixels: NDArray[np.uint8]
    content: tuple[int, int, int, int]
    width_px: int
    height_px: int


def read_photo(
    source: Path | bytes,
    *,
    size_px: int,
    crop: tuple[float, float, float, float] | None = None,
) -> Photo:
    """Decode one photo to a letterboxed square (being written)."""
    raise AssertionError
