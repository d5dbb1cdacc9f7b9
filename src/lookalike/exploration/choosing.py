"""How many clusters, how stable they are, and how well they agree with a known column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from lookalike.errors import ExplorationError
from lookalike.evaluation.partitions import ari, clustering_accuracy, nmi
from lookalike.exploration.clusters import Clustering, ClusterSettings, cluster
from lookalike.exploration.features import Codes, checked, library

SILHOUETTE_ROWS = 2000  # photos drawn for the silhouette, whose cost grows with their square

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SweepStep:
    """One k: mean silhouette of k-means (-1 to 1, higher is better), BIC of the mixture (lower is better)."""

    k: int
    silhouette: float
    bic: float


@dataclass(frozen=True)
class Sweep:
    """All steps of a sweep over k."""

    steps: tuple[SweepStep, ...]

    @property
    def best_by_silhouette(self) -> int:
        """The k whose k-means clusters are the most separate."""
        return max(self.steps, key=lambda step: step.silhouette).k

    @property
    def best_by_bic(self) -> int:
        """The k whose mixture explains the photos with the fewest parameters."""
        return min(self.steps, key=lambda step: step.bic).k

    def at_the_end(self, k: int) -> bool:
        """Whether k is the most that was tried, so that more might be better still."""
        return k == self.steps[-1].k


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well clusters agree with a column, over the photos that have a value and a cluster.

    Args:
        nmi, ari, accuracy: see ``lookalike.evaluation.partitions``; 1 is the same partition.
        photos: how many were compared.
        classes: how many values the column has.
    """

    nmi: float
    ari: float
    accuracy: float
    photos: int
    classes: int


def silhouette(features: ArrayLike, labels: Codes, *, seed: int = 0) -> float:
    """Mean silhouette (Rousseeuw 1987) of the photos that have a cluster; NaN where there is one cluster."""
    matrix = checked(features)
    rows = np.flatnonzero(labels >= 0)
    if len(rows) > SILHOUETTE_ROWS:
        rows = np.random.default_rng(seed).choice(rows, SILHOUETTE_ROWS, replace=False)
    if not 1 < len(np.unique(labels[rows])) < len(rows):
        return float("nan")
    metrics = library("sklearn.metrics", "The silhouette")
    return float(metrics.silhouette_score(matrix[rows], labels[rows]))


def sweep(
    features: ArrayLike, ks: Sequence[int], *, seed: int = 0, progress: Progress | None = None
) -> Sweep:
    """k-means and a mixture for each k.

    Args:
        features: shape (photos, width).
        ks: numbers of clusters; those that the photos are too few for are left out.
        seed: of the starts.
        progress: told after every k.

    Raises:
        ExplorationError: no k is possible.
    """
    matrix = checked(features)
    distinct = len(np.unique(matrix, axis=0))
    possible = [k for k in sorted(set(ks)) if 2 <= k < distinct]
    if not possible:
        raise ExplorationError(
            f"{distinct} different photos allow none of the numbers of clusters {list(ks)}.",
            hint="Ask for fewer clusters, 2 at least, or index more photos.",
        )
    steps = []
    for done, k in enumerate(possible, start=1):
        settings = ClusterSettings("kmeans", k=k, seed=seed, starts=2)
        labels = cluster(matrix, settings).labels
        bic = cluster(matrix, replace(settings, method="gmm")).bic
        steps.append(
            SweepStep(k, silhouette(matrix, labels, seed=seed), float("nan") if bic is None else bic)
        )
        if progress is not None:
            progress(done, len(possible))
    return Sweep(tuple(steps))


def stability(features: ArrayLike, settings: ClusterSettings, *, seeds: int = 5) -> float:
    """Mean adjusted Rand index between the clusterings of several seeds, one start each: 1 is stable.

    Raises:
        ExplorationError: fewer than two seeds, or as ``cluster``.
    """
    if seeds < 2:
        raise ExplorationError("Stability needs two seeds at least.", hint="Choose more seeds.")
    found = [
        cluster(features, replace(settings, seed=settings.seed + number, starts=1)).labels
        for number in range(seeds)
    ]
    return float(np.mean([ari(one, other) for one, other in combinations(found, 2)]))


def agreement(clustering: Clustering, values: Sequence[str | None]) -> Agreement:
    """NMI, ARI and accuracy of clusters against a column.

    Raises:
        ExplorationError: no photo has both a value and a cluster.
    """
    known = np.array([value is not None for value in values]) & (clustering.labels >= 0)
    if not known.any():
        raise ExplorationError(
            "No photo has both a value of the column and a cluster.", hint="Choose another column or method."
        )
    truth = np.array([value or "" for value in values])[known]
    found = clustering.labels[known]
    return Agreement(
        nmi(truth, found),
        ari(truth, found),
        clustering_accuracy(truth, found),
        int(known.sum()),
        len(np.unique(truth)),
    )
