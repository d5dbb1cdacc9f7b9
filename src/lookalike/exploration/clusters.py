"""Groups of photos: k-means, Gaussian mixtures, HDBSCAN, agglomerative; medoids and random members."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from lookalike.errors import ExplorationError
from lookalike.exploration.features import Codes, Matrix, Points, checked, library
from lookalike.exploration.pca import fit_pca

Method = Literal["kmeans", "gmm", "hdbscan", "agglomerative"]
MIXTURE_DIMENSIONS = 20  # principal components a mixture is fitted on: a covariance in 600 would not be known
NOISE = -1


@dataclass(frozen=True, eq=False)
class Clustering:
    """A group number for each photo.

    Args:
        method: with its settings, in words.
        labels: int64, shape (photos,), clusters by falling size from 0; -1 for noise (HDBSCAN).
        membership: how far each photo belongs to each cluster, rows summing to one, shape
            (photos, clusters); None for hard methods.
        bic: Bayesian information criterion of a mixture, lower is better; None for the others.
    """

    method: str
    labels: Codes
    membership: Points | None = None
    bic: float | None = None
    sizes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        counts = np.bincount(self.labels[self.labels >= 0])
        object.__setattr__(self, "sizes", tuple(int(count) for count in counts))

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @property
    def noise(self) -> int:
        """How many photos are in none."""
        return int((self.labels == NOISE).sum())

    def members(self, cluster: int) -> Codes:
        """The rows of a cluster."""
        return np.flatnonzero(self.labels == cluster)


@dataclass(frozen=True)
class ClusterSettings:
    """How photos are grouped.

    Args:
        method: ``kmeans``, ``gmm``, ``hdbscan`` or ``agglomerative`` (Ward).
        k: clusters; HDBSCAN finds their number itself.
        smallest: members of the smallest cluster of HDBSCAN.
        seed: of the starts.
        starts: runs of k-means and of the mixture, of which the best is kept.
    """

    method: Method = "kmeans"
    k: int = 10
    smallest: int = 5
    seed: int = 0
    starts: int = 4


def cluster(features: ArrayLike, settings: ClusterSettings = ClusterSettings()) -> Clustering:
    """Group photos in the full space, or in two dimensions where the features are a map's points.

    Where fewer photos differ than k, there are as many clusters as different photos.

    Args:
        features: shape (photos, width).
        settings: which method, and how.

    Raises:
        ExplorationError: k is below 1 or above the number of photos, or the features are not finite.
        MissingExtra: scikit-learn is not installed.
    """
    matrix = checked(features)
    if settings.method == "hdbscan":
        return _hdbscan(matrix, settings)
    if not 1 <= settings.k <= len(matrix):
        raise ExplorationError(
            f"{len(matrix)} photos cannot make {settings.k} clusters.",
            hint=f"Choose k between 1 and {len(matrix)}.",
        )
    distinct = len(np.unique(matrix, axis=0))
    k = min(settings.k, distinct)
    if k == 1:
        return Clustering("one cluster: all photos are the same or one was asked for", _zeros(matrix))
    makers: dict[str, Callable[[Matrix, int, ClusterSettings], Clustering]] = {
        "kmeans": _kmeans,
        "gmm": _mixture,
        "agglomerative": _agglomerative,
    }
    if settings.method not in makers:
        raise ExplorationError(
            f"There is no method {settings.method!r}.", hint=f"Choose one of: {', '.join(makers)}, hdbscan."
        )
    return makers[settings.method](matrix, k, settings)


def medoids(features: ArrayLike, clustering: Clustering, *, count: int = 1) -> list[Codes]:
    """The photos nearest to the mean of each cluster, nearest first; one array of rows a cluster."""
    matrix = checked(features)
    found = []
    for number in range(clustering.count):
        rows = clustering.members(number)
        apart = np.linalg.norm(matrix[rows] - matrix[rows].mean(axis=0), axis=1)
        found.append(rows[np.argsort(apart, kind="stable")[:count]])
    return found


def random_members(clustering: Clustering, *, count: int, seed: int = 0) -> list[Codes]:
    """Members of each cluster drawn at random, for an honest look; one array of rows a cluster."""
    rng = np.random.default_rng(seed)
    drawn = []
    for number in range(clustering.count):
        rows = clustering.members(number)
        drawn.append(np.sort(rng.choice(rows, min(count, len(rows)), replace=False)))
    return drawn


def _kmeans(matrix: Matrix, k: int, settings: ClusterSettings) -> Clustering:
    models = _sklearn("cluster")
    model = models.KMeans(k, n_init=settings.starts, random_state=settings.seed).fit(matrix)
    labels, _ = _by_size(model.labels_)
    return Clustering(f"k-means, k {k}, {settings.starts} starts, seed {settings.seed}", labels)


def _mixture(matrix: Matrix, k: int, settings: ClusterSettings) -> Clustering:
    """Full covariances on a map, diagonal ones on the first principal components of wide features."""
    flat = matrix.shape[1] <= 3
    points = matrix.astype(np.float64)
    if not flat:
        points = fit_pca(matrix, components=min(MIXTURE_DIMENSIONS, *matrix.shape)).transform(matrix)
    scale = float(points.std()) or 1.0
    kind = "full" if flat else "diag"
    model = _sklearn("mixture").GaussianMixture(
        k,
        covariance_type=kind,
        n_init=max(1, settings.starts // 2),
        random_state=settings.seed,
        reg_covar=1e-4,
        max_iter=300,
        tol=1e-2,
    )
    with warnings.catch_warnings():
        # A mixture that met its limit of iterations is used as far as it came.
        warnings.simplefilter("ignore")
        model.fit(points / scale)
    labels, order = _by_size(model.predict(points / scale), k)
    shares = model.predict_proba(points / scale)[:, order]
    name = f"Gaussian mixture, k {k}, {kind} covariances, {points.shape[1]} dimensions, seed {settings.seed}"
    return Clustering(name, labels, shares, float(model.bic(points / scale)))


def _agglomerative(matrix: Matrix, k: int, _: ClusterSettings) -> Clustering:
    if len(matrix) > 20_000:
        raise ExplorationError(
            f"Agglomerative clustering of {len(matrix)} photos would need every distance between them.",
            hint="Choose kmeans or hdbscan.",
        )
    model = _sklearn("cluster").AgglomerativeClustering(k, linkage="ward").fit(matrix)
    return Clustering(f"agglomerative, Ward, k {k}", _by_size(model.labels_)[0])


def _hdbscan(matrix: Matrix, settings: ClusterSettings) -> Clustering:
    """Campello, Moulavi and Sander 2013, on the first principal components."""
    if len(matrix) < max(2, settings.smallest):
        return Clustering("HDBSCAN: too few photos for a cluster", np.full(len(matrix), NOISE))
    if len(np.unique(matrix, axis=0)) == 1:
        return Clustering("one cluster: all photos are the same", _zeros(matrix))
    points = fit_pca(matrix, components=min(MIXTURE_DIMENSIONS, *matrix.shape)).transform(matrix)
    smallest = max(2, settings.smallest)
    model = _sklearn("cluster").HDBSCAN(min_cluster_size=smallest, copy=True).fit(points)
    name = f"HDBSCAN, smallest cluster {smallest}, {points.shape[1]} dimensions"
    return Clustering(name, _by_size(model.labels_)[0])


def _by_size(labels: Any, k: int = 0) -> tuple[Codes, Codes]:
    """The labels renumbered by falling size, and the old number of each new one; -1 stays."""
    labels = np.asarray(labels, np.int64)
    counts = np.bincount(labels[labels >= 0], minlength=max(k, int(labels.max()) + 1, 1))
    order = np.argsort(-counts, kind="stable")
    if not k:
        order = order[counts[order] > 0]
    new = np.empty(len(counts), np.int64)
    new[order] = np.arange(len(order))
    return np.where(labels >= 0, new[labels], NOISE), order


def _zeros(matrix: Matrix) -> Codes:
    return np.zeros(len(matrix), np.int64)


def _sklearn(part: str) -> Any:
    return library(f"sklearn.{part}", "Clustering")
