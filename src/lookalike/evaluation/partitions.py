"""How well a clustering agrees with the labels: NMI, ARI and clustering accuracy.

Every function takes two label arrays of one length; the values of the labels do not matter, only
who shares one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import EvaluationError


def contingency(truth: ArrayLike, found: ArrayLike) -> NDArray[np.int64]:
    """How many members each label shares with each cluster, shape (labels, clusters).

    Raises:
        EvaluationError: the arrays are empty or differ in length.

    >>> contingency(["cup", "cup", "hat"], [0, 1, 1])
    array([[1, 1],
           [0, 1]])
    """
    labels, rows = np.unique(np.asarray(truth), return_inverse=True)
    clusters, columns = np.unique(np.asarray(found), return_inverse=True)
    if len(rows) != len(columns) or not len(rows):
        raise EvaluationError(
            f"{len(rows)} labels cannot be compared with {len(columns)} cluster numbers.",
            hint="Give one label and one cluster number a member.",
        )
    counts = np.bincount(rows * len(clusters) + columns, minlength=len(labels) * len(clusters))
    return counts.reshape(len(labels), len(clusters)).astype(np.int64)


def nmi(truth: ArrayLike, found: ArrayLike) -> float:
    """Normalised mutual information, 0 to 1: I(U; V) over the mean of H(U) and H(V).

    Vinh, Epps and Bailey, "Information Theoretic Measures for Clusterings Comparison", 2010, table 2
    (NMI_sum); the arithmetic mean, as scikit-learn's default.

    >>> round(nmi([0, 0, 1, 1], [1, 1, 0, 0]), 6)
    1.0
    """
    joint = contingency(truth, found) / np.asarray(truth).size
    row, column = joint.sum(axis=1), joint.sum(axis=0)
    both = _entropy(row) + _entropy(column)
    if both == 0:
        return 1.0  # one label and one cluster: the two partitions are the same
    return float(max(0.0, 2.0 * (both - _entropy(joint.ravel())) / both))


def ari(truth: ArrayLike, found: ArrayLike) -> float:
    """Adjusted Rand index: agreement over pairs, 0 for chance and 1 for the same partition.

    Hubert and Arabie, "Comparing Partitions", 1985, equation 5.

    >>> ari([0, 0, 1, 1], [0, 0, 1, 1]), round(ari([0, 0, 1, 1], [0, 0, 1, 2]), 4)
    (1.0, 0.5714)
    """
    table = contingency(truth, found)
    together = float(_pairs(table).sum())
    rows, columns = float(_pairs(table.sum(axis=1)).sum()), float(_pairs(table.sum(axis=0)).sum())
    everything = float(_pairs(np.array([table.sum()])).sum())
    expected = rows * columns / everything if everything else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def clustering_accuracy(truth: ArrayLike, found: ArrayLike) -> float:
    """Share of members in the right cluster under the best one-to-one naming of the clusters.

    ACC = max_m (1/n) sum 1{y_i = m(c_i)}: Xie, Girshick and Farhadi, "Unsupervised Deep Embedding for
    Clustering Analysis", 2016, equation 10.

    >>> clustering_accuracy([0, 0, 1, 1], [5, 5, 5, 3])
    0.75
    """
    table = contingency(truth, found)
    if table.shape[0] > table.shape[1]:
        table = table.T
    columns = assignment(-table.astype(np.float64))
    return float(table[np.arange(len(table)), columns].sum() / table.sum())


def assignment(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """The column of each row in the cheapest one-to-one assignment; shape (rows, columns >= rows).

    Kuhn's Hungarian method by shortest augmenting paths (Jonker and Volgenant, "A Shortest Augmenting
    Path Algorithm for Dense and Sparse Linear Assignment Problems", 1987): O(rows^2 columns).

    >>> assignment(np.array([[4.0, 1.0], [2.0, 0.0]]))
    array([1, 0])
    """
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns + 1)
    owner = np.full(columns + 1, -1)  # the row that holds each column; the last column is the start
    for row in range(rows):
        owner[columns], column = row, columns
        length, before = np.full(columns, np.inf), np.full(columns, columns)
        done = np.zeros(columns + 1, bool)
        while owner[column] >= 0:
            done[column] = True
            reach = cost[owner[column]] - row_price[owner[column]] - column_price[:columns]
            shorter = ~done[:columns] & (reach < length)
            length[shorter], before[shorter] = reach[shorter], column
            nearest = int(np.where(done[:columns], np.inf, length).argmin())
            step = length[nearest]
            row_price[owner[done]] += step
            column_price[done] -= step
            length[~done[:columns]] -= step
            column = nearest
        while column != columns:  # walk back, handing each column to the row before
            owner[column] = owner[before[column]]
            column = int(before[column])
    held = np.flatnonzero(owner[:columns] >= 0)
    result = np.empty(rows, np.int64)
    result[owner[held]] = held
    return result


def _entropy(shares: NDArray[np.float64]) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def _pairs(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many pairs each count of members holds."""
    return np.asarray(counts * (counts - 1.0) / 2.0)
