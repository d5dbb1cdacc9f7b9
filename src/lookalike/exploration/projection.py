"""From features to a map in two dimensions, on which new photos can be placed later."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, final

import numpy as np
from numpy.typing import ArrayLike

from lookalike.errors import ExplorationError
from lookalike.exploration.features import Matrix, Points, checked, library
from lookalike.exploration.pca import Principal, fit_pca
from lookalike.exploration.trust import trustworthiness

Method = Literal["pca", "tsne", "umap"]
FEWEST_FOR_NEIGHBOURS = 6  # photos below which t-SNE and UMAP have no neighbourhoods to keep
FIRST_DIMENSIONS = 50  # principal components that t-SNE and UMAP are given (van der Maaten's advice)


class Projection(ABC):
    """A map of photos: points, and where a new photo would lie."""

    points: Points
    """Where each photo lies, shape (photos, 2)."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The method with its settings."""

    @abstractmethod
    def _place(self, features: Matrix) -> Points:
        """Points of new photos, the map unchanged."""

    @final
    def place(self, features: ArrayLike) -> Points:
        """Where new photos lie on this map, shape (photos, 2); the photos on it stay where they are.

        Raises:
            ExplorationError: the features are not finite.
        """
        return self._place(checked(features))


@dataclass(frozen=True, eq=False)
class PcaMap(Projection):
    """The plane of the first two principal components."""

    points: Points
    principal: Principal

    @property
    def name(self) -> str:
        """The method and what the plane explains."""
        return f"PCA, {self.principal.explained[:2].sum():.0%} of the variance"

    def _place(self, features: Matrix) -> Points:
        return self.principal.transform(features)[:, :2]


@dataclass(frozen=True, eq=False)
class NeighbourMap(Projection):
    """A t-SNE or UMAP map, made of the first principal components."""

    points: Points
    method: str
    before: Principal
    placing: Callable[[Points], Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The method with its settings."""
        return self.method

    def _place(self, features: Matrix) -> Points:
        return np.asarray(self.placing(self.before.transform(features)), np.float64)


@dataclass(frozen=True)
class MapSettings:
    """How a map is made.

    Args:
        method: ``pca``, ``tsne`` or ``umap``.
        perplexity: of t-SNE, about how many neighbours count; made smaller on small catalogues.
        neighbours: of UMAP, likewise.
        seed: of the start and of the sampling.
        iterations: of t-SNE after its early exaggeration.
    """

    method: Method = "tsne"
    perplexity: float = 30.0
    neighbours: int = 15
    seed: int = 0
    iterations: int = 500


def project(features: ArrayLike, settings: MapSettings = MapSettings()) -> Projection:
    """A map of the photos by one method.

    Where all photos are the same, or there are fewer than six, every method gives the PCA plane: there are
    no neighbourhoods to keep.

    Args:
        features: shape (photos, width).
        settings: which method, and how.

    Raises:
        ExplorationError: the features are no finite matrix, or a setting is out of range.
        MissingExtra: the library of the method is not installed.
    """
    matrix = checked(features)
    if settings.perplexity <= 0 or settings.neighbours < 2 or settings.iterations < 1:
        raise ExplorationError(
            "perplexity, neighbours or iterations is too small.",
            hint="Choose perplexity > 0, neighbours >= 2, iterations >= 1.",
        )
    distinct = len(np.unique(matrix, axis=0)) if len(matrix) < 200 else len(matrix)
    if settings.method == "pca" or min(distinct, len(matrix)) < FEWEST_FOR_NEIGHBOURS:
        principal = fit_pca(matrix, components=2)
        return PcaMap(principal.transform(matrix), principal)
    before = fit_pca(matrix, components=min(FIRST_DIMENSIONS, matrix.shape[1], len(matrix) - 1))
    make = _tsne if settings.method == "tsne" else _umap
    return make(before, before.transform(matrix), settings)


def trust_of(features: ArrayLike, projection: Projection) -> float | None:
    """Trustworthiness of a map by ten neighbours; None for fewer than four photos."""
    matrix = checked(features)
    return trustworthiness(matrix, projection.points) if len(matrix) >= 4 else None


def _tsne(before: Principal, reduced: Points, settings: MapSettings) -> Projection:
    """van der Maaten and Hinton 2008, by openTSNE (Poličar et al. 2019), started from PCA."""
    tsne = library("openTSNE", "The t-SNE map")
    perplexity = min(settings.perplexity, max(1.0, (len(reduced) - 1) / 3))
    maker = tsne.TSNE(
        perplexity=perplexity,
        n_iter=settings.iterations,
        initialization="pca",
        random_state=settings.seed,
        n_jobs=1,
        negative_gradient_method="bh" if len(reduced) < 3000 else "fft",
        neighbors="exact" if len(reduced) < 8000 else "auto",
    )
    embedding = maker.fit(reduced)
    few = max(1.0, min(5.0, perplexity))

    def placed(points: Points) -> Any:
        return embedding.transform(points, perplexity=few)

    name = f"t-SNE, perplexity {perplexity:.3g}, seed {settings.seed}"
    return NeighbourMap(np.asarray(embedding, np.float64), name, before, placed)


def _umap(before: Principal, reduced: Points, settings: MapSettings) -> Projection:
    """McInnes, Healy and Melville 2018, by umap-learn."""
    umap = library("umap", "The UMAP map", extra="umap")
    neighbours = min(settings.neighbours, len(reduced) - 1)
    maker = umap.UMAP(n_neighbors=neighbours, random_state=settings.seed, n_jobs=1)
    points = maker.fit_transform(reduced)
    name = f"UMAP, {neighbours} neighbours, seed {settings.seed}"
    return NeighbourMap(np.asarray(points, np.float64), name, before, maker.transform)
