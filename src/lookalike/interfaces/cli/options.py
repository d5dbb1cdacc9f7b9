"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from lookalike.catalogue.items import Catalogue

Verb = TypeVar("Verb", bound=Callable[..., None])

source = click.argument("source", type=click.Path(path_type=Path))

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")

store = click.option(
    "--store",
    "store",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the store.",
)

model = click.option(
    "--model", "model", metavar="NAME_OR_FOLDER", default=None, help="An embedder's name, or a model folder."
)


def catalogue(verb: Verb) -> Verb:
    """Options that say how a catalogue is to be read."""
    for option in reversed(
        (
            click.option("--layout", default=None, help="How to read it; found out where not given."),
            click.option("--item-column", default=None, help="The table's column of item ids."),
            click.option("--path-column", default=None, help="The table's column of photo paths."),
            click.option(
                "--photos",
                type=click.Path(path_type=Path, file_okay=False),
                default=None,
                help="Folder of the photos, where it is not the table's own.",
            ),
        )
    ):
        verb = option(verb)
    return verb


def read(
    source: Path,
    *,
    layout: str | None = None,
    item_column: str | None = None,
    path_column: str | None = None,
    photos: Path | None = None,
) -> Catalogue:
    """The catalogue at ``source``, with its oddities told on standard error."""
    from lookalike.catalogue.reading import Columns, read_catalogue
    from lookalike.interfaces.cli.output import tell_oddities

    columns = Columns(item=item_column, path=path_column) if item_column or path_column else None
    found = read_catalogue(source, layout=layout, photos=photos, columns=columns)
    tell_oddities(found.oddities)
    return found
