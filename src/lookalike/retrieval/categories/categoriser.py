"""Neighbours' votes and a classifier head, fused, with probabilities that hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError
from lookalike.retrieval.balance import Scale
from lookalike.retrieval.categories.guessing import (
    RIDGES,
    Codes,
    Head,
    LogShares,
    Vectors,
    log_shares,
    neighbours_say,
)
from lookalike.retrieval.categories.labels import Labels

FOLDS = 5
STEPS = 50
FUSED_AT_ONCE = 512  # log shares of so many photos stay in the cache
TRIED_RIDGE, TRIED_VIEWS = 1.0, 3000
"""How the balances of colour and shape are told apart: one ridge, and whole items of about as many views."""
PULL = 0.1  # of the fusing weights towards zero: with little to learn from, little is said
Truths = NDArray[np.bool_]
Told = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Categoriser:
    """Says how probable each value of a column is for a photo.

    Zhang et al., "Visual Search at Alibaba", 2018, section 3.1, fuse the category model with the votes of
    the nearest items. Here the logs of both are added with weights that are learned on items left out, by
    log loss: the weights choose between the two, and their size is the temperature (Guo et al., "On
    Calibration of Modern Neural Networks", 2017).

    Args:
        labels: what was learned from, its vectors scaled.
        head: the classifier.
        weights: of the neighbours and of the head.
        scale: what vectors are multiplied by first, shape (width,).
    """

    labels: Labels
    head: Head
    weights: tuple[float, float]
    scale: Scale

    @classmethod
    def learned(cls, labels: Labels, *, scales: Sequence[Scale] = (), seed: int = 0) -> Categoriser:
        """From the views of a catalogue; no item tells of itself while anything is chosen.

        Args:
            labels: the views and their values.
            scales: balances of colour and shape to choose from beside the vectors as they are: a kind of
                thing is told by little colour, a colour by much.
            seed: draws the folds.

        Raises:
            QueryError: all views belong together.
        """
        scale = _best_scale(labels, [np.ones(labels.vectors.shape[1], np.float32), *scales], seed)
        labels = _scaled(labels, scale)
        fit = _left_out(labels, seed, RIDGES)
        heads = Head.learned(labels.vectors, labels.codes, classes=len(labels.names), ridges=[fit.ridge])
        return cls(labels, heads[fit.ridge], fit.weights, scale)

    def probabilities(self, vectors: Vectors) -> NDArray[np.float64]:
        """Of each value, shape (photos, values).

        Args:
            vectors: unit vectors of photos, shape (photos, width).
        """
        vectors = vectors * self.scale
        neighbours = neighbours_say(
            self.labels.vectors, self.labels.codes, vectors, classes=len(self.labels.names)
        )
        return np.exp(fused((neighbours, self.head.says(vectors)), self.weights))


def fused(told: tuple[Told, Told], weights: tuple[float, float]) -> LogShares:
    """Log shares of both, shape (photos, values)."""
    return log_shares(weights[0] * told[0] + weights[1] * told[1])


def fused_weights(told: tuple[Told, Told], codes: Codes) -> tuple[float, float]:
    """The weights of least log loss, none below zero (Newton's method; the loss is convex).

    Args:
        told: log shares by the neighbours and by the head, shape (photos, values) each.
        codes: what is so, shape (photos,).
    """
    weights = np.array([0.5, 0.5])
    for _ in range(STEPS):
        gradient, bend = PULL * weights, PULL * np.eye(2)
        for start in range(0, len(codes), FUSED_AT_ONCE):
            some = slice(start, start + FUSED_AT_ONCE)
            slope, curve = _bent(
                np.stack([told[0][some], told[1][some]], dtype=np.float64), codes[some], weights
            )
            gradient, bend = gradient + slope, bend + curve
        step = np.linalg.solve(bend, gradient)
        weights = np.clip(weights - np.clip(step, -0.5, 0.5), 0.0, None)
        if np.abs(step).max() < 1e-6:
            break
    return float(weights[0]), float(weights[1])


def _bent(both: LogShares, codes: Codes, weights: LogShares) -> tuple[LogShares, LogShares]:
    """First and second derivatives of the log loss by the weights, shapes (2,) and (2, 2).

    Args:
        both: log shares, shape (2, photos, values).
        codes: what is so, shape (photos,).
        weights: shape (2,).
    """
    shares = np.exp(log_shares(np.tensordot(weights, both, axes=1)))
    mean = (both * shares).sum(axis=2)
    slope = (mean - both[:, np.arange(len(codes)), codes]).sum(axis=1)
    centred = both - mean[:, :, None]
    return slope, np.einsum("ipc,jpc,pc->ij", centred, centred, shares)


def folds_of(groups: Codes, *, seed: int = 0, folds: int = FOLDS) -> Iterator[Truths]:
    """Which rows are asked in each fold: whole groups, every row once.

    Raises:
        QueryError: there is one group only.
    """
    distinct = np.random.default_rng(seed).permutation(np.unique(groups))
    if len(distinct) < 2:
        raise QueryError("All photos belong to one item.", hint="Index more items.")
    for part in np.array_split(distinct, min(folds, len(distinct))):
        yield np.isin(groups, part)


@dataclass(frozen=True, slots=True)
class _Fit:
    """The fusing weights and the head's ridge of least log loss, and that loss a view."""

    weights: tuple[float, float]
    ridge: float
    loss: float


def _scaled(labels: Labels, scale: Scale) -> Labels:
    return replace(labels, vectors=labels.vectors * scale)


def _best_scale(labels: Labels, scales: Sequence[Scale], seed: int) -> Scale:
    """The scale of least log loss on views whose item taught nothing; the first of equals."""
    if len(scales) == 1:
        return scales[0]
    tried = _some_items(labels, seed)
    return min(scales, key=lambda scale: _left_out(_scaled(tried, scale), seed, (TRIED_RIDGE,)).loss)


def _some_items(labels: Labels, seed: int) -> Labels:
    """Whole items, drawn until their views are enough; two at least, as one cannot tell of another."""
    if len(labels.codes) <= TRIED_VIEWS:
        return labels
    distinct, counts = np.unique(labels.groups, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(distinct))
    enough = max(2, int(np.searchsorted(counts[order].cumsum(), TRIED_VIEWS)) + 1)
    some = np.isin(labels.groups, distinct[order[:enough]])
    return replace(labels, vectors=labels.vectors[some], codes=labels.codes[some], groups=labels.groups[some])


def _left_out(labels: Labels, seed: int, ridges: Sequence[float]) -> _Fit:
    """What fits best on views whose item taught nothing."""
    classes, codes = len(labels.names), labels.codes
    neighbours = np.zeros((len(codes), classes), np.float32)  # kept narrow: there is one for each ridge
    by_ridge = {ridge: np.zeros_like(neighbours) for ridge in ridges}
    for asked in folds_of(labels.groups, seed=seed):
        known, own = labels.vectors[~asked], codes[~asked]
        neighbours[asked] = neighbours_say(known, own, labels.vectors[asked], classes=classes)
        for ridge, head in Head.learned(known, own, classes=classes, ridges=ridges).items():
            by_ridge[ridge][asked] = head.says(labels.vectors[asked])
    fits = []
    for ridge, told in by_ridge.items():
        weights = fused_weights((neighbours, told), codes)
        right = fused((neighbours, told), weights)[np.arange(len(codes)), codes]
        fits.append(_Fit(weights, ridge, float(-right.mean())))
    return min(fits, key=lambda fit: fit.loss)
