"""The progress bar: how much is done, at what rate, and how long it will take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

Advance = Callable[[int, int], None]
"""Called with (done, total)."""

AdvanceOf = Callable[[str, int, int], None]
"""Called with (whose, done, total)."""


@contextmanager
def progress_bar(what: str, *, unit: str = "photos") -> Iterator[Advance]:
    """A bar on standard error; where nobody would see it, a line every tenth of the way."""
    if not sys.stderr.isatty():
        yield _lines(what, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} " + unit),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=0, rate="")

        def advance(done: int, total: int) -> None:
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance


@contextmanager
def progress_bars(what: str, *, unit: str = "photos") -> Iterator[AdvanceOf]:
    """One bar after the other, for several that do the same work: told whose turn it is, done, total."""
    with ExitStack() as bars:
        begun: dict[str, Advance] = {}

        def advance(name: str, done: int, total: int) -> None:
            if name not in begun:
                bars.close()  # the one before is through
                begun[name] = bars.enter_context(progress_bar(f"{what}, {name}", unit=unit))
            begun[name](done, total)

        yield advance


def _lines(what: str, unit: str) -> Advance:
    """Progress for a log file: one line for each tenth of the way."""
    told = 0

    def advance(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total if total else 10
        if tenth < told:  # another lot has begun
            told = 0
        if tenth > told:
            told = tenth
            print(f"{what}: {done:,}/{total:,} {unit}", file=sys.stderr, flush=True)  # noqa: T201

    return advance
