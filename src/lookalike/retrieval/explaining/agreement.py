"""Two photos, and where each of them gets the score of the pair from.

With feature maps the score splits exactly: each cell of the maps adds its part to the cosine of the
shape block (Stylianou et al., arXiv 1901.00536, for pooled maps), each pixel its part to the agreement
in colour (histogram back-projection). Without them the photo is occluded place by place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.maps.feature_maps import FeatureMaps, Mapper, no_maps, open_mapper
from lookalike.errors import EmbedderError
from lookalike.retrieval.explaining.correspondence import Correspondence, correspondences
from lookalike.retrieval.explaining.grids import Grid, inside, total
from lookalike.retrieval.explaining.sources import colour_cells, foreground_cells, occlusion
from lookalike.retrieval.query import COLOUR_BLOCK, weigh_colour

FINE_CELLS = 16
"""A layer with at least so many cells along a side tells of texture, the others of shape."""

Shares = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Heat:
    """What each place of a photo brings to a score.

    Args:
        grid: over the letterboxed square, shape (side, side); it sums up to the score where the method
            is ``contribution``.
        photo: decoded, which says where in the square it lies.
    """

    grid: Grid
    photo: Photo

    @property
    def on_photo(self) -> Grid:
        """The part of the grid that lies on the photo, shape (rows, columns), 0 to 1.

        The strongest fiftieth of the cells are 1: a few pixels of a rare colour do not hide the rest.
        """
        cells = inside(self.photo, len(self.grid))
        rows, columns = (_some(np.asarray(cells.any(axis=axis))) for axis in (1, 0))
        part = np.maximum(self.grid[np.ix_(rows, columns)], 0)
        strong = float(np.quantile(part, 0.98)) or float(part.max())
        return np.asarray(np.minimum(part / max(strong, 1e-9), 1), np.float32)


def _some(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask, or its middle for a photo that is thinner than a cell."""
    return mask if mask.any() else np.asarray(np.arange(len(mask)) == len(mask) // 2)


@dataclass(frozen=True, eq=False)
class Agreement:
    """Why two photos score as they do.

    Args:
        score: of the pair.
        first, second: heat on either photo.
        shares: of the score by kind (``colour``, ``texture``, ``shape``), summing up to 1; empty where
            the model does not tell.
        method: ``contribution`` or ``occlusion``.
        places: that are like each other, best first; none for a model without feature maps.
    """

    score: float
    first: Heat
    second: Heat
    method: str
    places: tuple[Correspondence, ...] = ()
    shares: Shares = field(default_factory=lambda: MappingProxyType({}))


class Explainer:
    """Explains pairs of photos for one embedder.

    Args:
        embedder: whose scores are explained.
    """

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        try:
            self._mapper: Mapper | None = open_mapper(embedder)
        except EmbedderError:
            self._mapper = None

    @property
    def method(self) -> str:
        """How: ``contribution`` where the model has feature maps, else ``occlusion``."""
        return "contribution" if self._mapper else "occlusion"

    def saliency(self, photo: Photo) -> Grid:
        """What the cells of a photo bring to its own vector, shape (side, side).

        Raises:
            EmbedderError: the model has no feature maps.
        """
        if self._mapper is None:
            raise no_maps(self.embedder.card.name, "it runs no convolutional model file")
        maps = self._mapper.maps([photo])
        return total(maps.contributions(0, maps.unit[0])[0])

    def agreement(self, first: Photo, second: Photo, *, colour: float | None = None) -> Agreement:
        """Where the score of two photos comes from.

        Args:
            first, second: decoded for the embedder.
            colour: how much colour counts, 0 to 1; None as the model has it.

        Raises:
            QueryError: a colour weight for a model without a colour block.
        """
        vectors = self.embedder.encode([first, second])
        asked = vectors if colour is None else weigh_colour(vectors, self.embedder.card, colour)
        score = float(asked[0] @ vectors[1])
        if self._mapper is None:
            return Agreement(
                score,
                Heat(_occluded(self.embedder, first, asked[1]), first),
                Heat(_occluded(self.embedder, second, asked[0]), second),
                method=self.method,
            )
        maps = self._mapper.maps([first, second])
        wanted = _wanted(self.embedder.card, maps, colour)
        colours = _cosine_of(vectors, self.embedder.card, COLOUR_BLOCK) * wanted[COLOUR_BLOCK]
        cells, other = _cells(maps, 0, 1, wanted["rest"]), _cells(maps, 1, 0, wanted["rest"])
        if wanted[COLOUR_BLOCK]:
            cells = cells + _scaled(colour_cells(first, second), colours)
            other = other + _scaled(colour_cells(second, first), colours)
        shares = _shares(maps, wanted["rest"], colours)
        return Agreement(
            score,
            Heat(cells, first),
            Heat(other, second),
            method=self.method,
            places=correspondences(maps, first, second),
            shares=shares,
        )


@lru_cache(maxsize=2)
def explainer_of(embedder: Embedder) -> Explainer:
    """The embedder's explainer; those of the last two embedders are kept, since opening takes a second."""
    return Explainer(embedder)


def _occluded(embedder: Embedder, photo: Photo, towards: NDArray[np.float32]) -> Grid:
    """Occlusion and foreground, each brought to a largest value of one, and their mean.

    Occluders are coarse and blind to the item's outline; the foreground has it.
    """
    parts = [np.maximum(occlusion(embedder, photo, towards), 0), foreground_cells(photo)]
    return np.asarray(np.mean([part / max(float(part.max()), 1e-9) for part in parts], axis=0), np.float32)


def _wanted(card: Card, maps: FeatureMaps, colour: float | None) -> dict[str, float]:
    """How much the cosines of colour and of the mapped part count in the score."""
    weights = {block.name: block.weight**2 for block in card.blocks}
    if COLOUR_BLOCK not in weights or maps.place.stop - maps.place.start == card.width:
        return {COLOUR_BLOCK: 0.0, "rest": 1.0}
    share = weights[COLOUR_BLOCK] if colour is None else colour
    return {COLOUR_BLOCK: share, "rest": 1 - share}


def _cosine_of(vectors: NDArray[np.float32], card: Card, name: str) -> float:
    for block in card.blocks:
        if block.name == name:
            one, other = vectors[:, block.start : block.stop] / block.weight
            return float(one @ other)
    return 0.0


def _cells(maps: FeatureMaps, photo: int, other: int, share: float) -> Grid:
    """What each cell brings to the score; what the model adds by itself is spread evenly."""
    parts, base = maps.contributions(photo, maps.unit[other])
    cells = total(parts)
    return np.asarray(share * (cells + base / cells.size), np.float32)


def _scaled(agreement: tuple[Grid, float], amount: float) -> Grid:
    """The colours' cells, summing up to what colour brings by the model's own block."""
    cells, whole = agreement
    return np.asarray(cells * (amount / max(whole, 1e-6)), np.float32)


def _shares(maps: FeatureMaps, share: float, colours: float) -> dict[str, float]:
    """The score's parts by kind; the base goes to the layers in proportion, what speaks against counts 0."""
    parts, base = maps.contributions(0, maps.unit[1])
    brought = np.array([max(float(part.sum()), 0.0) for part in parts])
    rest = max(float(sum(part.sum() for part in parts)) + base, 0.0)
    brought *= share * rest / max(float(brought.sum()), 1e-9)
    fine = [len(part) >= FINE_CELLS for part in parts]
    kinds = {
        "colour": max(colours, 0.0),
        "texture": float(brought[fine].sum()),
        "shape": float(brought[~np.array(fine)].sum()),
    }
    whole = sum(kinds.values())
    known = {"colour": colours != 0, "texture": any(fine), "shape": True}
    return {kind: value / whole for kind, value in kinds.items() if known[kind]} if whole > 0 else {}
