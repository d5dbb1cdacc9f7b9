"""k-reciprocal re-ranking: views that are each other's neighbours, and share neighbours, belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.index.rescoring import Scores
from lookalike.retrieval.pooling import best
from lookalike.retrieval.reranking.base import Reranker, Shortlist

Truths = NDArray[np.bool_]

MOST_VIEWS = 8
"""Of each item, those closest to the question: more would cost much and change little."""


@dataclass(frozen=True)
class Reciprocal(Reranker):
    """Re-ranking with k-reciprocal encoding (Zhong et al., "Re-ranking Person Re-identification with
    k-reciprocal Encoding", 2017): views are described by their reciprocal neighbours, compared by the
    Jaccard distance of these, and that is mixed with the score. Here over the views of a shortlist
    rather than a whole gallery; an item has the score of its best view.

    Args:
        neighbours: k1, within which views must have each other.
        smoothed: k2, over how many nearest views a description is averaged.
        kept: lambda, how much of the first score is kept.
        depth: items that are ordered anew.
    """

    neighbours: int = 8
    smoothed: int = 3
    kept: float = 0.5
    depth: int = 50

    def _scores(self, shortlist: Shortlist) -> Scores:
        views, starts = shortlist.views(most=MOST_VIEWS)
        photos = shortlist.question / np.linalg.norm(shortlist.question, axis=1, keepdims=True)
        likeness = np.concatenate([photos, views]).astype(np.float64)
        likeness = likeness @ likeness.T
        np.fill_diagonal(likeness, 1.0)
        described = self._described(likeness)
        asked = len(photos)
        shared = _jaccard(described[:asked], described[asked:]).max(axis=0)
        return self.kept * shortlist.scores + (1 - self.kept) * best(shared[:, None], starts)[:, 0]

    def _described(self, likeness: Scores) -> Scores:
        """Each view by its expanded reciprocal neighbours, rows adding up to one, shape (views, views)."""
        order = np.argsort(-likeness, axis=1, kind="stable")
        near = _reciprocal(order, self.neighbours)
        half = _reciprocal(order, max(1, self.neighbours // 2))
        # a neighbour's own circle joins where two thirds of it are neighbours already
        common = near.astype(np.float64) @ half.T
        joins = near & (3 * common >= 2 * half.sum(axis=1)[None])
        reach = near | ((joins.astype(np.float64) @ half) > 0)
        weights = np.where(reach, np.exp(likeness), 0.0)
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(weights[order[:, : self.smoothed]].mean(axis=1))


def _reciprocal(order: NDArray[np.int64], k: int) -> Truths:
    """Who has whom among the k nearest, and the other way round; oneself always. Shape (views, views)."""
    among = np.zeros(order.shape, bool)
    np.put_along_axis(among, order[:, : k + 1], True, axis=1)
    return np.asarray(among & among.T) | np.eye(len(order), dtype=bool)


def _jaccard(asked: Scores, views: Scores) -> Scores:
    """Likeness of descriptions, 0 to 1, shape (asked, views)."""
    least = np.stack([np.minimum(one, views).sum(axis=1) for one in asked])
    return np.asarray(least / (2.0 - least))
