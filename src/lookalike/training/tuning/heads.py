"""A linear head over cached features, in closed form: whitened within things, then principal between them.

The directions in which views of one thing differ are shrunk, those in which things differ are kept
(linear discriminant analysis, Fisher 1936; within-class covariance normalisation, Hatch, Kajarekar
and Stolcke 2006), after principal components, with ridge shrinkage, which few views need.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.metrics import reciprocal_rank
from lookalike.evaluation.ranking import Side, rank_right_answers

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]

MOST_AXES = 512
"""Principal components that are looked at; wider features hold little beyond."""
PICTURES_COUNT = 0.3
"""How much the scatter of pictures made of one photo counts beside that of views of one thing."""


@dataclass(frozen=True, eq=False)
class Head:
    """Unit features less a mean, times a matrix, plus an offset, made a unit vector again.

    Args:
        mean: shape (inputs,); None leaves features as they are.
        matrix: shape (inputs, width); None leaves features as they are.
        offset: shape (width,); None for none.
    """

    mean: Floats | None = None
    matrix: Floats | None = None
    offset: Floats | None = None

    def __call__(self, features: Floats) -> Floats:
        """Unit vectors, shape (..., width), of unit features, shape (..., inputs)."""
        if self.matrix is None or self.mean is None:
            return features
        projected = (features - self.mean) @ self.matrix
        if self.offset is not None:
            projected = projected + self.offset
        lengths = np.linalg.norm(projected, axis=-1, keepdims=True)
        return np.asarray(projected / np.maximum(lengths, 1e-12), np.float32)


@dataclass(frozen=True, eq=False)
class Principal:
    """Features in their principal coordinates.

    Args:
        mean, axes: of the features, shapes (inputs,) and (inputs, kept).
        rows: every variant in these coordinates, shape (rows, variants, kept).
        total: covariance of all photos, shape (kept, kept).
    """

    mean: Floats
    axes: Floats
    rows: Floats
    total: NDArray[np.float64]

    @classmethod
    def of(cls, features: Floats) -> Principal:
        """From unit features, shape (rows, variants, inputs), the photo itself first."""
        mean = features[:, 0].mean(axis=0)
        axes = _principal(features[:, 0] - mean)
        rows = np.asarray(features @ axes - mean @ axes, np.float32)
        photos = rows[:, 0].astype(np.float64)
        return cls(mean, axes, rows, photos.T @ photos / len(photos))


@dataclass(frozen=True, eq=False)
class Scatter:
    """How features spread within things, beside how they spread at all.

    Args:
        principal: the features.
        within_values, within_axes: eigenvalues and eigenvectors of the scatter within things.
    """

    principal: Principal
    within_values: NDArray[np.float64]
    within_axes: NDArray[np.float64]


def scatter_of(principal: Principal, things: Codes) -> Scatter:
    """The spread within things.

    Args:
        principal: the features.
        things: which rows are of one thing, shape (rows,).
    """
    rows = principal.rows
    within = _within(rows[:, 0].astype(np.float64), things) + PICTURES_COUNT * _between_pictures(rows)
    values, vectors = np.linalg.eigh(within)
    return Scatter(principal, values, vectors)


def closed_form(scatter: Scatter, *, width: int, shrinkage: float) -> Head:
    """The head of so many coordinates, fewer where the features have fewer.

    Args:
        scatter: of the features.
        width: at most.
        shrinkage: ridge on the scatter within, as a share of the mean variance: large leaves a
            principal projection, small trusts the few views.
    """
    return in_features(scatter, directions(scatter, width=width, shrinkage=shrinkage))


def directions(scatter: Scatter, *, width: int, shrinkage: float) -> Floats:
    """The closed form's matrix in principal coordinates, shape (kept, width)."""
    ridge = shrinkage * float(np.trace(scatter.principal.total)) / len(scatter.principal.total)
    lengths = np.maximum(scatter.within_values, 0) + max(ridge, 1e-9)
    whitening = scatter.within_axes / np.sqrt(lengths)
    _, between = np.linalg.eigh(whitening.T @ scatter.principal.total @ whitening)
    matrix = whitening @ between[:, ::-1][:, :width]
    return np.asarray(matrix / np.sqrt((matrix**2).mean()), np.float32)


def in_features(scatter: Scatter, matrix: Floats) -> Head:
    """A head on features from a matrix on principal coordinates."""
    return Head(scatter.principal.mean, np.asarray(scatter.principal.axes @ matrix, np.float32))


def item_mrr(vectors: Floats, items: Codes) -> float:
    """Mean reciprocal rank of the right item, one view left out; 0 where no item has two views."""
    asked = np.bincount(items)[items] > 1
    if not asked.any():
        return 0.0
    rows = np.arange(len(items))
    gallery = Side(np.ascontiguousarray(vectors), items, rows)
    queries = Side(np.ascontiguousarray(vectors[asked]), items[asked], rows[asked])
    return float(reciprocal_rank(rank_right_answers(queries, gallery).item[:, None]).mean())


def _principal(centred: Floats) -> Floats:
    """Principal axes, shape (inputs, kept), by the smaller of the two Gram matrices."""
    kept = min(MOST_AXES, centred.shape[1], max(1, len(centred) - 1))
    if len(centred) >= centred.shape[1]:
        _, vectors = np.linalg.eigh(centred.T @ centred)
        return np.asarray(vectors[:, ::-1][:, :kept], np.float32)
    lengths, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    spread = np.sqrt(np.maximum(lengths[::-1][:kept], 1e-12))
    return np.asarray(centred.T @ vectors[:, ::-1][:, :kept] / spread, np.float32)


def _within(photos: NDArray[np.float64], things: Codes) -> NDArray[np.float64]:
    _, code, count = np.unique(things, return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), photos.shape[1]))
    np.add.at(sums, code, photos)
    apart = (photos - (sums / count[:, None])[code])[count[code] > 1]
    return np.asarray(apart.T @ apart / max(1, int((count[count > 1] - 1).sum())))


def _between_pictures(rows: Floats) -> NDArray[np.float64]:
    apart = (rows - rows.mean(axis=1, keepdims=True)).reshape(-1, rows.shape[2]).astype(np.float64)
    return np.asarray(apart.T @ apart / max(1, len(rows) * (rows.shape[1] - 1)))
