"""Query expansion: the best answers join the question, the better they are the more (alpha-QE)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.retrieval.index.rescoring import Scores
from lookalike.retrieval.pooling import best, pool_photos, pooling
from lookalike.retrieval.reranking.base import Reranker, Shortlist


@dataclass(frozen=True)
class Expansion(Reranker):
    """Alpha query expansion (Radenovic, Tolias and Chum, "Fine-tuning CNN Image Retrieval with No
    Human Annotation", 2018, section 3.4): each photo of the query becomes the weighted mean of itself
    and the views that met it, their weight the cosine to the power ``alpha``; items are scored by it.

    Args:
        neighbours: how many of the best items join.
        alpha: 0 weighs all alike; large values trust the best alone.
        depth: items that are scored anew.
    """

    neighbours: int = 3
    alpha: float = 3.0
    depth: int = 200

    def _scores(self, shortlist: Shortlist) -> Scores:
        question = shortlist.question.astype(np.float64)
        joining = shortlist.matched()[: self.neighbours].astype(np.float64)
        weights = np.clip(question @ joining.T, 0, None) ** self.alpha
        if shortlist.dial is not None:  # what joins is weighed like the question
            joining *= shortlist.dial
        expanded = question + weights @ joining
        lengths = np.linalg.norm(question, axis=1) / np.linalg.norm(expanded, axis=1)
        views, starts = shortlist.views()
        pairs = views.astype(np.float64) @ (expanded * lengths[:, None]).T
        how = pooling(shortlist.scoring.views)
        pooled = best(pairs, starts) if how.centred else how.pool(pairs, starts)
        several = "best" if shortlist.scoring.photos == "centroid" else shortlist.scoring.photos
        return np.asarray(pool_photos(pooled, several), np.float64)
