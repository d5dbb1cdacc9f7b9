"""Diffusion: scores flow along the manifold of the shortlist's views."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.retrieval.index.rescoring import Scores
from lookalike.retrieval.pooling import best
from lookalike.retrieval.reranking.base import Reranker, Shortlist

MOST_VIEWS = 8
"""Of each item, those closest to the question: more would cost much and change little."""


@dataclass(frozen=True)
class Diffusion(Reranker):
    """Diffusion over a mutual neighbour graph (Iscen et al., "Efficient Diffusion on Region Manifolds",
    2017): f = (I - alpha S)^-1 y, S the normalised affinities of the shortlist's views, y those of the
    query with its nearest views. An item has the value of its best view, mixed with its score.

    Args:
        neighbours: of each view in the graph, and of the query.
        alpha: how far scores flow.
        gamma: power of the cosines that makes affinities of them.
        kept: how much of the first score is kept.
        depth: items that are ordered anew.
    """

    neighbours: int = 8
    alpha: float = 0.9
    gamma: float = 3.0
    kept: float = 0.5
    depth: int = 50

    def _scores(self, shortlist: Shortlist) -> Scores:
        views, starts = shortlist.views(most=MOST_VIEWS)
        flow = self._flow(views.astype(np.float64))
        photos = shortlist.question / np.linalg.norm(shortlist.question, axis=1, keepdims=True)
        asked = np.clip((views @ photos.T).max(axis=1), 0, None).astype(np.float64) ** self.gamma
        asked[asked < np.sort(asked)[::-1][min(self.neighbours, len(asked)) - 1]] = 0.0
        reached = np.linalg.solve(np.eye(len(views)) - self.alpha * flow, asked)
        values = best(reached[:, None], starts)[:, 0]
        return self.kept * shortlist.scores + (1 - self.kept) * values / max(float(values.max()), 1e-12)

    def _flow(self, views: Scores) -> Scores:
        """S: affinities of mutual neighbours, normalised on both sides, shape (views, views)."""
        likeness = views @ views.T
        np.fill_diagonal(likeness, -1.0)
        k = min(self.neighbours, len(views) - 1)
        least = np.partition(likeness, -k, axis=1)[:, -k]
        mutual = (likeness >= least[:, None]) & (likeness >= least[None])
        affinity = np.where(mutual, np.clip(likeness, 0, None) ** self.gamma, 0.0)
        strength = 1 / np.sqrt(affinity.sum(axis=1).clip(1e-12))
        return np.asarray(affinity * strength[:, None] * strength[None])
