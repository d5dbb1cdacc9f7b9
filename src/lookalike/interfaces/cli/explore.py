"""`lookalike explore`: the atlas of a store, one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lookalike.errors import SettingsError
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show
from lookalike.interfaces.cli.progress import progress_bar

ENDINGS = (".html", ".png", ".csv")


@click.command()
@options.store
@click.option(
    "--out",
    "outs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="An .html, .png or .csv file; may be repeated. By default atlas.html in the store.",
)
@click.option(
    "--method",
    type=click.Choice(["tsne", "umap", "pca"]),
    default="tsne",
    show_default=True,
    help="How the map is made.",
)
@click.option(
    "--perplexity", default=30.0, show_default=True, help="About how many neighbours count in t-SNE."
)
@options.kind_colour
@click.option("-k", default=9, show_default=True, help="Clusters to colour by; nine have a colour each.")
@click.option("--column", default=None, help="What the PNG is coloured by; the clusters where not given.")
@click.option("--dark", is_flag=True, help="Draw the PNG on dark paper.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@options.as_json
def explore(
    store: Path,
    outs: tuple[Path, ...],
    method: Any,
    perplexity: float,
    colour: float | None,
    k: int,
    column: str | None,
    dark: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Lay a store out as a map, and write it as a page that needs nothing else.

    The page zooms down to the photos, shows an item's other views, colours by cluster, category, attribute
    or score, searches, and gives what a lasso takes as CSV. In the store's own folder as atlas.html, it is
    served by `lookalike serve` at /atlas.
    """
    from lookalike.evaluation.stored import evaluated_store
    from lookalike.evaluation.weighed import by_kind
    from lookalike.exploration.atlas.laying import lay_out
    from lookalike.exploration.atlas.page import write_atlas
    from lookalike.exploration.palette import DARK, LIGHT
    from lookalike.exploration.projection import MapSettings
    from lookalike.retrieval.store import Store

    wrong = [out for out in outs if out.suffix.lower() not in ENDINGS]
    if wrong:
        raise SettingsError(
            f"{wrong[0]} is none of {', '.join(ENDINGS)}.", hint="Choose one of the three endings."
        )
    with Store.open(store) as opened:
        seen = by_kind(evaluated_store(opened), opened.card, colour=colour)
    with progress_bar("map", unit="steps") as advance:
        atlas = lay_out(seen, MapSettings(method, perplexity=perplexity, seed=seed), k=k, progress=advance)
    for out in outs or (store / "atlas.html",):
        if out.suffix.lower() == ".html":
            with progress_bar("thumbnails") as advance:
                write_atlas(atlas, out, title=f"Atlas of {store.resolve().name}", progress=advance)
        elif out.suffix.lower() == ".png":
            atlas.to_png(out, column=column, theme=DARK if dark else LIGHT)
        else:
            atlas.to_csv(out)
    written = [str(out) for out in outs or (store / "atlas.html",)]
    facts = {"written": written, "photos": len(seen), "method": atlas.method, "trustworthiness": atlas.trust}
    trust = "" if atlas.trust is None else f", trustworthiness {atlas.trust:.3f}"
    show(facts, f"{len(seen)} photos, {atlas.method}{trust}\n" + "\n".join(written), as_json=as_json)
