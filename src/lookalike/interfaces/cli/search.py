"""`lookalike search`: a photo in, ranked items out."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.errors import SettingsError
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.confidence import sentence, why_unsure
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.query_options import further
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.ranking import Match, Ranking


@click.command()
@click.argument("photos", nargs=-1, type=click.Path(path_type=Path))
@options.store
@click.option("--item", "items", multiple=True, metavar="ID", help="Look for an item too; may be repeated.")
@further
@click.option("-k", default=10, show_default=True, help="How many items.")
@click.option("--crop", nargs=4, type=float, default=None, help="Left top right bottom, as shares 0..1.")
@click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="Filter on an attribute; may be repeated."
)
@click.option(
    "--colour", type=float, default=None, help="Colour against shape: 0 shape alone, 1 colour alone."
)
@click.option(
    "--views",
    default="best",
    show_default=True,
    help="How an item's views are pooled: best, centroid, mean or top2.",
)
@click.option(
    "--pooling",
    default=None,
    show_default="mean",
    help="How several query photos are pooled, by the same names.",
)
@click.option("--min-score", type=float, default=None, help="Leave out items that score less.")
@click.option("--parts", default=0, show_default=True, help="Parts of each photo to try beside it, 0 to 5.")
@click.option(
    "--rerank",
    multiple=True,
    metavar="NAME",
    help="A second look at the best items: diffuse, diverse, expand, reciprocal or spatial; may be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Draw the result: .html or .png.")
@options.as_json
def search(
    photos: tuple[Path, ...],
    store: Path,
    items: tuple[str, ...],
    unlike: tuple[Path, ...],
    unlike_items: tuple[str, ...],
    plus: tuple[str, ...],
    minus: tuple[str, ...],
    palette: str | None,
    words: str,
    k: int,
    crop: tuple[float, float, float, float] | None,
    where: tuple[str, ...],
    colour: float | None,
    views: str,
    pooling: str | None,
    min_score: float | None,
    parts: int,
    rerank: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Answer PHOTOS of one thing, items, words or colours with ranked items and the view that matched."""
    from lookalike.retrieval.asking.palette import Palette
    from lookalike.retrieval.filters import parse_where, unmet
    from lookalike.retrieval.opening import open as open_store

    if out is not None and out.suffix.lower() not in {".html", ".png"}:
        raise SettingsError(f"{out} is neither a .html nor a .png.", hint="Choose one of the two endings.")
    query = Query(
        photos=tuple(QueryPhoto(photo, crop=crop) for photo in photos),
        items=items,
        unlike=tuple(QueryPhoto(photo) for photo in unlike),
        unlike_items=unlike_items,
        plus=plus,
        minus=minus,
        palette=None if palette is None else Palette.parse(palette),
        words=words,
        where=parse_where(where),
        views=views,
        pooling=pooling,
        colour=colour,
        min_score=min_score,
        parts=parts,
        rerank=rerank,
    )
    engine = open_store(store)
    ranking = engine.search(query, k)
    for lack in () if ranking else unmet(engine.snapshot.attributes, query.where):
        tell(f"note: {lack}")
    if (unknown := why_unsure(ranking, query, engine.snapshot)) is not None:
        tell(unknown)
    if out is not None:
        from lookalike.retrieval.figure import draw_ranking

        draw_ranking(ranking, out=out)
        tell(f"drawn: {out}")
    show(ranking.to_dict(), as_table(ranking), as_json=as_json)


def as_table(ranking: Ranking) -> str:
    """The ranking as lines of text: place, score, colour's share of it, item, the view that matched."""
    if not ranking:
        return "No item passes."
    width = max(len(match.item) for match in ranking)
    lines = [
        f"{place:>3}  {match.score:6.3f}  {shares(match)}{match.item:<{width}}  {match.view.role or '-':<8} "
        f"{match.path}"
        for place, match in enumerate(ranking, 1)
    ]
    return "\n".join(lines + [told for told in [sentence(ranking)] if told])


def shares(match: Match) -> str:
    """How much of a score came from colour, where the model tells it from shape: ``58% colour``."""
    told = match.shares
    return f"{100 * told['colour']:3.0f}% colour  " if "colour" in told else ""
