"""What a score means in this catalogue: the same item, a similar one, or far from it.

The catalogue itself is asked. One view of each of some items with several views is left out and
searched for: its best score with its own item's other views shows how the same item scores, its
best score with any other item how the nearest of the wrong items does. Thresholds between the two:

- ``same`` from the score that 95% of the nearest wrong items do not reach;
- ``absent`` below the score that 95% of the right items do reach (an open-set rule as in
  Scheirer et al., "Toward open set recognition", 2013, with quantiles for its extreme-value fit);
- ``far`` below what is typical of the nearest wrong item.

Where the two kinds of score overlap much, the words say less; they never claim more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.retrieval.query import weigh_colour
from lookalike.retrieval.snapshot import Snapshot

Verdict = Literal["same", "similar", "far"]
Scores = NDArray[np.float64]

FEWEST_ITEMS = 20
"""Items with several views that a catalogue needs before its scores can be given a meaning."""

MOST_ITEMS = 256
ROWS_AT_ONCE = 16_384
PRODUCTS = 2_000_000_000
"""Multiplications that a calibration may cost, about: larger catalogues are asked by fewer items."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds on the score of one catalogue, model and colour weight.

    Args:
        same_from: scores from here are called the same item.
        far_below: scores below are called far.
        absent_below: a query whose best score is below is probably not in the catalogue.
        items: how many items were asked.
    """

    same_from: float
    far_below: float
    absent_below: float
    items: int

    def verdict(self, score: float) -> Verdict:
        """The word for a score."""
        if score >= self.same_from:
            return "same"
        return "far" if score < self.far_below else "similar"

    @classmethod
    def between(cls, right: Scores, wrong: Scores) -> Calibration:
        """Thresholds from the scores of right items and of the nearest wrong ones, a pair a query."""
        same_from = float(np.quantile(wrong, 0.95))
        reached = float(np.quantile(right, 0.05))
        return cls(
            same_from=same_from,
            far_below=min(reached, float(np.median(wrong))),
            absent_below=min(reached, same_from),
            items=len(right),
        )


def calibrate(
    snapshot: Snapshot, card: Card, *, colour: float | None = None, seed: int = 0
) -> Calibration | None:
    """The meaning of scores in one version of a store; None where too few items have several views.

    Args:
        snapshot: the catalogue.
        card: of the model whose vectors it holds.
        colour: the colour weight that queries will have.
        seed: chooses the items and the views that are left out.
    """
    counts = np.diff(snapshot.starts)
    several = np.flatnonzero(counts > 1)
    if len(several) < FEWEST_ITEMS:
        return None
    affordable = PRODUCTS // max(1, snapshot.matrix.size)
    rng = np.random.default_rng(seed)
    items = rng.permutation(several)[: min(MOST_ITEMS, max(FEWEST_ITEMS, affordable))]
    rows = snapshot.starts[items] + (rng.random(len(items)) * counts[items]).astype(np.int64)
    asked = snapshot.matrix[rows]
    if colour is not None:
        asked = weigh_colour(asked, card, colour)
    return Calibration.between(_right(snapshot, items, rows, asked), _wrong(snapshot, items, asked))


def _right(
    snapshot: Snapshot, items: NDArray[np.int64], rows: NDArray[np.int64], asked: NDArray[np.float32]
) -> Scores:
    """Each query's best score with the other views of its own item, shape (queries,)."""
    scores = np.empty(len(items))
    for query, (item, row) in enumerate(zip(items, rows, strict=True)):
        own = snapshot.vectors(int(item)) @ asked[query]
        own[row - snapshot.starts[item]] = -np.inf
        scores[query] = own.max()
    return scores


def _wrong(snapshot: Snapshot, items: NDArray[np.int64], asked: NDArray[np.float32]) -> Scores:
    """Each query's best score with any view of another item, shape (queries,)."""
    best = np.full(len(items), -np.inf, np.float32)
    for first in range(0, len(snapshot.matrix), ROWS_AT_ONCE):
        scores = snapshot.matrix[first : first + ROWS_AT_ONCE] @ asked.T
        for query, item in enumerate(items):
            low, high = np.clip(snapshot.starts[item : item + 2] - first, 0, len(scores))
            scores[low:high, query] = -np.inf
        best = np.maximum(best, scores.max(axis=0))
    return best.astype(np.float64)
