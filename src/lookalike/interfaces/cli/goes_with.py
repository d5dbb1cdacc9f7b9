"""`lookalike goes-with`: what goes with an item, by what was together."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import counted, show, tell


@click.command("goes-with")
@click.argument("item", required=False)
@options.store
@click.option(
    "--baskets",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="A CSV of what was together: basket_id, item_id. It is kept with the store.",
)
@click.option("--column", default=None, help="A column whose equal values are together, such as room.")
@click.option("-k", default=10, show_default=True, help="How many items.")
@options.as_json
def goes_with(
    item: str | None, store: Path, baskets: Path | None, column: str | None, k: int, as_json: bool
) -> None:
    """Say what goes with ITEM: other kinds of things that were together with it or its like."""
    from lookalike.retrieval.opening import open as open_store
    from lookalike.retrieval.together.baskets import baskets_of, read_baskets
    from lookalike.retrieval.together.kept import keep_baskets

    if baskets is not None and column is not None:
        raise click.UsageError("Give either --baskets or --column.")
    if item is None and baskets is None and column is None:
        raise click.UsageError("Name an item, or give --baskets or --column.")
    engine = open_store(store)
    if baskets is not None or column is not None:
        found = (
            read_baskets(baskets, engine.snapshot)
            if baskets is not None
            else baskets_of(engine.snapshot, str(column))
        )
        keep_baskets(store, found)
        tell(
            f"kept: {counted(len(found), 'basket')}"
            + (f"; {counted(found.unknown, 'item')} of theirs not in the catalogue" if found.unknown else "")
        )
    if item is not None:
        companions = engine.goes_with(item, k)
        lines = [f"{one.score:6.3f}  {one.together:>4} together  {one.item}" for one in companions]
        text = "\n".join(lines) or "Nothing was together with it or its like."
        show([asdict(one) for one in companions], text, as_json=as_json)
