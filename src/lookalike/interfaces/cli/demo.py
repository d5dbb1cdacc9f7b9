"""`lookalike demo`: the whole job, on the drawn catalogue or on the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar
from lookalike.interfaces.cli.search import as_table

if TYPE_CHECKING:
    from lookalike.catalogue.items import Catalogue


@click.command()
@click.option("--catalogue", "source", type=click.Path(path_type=Path), default=None, help="Your own photos.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where the drawn catalogue, the store and the pictures go.",
)
@options.model
@options.catalogue
@click.option("--no-serve", is_flag=True, help="Stop after the evaluation.")
@click.option("--port", default=8000, show_default=True)
def demo(
    source: Path | None,
    out: Path,
    model: str | None,
    layout: str | None,
    item_column: str | None,
    path_column: str | None,
    photos: Path | None,
    no_serve: bool,
    port: int,
) -> None:
    """Index a catalogue, search it, evaluate it, and serve the page."""
    if source is None:
        catalogue = _drawn(out / "catalogue")
    else:
        catalogue = options.read(
            source, layout=layout, item_column=item_column, path_column=path_column, photos=photos
        )
    store = out / ("store" if source is None else "own-store")
    _index(catalogue, store, model=model)
    _search(catalogue, store, picture=out / "result.png")
    _evaluate(store)
    if no_serve:
        tell(f"the page: lookalike serve --store {store}")
        return
    from lookalike.interfaces.http.serving import serve
    from lookalike.interfaces.settings import ServeSettings

    serve(store, ServeSettings(port=port))


def _drawn(folder: Path) -> Catalogue:
    from lookalike.catalogue.reading import read_catalogue
    from lookalike.demo.catalogue import draw_catalogue

    with progress_bar("drawing the demo catalogue", unit="items") as advance:
        table = draw_catalogue(folder, processes=os.cpu_count() or 1, progress=advance)
    return read_catalogue(table)


def _index(catalogue: Catalogue, store: Path, *, model: str | None) -> None:
    from lookalike.retrieval.indexing import index_catalogue
    from lookalike.retrieval.opening import open_for_indexing

    opened, embedder = open_for_indexing(store, model=model)
    with progress_bar("indexing") as advance:
        report = index_catalogue(
            catalogue, opened, embedder, progress=lambda step: advance(step.views_done, step.views_total)
        )
    tell(
        f"{len(catalogue)} items, {catalogue.view_count} views in {store}: "
        f"{report.embedded} photos embedded by {embedder.card.name} in {report.seconds:.1f} s"
    )


def _search(catalogue: Catalogue, store: Path, *, picture: Path) -> None:
    """Ask for an item by one of its own views, that view itself left out of nothing: a first look."""
    from lookalike.retrieval.figure import draw_ranking
    from lookalike.retrieval.opening import open as open_store
    from lookalike.retrieval.query import Query

    item = max(catalogue, key=lambda item: len(item.views))
    ranking = open_store(store).search(Query(items=(item.id,), exclude=frozenset({item.id})), k=8)
    draw_ranking(ranking, out=picture)
    tell(f"\nmost like {item.id} (drawn in {picture}):")
    show(None, as_table(ranking), as_json=False)


def _evaluate(store: Path) -> None:
    from lookalike.evaluation.evaluating import evaluate
    from lookalike.evaluation.stored import evaluated_store
    from lookalike.retrieval.store import Store

    with Store.open(store) as opened:
        report = evaluate(evaluated_store(opened), command=f"lookalike evaluate --store {store}")
    tell("\nhow well the right item is found when one of its views is left out:")
    show(None, report.to_text(), as_json=False)
