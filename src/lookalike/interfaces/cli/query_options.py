"""Options of `lookalike search` for what is asked besides photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Verb = TypeVar("Verb", bound=Callable[..., None])


def further(verb: Verb) -> Verb:
    """What it should not look like, item arithmetic, colours, and words."""
    for option in reversed(
        (
            click.option(
                "--unlike",
                multiple=True,
                type=click.Path(path_type=Path),
                metavar="PHOTO",
                help="A photo of what it should not look like; may be repeated.",
            ),
            _items("--unlike-item", "unlike_items", "An item that it should not look like"),
            _items("--plus", "plus", "An item whose looks are added"),
            _items("--minus", "minus", "An item whose looks are taken away"),
            click.option(
                "--palette",
                default=None,
                metavar="COLOURS",
                help="Colours in place of the photos' own, such as 'red 70%, white'; alone, all of them.",
            ),
            click.option(
                "--words",
                default="",
                metavar="TEXT",
                help="What it is in words, such as 'red canvas shoe'; alone or beside photos.",
            ),
        )
    ):
        verb = option(verb)
    return verb


def _items(option: str, name: str, meaning: str) -> Callable[[Verb], Verb]:
    return click.option(option, name, multiple=True, metavar="ID", help=f"{meaning}; may be repeated.")
