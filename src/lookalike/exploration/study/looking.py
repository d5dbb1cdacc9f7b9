"""The sections that only look: data quality, PCA, t-SNE, eigenvectors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lookalike.embedding.card import Card
from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.clusters import ClusterSettings
from lookalike.exploration.eigenvectors import eigenvector_view
from lookalike.exploration.features import Points
from lookalike.exploration.grouping import Grouping, draw_grouping, group
from lookalike.exploration.health.auditing import audit
from lookalike.exploration.health.findings import KINDS
from lookalike.exploration.health.page import write_health_page
from lookalike.exploration.naming import naming_columns
from lookalike.exploration.pca import fit_pca
from lookalike.exploration.plots import draw_arrows, draw_map, draw_scree
from lookalike.exploration.projection import MapSettings, project, trust_of
from lookalike.exploration.strips import Strip, Tile, draw_strips
from lookalike.exploration.study.sections import Section, Table, table_of

DIVERGENT = 6  # items shown whose views diverge most


def data_quality(seen: Evaluated, card: Card, out: Path) -> Section:
    """How many items and views there are, and what is wrong with them."""
    report = audit(seen, blocks=card.blocks)
    report.to_csv(out / "tables" / "health.csv")
    write_health_page(report, seen, out / "health.html", title="Health of the catalogue")
    views = Counter(Counter(item.id for item in seen.items).values())
    rows = [(kind, count, KINDS[kind]) for kind, count in report.counts().items()]
    return Section(
        "The data",
        (
            f"{report.items} items, {report.photos} photos. {views.get(1, 0)} items have one photo, "
            f"{sum(n for count, n in views.items() if count > 1)} have several: only these can teach or test "
            "recognition across views.",
            "Every finding with its photos: health.html beside this page; as a list: tables/health.csv. "
            "Findings are hints.",
        ),
        "The study looked at photos by eye and gave no counts. Ours counts each kind of fault by item.",
        tables=(
            table_of("faults", ("kind", "findings", "what it is"), rows),
            table_of("views", ("views an item has", "items"), sorted(views.items())),
        ),
    )


def pca_section(seen: Evaluated, out: Path, *, k: int, seed: int) -> Section:
    """PCA with its scree, k-means in the full space, and the validation strips."""
    principal = fit_pca(seen.matrix, components=min(20, seen.matrix.shape[1], len(seen)))
    found = group(seen, ClusterSettings("kmeans", k=k, seed=seed), against=_known(seen), seeds=3)
    points = principal.transform(seen.matrix)[:, :2]
    return Section(
        "PCA and k-means",
        (
            f"Two components explain {principal.explained[:2].sum():.0%} of the variance, "
            f"{len(principal.explained)} explain {principal.explained.sum():.0%}.",
            _said(found),
        ),
        "The study coloured a PCA map by k-means and judged clusters by photos near their middles and "
        "drawn at "
        "random. Ours does the same, and adds what it did not measure: silhouette, stability over seeds, and "
        "agreement with a known column. Clusters are found in all dimensions, so they overlap on a plane "
        "that "
        "shows a part of the variance.",
        (
            (draw_scree(principal, out / "figures" / "scree.png"), "Variance explained by each component"),
            _map(found, points, out / "figures" / "pca-kmeans.png", "PCA, coloured by k-means"),
            *_strips(seen, found, out / "figures" / "kmeans", seed),
        ),
        (_clusters(found, "kmeans-clusters"),),
    )


def tsne_section(seen: Evaluated, out: Path, *, k: int, seed: int) -> Section:
    """t-SNE with a Gaussian mixture on the map, and the validation strips."""
    made = project(seen.matrix, MapSettings("tsne", seed=seed))
    found = group(
        seen, ClusterSettings("gmm", k=k, seed=seed), points=made.points, against=_known(seen), seeds=3
    )
    trust = trust_of(seen.matrix, made)
    column = "category" if "category" in naming_columns(seen) else None
    figures = [
        _map(found, made.points, out / "figures" / "tsne-gmm.png", f"{made.name}, coloured by the mixture")
    ]
    if column:
        path = draw_map(
            made.points, seen.column(column), out / "figures" / "tsne-category.png", title=made.name
        )
        figures.append((path, "The same map, coloured by category"))
    return Section(
        "t-SNE and Gaussian mixture",
        (f"{made.name}; trustworthiness {'-' if trust is None else f'{trust:.3f}'}.", _said(found)),
        "The study grouped the t-SNE map itself by a Gaussian mixture. So does ours; mind that t-SNE keeps "
        "neighbours, not distances, so that clusters on the map look more separate than they are.",
        (*figures, *_strips(seen, found, out / "figures" / "gmm", seed)),
        (_clusters(found, "gmm-clusters"),),
    )


def eigenvector_section(seen: Evaluated, out: Path) -> Section:
    """The arrows of the study, and the items whose views diverge most.

    Raises:
        ExplorationError: no item has two views.
    """
    view = eigenvector_view(seen)
    shown = view.spreads[:DIVERGENT]
    strips = [
        Strip(
            f"{one.item}: spread {one.spread:.2f}, {one.angle_deg:.0f}°",
            tuple(Tile(seen.views[row], seen.views[row].role or "") for row in one.rows),
        )
        for one in shown
    ]
    rows = [
        (one.item, len(one.rows), one.spread, one.angle_deg, seen.views[one.farthest].name)
        for one in view.spreads
    ]
    return Section(
        "Eigenvectors: where the views of one item drift apart",
        (
            f"Mean spread within an item {view.mean_spread:.3f} (cosine distance), mean angle between its "
            f"arrows "
            f"{view.mean_angle_deg:.0f}°, over {len(view.spreads)} items of several views.",
        ),
        "The study drew the features of each photo as an arrow on the first two eigenvectors of the "
        "covariance, and "
        "saw that views of one item can point apart. Ours draws the same, and turns it into a list to "
        "act on.",
        (
            (
                draw_arrows(view, out / "figures" / "arrows.png"),
                "Arrows of the most and the least divergent items",
            ),
            (draw_strips(strips, out / "figures" / "divergent.png"), "The items whose views diverge most"),
        ),
        (table_of("spread", ("item", "views", "spread", "angle, degrees", "farthest view"), rows[:200]),),
    )


def _known(seen: Evaluated) -> str | None:
    names = naming_columns(seen)
    return next((name for name in ("category", "label") if name in names), None)


def _said(found: Grouping) -> str:
    words = f"{found.clustering.method}: silhouette {found.silhouette:.3f}"
    if found.stability is not None:
        words += f", stability over seeds (ARI) {found.stability:.2f}"
    if found.agreement is not None:
        words += f"; against the known classes NMI {found.agreement.nmi:.3f}, ARI {found.agreement.ari:.3f}"
    return words + "."


def _map(found: Grouping, points: Points, path: Path, title: str) -> tuple[Path, str]:
    names = [found.names[label] if label >= 0 else None for label in found.clustering.labels]
    return draw_map(points, names, path, title=title), title


def _strips(seen: Evaluated, found: Grouping, folder: Path, seed: int) -> list[tuple[Path, str]]:
    captions = ("Photos nearest to the middle of each cluster", "Photos of each cluster drawn at random")
    return list(zip(draw_grouping(seen, found, folder, seed=seed, most=8), captions, strict=False))


def _clusters(found: Grouping, name: str) -> Table:
    rows = [
        (cluster, size, ", ".join(map(str, telling)))
        for cluster, size, telling in zip(found.names, found.clustering.sizes, found.traits, strict=True)
    ]
    return table_of(name, ("cluster", "photos", "over-represented values"), rows)
