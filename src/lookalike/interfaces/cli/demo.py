"""`lookalike demo`: the whole job, on the drawn catalogue or on the user's own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import command, counted, show, tell
from lookalike.interfaces.cli.progress import progress_bar
from lookalike.interfaces.cli.search import as_table

if TYPE_CHECKING:
    from lookalike.catalogue.items import Catalogue


ASKED = 3
"""The number of the drawn item that the demo asks for."""


@click.command()
@click.option("--catalogue", "source", type=click.Path(path_type=Path), default=None, help="Your own photos.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where the drawn catalogue, the store and the pictures go.",
)
@click.option("--items", default=96, show_default=True, help="How many items to draw.")
@options.model
@options.catalogue
@click.option("--no-serve", is_flag=True, help="Stop after the evaluation.")
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
def demo(
    source: Path | None,
    out: Path,
    items: int,
    model: str | None,
    reading: options.Reading,
    no_serve: bool,
    port: int,
) -> None:
    """Index a catalogue, search it, evaluate it, and serve the page."""
    if source is None:
        store, catalogue = out / "store", _drawn(out / "catalogue", items=items)
    else:
        store = out / "own-store"
        catalogue = reading.read(source)
    _index(catalogue, store, model=model)
    if source is None:
        _search_new_photo(store, out=out, asked=min(ASKED, items - 1))
    else:
        _search_likeness(catalogue, store, out=out)
    _evaluate(store)
    if shutil.which("lookalike") is None:  # `make demo` runs it by its path
        tell(f"`lookalike` is not on the path yet: . {Path(sys.executable).with_name('activate')}")
    if no_serve:
        tell(f"the page: {command('serve', '--store', store)}")
        return
    from lookalike.interfaces.http.serving import serve
    from lookalike.interfaces.settings import ServeSettings

    serve(store, ServeSettings(port=port))


def _drawn(folder: Path, *, items: int) -> Catalogue:
    from lookalike.catalogue.reading import read_catalogue
    from lookalike.demo.catalogue import Recipe, draw_catalogue

    with progress_bar("drawing the demo catalogue", unit="items") as advance:
        table = draw_catalogue(folder, Recipe(items=items), processes=os.cpu_count() or 1, progress=advance)
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
        f"{counted(len(catalogue), 'item')}, {counted(catalogue.view_count, 'view')} in {store}: "
        f"{counted(report.embedded, 'photo')} embedded by {embedder.card.name} in {report.seconds:.1f} s"
    )


def _search_new_photo(store: Path, *, out: Path, asked: int) -> None:
    """Ask for an item by a photo that the catalogue does not hold, from an angle that it does not know."""
    from PIL import Image

    from lookalike.demo.designs import design
    from lookalike.demo.shots import Shot, photograph
    from lookalike.retrieval.figure import draw_ranking
    from lookalike.retrieval.opening import open as open_store

    thing = design(asked, seed=0)
    photo = out / "query.jpg"
    Image.fromarray(photograph(thing, Shot("angle", 62, 18, take=ASKED))).save(photo, quality=88)
    ranking = open_store(store).search(photo, k=8)
    draw_ranking(ranking, out=out / "result.png")
    tell(f"\na new photo of {thing.id}, {photo} (result drawn in {out / 'result.png'}):")
    show(None, as_table(ranking), as_json=False)


def _search_likeness(catalogue: Catalogue, store: Path, *, out: Path) -> None:
    """Ask what is most like the item with the most views; the item itself is left out."""
    from lookalike.retrieval.figure import draw_ranking
    from lookalike.retrieval.opening import open as open_store

    item = max(catalogue, key=lambda item: len(item.views))
    ranking = open_store(store).similar(item.id, k=8)
    draw_ranking(ranking, out=out / "result.png")
    tell(f"\nmost like {item.id} (drawn in {out / 'result.png'}):")
    show(None, as_table(ranking), as_json=False)


def _evaluate(store: Path) -> None:
    from lookalike.evaluation.evaluating import evaluate
    from lookalike.evaluation.stored import evaluated_store
    from lookalike.retrieval.store import Store

    with Store.open(store) as opened:
        report = evaluate(evaluated_store(opened), command=command("evaluate", "--store", store))
    tell("\nhow well the right item is found when one of its views is left out:")
    show(None, report.to_text(), as_json=False)
