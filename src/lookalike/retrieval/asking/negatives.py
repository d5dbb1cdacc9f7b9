"""What it should not look like: a penalty on items that are nearer to that than to what is looked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

WEIGHT = 0.75
"""Share of the excess that an item loses; chosen by docs/studies/asking.md."""


def penalty(wanted: Scores, unwanted: Scores, weight: float = WEIGHT) -> Scores:
    """What items lose, shape (items,).

    Only the excess of the unwanted score over the wanted one counts. Taking away a share of the unwanted
    score from every item (Rocchio, "Relevance feedback in information retrieval", 1971) helps browsing
    more and hurts where the same thing is looked for: there the right item looks like its sibling, too.

    Args:
        wanted: the items' scores with what is looked for, shape (items,).
        unwanted: their best scores with what is not, shape (items,).
        weight: share of the excess.

    >>> penalty(np.array([0.9, 0.6]), np.array([0.8, 0.8])).round(2).tolist()
    [0.0, 0.15]
    """
    return weight * np.maximum(0.0, unwanted - wanted)
