"""Figures with everything that is needed to believe them and to make them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lookalike.errors import EvaluationError

FEWEST = 10  # queries below which a group is not called weak


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95% interval over items.

    Args:
        name: such as ``R@1``.
        value, low, high: the figure and the ends of its interval.
        queries, items: how many it rests on.
        section: ``overall``, ``role``, ``angle``, or ``by COLUMN`` for a group.
        label: which role, angle or group.
    """

    name: str
    value: float
    low: float
    high: float
    queries: int
    items: int
    section: str = "overall"
    label: str = ""

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Report:
    """What one model reached under one protocol.

    Args:
        protocol: in words, with its settings.
        model: fingerprint of the embedder.
        figures: the headline first.
        counts: queries, gallery views, items, ...
        excluded: views that took no part, by reason.
        leaks: what the leak check found; empty when it found nothing.
        seed, resamples: of the bootstrap.
        notes: what else a reader must know.
        command: the command that remakes the report.
        confusion: names of the classes and counts, true class by row, where the protocol classifies.
    """

    protocol: str
    model: str
    figures: tuple[Figure, ...]
    counts: Mapping[str, int]
    excluded: Mapping[str, int] = field(default_factory=dict)
    leaks: tuple[str, ...] = ()
    seed: int = 0
    resamples: int = 1000
    notes: tuple[str, ...] = ()
    command: str = ""
    confusion: tuple[tuple[str, ...], tuple[tuple[int, ...], ...]] | None = None

    def __getitem__(self, name: str) -> Figure:
        """The overall figure of that name.

        Raises:
            EvaluationError: the protocol has no such figure.
        """
        for figure in self.section("overall"):
            if figure.name == name:
                return figure
        known = ", ".join(figure.name for figure in self.section("overall"))
        raise EvaluationError(f"{self.protocol} has no figure {name!r}.", hint=f"It has: {known}.")

    @property
    def headline(self) -> Figure:
        """The figure that the protocol is about."""
        return self.figures[0]

    def section(self, name: str) -> tuple[Figure, ...]:
        """The figures of one section, in order."""
        return tuple(figure for figure in self.figures if figure.section == name)

    def weakest(self, column: str, *, count: int = 3) -> tuple[Figure, ...]:
        """The groups of a column with the lowest headline, of those with at least ten queries."""
        groups = [figure for figure in self.section(f"by {column}") if figure.queries >= FEWEST]
        return tuple(sorted(groups, key=lambda figure: figure.value)[:count])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the headline is given by."""
        sections = dict.fromkeys(figure.section for figure in self.figures)
        return tuple(section.removeprefix("by ") for section in sections if section.startswith("by "))

    def most_confused(self, *, count: int = 5) -> tuple[tuple[str, str, int, int], ...]:
        """True class, class given, how often, of how many photos of the true class; most often first."""
        if self.confusion is None:
            return ()
        names, rows = self.confusion
        found = [
            (names[true], names[given], times, sum(row))
            for true, row in enumerate(rows)
            for given, times in enumerate(row)
            if times and given != true
        ]
        return tuple(sorted(found, key=lambda one: (-one[2], one[0], one[1]))[:count])

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read a report back.

        Raises:
            EvaluationError: the text is not a report.
        """
        try:
            facts: dict[str, Any] = json.loads(text)
            facts["figures"] = tuple(Figure(**figure) for figure in facts["figures"])
            for key in ("leaks", "notes"):
                facts[key] = tuple(facts[key])
            if facts["confusion"] is not None:
                names, rows = facts["confusion"]
                facts["confusion"] = (tuple(names), tuple(tuple(row) for row in rows))
            return cls(**facts)
        except (ValueError, TypeError, KeyError) as error:
            raise EvaluationError(
                f"This is not a report ({error!r}).", hint="Evaluate again and keep its --json output."
            ) from error

    def to_text(self) -> str:
        """The report as a table for a terminal."""
        lines = [f"{self.protocol}", f"model {self.model}", _counted(self.counts), ""]
        for section in dict.fromkeys(figure.section for figure in self.figures):
            lines += _table(section, self.section(section))
        lines += [f"weakest {column}: {weak_line(self, column)}" for column in self.columns]
        lines += [
            f"taken for another: {true} for {given}, {times} of {all_of}"
            for true, given, times, all_of in self.most_confused()
        ]
        lines += [f"excluded: {count} {reason}" for reason, count in self.excluded.items()]
        lines += [f"leak check: {line}" for line in self.leaks or ("nothing found",)]
        lines += list(self.notes)
        lines.append(f"95% intervals over items, {self.resamples} resamples, seed {self.seed}")
        return "\n".join(lines + ([f"again: {self.command}"] if self.command else []))


def weak_line(report: Report, column: str) -> str:
    """The weakest groups of a column on one line."""
    weak = [f"{one.label} {one} ({one.queries} queries)" for one in report.weakest(column)]
    return "; ".join(weak) or f"no group has {FEWEST} queries"


def _table(section: str, figures: tuple[Figure, ...]) -> list[str]:
    named = section != "overall"
    width = max(len(figure.label if named else figure.name) for figure in figures)
    title = [f"{section}, {figures[0].name}"] if named else []
    rows = [
        f"  {(figure.label if named else figure.name):<{width}}  {figure}  "
        f"{figure.queries} queries, {figure.items} items"
        for figure in figures
    ]
    return [*title, *rows, ""]


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
