"""The progress bar: how much is done, at what rate, and how long it will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

Advance = Callable[[int, int], None]
"""Called with (done, total)."""

PASSING_S = 30.0
"""Of a bar that goes: lines are so far apart."""

AdvanceOf = Callable[[str, int, int], None]
"""Called with (whose, done, total)."""


@contextmanager
def progress_bar(what: str, *, unit: str = "photos", passing: bool = False) -> Iterator[Advance]:
    """A bar on standard error; where nobody would see it, a line every tenth of the way.

    Args:
        what: is done.
        unit: of what is counted.
        passing: the bar goes when it ends, and of lines there is none in the first half minute.
    """
    if not sys.stderr.isatty():
        yield _lines(what, unit, every_s=PASSING_S if passing else 0.0)
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
    with Progress(*columns, console=Console(stderr=True), transient=passing) as bar:
        task = bar.add_task(what, total=0, rate="")

        def advance(done: int, total: int) -> None:
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance


@contextmanager
def progress_bars(what: str, *, unit: str = "photos") -> Iterator[AdvanceOf]:
    """One bar after the other, for several that do the same work: told whose turn it is, done, total."""
    with _in_turn(lambda name: progress_bar(f"{what}, {name}", unit=unit)) as advance:
        yield advance


@contextmanager
def training_bars() -> Iterator[AdvanceOf]:
    """Photos decoded, features computed; then epochs and measurements, whose bars go when they are over."""

    def bar(name: str) -> AbstractContextManager[Advance]:
        unit = "batches" if name.startswith("epoch") else "photos"
        return progress_bar(name, unit=unit, passing=name not in ("decoding", "features"))

    with _in_turn(bar) as advance:
        yield advance


@contextmanager
def _in_turn(bar: Callable[[str], AbstractContextManager[Advance]]) -> Iterator[AdvanceOf]:
    """A bar for each name, the one before closed."""
    with ExitStack() as bars:
        begun: dict[str, Advance] = {}

        def advance(name: str, done: int, total: int) -> None:
            if name not in begun:
                bars.close()
                begun.clear()
                begun[name] = bars.enter_context(bar(name))
            begun[name](done, total)

        yield advance


def _lines(what: str, unit: str, *, every_s: float = 0.0) -> Advance:
    """Progress for a log file: one line for each tenth of the way, but so many seconds apart at least."""
    told, last = 0, time.monotonic()

    def advance(done: int, total: int) -> None:
        nonlocal told, last
        tenth = 10 * done // total if total else 10
        if tenth < told:  # another lot has begun
            told = 0
        if tenth > told and time.monotonic() - last >= every_s:
            told, last = tenth, time.monotonic()
            print(f"{what}: {done:,}/{total:,} {unit}", file=sys.stderr, flush=True)  # noqa: T201

    return advance
