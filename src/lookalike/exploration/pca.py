"""Principal components: the directions in which the photos differ most, and how much each explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.exploration.features import Matrix, Points, checked


@dataclass(frozen=True, eq=False)
class Principal:
    """The eigenvectors of the features' covariance, largest eigenvalue first.

    Args:
        mean: float64, shape (width,).
        axes: float64, shape (components, width), unit rows; the sign makes the largest coordinate positive.
        variances: the eigenvalues, shape (components,).
        total_variance: the sum of all eigenvalues, kept or not.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    variances: NDArray[np.float64]
    total_variance: float

    @property
    def explained(self) -> NDArray[np.float64]:
        """Share of the whole variance that each component explains; zeros where all photos are the same."""
        if self.total_variance <= 0:
            return np.zeros_like(self.variances)
        return np.asarray(self.variances / self.total_variance)

    def needed(self, share: float) -> int:
        """How many components explain that share of the variance; all that are kept where they do not."""
        reached = np.flatnonzero(np.cumsum(self.explained) >= share - 1e-12)
        return int(reached[0]) + 1 if len(reached) else len(self.variances)

    def transform(self, features: ArrayLike) -> Points:
        """The features' coordinates on the axes, shape (photos, components); new photos may be placed so.

        Raises:
            ExplorationError: they are not finite.
        """
        return np.asarray((checked(features) - self.mean) @ self.axes.T)


def fit_pca(features: ArrayLike, *, components: int = 2) -> Principal:
    """The first principal components (Pearson 1901; Hotelling 1933), always as many as asked for.

    Where the data have fewer directions, the rest are zero vectors of variance zero, so that a map of
    two identical photos is a map still.

    Args:
        features: shape (photos, width).
        components: how many.

    Raises:
        ExplorationError: the features are no finite matrix.
    """
    matrix = checked(features)
    mean = matrix.mean(axis=0, dtype=np.float64)
    values, vectors, total = _eigen(matrix, mean)
    kept = min(components, len(values))
    axes, variances = np.zeros((components, matrix.shape[1])), np.zeros(components)
    axes[:kept], variances[:kept] = vectors[:kept], values[:kept]
    signs = np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1))
    return Principal(mean, axes * np.where(signs == 0, 1, signs), variances, total)


def _eigen(matrix: Matrix, mean: NDArray[np.float64]) -> tuple[NDArray[np.float64], Points, float]:
    """Eigenvalues, eigenvectors as rows, and the trace; by the smaller of the two Gram matrices."""
    centred = matrix - mean
    photos, width = centred.shape
    scale = max(photos - 1, 1)
    if width <= photos:
        values, columns = np.linalg.eigh(centred.T @ centred / scale)
        rows = columns.T[::-1]
    else:
        values, columns = np.linalg.eigh(centred @ centred.T / scale)
        rows = (centred.T @ columns).T[::-1]
    values = values[::-1].clip(0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    real = values > max(float(values[0]), 1e-30) * 1e-10 if len(values) else np.zeros(0, bool)
    return values[real], rows[real] / lengths[real], float(values.sum())
