"""The two simplest embedders, for every comparison: raw pixels and a plain HSV histogram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder

SIZE_PX = 96
THUMBNAIL_PX = 16
HUES, SATURATIONS, VALUES = 16, 4, 4


class Pixels(Embedder):
    """The photo as a 16 x 16 RGB thumbnail, bars included, less its own mean."""

    @property
    def card(self) -> Card:
        """The papers."""
        return Card(
            name="pixels",
            width=THUMBNAIL_PX**2 * 3,
            size_px=SIZE_PX,
            model_digest="pixels-1",
            licence="Apache-2.0",
            notes="A baseline: raw pixels of a thumbnail.",
        )

    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        return np.stack([_thumbnail(photo.pixels) for photo in photos])


class Histogram(Embedder):
    """Square roots of a plain 16 x 4 x 4 HSV histogram of the photo's content, background included."""

    @property
    def card(self) -> Card:
        """The papers."""
        return Card(
            name="histogram",
            width=HUES * SATURATIONS * VALUES,
            size_px=SIZE_PX,
            model_digest="histogram-1",
            licence="Apache-2.0",
            notes="A baseline: a plain HSV histogram.",
        )

    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        return np.stack([_hsv_histogram(photo) for photo in photos])


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    block = SIZE_PX // THUMBNAIL_PX
    small = pixels.reshape(THUMBNAIL_PX, block, THUMBNAIL_PX, block, 3).mean(axis=(1, 3)).ravel()
    centred = small - small.mean()
    flat = np.abs(centred).max() < 1e-6
    return np.ones_like(centred, np.float32) if flat else centred.astype(np.float32)


def _hsv_histogram(photo: Photo) -> NDArray[np.float32]:
    left, top, right, bottom = photo.content
    rgb = photo.pixels[top:bottom, left:right].reshape(-1, 3) / 255
    value = rgb.max(axis=1)
    spread = value - rgb.min(axis=1)
    red, green, blue = rgb.T
    safe = np.where(spread == 0, 1, spread)
    sixths = np.select(
        [spread == 0, value == red, value == green],
        [0, (green - blue) / safe % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    shares = (sixths / 6, spread / np.where(value == 0, 1, value), value)
    steps = (HUES, SATURATIONS, VALUES)
    hue, saturation, light = (
        np.minimum((share * step).astype(int), step - 1) for share, step in zip(shares, steps, strict=True)
    )
    bins = (hue * SATURATIONS + saturation) * VALUES + light
    return np.sqrt(np.bincount(bins, minlength=HUES * SATURATIONS * VALUES)).astype(np.float32)
