"""Who lies near whom: each photo's likeness to its own item, and its nearest photos of other items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.features import Codes, Matrix, checked

ROWS = 512  # photos compared at once
NEAREST = 12


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Likeness (cosine) within and across items.

    Args:
        own: each photo's best likeness to another view of its item; NaN for single photos, shape (photos,).
        rows: its nearest photos of other items, nearest first, one an item at most, shape (photos, k);
            -1 where there are fewer.
        likeness: how near they are, -inf where there is none, shape (photos, k).
        items: how many items there are.
    """

    own: NDArray[np.float64]
    rows: Codes
    likeness: NDArray[np.float64]
    items: int


def neighbours_of(seen: Evaluated, *, k: int = NEAREST) -> Neighbours:
    """Every photo's neighbours; at most one photo of any item among them.

    Raises:
        ExplorationError: features that are not finite.
    """
    matrix = checked(seen.matrix)
    count = min(k, len(np.unique(seen.codes)) - 1)
    own = np.full(len(matrix), np.nan)
    rows = np.full((len(matrix), max(count, 1)), -1, np.int64)
    likeness = np.full(rows.shape, -np.inf)
    order = np.argsort(seen.codes, kind="stable")
    for start in range(0, len(matrix), ROWS):
        part = np.arange(start, min(start + ROWS, len(matrix)))
        scores = matrix[part] @ matrix.T
        same = seen.codes[part][:, None] == seen.codes
        scores[np.arange(len(part)), part] = -np.inf
        best = np.where(same, scores, -np.inf).max(axis=1)
        own[part] = np.where(np.isfinite(best), best, np.nan)
        scores[same] = -np.inf
        if count:
            rows[part], likeness[part] = _best_by_item(scores, seen.codes, order, count)
    return Neighbours(own, rows, likeness, len(np.unique(seen.codes)))


def _best_by_item(
    scores: Matrix, codes: Codes, order: Codes, count: int
) -> tuple[Codes, NDArray[np.float64]]:
    """For each row of scores the nearest items, and the photo of each that is nearest."""
    sorted_scores = scores[:, order]
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    of_item = np.maximum.reduceat(sorted_scores, starts, axis=1)
    items = np.argpartition(-of_item, count - 1, axis=1)[:, :count]
    found = np.take_along_axis(of_item, items, axis=1)
    sequence = np.argsort(-found, axis=1, kind="stable")
    items, found = np.take_along_axis(items, sequence, axis=1), np.take_along_axis(found, sequence, axis=1)
    ends = np.append(starts[1:], len(order))
    rows = np.empty_like(items)
    for line in range(len(items)):
        for place, item in enumerate(items[line]):
            part = slice(starts[item], ends[item])
            rows[line, place] = order[part][int(sorted_scores[line, part].argmax())]
    return rows, found.astype(np.float64)


def robust_z(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """How many deviations from the middle: (x - median) / (1.4826 MAD), NaN left NaN.

    The deviation is at least a hundredth, so that a catalogue of equal photos has no outliers.

    >>> robust_z(np.array([1.0, 1.0, 1.0, 2.0])).round(1).tolist()
    [0.0, 0.0, 0.0, 100.0]
    """
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).any():
        return np.full(values.shape, np.nan)
    middle = np.nanmedian(values)
    deviation = max(1.4826 * float(np.nanmedian(np.abs(values - middle))), 0.01)
    return np.asarray((values - middle) / deviation)
