"""Local features on a grid, as an ability that an embedder may have: what each cell adds to the vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import EmbedderError

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """Which coordinates of an embedder's vector the cells make, and the length of that part.

    Args:
        start, stop: of the coordinates.
        weight: length of that part of the vector, 1 where it is the whole.
    """

    start: int
    stop: int
    weight: float


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """What the cells of a grid add to the vector of each photo, layer by layer.

    For each photo ``base`` and the cells of all layers sum up to a raw vector, which at length one and
    times ``place.weight`` is that part of the embedder's vector. So a score splits exactly into what
    each cell brings.

    Args:
        layers: from early (fine) to late (coarse), each of shape (photos, side, side, width).
        base: what the model adds by itself, shape (width,).
        place: of the raw vector in the embedder's.
        activations: the maps as the network has them, a layer each, shape (photos, side, side, channels).
    """

    layers: tuple[Array, ...]
    base: Array
    place: Place
    activations: tuple[Array, ...]

    def __len__(self) -> int:
        return len(self.layers[0])

    @cached_property
    def raw(self) -> Array:
        """The sums, shape (photos, width)."""
        total = self.base + sum(layer.sum(axis=(1, 2)) for layer in self.layers)
        return np.asarray(total, np.float32)

    @cached_property
    def unit(self) -> Array:
        """The sums at length one, shape (photos, width)."""
        return np.asarray(self.raw / np.linalg.norm(self.raw, axis=1, keepdims=True), np.float32)

    @property
    def side(self) -> int:
        """Side of the finest grid."""
        return max(int(layer.shape[1]) for layer in self.layers)

    def contributions(self, photo: int, towards: Array) -> tuple[list[Array], float]:
        """How the cosine of a photo's unit vector with another splits over the cells.

        Args:
            photo: its number.
            towards: a unit vector of shape (width,), such as ``unit`` of another photo.

        Returns:
            For each layer what its cells bring, shape (side, side), and what the base brings; all of
            them sum up to the cosine.
        """
        length = float(np.linalg.norm(self.raw[photo]))
        parts = [np.asarray(layer[photo] @ towards / length, np.float32) for layer in self.layers]
        return parts, float(self.base @ towards) / length


class Mapper(Protocol):
    """Gives the feature maps of photos."""

    def maps(self, photos: Sequence[Photo]) -> FeatureMaps:
        """The maps of photos that were decoded for the embedder."""


def open_mapper(embedder: Embedder) -> Mapper:
    """The embedder's ability to say what each place of a photo adds to its vector.

    Raises:
        EmbedderError: it has none: it does not run an ONNX file, or its vector is no sum over a map.
    """
    from lookalike.embedding.maps.model_maps import open_model_maps
    from lookalike.embedding.runtime import ModelEmbedder

    if not isinstance(embedder, ModelEmbedder):
        raise no_maps(embedder.card.name, "it does not run an ONNX model")
    return open_model_maps(embedder)


def no_maps(name: str, why: str) -> EmbedderError:
    """The error that a model has no feature maps."""
    return EmbedderError(
        f"{name} has no feature maps: {why}.",
        hint="Use the default model or a convolutional ONNX model; occlusion works with every model.",
    )
