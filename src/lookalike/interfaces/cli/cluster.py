"""`lookalike cluster`: what lies together in a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.store
@click.option(
    "--method",
    type=click.Choice(["kmeans", "gmm", "hdbscan", "agglomerative"]),
    default="kmeans",
    show_default=True,
    help="How photos are grouped.",
)
@click.option("-k", default=None, type=int, help="How many clusters; found by a sweep where not given.")
@options.kind_colour
@click.option("--on-map", is_flag=True, help="Group the points of the t-SNE map, as the study did.")
@click.option("--against", default=None, metavar="COLUMN", help="Compare with a column: NMI, ARI, accuracy.")
@click.option("--seeds", default=5, show_default=True, help="Runs for the stability; 0 for none.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for the photo strips, the members as CSV and the sweep.",
)
@options.as_json
def cluster(
    store: Path,
    method: Any,
    k: int | None,
    colour: float | None,
    on_map: bool,
    against: str | None,
    seeds: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Group the photos of a store, name the groups from attributes, and draw their photos."""
    from lookalike.evaluation.stored import evaluated_store
    from lookalike.evaluation.weighed import by_kind
    from lookalike.exploration.clusters import ClusterSettings
    from lookalike.exploration.grouping import draw_grouping, group, write_members
    from lookalike.exploration.projection import MapSettings, project
    from lookalike.retrieval.store import Store

    with Store.open(store) as opened:
        seen = by_kind(evaluated_store(opened), opened.card, colour=colour)
    points = project(seen.matrix, MapSettings("tsne", seed=seed)).points if on_map else None
    if k is None and method != "hdbscan":
        k = _best(seen.matrix if points is None else points, method, seed=seed, out=out)
    settings = ClusterSettings(method, k=k or 1, seed=seed)
    found = group(seen, settings, points=points, against=against, seeds=seeds)
    if out is not None:
        for path in [
            *draw_grouping(seen, found, out, seed=seed),
            write_members(seen, found, out / "members.csv"),
        ]:
            tell(f"written: {path}")
    show(found.to_dict(seen), found.to_text(), as_json=as_json)


def _best(space: Any, method: str, *, seed: int, out: Path | None) -> int:
    """The number of clusters that a sweep finds best; all photos in one where they are too few for it."""
    from lookalike.exploration.choosing import sweep
    from lookalike.exploration.grouping import draw_sweep

    if len(space) < 4:
        return 1
    with progress_bar("sweep", unit="numbers of clusters") as advance:
        found = sweep(space, (2, 3, 4, 6, 8, 10, 12, 16, 20, 25, 30), seed=seed, progress=advance)
    if out is not None:
        tell(f"written: {draw_sweep(found, out / 'sweep.png')}")
    best = found.best_by_bic if method == "gmm" else found.best_by_silhouette
    if found.at_the_end(best):
        tell(f"{best} clusters are the best and the most that were tried; more may be better: set -k.")
    return best
