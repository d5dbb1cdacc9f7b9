"""How far a map may be trusted: are neighbours on it neighbours in truth?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lookalike.exploration.features import checked

MOST_ROWS = 1500  # photos whose neighbourhood is examined; the others are still possible neighbours


def trustworthiness(features: ArrayLike, points: ArrayLike, *, k: int = 10, seed: int = 0) -> float:
    """Share of trust between 0 and 1: photos near on the map but far in truth cost by how far they are.

    T(k) = 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in U_k(i)} (r(i, j) - k), with U_k(i) the k nearest on
    the map and r the place in truth (Venna and Kaski, "Neighborhood Preservation in Nonlinear Projection
    Methods", 2001). On more than 1,500 photos the sum runs over that many drawn ones.

    Args:
        features: shape (photos, width), compared by Euclidean distance.
        points: the map, shape (photos, 2).
        k: neighbours; made smaller on small catalogues (k < n / 2).
        seed: of the drawing.

    Raises:
        ExplorationError: fewer than four photos: there is nothing to trust.
    """
    matrix = checked(features, fewest=4, what="Trustworthiness").astype(np.float64)
    flat = checked(points, fewest=4).astype(np.float64)
    n = len(matrix)
    k = max(1, min(k, (n - 1) // 2))
    rows = np.arange(n)
    if n > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(n, MOST_ROWS, replace=False))
    penalty = 0.0
    for part in np.array_split(rows, -(-len(rows) // 256)):
        truth = _places(matrix, part)
        near = np.argpartition(_apart(flat, part), k - 1, axis=1)[:, :k]
        penalty += float(np.maximum(np.take_along_axis(truth, near, axis=1) - k, 0).sum())
    return 1.0 - 2.0 * penalty / (len(rows) * k * (2 * n - 3 * k - 1))


def _apart(matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Squared distances of some rows to all, a row to itself infinite."""
    lengths = (matrix**2).sum(axis=1)
    apart = lengths[rows][:, None] + lengths - 2 * matrix[rows] @ matrix.T
    apart[np.arange(len(rows)), rows] = np.inf
    return np.asarray(apart)


def _places(matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The place of every photo among the neighbours of each row: 1 is the nearest."""
    order = np.argsort(_apart(matrix, rows), axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    return places
