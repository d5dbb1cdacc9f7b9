"""The base model's vectors of every photo and of pictures made of it, computed once and kept.

All that `tune` needs of a photo is written side by side into one vector of a `Varied` embedder, so
that `embed_catalogue` decodes, counts what is unusable, and keeps the vectors on disk as for any model.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Block, Card
from lookalike.embedding.embedder import Embedder
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.features import Progress, embed_catalogue
from lookalike.training.augmentation import augment
from lookalike.training.own_model.colour_block import ColourHistogram
from lookalike.training.recipe import Augmentation

Floats = NDArray[np.float32]

HOW = Augmentation(crop=0.6, flip=True, rotate_deg=6.0, colour=0.06)
"""How far a picture strays from its photo: little in colour, since colours tell items apart."""


def histogram_width(size_px: int) -> int:
    """Number of bins of the colour histogram of photos of this side; 0 where it cannot take them."""
    try:
        with torch.no_grad():
            return int(ColourHistogram()(torch.zeros(1, 3, size_px, size_px)).shape[1])
    except RuntimeError:  # its grid does not fall on this side
        return 0


class Varied(Embedder):
    """A base's vectors of a photo and of ``variants - 1`` pictures made of it, side by side.

    Args:
        base: whose vectors.
        variants: how many, the photo itself first.
        colour: whether a colour histogram of each stands behind the base's vector.
    """

    def __init__(self, base: Embedder, *, variants: int, colour: bool) -> None:
        self._base, self._variants = base, variants
        self._histogram = ColourHistogram() if colour else None
        card = base.card
        self._each = card.width + (histogram_width(card.size_px) if colour else 0)
        self._card = Card(
            name=f"{card.name} varied",
            width=self._each * variants,
            size_px=card.size_px,
            model_digest=f"{card.fingerprint} {variants} {colour} {HOW}",
        )

    @property
    def card(self) -> Card:
        """Papers that change with the base, the pictures and their number."""
        return self._card

    def _embed(self, photos: Sequence[Photo]) -> Floats:
        plain = torch.from_numpy(np.stack([photo.pixels for photo in photos])).permute(0, 3, 1, 2).float()
        variants = [plain, *(self._pictures(plain, number) for number in range(1, self._variants))]
        return np.concatenate([self._vectors(pixels, photos) for pixels in variants], axis=1)

    def _pictures(self, plain: torch.Tensor, number: int) -> torch.Tensor:
        """One picture of each photo; its chance is the photo's own, so that a batch does not matter."""
        seeds = [zlib.crc32(photo.numpy().tobytes()) for photo in plain]
        return torch.cat(
            [augment(photo[None], HOW, seed=(seed, number)) for photo, seed in zip(plain, seeds, strict=True)]
        )

    def _vectors(self, pixels: torch.Tensor, photos: Sequence[Photo]) -> Floats:
        rows = np.ascontiguousarray(pixels.round().byte().permute(0, 2, 3, 1).numpy())
        seen = [
            Photo(row, photo.content, photo.width_px, photo.height_px)
            for row, photo in zip(rows, photos, strict=True)
        ]
        vectors = self._base.encode(seen)
        if self._histogram is None:
            return vectors
        with torch.no_grad():
            return np.concatenate([vectors, _units(self._histogram(pixels).numpy())], axis=1)


@dataclass(frozen=True, eq=False)
class Cached:
    """Features of a catalogue's views.

    Args:
        seen: the views, with the base's own vectors of the photos as they are.
        parts: for each block, unit features of every variant, float32, shape (rows, variants, width).
    """

    seen: Evaluated
    parts: dict[str, Floats]


def cached_features(
    catalogue: Catalogue,
    base: Embedder,
    blocks: Sequence[Block],
    *,
    variants: int,
    cache: Path,
    progress: Progress | None = None,
) -> Cached:
    """Features of every usable view; those of an earlier call are read back from ``cache``.

    Args:
        catalogue: whose views.
        base: the model.
        blocks: the parts of its vector; one without a place there is a histogram of the item's colours.
        variants: vectors of each photo, the photo itself first.
        cache: folder of the kept features.
        progress: told after every view.

    Raises:
        EvaluationError: no photo can be used.
        EmbedderError: the model failed.
    """
    new = any(block.stop == 0 for block in blocks)
    varied = Varied(base, variants=variants, colour=new)
    seen = embed_catalogue(catalogue, varied, cache=cache, progress=progress)
    rows, width = seen.matrix.reshape(len(seen), variants, -1), base.card.width
    plain = Evaluated(
        seen.items,
        seen.views,
        seen.ids,
        _units(rows[:, 0, :width]),
        base.card.fingerprint,
        seen.without_vector,
    )
    return Cached(plain, parts_of(rows, blocks, width=width))


def parts_of(rows: Floats, blocks: Sequence[Block], *, width: int) -> dict[str, Floats]:
    """Each block's unit features, shape (rows, variants, its width), of a ``Varied`` embedder's vectors.

    Args:
        rows: shape (rows, variants, each).
        blocks: places in the base's vector; both ends 0 for the histogram behind it.
        width: of the base's vector.
    """
    return {
        block.name: _units(rows[:, :, block.start : block.stop] if block.stop else rows[:, :, width:])
        for block in blocks
    }


def _units(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)
