"""Matrices as pictures: roles against roles, and the true class against the class given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import EvaluationError
from lookalike.evaluation.canvas import INK, canvas_of, canvases_of, saved
from lookalike.evaluation.report import Report

ACROSS = 2
"""Matrices side by side."""
MOST_COUNTED = 24
"""Classes up to which the counts are written into the cells."""


def draw_role_matrix(reports: Mapping[str, Report], path: Path) -> Path:
    """Roles of the query by row, roles of the gallery by column, recall and number of queries in each cell.

    Args:
        reports: view-gap reports by name of the model, a matrix each; a name may be empty.
        path: of the picture.

    Raises:
        EvaluationError: the reports have no roles.
        MissingExtra: matplotlib is not installed.
    """
    shown = {name: report for name, report in reports.items() if report.section("role")}
    if not shown:
        raise EvaluationError(
            "The report has no roles.", hint="Evaluate the view gap where views have roles."
        )
    first = next(iter(shown.values()))
    pairs = [figure.label.split(" → ") for figure in first.section("role")]
    roles = sorted({role for pair in pairs for role in pair})
    columns = min(ACROSS, len(shown))
    rows = -(-len(shown) // columns)
    size = (columns * (1.9 + 0.8 * len(roles)), rows * (1.4 + 0.7 * len(roles)))
    canvas, panels = canvases_of(*size, rows=rows, columns=columns)
    for axes in panels.flat[len(shown) :]:
        axes.set_axis_off()
    for axes, (name, report) in zip(panels.flat, shown.items(), strict=False):
        _draw_roles(axes, report, roles)
        axes.set_title(f"{name + ': ' if name else ''}item {first.headline.name} (queries)", fontsize=10)
    return saved(canvas, path)


def draw_confusion(report: Report, path: Path, *, title: str = "") -> Path:
    """The true class by row, the class given by column: shares of the row as shades, counts in the cells.

    Args:
        report: of a classification.
        path: of the picture.
        title: such as the model's name; empty for none.

    Raises:
        EvaluationError: the report has no confusion matrix.
        MissingExtra: matplotlib is not installed.
    """
    if report.confusion is None:
        raise EvaluationError("The report has no confusion matrix.", hint="Evaluate by classification.")
    names, counts = report.confusion
    table = np.array(counts)
    side = 2.2 + 0.36 * min(len(names), 60)
    canvas, axes = canvas_of(side + 1.2, side)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    if len(names) <= MOST_COUNTED:
        for row, column in np.argwhere(table):
            _write(axes, row, column, str(table[row, column]), shares[row, column])
    _name(axes, names)
    axes.set_xlabel("given")
    axes.set_ylabel("true")
    axes.set_title(title or report.protocol, fontsize=10, loc="left")
    return saved(canvas, path)


def _draw_roles(axes: Any, report: Report, roles: Sequence[str]) -> None:
    values: NDArray[np.float64] = np.full((len(roles), len(roles)), np.nan)
    for figure in report.section("role"):
        query, gallery = (roles.index(role) for role in figure.label.split(" → "))
        values[query, gallery] = figure.value
        _write(axes, query, gallery, f"{figure.value:.2f}\n({figure.queries})", figure.value)
    axes.imshow(values, vmin=0, vmax=1, cmap="Blues")
    _name(axes, roles)
    axes.set_xlabel("searched")
    axes.set_ylabel("asked")


def _write(axes: Any, row: int, column: int, text: str, shade: float) -> None:
    """Text in a cell, white on dark."""
    colour = "white" if shade > 0.6 else INK
    axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)


def _name(axes: Any, names: Sequence[str]) -> None:
    """The names along both sides, slanted where they are long."""
    slanted = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 6 else {}
    axes.set_xticks(range(len(names)), names, fontsize=8, **slanted)
    axes.set_yticks(range(len(names)), names, fontsize=8)
