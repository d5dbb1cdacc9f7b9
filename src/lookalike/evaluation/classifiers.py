"""Two plain classifiers on vectors: nearest neighbours, and a linear probe in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Codes = NDArray[np.int64]

ROWS = 512  # queries compared at once
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # tried strengths, in shares of the mean squared spread


def neighbour_votes(vectors: Matrix, labels: Codes, groups: Codes, *, k: int) -> NDArray[np.float64]:
    """Votes of each photo's k nearest photos of other groups, shape (photos, classes).

    One vote a neighbour, and a tie in votes goes to the class whose neighbours are nearer: their
    similarities, scaled below one vote, are added (Cover and Hart, "Nearest Neighbor Pattern
    Classification", 1967).

    Args:
        vectors: unit vectors, shape (photos, width).
        labels: class of each photo, 0 and up.
        groups: photos of one group are never each other's neighbours; a photo's own number for none.
        k: neighbours that vote.
    """
    votes = np.zeros((len(vectors), int(labels.max()) + 1))
    for start in range(0, len(vectors), ROWS):
        rows = np.arange(start, min(start + ROWS, len(vectors)))
        scores = vectors[rows] @ vectors.T
        scores[groups[rows][:, None] == groups] = -np.inf
        nearest = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
        score = np.take_along_axis(scores, nearest, axis=1)
        worth = np.where(np.isfinite(score), 1.0 + (score + 1.0) / (4.0 * k), 0.0)
        np.add.at(votes, (np.repeat(rows, nearest.shape[1]), labels[nearest].ravel()), worth.ravel())
    return votes


def linear_probe(vectors: Matrix, labels: Codes, asked: Matrix, *, classes: int) -> NDArray[np.float64]:
    """Class scores of ``asked`` from a ridge regression onto one-hot labels, shape (asked, classes).

    Its strength is the one of least squared leave-one-out error, which has a closed form: residual over one
    less leverage (Golub, Heath and Wahba, "Generalized Cross-Validation", 1979; Rifkin and Lippert,
    "Notes on Regularized Least Squares", 2007). Classes are weighed equally by centring the targets.

    Args:
        vectors, labels: what is learned from, shapes (photos, width) and (photos,).
        asked: vectors to classify, shape (asked, width).
        classes: number of classes.
    """
    centre = vectors.mean(axis=0, dtype=np.float64)
    known = vectors - centre
    targets = np.eye(classes)[labels]
    offset = targets.mean(axis=0)
    spread, directions = np.linalg.eigh(known.T @ known)
    rotated = known @ directions
    weights = min(
        (_ridge(rotated, spread.clip(0), targets - offset, strength=strength) for strength in RIDGES),
        key=lambda found: found[0],
    )[1]
    return np.asarray((asked - centre) @ (directions @ weights) + offset)


def _ridge(
    rotated: NDArray[np.float64],
    spread: NDArray[np.float64],
    targets: NDArray[np.float64],
    *,
    strength: float,
) -> tuple[float, NDArray[np.float64]]:
    """Leave-one-out squared error and weights of one strength, in the rotated coordinates."""
    shrink = 1.0 / (spread + strength * max(float(spread.mean()), 1e-12))
    weights = shrink[:, None] * (rotated.T @ targets)
    leverage = ((rotated**2) @ shrink).clip(max=1 - 1e-6) + 1.0 / len(rotated)
    residual = (targets - rotated @ weights) / (1 - leverage.clip(max=1 - 1e-6))[:, None]
    return float((residual**2).mean()), weights
