"""`lookalike similar`: for every item of a store the items most like it, as one table."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.store
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The table: .csv, or .parquet.")
@click.option("-k", default=20, show_default=True, help="Items in each list.")
@click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="Only such items are listed; may be repeated."
)
@click.option("--diverse", default=0.0, show_default=True, help="How much being different counts, 0 to 1.")
@options.as_json
def similar(store: Path, out: Path, k: int, where: tuple[str, ...], diverse: float, as_json: bool) -> None:
    """Write the list of lookalikes of every item. Interrupted, the same command goes on."""
    from lookalike.retrieval.filters import parse_where
    from lookalike.retrieval.lists import Wanted, write_lists
    from lookalike.retrieval.opening import open as open_store

    wanted = Wanted(k=k, where=parse_where(where), diverse=diverse)
    engine = open_store(store)
    with progress_bar("listing") as advance:
        rows = write_lists(engine, out, wanted, progress=advance)
    told = {"out": str(out), "items": len(engine), "rows": rows}
    show(told, f"{out}: {len(engine)} items, {rows} rows", as_json=as_json)
