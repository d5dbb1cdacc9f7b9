"""What every embedder promises: a batch of photos in, unit vectors out, with a card."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.text import TextEncoder
from lookalike.errors import EmbedderError


class Embedder(ABC):
    """Turns a batch of photos into unit vectors.

    A subclass gives ``card`` and ``_embed``; checking and normalising are done here, once.
    """

    @property
    @abstractmethod
    def card(self) -> Card:
        """The model's papers."""

    @property
    def text(self) -> TextEncoder | None:
        """The text tower of a joint image-text model; None for models of photos alone."""
        return None

    @property
    def lanes(self) -> int:
        """How many calls of ``lane.encode`` run well beside one another."""
        return 1

    @property
    def together(self) -> int:
        """Up to how many photos in one call of ``lane.encode`` take less time than one by one."""
        return 16

    @property
    def lane(self) -> Embedder:
        """The same model for one of those calls, which leaves the other cores to the others."""
        return self

    @abstractmethod
    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        """Raw vectors, shape (photos, width), of photos already letterboxed to ``card.size_px``."""

    @final
    def encode(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        """Unit vectors, shape (photos, width), float32; a photo's vector does not depend on its batch.

        Args:
            photos: squares of ``card.size_px`` pixels, as ``read_photo`` of lookalike.catalogue.photos gives.

        Raises:
            EmbedderError: a photo has the wrong size, or the model gave NaN, infinity or a zero vector.
        """
        card = self.card
        for photo in photos:
            if photo.pixels.shape != (card.size_px, card.size_px, 3):
                raise EmbedderError(
                    f"{card.name} takes photos of {card.size_px} px, not of shape {photo.pixels.shape}.",
                    hint=f"Decode with read_photo(source, size_px={card.size_px}).",
                )
        if not photos:
            return np.empty((0, card.width), np.float32)
        vectors = np.asarray(self._embed(photos), np.float32)
        if vectors.shape != (len(photos), card.width):
            raise EmbedderError(
                f"{card.name} gave vectors of shape {vectors.shape}, its card says (n, {card.width}).",
                hint="Mend the card, or export the model again.",
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise EmbedderError(
                f"{card.name} gave a vector that is zero or not finite.",
                hint="Try another precision (f32), or check the model.",
            )
        return np.ascontiguousarray(vectors / lengths)
