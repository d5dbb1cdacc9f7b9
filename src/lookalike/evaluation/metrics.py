"""How good a ranking is, as pure functions of the places at which the right answers stand.

Every function takes ``ranks``: float64, shape (queries, relevant), the places (1 = first) of each
query's right answers, ascending, padded with infinity where a query has fewer. Each returns one
value a query, so that means, groups and intervals are formed from the same numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ranks = NDArray[np.float64]
PerQuery = NDArray[np.float64]


def recall_at(k: int, ranks: Ranks) -> PerQuery:
    """1 where a right answer stands within the first k places, else 0; the mean is R@k.

    The convention of metric learning (Jégou et al., "Product Quantization for Nearest Neighbor
    Search", 2011, section V; Song et al., "Deep Metric Learning via Lifted Structured Feature
    Embedding", 2016): one hit is enough.

    >>> recall_at(2, np.array([[2.0, 3.0], [3.0, np.inf]]))
    array([1., 0.])
    """
    return (ranks[:, 0] <= k).astype(np.float64)


def reciprocal_rank(ranks: Ranks) -> PerQuery:
    """One over the place of the first right answer; the mean is MRR (Voorhees, TREC-8, 1999).

    >>> reciprocal_rank(np.array([[2.0, 3.0], [1.0, np.inf]]))
    array([0.5, 1. ])
    """
    return np.asarray(1.0 / ranks[:, 0])


def average_precision(ranks: Ranks) -> PerQuery:
    """Mean, over the right answers, of the precision at each one's place; the mean is mAP.

    AP = (1/R) sum_i i / r_i, r_i the place of the i-th right answer (Manning, Raghavan and
    Schütze, "Introduction to Information Retrieval", 2008, section 8.4).

    >>> average_precision(np.array([[1.0, 4.0], [2.0, np.inf]]))
    array([0.75, 0.5 ])
    """
    precisions = _places(ranks) / ranks
    return np.asarray(precisions.sum(axis=1) / _relevant(ranks))


def average_precision_at_r(ranks: Ranks) -> PerQuery:
    """Average precision over the first R places only, R the number of right answers; its mean is mAP@R.

    MAP@R = (1/R) sum_{i<=R} P(i), P(i) the precision at i where place i is right, else 0 (Musgrave,
    Belongie and Lim, "A Metric Learning Reality Check", 2020, equation 1).

    >>> average_precision_at_r(np.array([[1.0, 4.0], [1.0, 2.0]]))
    array([0.5, 1. ])
    """
    relevant = _relevant(ranks)
    precisions = np.where(ranks <= relevant[:, None], _places(ranks) / ranks, 0.0)
    return np.asarray(precisions.sum(axis=1) / relevant)


def r_precision(ranks: Ranks) -> PerQuery:
    """Share of the first R places that are right, R the number of right answers (Manning et al., 8.4).

    >>> r_precision(np.array([[1.0, 4.0], [1.0, 2.0]]))
    array([0.5, 1. ])
    """
    relevant = _relevant(ranks)
    return np.asarray((ranks <= relevant[:, None]).sum(axis=1) / relevant)


def ns_score(ranks: Ranks) -> PerQuery:
    """Right photos among the first four, the query itself counted as the first; 4 is perfect.

    Nistér and Stewénius, "Scalable Recognition with a Vocabulary Tree", 2006, section 7: items of
    four views, every view a query against all. Here the query is left out of the ranking, so its own
    hit is added and three places are looked at.

    >>> ns_score(np.array([[1.0, 3.0, 4.0], [4.0, 5.0, 9.0]]))
    array([3., 1.])
    """
    return np.asarray(1.0 + (ranks <= 3).sum(axis=1))


def _places(ranks: Ranks) -> NDArray[np.float64]:
    return np.arange(1, ranks.shape[1] + 1, dtype=np.float64)


def _relevant(ranks: Ranks) -> NDArray[np.int64]:
    return np.asarray(np.isfinite(ranks).sum(axis=1))
