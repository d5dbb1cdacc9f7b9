"""Diversity: of several like items one comes first, and something else before the next of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.retrieval.index.rescoring import Scores
from lookalike.retrieval.pooling import best
from lookalike.retrieval.reranking.base import Reranker, Shortlist

MOST_VIEWS = 4
"""Of each item, those closest to the question."""


@dataclass(frozen=True)
class Diversity(Reranker):
    """Maximal marginal relevance over items (Carbonell and Goldstein, 1998): the next item is the one
    of most ``(1 - share) * score - share * likeness to the likest item chosen before``.

    The likeness of two items is that of their closest views. The best item stays first, and the
    values fall from place to place, so they serve as scores.

    Args:
        share: how much being different counts, 0 to 1.
        depth: items that are ordered anew.
    """

    share: float = 0.3
    depth: int = 100

    def _scores(self, shortlist: Shortlist) -> Scores:
        views, starts = shortlist.views(most=MOST_VIEWS)
        likeness = best(best(views @ views.T, starts).T, starts).astype(np.float64)
        scores = shortlist.scores
        values, left = np.empty(len(scores)), np.ones(len(scores), bool)
        nearest = np.zeros(len(scores))
        for _ in range(len(scores)):
            worth = (1 - self.share) * scores - self.share * nearest
            chosen = int(np.where(left, worth, -np.inf).argmax())
            values[chosen], left[chosen] = worth[chosen], False
            nearest = np.maximum(nearest, likeness[chosen])
        return values
