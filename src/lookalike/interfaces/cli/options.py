"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from lookalike.catalogue.items import Catalogue
from lookalike.interfaces.cli.interrupting import keeping

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
    "--model",
    "model",
    metavar="NAME_OR_FOLDER",
    default=None,
    help="A model folder, or a name such as lookalike or descriptor.",
)

colour = click.option(
    "--colour",
    type=click.FloatRange(0, 1),
    default=None,
    help="Colour against shape: 0 shape alone, 1 colour alone; as the model has it where not given.",
)

kind_colour = click.option(
    "--colour",
    type=click.FloatRange(0, 1),
    default=None,
    help="Colour against shape: 0 shape alone, 1 colour alone; where not given 0.3, for kinds of things.",
)


cache = click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Keep vectors here: the next run, or this one interrupted, goes on from them.",
)


def keeping_in(folder: Path | None) -> AbstractContextManager[None]:
    """While it lasts, Ctrl-C says whether the vectors made so far are kept in ``--cache``."""
    if folder is None:
        return keeping(lambda: "Nothing is kept; with --cache DIR the vectors are, and the next run goes on.")
    return keeping(lambda: f"The vectors so far are kept in {folder}: run the same command again to go on.")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a catalogue is to be read, as the options of ``catalogue`` say it.

    Args:
        layout: its layout; found out if None.
        item_column, path_column: a table's columns; found out if None.
        photos: folder of the photos, where it is not the table's own.
    """

    layout: str | None
    item_column: str | None
    path_column: str | None
    photos: Path | None

    def read(self, source: Path) -> Catalogue:
        """The catalogue at ``source``, with its oddities told on standard error."""
        from lookalike.catalogue.reading import Columns, read_catalogue
        from lookalike.interfaces.cli.output import tell_oddities

        named = self.item_column or self.path_column
        columns = Columns(item=self.item_column, path=self.path_column) if named else None
        found = read_catalogue(source, layout=self.layout, photos=self.photos, columns=columns)
        tell_oddities(found.oddities)
        return found


def catalogue(verb: Callable[..., None]) -> Callable[..., None]:
    """Options that say how a catalogue is to be read; the verb gets them as one ``reading``."""

    @wraps(verb)
    def with_reading(
        *given: Any,
        layout: str | None,
        item_column: str | None,
        path_column: str | None,
        photos: Path | None,
        **others: Any,
    ) -> None:
        verb(*given, reading=Reading(layout, item_column, path_column, photos), **others)

    for option in reversed(
        (
            click.option(
                "--layout",
                default=None,
                metavar="NAME",
                help="folder, flat, table, stanford-online-products, in-shop, product-search, shopify or "
                "merchant; found out where not given.",
            ),
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
        with_reading = option(with_reading)
    return with_reading
