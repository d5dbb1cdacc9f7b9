"""How far a figure could have come out otherwise: percentile bootstrap over items.

Views of one item are not independent, so items are drawn, not queries: each resample takes as many
items as there are, with replacement, and all the queries of each (Efron and Tibshirani, "An
Introduction to the Bootstrap", 1993, chapter 13; Davison and Hinkley, "Bootstrap Methods and their
Application", 1997, section 3.8, for clusters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Combine = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From sums over queries, shape (sets, columns), to the figure of each set, shape (sets,)."""

CHUNK = 1 << 22  # drawn numbers held at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better the first of two models is, with its 95% interval.

    Args:
        value, low, high: first less second, on the same queries.
        p_like: twice the share of resamples on the other side of zero, at most 1: small when chance
            is a poor explanation.
    """

    value: float
    low: float
    high: float
    p_like: float


def mean_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns whose ratio of sums is the mean: the values, and ones. Shape (queries, 2)."""
    return np.stack([values, np.ones_like(values)], axis=1)


def ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first column over the second: the mean of what ``mean_of`` prepared."""
    return np.asarray(sums[:, 0] / sums[:, 1])


def bootstrap(
    columns: NDArray[np.floating],
    items: NDArray[np.int64],
    *,
    combine: Combine = ratio,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """A figure and its 95% percentile interval over items.

    Args:
        columns: per query, what the figure is formed from, shape (queries, columns).
        items: the item of each query, shape (queries,).
        combine: from summed columns to the figure.
        resamples: how many times the items are drawn.
        seed: of the drawing.

    >>> bootstrap(mean_of(np.array([1.0, 1.0, 1.0])), np.array([0, 0, 1]))
    Interval(value=1.0, low=1.0, high=1.0)
    """
    sums = _by_item(columns, items)
    drawn = np.concatenate([combine(weights @ sums) for weights in _draws(len(sums), resamples, seed)])
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(combine(sums.sum(axis=0, keepdims=True))[0]), float(low), float(high))


def paired_bootstrap(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    items: NDArray[np.int64],
    *,
    combine: Combine = ratio,
    resamples: int = 1000,
    seed: int = 0,
) -> Difference:
    """First less second on the same queries, both resampled with the same items each time.

    Args:
        first, second: as ``bootstrap``'s columns, of two models, row by row the same queries.
        items: the item of each query, shape (queries,).
        combine: from summed columns to the figure.
        resamples: how many times the items are drawn.
        seed: of the drawing.

    >>> same = mean_of(np.array([1.0, 0.0]))
    >>> paired_bootstrap(same, same, np.array([0, 1]))
    Difference(value=0.0, low=0.0, high=0.0, p_like=1.0)
    """
    ours, theirs = _by_item(first, items), _by_item(second, items)
    drawn = np.concatenate(
        [combine(w @ ours) - combine(w @ theirs) for w in _draws(len(ours), resamples, seed)]
    )
    low, high = np.percentile(drawn, [2.5, 97.5])
    value = combine(ours.sum(axis=0, keepdims=True)) - combine(theirs.sum(axis=0, keepdims=True))
    other_side = min(float((drawn <= 0).mean()), float((drawn >= 0).mean()))
    return Difference(float(value[0]), float(low), float(high), min(1.0, 2 * other_side))


def _by_item(columns: NDArray[np.floating], items: NDArray[np.int64]) -> NDArray[np.float64]:
    order = np.argsort(items, kind="stable")
    starts = np.flatnonzero(np.diff(items[order], prepend=items[order[0]] - 1))
    return np.add.reduceat(np.asarray(columns, np.float64)[order], starts, axis=0)


def _draws(items: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each item is drawn in each resample, shape (some resamples, items), chunk by chunk."""
    rng = np.random.default_rng(seed)
    rows = max(1, CHUNK // items)
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        drawn = rng.integers(0, items, (count, items)) + np.arange(count)[:, None] * items
        yield np.bincount(drawn.ravel(), minlength=count * items).reshape(count, items).astype(np.float64)
