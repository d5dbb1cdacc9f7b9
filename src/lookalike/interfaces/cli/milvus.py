"""`lookalike milvus`: fill a Milvus from a store, ask it, switch its model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar

if TYPE_CHECKING:
    from lookalike.retrieval.engines.collections import Milvus

Verb = TypeVar("Verb", bound=Callable[..., None])

INDEXES = ("FLAT", "HNSW", "AUTOINDEX")


def place(verb: Verb) -> Verb:
    """Options that say which Milvus, and which catalogue in it."""
    for option in reversed(
        (
            click.option(
                "--at", "uri", required=True, help="http://HOST:19530, or a file's path for Milvus Lite."
            ),
            click.option("--name", required=True, help="Of the catalogue: letters, digits, underscores."),
            click.option(
                "--token",
                envvar="MILVUS_TOKEN",
                default="",
                help="Where the server wants one; or MILVUS_TOKEN.",
            ),
        )
    ):
        verb = option(verb)
    return verb


@click.group()
def milvus() -> None:
    """Search on Milvus, where a catalogue has outgrown one machine.

    load fills a collection from a store or a job's shards (again: sends only what differs), search asks it,
    status says what there is, switch makes another model's collection answer, drop deletes one.
    """


@milvus.command(short_help="Fill a collection from a store or a job.")
@click.argument("source")
@place
@click.option(
    "--index", type=click.Choice(INDEXES), default="FLAT", show_default=True,
    help="Milvus' index on the vectors; only FLAT is exact.",
)  # fmt: skip
@options.as_json
def load(source: str, uri: str, name: str, token: str, index: str, as_json: bool) -> None:
    """Fill a collection from SOURCE: a store's folder, or the folder or address of a finished job."""
    from lookalike.retrieval.engines import loading
    from lookalike.retrieval.store import Store, holds_store

    if "://" in source or ((Path(source) / "manifest.json").is_file() and not holds_store(source)):
        from lookalike.retrieval.engines.shards import shard_source  # Parquet is an extra

        found = shard_source(source)
    else:
        found = loading.store_source(Store.open(source))
    with progress_bar("loading", unit="items") as advance:
        done = loading.load(found, _open(uri, name, token), index={"index_type": index}, progress=advance)
    switch = f"lookalike milvus switch {done.collection} --at {uri} --name {name}"
    text = (
        f"{done.written} items written, {done.removed} removed, {done.unchanged} unchanged, "
        f"{done.views} views in {done.collection}, in {done.seconds:.1f} s.\n"
        + ("It answers." if done.answers else f"Another model answers. To change that: {switch}")
    )
    show(asdict(done), text, as_json=as_json)


@milvus.command(short_help="Answer photos or items with ranked items.")
@click.argument("photos", nargs=-1, type=click.Path(path_type=Path))
@place
@click.option("--item", "items", multiple=True, metavar="ID", help="Look for an item too; may be repeated.")
@click.option("-k", default=10, show_default=True, help="How many items.")
@click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="Filter on an attribute; may be repeated."
)
@click.option("--colour", type=float, default=None, help="Colour against shape, 0 to 1.")
@click.option("--views", default="best", show_default=True, help="How an item's views are pooled.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Draw the result: .html or .png.")
@options.as_json
def search(
    photos: tuple[Path, ...],
    uri: str,
    name: str,
    token: str,
    items: tuple[str, ...],
    k: int,
    where: tuple[str, ...],
    colour: float | None,
    views: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Answer PHOTOS of one thing, or items, with ranked items, as `lookalike search` does from a store."""
    from lookalike.interfaces.cli.search import as_table
    from lookalike.retrieval.engines.milvus import MilvusEngine
    from lookalike.retrieval.figure import draw_ranking
    from lookalike.retrieval.filters import parse_where
    from lookalike.retrieval.query import Query, QueryPhoto

    query = Query(
        photos=tuple(map(QueryPhoto, photos)),
        items=items,
        where=parse_where(where),
        colour=colour,
        views=views,
    )
    ranking = MilvusEngine(_open(uri, name, token)).search(query, k)
    if out is not None:
        draw_ranking(ranking, out=out)
        tell(f"drawn: {out}")
    show(ranking.to_dict(), as_table(ranking), as_json=as_json)


@milvus.command(short_help="Say what there is, and what answers.")
@place
@options.as_json
def status(uri: str, name: str, token: str, as_json: bool) -> None:
    """Say which collections there are, of which model, how large, whether whole, and which answers."""
    there = _open(uri, name, token)
    answering = there.answering()
    facts = []
    for collection in there.collections():
        known = there.facts(collection)
        there.make_ready(collection)  # to be counted
        facts.append(
            {
                "collection": collection,
                "answers": collection == answering,
                "state": known["state"],
                "model": known["model"],
                "items": there.count(collection, "position == 0"),
                "views": there.count(collection),
            }
        )
    lines = [
        f"{'*' if one['answers'] else ' '} {one['collection']}  {one['state']}  {one['model']}: "
        f"{one['items']:,} items, {one['views']:,} views"
        for one in facts
    ]
    show(facts, "\n".join(lines) or "Nothing was loaded.", as_json=as_json)


@milvus.command(short_help="Make a collection answer, in one step.")
@click.argument("collection")
@place
def switch(collection: str, uri: str, name: str, token: str) -> None:
    """Make COLLECTION answer, in one step; the same command with the old one goes back."""
    from lookalike.retrieval.engines.loading import switch_whole

    before = switch_whole(_open(uri, name, token), collection)
    click.echo(f"{collection} answers. Back: lookalike milvus switch {before} --at {uri} --name {name}")


@milvus.command()
@click.argument("collection")
@place
def drop(collection: str, uri: str, name: str, token: str) -> None:
    """Delete COLLECTION, where it does not answer."""
    from lookalike.retrieval.engines.loading import drop_idle

    drop_idle(_open(uri, name, token), collection)
    click.echo(f"{collection} is deleted.")


def _open(uri: str, name: str, token: str) -> Milvus:
    from lookalike.retrieval.engines.collections import Milvus

    return Milvus(uri, name, token=token)
