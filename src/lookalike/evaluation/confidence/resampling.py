"""Intervals of figures that are no ratio of sums, such as an area: items drawn, the figure made anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.bootstrap import Interval

Rows = NDArray[np.int64]
Statistic = Callable[[Rows], float]


def resampled(items: Rows, statistic: Statistic, *, resamples: int = 400, seed: int = 0) -> Interval:
    """A figure and its 95% percentile interval over items; resamples without an answer are left out.

    Args:
        items: the item of each query, shape (queries,).
        statistic: from rows, some of them several times, to the figure.
        resamples: how many times the items are drawn.
        seed: of the drawing.

    >>> resampled(np.array([0, 1]), lambda rows: 1.0).low
    1.0
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(items, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(items[order])) + 1)
    values = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(groups), len(groups))
        values.append(statistic(np.concatenate([groups[one] for one in drawn])))
    low, high = np.nanpercentile(values, [2.5, 97.5]) if np.isfinite(values).any() else (np.nan, np.nan)
    return Interval(statistic(np.arange(len(items))), float(low), float(high))
