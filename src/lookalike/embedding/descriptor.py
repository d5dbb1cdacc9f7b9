"""The embedder without a model: what an item's colours and outline say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding import colour, foreground, shape
from lookalike.embedding.card import Block, Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.oklab import oklab

VERSION = "descriptor-1"
"""Raised whenever the algorithm changes a vector."""
SIZE_PX = 96
SHAPE_SHARE = 0.3
"""Share of the squared length that the shape block has; the colour block has the rest."""
LEAST_PX = 8
"""Contents thinner than this are stretched by repeating pixels."""


class Descriptor(Embedder):
    """Colour and shape without any model, as two unit blocks ``shape`` and ``colour`` of one vector.

    The background is estimated from the photo's border (`foreground`); the colour block is a soft
    histogram of the item in a perceptual space (`colour`), the shape block holds its edges and
    silhouette inside its own box (`shape`). About one to two thousandths of a second a photo.
    """

    @property
    def card(self) -> Card:
        """The papers; the digest covers the version and every constant."""
        shapes, colours = shape.shape_width(), colour.colour_width()
        return Card(
            name="descriptor",
            width=shapes + colours,
            size_px=SIZE_PX,
            model_digest=_digest(),
            blocks=(
                Block("shape", 0, shapes, SHAPE_SHARE**0.5),
                Block("colour", shapes, shapes + colours, (1 - SHAPE_SHARE) ** 0.5),
            ),
            licence="Apache-2.0",
            notes="Not learned: weighs colour and outline; knows no categories and no brands.",
        )

    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        return np.stack([_describe(photo) for photo in photos])


def _describe(photo: Photo) -> NDArray[np.float32]:
    left, top, right, bottom = photo.content
    lab = _thick(oklab(photo.pixels[top:bottom, left:right]))
    small = _halved(lab)
    weight = foreground.foreground(small)
    height, width = 2 * small.shape[0], 2 * small.shape[1]
    outline = shape.shape_block(lab[:height, :width, 0], weight.repeat(2, axis=0).repeat(2, axis=1))
    colours = colour.colour_block(small, weight)
    return np.concatenate([SHAPE_SHARE**0.5 * outline, (1 - SHAPE_SHARE) ** 0.5 * colours])


def _thick(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """The content, at least ``LEAST_PX`` high and wide."""
    for axis in (0, 1):
        if lab.shape[axis] < LEAST_PX:
            lab = lab.repeat(-(-LEAST_PX // lab.shape[axis]), axis=axis)
    return lab


def _halved(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of 2 x 2 pixels; an odd last row or column is left out."""
    height, width = lab.shape[0] // 2, lab.shape[1] // 2
    blocks = lab[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _digest() -> str:
    """The version and a hash of every constant that changes a vector."""
    constants = {
        f"{module.__name__}.{name}": value
        for module in (colour, foreground, shape)
        for name, value in vars(module).items()
        if name.isupper() and not name.startswith("_")
    }
    constants["least_px"] = LEAST_PX
    return f"{VERSION}-{hashlib.blake2b(repr(sorted(constants.items())).encode(), digest_size=6).hexdigest()}"
