"""Two ways to guess a value from a vector: what its neighbours have, and where it lies among the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Codes = NDArray[np.int64]
LogShares = NDArray[np.float64]

NEIGHBOURS = 20
SHARPNESS = 20.0  # a neighbour .05 of cosine further off has a third of the vote
DOUBT = 0.05  # votes that go to every value by its share, so that none is impossible
ASKED_AT_ONCE = 128  # scores of so many stay in the cache
RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)


def neighbours_say(known: Vectors, codes: Codes, asked: Vectors, *, classes: int) -> LogShares:
    """Log shares of the votes of the nearest views, the closer the more, shape (asked, classes).

    Views as near as the last of them have a vote, too.

    Args:
        known: vectors with a value, shape (views, width).
        codes: their values, shape (views,).
        asked: vectors to guess, shape (asked, width).
        classes: number of values.
    """
    near = min(NEIGHBOURS, len(known))
    shares = np.bincount(codes, minlength=classes) / len(codes)
    told = np.empty((len(asked), classes))
    for start in range(0, len(asked), ASKED_AT_ONCE):
        scores = asked[start : start + ASKED_AT_ONCE] @ known.T
        last = np.partition(scores, len(known) - near, axis=1)[:, len(known) - near]
        asker, voter = np.divmod(np.flatnonzero(scores >= last[:, None]), len(known))
        worth = np.exp(SHARPNESS * (scores[asker, voter] - scores.max(axis=1)[asker]).astype(np.float64))
        cells = np.bincount(asker * classes + codes[voter], worth, minlength=len(scores) * classes)
        votes = np.asarray(cells, np.float64).reshape(len(scores), classes)
        votes /= votes.sum(axis=1, keepdims=True)
        told[start : start + ASKED_AT_ONCE] = (1 - DOUBT) * votes + DOUBT * shares
    return np.asarray(np.log(told.clip(1e-9)), np.float64)


@dataclass(frozen=True, eq=False)
class Head:
    """A linear classifier in closed form: Gaussian classes of one shrunken covariance (Fisher, 1936;
    shrinkage as in Friedman, "Regularized Discriminant Analysis", 1989).

    Args:
        weights: shape (width, classes).
        offset: shape (classes,).
    """

    weights: NDArray[np.float64]
    offset: NDArray[np.float64]

    @classmethod
    def learned(
        cls, known: Vectors, codes: Codes, *, classes: int, ridges: Sequence[float]
    ) -> dict[float, Head]:
        """From vectors with values, for each ridge; all from one decomposition.

        Args:
            known: vectors, shape (views, width).
            codes: their values, shape (views,).
            classes: number of values.
            ridges: what is added to the covariance, in shares of its mean spread.
        """
        counts = np.bincount(codes, minlength=classes).astype(np.float64)
        means = np.zeros((classes, known.shape[1]))
        np.add.at(means, codes, known.astype(np.float64))
        means = np.where(counts[:, None] > 0, means / counts[:, None].clip(1), known.mean(axis=0))
        spread, directions = _spread((known - means[codes]) / np.sqrt(len(known)))
        along = directions.T @ means.T
        beside = means.T - directions @ along  # what the views do not span
        prior = np.log((counts + 1) / (len(codes) + classes))
        heads = {}
        for ridge in ridges:
            little = ridge * max(float(spread.sum()) / known.shape[1], 1e-9)
            weights = directions @ (along / (spread + little)[:, None]) + beside / little
            heads[ridge] = cls(weights, prior - 0.5 * (means * weights.T).sum(axis=1))
        return heads

    def says(self, asked: Vectors) -> LogShares:
        """Log shares of the values, shape (asked, classes)."""
        return log_shares(asked @ self.weights + self.offset)


def _spread(rest: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances and directions of what is left, the shorter way: shapes (n,) and (width, n)."""
    if len(rest) < rest.shape[1]:
        variances, mixes = np.linalg.eigh(rest @ rest.T)
        real = variances > 1e-9 * max(float(variances[-1]), 1e-12)
        return variances[real], rest.T @ (mixes[:, real] / np.sqrt(variances[real]))
    variances, directions = np.linalg.eigh(rest.T @ rest)
    return variances.clip(0), directions


def log_shares(logits: LogShares) -> LogShares:
    """Logits less their log sum: logs of shares that add up to one."""
    risen = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(risen - np.log(np.exp(risen).sum(axis=1, keepdims=True)))
