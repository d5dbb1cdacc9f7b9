"""How good predicted labels are: top-k accuracy, the confusion matrix and macro-F1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


def top_k_hits(k: int, scores: NDArray[np.floating], truth: Codes) -> NDArray[np.float64]:
    """1 where the right class is among the k best-scored ones, else 0; the mean is top-k accuracy.

    Args:
        k: places that count.
        scores: shape (photos, classes), higher is likelier. A tie counts against the right class.
        truth: the right class of each photo, shape (photos,).

    Top-5 error of Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015,
    section 4.1, turned round.

    >>> top_k_hits(1, np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1]))
    array([1., 0.])
    """
    right = np.take_along_axis(scores, truth[:, None], axis=1)
    return np.asarray((scores >= right).sum(axis=1) <= k, np.float64)


def confusion(truth: Codes, found: Codes, classes: int) -> NDArray[np.int64]:
    """How often each class (row) was given each label (column), shape (classes, classes).

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    return np.bincount(truth * classes + found, minlength=classes * classes).reshape(classes, classes)


def f1_counts(truth: Codes, found: Codes, classes: int) -> NDArray[np.float32]:
    """What macro-F1 is formed from, a row a photo: hits by class, then 2 TP + FP + FN by class.

    Shape (photos, 2 x classes). Sums over any set of photos go into ``f1_mean``.
    """
    true, given = np.eye(classes, dtype=np.float32)[truth], np.eye(classes, dtype=np.float32)[found]
    return np.concatenate([true * given, true + given], axis=1)


def f1_mean(sums: NDArray[np.floating]) -> NDArray[np.float64]:
    """Macro-F1 of each row of summed ``f1_counts``, shape (rows,).

    The plain mean over classes of F1 = 2 TP / (2 TP + FP + FN), so that rare classes count fully: Opitz and
    Burst, "Macro F1 and Macro F1", 2019, equation 1 (the mean of the F1s). Classes that occur neither in
    truth nor in the answers are left out, as scikit-learn does.

    >>> round(f1_mean(f1_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).sum(axis=0)[None])[0], 4)
    np.float64(0.6667)
    """
    hits, both = np.split(np.asarray(sums, np.float64), 2, axis=1)
    occurs = both > 0
    f1 = np.divide(2 * hits, both, out=np.zeros_like(hits), where=occurs)
    return np.asarray(f1.sum(axis=1) / np.maximum(occurs.sum(axis=1), 1))
