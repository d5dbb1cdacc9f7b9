"""From the best scores of a search to probabilities: right, another item, or not in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

SAME, OTHER, ABSENT = 0, 1, 2
STEPS = 100
LEAST_AWAY = 0.02  # photos closer than this are as good as one
RIDGE = 3.0  # pulls small catalogues towards saying little
UNSURE = 1e-4  # Hessian of a saturated class


@dataclass(frozen=True)
class Outcomes:
    """A multinomial logistic model of what the best scores say.

    Three outcomes: the first item is the one; the item is in the catalogue, but another stands first;
    it is not in the catalogue. Evidence: the best score, its lead over the second item, and its lift
    over the mean of the second to tenth. The lead and the lift are what a mere score lacks: 0.8 may
    be sure among chairs and nothing among black shoes. The lead is a ratio of distances (as in Lowe,
    "Distinctive Image Features from Scale-Invariant Keypoints", 2004, section 7.1): at 1.00 against
    0.94 there is no doubt, though trials, whose photos are of different moments, seldom come near 1.

    Args:
        centre, spread: of the evidence, shape (3,).
        weights: shape (4, 3): evidence and a constant by outcome.
    """

    centre: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]

    @classmethod
    def fit(cls, scores: Scores, outcomes: NDArray[np.int64], worth: Scores) -> Outcomes:
        """The model of least regularised log loss (Newton's method; the loss is convex).

        Args:
            scores: best scores, falling, shape (trials, near).
            outcomes: SAME, OTHER or ABSENT, shape (trials,).
            worth: how much each trial counts, shape (trials,); about one each.
        """
        told = evidence(scores)
        centre, spread = told.mean(axis=0), told.std(axis=0) + 1e-6
        x = np.c_[(told - centre) / spread, np.ones(len(told))]
        wanted = np.eye(3)[outcomes]
        weights = np.zeros((4, 3))
        for _ in range(STEPS):
            step = _newton(x, wanted, worth, weights)
            weights -= step
            if np.abs(step).max() < 1e-8:
                break
        return cls(tuple(centre.tolist()), tuple(spread.tolist()), tuple(map(tuple, weights.tolist())))

    def probabilities(self, scores: Scores) -> Scores:
        """Of the three outcomes, shape (queries, 3).

        Args:
            scores: best scores, falling, shape (queries, near).
        """
        told = (evidence(scores) - np.array(self.centre)) / np.array(self.spread)
        return _softmax(np.c_[told, np.ones(len(told))] @ np.array(self.weights))


def evidence(scores: Scores) -> Scores:
    """Best score, its lead over the second, its lift over the mean of the others: shape (queries, 3).

    >>> evidence(np.array([[0.9, 0.7, 0.5]])).round(2).tolist()
    [[0.9, 0.98, 0.3]]
    """
    first = scores[:, 0]
    away = np.log(1 - np.minimum(scores[:, :2], 1) + LEAST_AWAY)
    return np.stack([first, away[:, 1] - away[:, 0], first - scores[:, 1:].mean(axis=1)], axis=1)


def _newton(x: Scores, wanted: Scores, worth: Scores, weights: Scores) -> Scores:
    """The next step, shape of ``weights``; the constants are not regularised, but for a hair."""
    probability = _softmax(x @ weights)
    pull = np.array([RIDGE] * (x.shape[1] - 1) + [1e-3])[:, None] * np.ones((1, 3))
    gradient = x.T @ (worth[:, None] * (probability - wanted)) + pull * weights
    size = weights.size
    hessian = np.zeros((size, size))
    for one in range(3):
        for other in range(3):
            bend = worth * probability[:, one] * ((one == other) - probability[:, other])
            hessian[one::3, other::3] = (x * bend[:, None]).T @ x
    hessian += np.diag((pull + UNSURE).ravel())
    return np.asarray(np.linalg.solve(hessian, gradient.ravel()).reshape(weights.shape), np.float64)


def _softmax(logits: Scores) -> Scores:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
