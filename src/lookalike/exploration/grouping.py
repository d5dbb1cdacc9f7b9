"""A store's photos grouped, named, measured and drawn: what `lookalike cluster` does."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.choosing import Agreement, Sweep, agreement, silhouette, stability
from lookalike.exploration.clusters import Clustering, ClusterSettings, cluster, medoids, random_members
from lookalike.exploration.features import Matrix, Points
from lookalike.exploration.naming import Trait, cluster_names, traits
from lookalike.exploration.palette import LIGHT, Theme
from lookalike.exploration.plots import blank, legend, saved
from lookalike.exploration.strips import Strip, Tile, draw_strips


@dataclass(frozen=True, eq=False)
class Grouping:
    """Clusters with their names and figures.

    Args:
        clustering: the clusters.
        names: of each.
        traits: the telling attribute values of each.
        centres: the rows of the photos nearest to each middle, nearest first.
        silhouette: mean, -1 to 1; NaN for one cluster.
        stability: mean ARI between seeds; None where the method has no seed or it was not asked.
        agreement: with a known column, where one was given.
    """

    clustering: Clustering
    names: tuple[str, ...]
    traits: tuple[tuple[Trait, ...], ...]
    centres: tuple[tuple[int, ...], ...]
    silhouette: float
    stability: float | None = None
    agreement: Agreement | None = None

    def to_dict(self, seen: Evaluated) -> dict[str, Any]:
        """The figures and clusters as JSON has them."""
        found = self.agreement
        return {
            "method": self.clustering.method,
            "photos": len(self.clustering.labels),
            "noise": self.clustering.noise,
            "silhouette": self.silhouette,
            "bic": self.clustering.bic,
            "stability_ari": self.stability,
            "agreement": None if found is None else {key: getattr(found, key) for key in found.__slots__},
            "clusters": [
                {
                    "name": name,
                    "photos": size,
                    "traits": [str(trait) for trait in telling],
                    "medoid": seen.items[rows[0]].id,
                }
                for name, size, telling, rows in zip(
                    self.names, self.clustering.sizes, self.traits, self.centres, strict=True
                )
            ],
        }

    def to_text(self) -> str:
        """The clusters as a table for a terminal."""
        width = max([len(name) for name in self.names] or [4])
        lines = [self.clustering.method, f"silhouette {self.silhouette:.3f}"]
        if self.clustering.bic is not None:
            lines[-1] += f", BIC {self.clustering.bic:,.0f}"
        if self.stability is not None:
            lines.append(f"stability over seeds (mean ARI) {self.stability:.3f}")
        if self.agreement is not None:
            found = self.agreement
            lines.append(
                f"against {found.classes} known classes, {found.photos} photos: NMI {found.nmi:.3f}, "
                f"ARI {found.ari:.3f}, accuracy {found.accuracy:.3f}"
            )
        rows = zip(self.names, self.clustering.sizes, self.traits, strict=True)
        lines += [
            f"{size:>6}  {name:<{width}}  {', '.join(map(str, telling))}" for name, size, telling in rows
        ]
        return "\n".join([*lines, f"{self.clustering.noise:>6}  in no cluster"])


def group(
    seen: Evaluated,
    settings: ClusterSettings,
    *,
    points: Points | None = None,
    against: str | None = None,
    seeds: int = 0,
) -> Grouping:
    """Group photos and say what the groups are.

    Args:
        seen: photos with vectors.
        settings: method and number.
        points: group these (a map's points) rather than the vectors.
        against: a column that is compared.
        seeds: clusterings for the stability; 0 for none. Agglomerative and HDBSCAN have no seed.

    Raises:
        ExplorationError: k does not fit, or features are not finite.
        EvaluationError: there is no such column.
    """
    space: Matrix | Points = seen.matrix if points is None else points
    clustering = cluster(space, settings)
    seeded = seeds > 1 and settings.method in ("kmeans", "gmm")
    return Grouping(
        clustering=clustering,
        names=tuple(cluster_names(seen, clustering)),
        traits=tuple(traits(seen, clustering)),
        centres=tuple(tuple(map(int, rows)) for rows in medoids(space, clustering, count=8)),
        silhouette=silhouette(space, clustering.labels),
        stability=stability(space, settings, seeds=seeds) if seeded else None,
        agreement=None if against is None else agreement(clustering, seen.column(against)),
    )


def draw_grouping(
    seen: Evaluated, grouping: Grouping, folder: Path, *, seed: int = 0, most: int = 12, theme: Theme = LIGHT
) -> list[Path]:
    """The study's validation pictures: photos nearest to each middle, and photos drawn at random.

    Args:
        seen: the photos.
        grouping: their groups.
        folder: for ``medoids.png`` and ``random.png``.
        seed: of the drawing at random.
        most: clusters drawn, the largest first.
        theme: paper and ink.
    """
    drawn = random_members(grouping.clustering, count=8, seed=seed)
    sheets: dict[str, Sequence[Sequence[int]]] = {
        "medoids.png": grouping.centres,
        "random.png": [rows.tolist() for rows in drawn],
    }
    paths = []
    for name, rows_of in sheets.items():
        strips = [
            Strip(
                f"{number + 1}. {grouping.names[number]} · {grouping.clustering.sizes[number]} photos",
                tuple(Tile(seen.views[row], seen.items[row].id) for row in rows),
            )
            for number, rows in list(enumerate(rows_of))[:most]
        ]
        if strips:
            paths.append(draw_strips(strips, folder / name, theme=theme))
    return paths


def write_members(seen: Evaluated, grouping: Grouping, path: Path) -> Path:
    """A CSV with a line a photo: path, item, cluster, its name, and how far it belongs (mixtures)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clustering = grouping.clustering
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "item_id", "cluster", "name", "membership"])
        for row, label in enumerate(clustering.labels.tolist()):
            share = "" if clustering.membership is None else f"{clustering.membership[row].max():.4f}"
            name = "" if label < 0 else grouping.names[label]
            writer.writerow([seen.views[row].name, seen.items[row].id, label, name, share])
    return path


def draw_sweep(found: Sweep, path: Path, *, theme: Theme = LIGHT) -> Path:
    """Silhouette and BIC against the number of clusters, the best of each marked.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    canvas, left = blank(6.8, 3.8, theme)
    right = left.twinx()
    ks = [step.k for step in found.steps]
    left.plot(
        ks,
        [step.silhouette for step in found.steps],
        color=theme.colours[0],
        marker="o",
        label="silhouette (k-means)",
    )
    right.plot(
        ks,
        [step.bic for step in found.steps],
        color=theme.colours[5],
        marker="s",
        ls="--",
        label="BIC (mixture)",
    )
    left.axvline(found.best_by_silhouette, color=theme.colours[0], lw=0.8, alpha=0.5)
    right.axvline(found.best_by_bic, color=theme.colours[5], lw=0.8, ls="--", alpha=0.5)
    left.set_xlabel("number of clusters")
    left.set_ylabel("silhouette, higher is better")
    right.set_ylabel("BIC, lower is better", color=theme.ink)
    right.tick_params(colors=theme.quiet, labelsize=8.5)
    right.spines[["top", "left"]].set_visible(False)
    right.spines[["right", "bottom"]].set_color(theme.line)
    legend(left, theme, loc="lower left", anchor=(0.0, 1.0))
    legend(right, theme, loc="lower right", anchor=(1.0, 1.0))
    return saved(canvas, path)
