"""What a report is made of: sections with words, figures and tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """A table that is shown in the page and kept as CSV.

    Args:
        name: of its file, without the ending.
        head: names of the columns.
        rows: their values, as text.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_csv(self, folder: Path) -> Path:
        """Write the table into a folder."""
        path = folder / f"{self.name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self.head, *self.rows])
        return path


@dataclass(frozen=True)
class Section:
    """One part of the report.

    Args:
        title: of the part.
        words: what ours shows, a paragraph each.
        paper: what the study showed at this place, and why ours differs.
        figures: pictures with a caption each.
        tables: figures in numbers.
    """

    title: str
    words: tuple[str, ...]
    paper: str
    figures: tuple[tuple[Path, str], ...] = ()
    tables: tuple[Table, ...] = field(default_factory=tuple)


def table_of(name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table of anything; numbers get three digits after the point."""
    shown = tuple(
        tuple(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row) for row in rows
    )
    return Table(name, tuple(head), shown)
