"""How our own model is judged while it is made: held-out figures on five sources, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.training.own_model.photos import SPLIT, PhotoTable

KNOWN_VIEW = "az000_el12"
"""The one view of a turntable item that is taken as known."""

DRAWS = 1000
"""Bootstrap draws over items for an interval."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of right answers with its 95% interval (percentile bootstrap over items or groups)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def share(right: NDArray[np.bool_], clusters: NDArray[np.str_], *, seed: int = 0) -> Figure:
    """Mean of ``right`` with an interval that resamples whole clusters.

    >>> share(np.array([True, False]), np.array(["a", "a"])).value
    0.5
    """
    _, cluster = np.unique(clusters, return_inverse=True)
    hits, sizes = np.bincount(cluster, weights=right), np.bincount(cluster)
    draws = np.random.default_rng(seed).integers(0, len(sizes), (DRAWS, len(sizes)))
    means = hits[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(right.mean()), float(low), float(high))


def figures(vectors: NDArray[np.float32], table: PhotoTable, *, split: str = SPLIT) -> dict[str, Figure]:
    """Every held-out figure of unit ``vectors``, shape (photos, width), one a photo of ``table``."""
    facts: dict[str, NDArray[Any]] = {
        name: table.column(name) for name in ("source", "item", "group", "category", "role")
    }
    facts["held"] = table.held_out(split)
    return {
        "luma item R@1": _leave_one_out(vectors, facts, source="luma"),
        "shops item R@1": _leave_one_out(vectors, facts, source="shop_samples"),
        "turntable one view R@1": _one_known_view(vectors, facts),
        "turntable 10-NN": _nearest_labels(vectors, facts, source="turntable"),
        "clothing 10-NN": _nearest_labels(vectors, facts, source="clothing"),
        "grocery to iconic R@1": _to_iconic(vectors, facts),
    }


def over_splits(found: Sequence[Mapping[str, Figure]]) -> dict[str, str]:
    """The mean of every figure over several splits, with the least and the greatest.

    >>> over_splits([{"R@1": Figure(0.7, 0.6, 0.8)}, {"R@1": Figure(0.8, 0.7, 0.9)}])
    {'R@1': '0.750 (0.700 to 0.800)'}
    """
    told = {}
    for name in found[0]:
        values = [each[name].value for each in found]
        told[name] = f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
    return told


Facts = Mapping[str, NDArray[Any]]


def _leave_one_out(vectors: NDArray[np.float32], facts: Facts, *, source: str) -> Figure:
    """Each view of a held-out item with several asks for the item's others among all held-out views."""
    rows = np.flatnonzero((facts["source"] == source) & facts["held"])
    items = facts["item"][rows]
    names, counts = np.unique(items, return_counts=True)
    asking = np.flatnonzero(np.isin(items, names[counts > 1]))
    closeness = vectors[rows[asking]] @ vectors[rows].T
    closeness[np.arange(len(asking)), asking] = -np.inf
    right = items[closeness.argmax(axis=1)] == items[asking]
    return share(right, items[asking])


def _one_known_view(vectors: NDArray[np.float32], facts: Facts) -> Figure:
    """Every other view of a held-out item asks among one known view of each item, seen ones too."""
    ours = facts["source"] == "turntable"
    known = np.flatnonzero(ours & (facts["role"] == KNOWN_VIEW))
    asking = np.flatnonzero(ours & facts["held"] & (facts["role"] != KNOWN_VIEW))
    best = (vectors[asking] @ vectors[known].T).argmax(axis=1)
    right = facts["item"][known][best] == facts["item"][asking]
    return share(right, facts["item"][asking])


def _nearest_labels(vectors: NDArray[np.float32], facts: Facts, *, source: str, k: int = 10) -> Figure:
    """The category by the vote of the k nearest held-out photos of other items, weighed by cosine."""
    rows = np.flatnonzero((facts["source"] == source) & facts["held"])
    names, labels = np.unique(facts["category"][rows], return_inverse=True)
    items = facts["item"][rows]
    closeness = vectors[rows] @ vectors[rows].T
    closeness[items[:, None] == items[None, :]] = -np.inf
    nearest = np.argpartition(-closeness, k, axis=1)[:, :k]
    weights = np.take_along_axis(closeness, nearest, axis=1)
    votes = np.zeros((len(rows), len(names)))
    np.add.at(votes, (np.arange(len(rows))[:, None], labels[nearest]), weights)
    return share(votes.argmax(axis=1) == labels, facts["group"][rows])


def _to_iconic(vectors: NDArray[np.float32], facts: Facts) -> Figure:
    """In-store photos of held-out classes ask among the shop's own pictures of all classes."""
    ours = facts["source"] == "grocery"
    iconic = np.flatnonzero(ours & (facts["role"] == "iconic"))
    asking = np.flatnonzero(ours & facts["held"] & (facts["role"] != "iconic"))
    best = (vectors[asking] @ vectors[iconic].T).argmax(axis=1)
    right = facts["item"][iconic][best] == facts["item"][asking]
    return share(right, facts["item"][asking])
