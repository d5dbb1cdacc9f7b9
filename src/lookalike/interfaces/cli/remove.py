"""`lookalike remove`: take items out of a store."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.errors import QueryError
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import command, counted, show


@click.command()
@click.argument("items", nargs=-1, required=True)
@options.store
@options.as_json
def remove(items: tuple[str, ...], store: Path, as_json: bool) -> None:
    """Take ITEMS (ids) out of the store; their photos stay where they are."""
    from lookalike.retrieval.store import Store

    with Store.open(store) as opened, opened.writing() as writer:
        removed = writer.remove(items)
    if not removed:
        raise QueryError(
            f"None of these items is in {store}: {', '.join(items)}.",
            hint=f"See the ids: {command('info', '--store', store, '--items')}",
        )
    show(
        {"removed": removed, "asked": len(items)},
        f"{removed} of {counted(len(items), 'item')} removed.",
        as_json=as_json,
    )
