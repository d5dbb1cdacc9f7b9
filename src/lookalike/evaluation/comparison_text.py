"""A comparison as tables for a terminal: the models, then every group, role or angle, model beside model."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from lookalike.evaluation.compare import BASELINES, Comparison, Contender
from lookalike.evaluation.report import Figure, weak_line

SHOWN = 6
"""Figures of the first table at most; the JSON has all."""


def text_of(comparison: Comparison, width: int | None = None) -> str:
    """The comparison, best model first.

    Args:
        comparison: what was measured.
        width: letters in a line; what would not fit is left out, but for the columns that say most.
    """
    first = comparison.contenders[0].report
    counts = ", ".join(f"{count} {what}" for what, count in first.counts.items())
    lines = [f"{first.protocol}: {counts}", "", *_models(comparison, width)]
    for section in dict.fromkeys(figure.section for figure in first.figures):
        if section != "overall":
            lines += ["", *_parts(comparison.contenders, section, width)]
    lines += ["", *_weakest(comparison)]
    lines += [f"excluded: {count} {reason}" for reason, count in first.excluded.items()]
    lines += [f"leak check: {line}" for line in first.leaks or ("nothing found",)]
    lines += list(first.notes)
    lines.append(
        f"95% intervals over items, {first.resamples} resamples, seed {first.seed}, paired differences"
    )
    return "\n".join(lines + ([f"again: {first.command}"] if first.command else []))


def _models(comparison: Comparison, width: int | None) -> list[str]:
    """A line a model: its figures, and its difference to the baseline."""
    contenders = comparison.contenders
    names = [figure.name for figure in contenders[0].report.section("overall")][:SHOWN]
    if not names:  # a protocol of parts alone, such as roles that only meet themselves
        return []
    columns = [[name, *(str(one.report[name]) for one in contenders)] for name in names]
    less = [f"{names[0]} less {comparison.baseline}", *(_less(one, names[0]) for one in contenders)]
    return _aligned([["", *(one.name for one in contenders)], columns[0], less, *columns[1:]], width)


def _parts(contenders: Sequence[Contender], section: str, width: int | None) -> list[str]:
    """A line a role, an angle or a group: the headline of each model there."""
    shown: tuple[Figure, ...] = contenders[0].report.section(section)
    columns = [
        [f"{section}, {shown[0].name}", *(figure.label for figure in shown)],
        ["queries", *(str(figure.queries) for figure in shown)],
    ]
    columns += [[one.name, *map(str, one.report.section(section))] for one in contenders]
    return _aligned(columns, width)


def _weakest(comparison: Comparison) -> list[str]:
    """The weakest groups of each column, of the models that are compared, not of the baselines."""
    own = [one for one in comparison.contenders if one.name not in BASELINES] or comparison.contenders
    return [
        f"weakest {column} of {one.name}: {weak_line(one.report, column)}"
        for column in comparison.contenders[0].report.columns
        for one in own
    ]


def _less(contender: Contender, name: str) -> str:
    if name not in contender.against:
        return "-"
    found = contender.against[name]
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _aligned(columns: list[list[str]], width: int | None) -> list[str]:
    """Columns beside each other, two spaces between; those at the end that do not fit are left out."""
    padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
    ends = accumulate(len(column[0]) + 2 for column in padded)
    fitting = len(padded) if width is None else max(3, sum(end - 2 <= width for end in ends))
    return ["  ".join(row).rstrip() for row in zip(*padded[:fitting], strict=True)]
