"""From a model's vectors and a protocol to a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lookalike.errors import EvaluationError
from lookalike.evaluation.bootstrap import bootstrap
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.leaks import leaks_within
from lookalike.evaluation.outcome import Measure, Outcome, Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.evaluation.report import Figure, Report

RESAMPLES = 1000


def evaluate(
    seen: Evaluated,
    protocol: Protocol = LeaveOneViewOut(),  # noqa: B008 - frozen
    *,
    by: Sequence[str] = (),
    seed: int = 0,
    check_leaks: bool = True,
    command: str = "",
) -> Report:
    """How good a model is on a catalogue, with intervals, groups and a leak check.

    Args:
        seen: the catalogue's views with the model's vectors.
        protocol: what is asked of whom.
        by: columns; the headline figure is also given for each value of each.
        seed: of the bootstrap.
        check_leaks: look for doubled and near-doubled photos.
        command: what the user ran, kept in the report.

    Raises:
        EvaluationError: the data cannot answer the protocol, or a column is unknown.
    """
    columns = {name: seen.column(name) for name in by}
    leaks = leaks_within(seen) if check_leaks else ("not asked for",)
    return report_of(
        seen, protocol, protocol.measure(seen), columns=columns, seed=seed, leaks=leaks, command=command
    )


def report_of(  # noqa: PLR0913 - the parts of a report
    seen: Evaluated,
    protocol: Protocol,
    outcome: Outcome,
    *,
    columns: dict[str, list[str | None]] | None = None,
    seed: int = 0,
    leaks: tuple[str, ...] = (),
    command: str = "",
) -> Report:
    """The report of an outcome that was measured already; see ``evaluate``."""
    measures = list(outcome.measures)
    for name, values in (columns or {}).items():
        measures += _by_group(outcome.measures[0], name, values)
    lost = {"views whose photo could not be used": seen.without_vector} if seen.without_vector else {}
    confusion = None
    if outcome.confusion is not None:
        names, counts = outcome.confusion
        confusion = (names, tuple(tuple(int(count) for count in row) for row in counts))
    return Report(
        protocol=protocol.name,
        model=seen.fingerprint,
        figures=tuple(figure_of(measure, seen, seed=seed) for measure in measures),
        counts=outcome.counts,
        excluded={**outcome.excluded, **lost},
        leaks=leaks,
        seed=seed,
        resamples=RESAMPLES,
        notes=outcome.notes,
        command=command,
        confusion=confusion,
    )


def figure_of(measure: Measure, seen: Evaluated, *, seed: int) -> Figure:
    """A measure summed up, with its interval over items."""
    items = seen.codes[measure.rows]
    found = bootstrap(measure.columns, items, combine=measure.combine, resamples=RESAMPLES, seed=seed)
    return Figure(
        name=measure.name,
        value=found.value,
        low=found.low,
        high=found.high,
        queries=len(measure.rows),
        items=len(np.unique(items)),
        section=measure.section,
        label=measure.label,
    )


def _by_group(headline: Measure, column: str, values: list[str | None]) -> list[Measure]:
    """The headline for each value of a column, in order of the values; queries without one are left out."""
    present = np.array([values[row] or "" for row in headline.rows])
    groups = [str(value) for value in np.unique(present) if value]
    if not groups:
        raise EvaluationError(
            f"No query has a value in column {column!r}.", hint="Choose a column that the queries have."
        )
    return [
        Measure(
            headline.name,
            headline.rows[present == group],
            headline.columns[present == group],
            headline.combine,
            section=f"by {column}",
            label=group,
        )
        for group in groups
    ]
