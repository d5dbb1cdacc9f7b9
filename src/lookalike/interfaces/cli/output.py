"""What the command line prints: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from lookalike.catalogue.items import Oddity

ODDITIES_SHOWN = 20


def show(result: Any, text: str, *, as_json: bool) -> None:
    """Print a result: ``result`` as JSON, or ``text``."""
    click.echo(json.dumps(result, indent=2, default=str, ensure_ascii=False) if as_json else text)


def command(*words: str | Path) -> str:
    """A command of ours to be pasted: ``lookalike search PHOTO --store 'my shop'``."""
    return shlex.join(["lookalike", *map(str, words)])


def invoked() -> list[str]:
    """The command that the user typed, word by word."""
    return ["lookalike", *sys.argv[1:]]


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "item"), counted(2500, "item")
    ('1 item', '2,500 items')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def terminal_width() -> int | None:
    """Letters in a line of the terminal; None where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def tell(message: str) -> None:
    """Print a line about the work on standard error."""
    click.echo(message, err=True)


def tell_oddities(oddities: Sequence[Oddity]) -> None:
    """One line each for what was odd about the catalogue; the count of those not shown."""
    for oddity in oddities[:ODDITIES_SHOWN]:
        tell(f"note: {oddity}")
    if len(oddities) > ODDITIES_SHOWN:
        tell(
            f"note: and {len(oddities) - ODDITIES_SHOWN} more (`lookalike info CATALOGUE --json` lists all)."
        )
