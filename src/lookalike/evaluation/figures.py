"""Pictures of reports: bars with intervals, recall against angle, roles against roles, worst failures."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import open_image
from lookalike.errors import EvaluationError, MissingExtra, PhotoError
from lookalike.evaluation.compare import Comparison
from lookalike.evaluation.outcome import Failure
from lookalike.evaluation.report import Report

ACCENT, GREY, INK = "#2f6f9f", "#b8bec4", "#22282d"
TILE_PX, GAP_PX, LINE_PX = 128, 8, 18


def draw_bars(comparison: Comparison, path: Path, *, figure: str | None = None) -> Path:
    """One bar a model with its 95% interval, best first; the baseline is grey.

    Args:
        comparison: the models.
        path: of the picture; its ending says the format (png, svg, pdf).
        figure: which figure; None for the headline.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    name = figure or comparison.contenders[0].report.headline.name
    contenders = comparison.contenders[::-1]
    figures = [contender.report[name] for contender in contenders]
    values = np.array([each.value for each in figures])
    reach = np.array(
        [[each.value - each.low for each in figures], [each.high - each.value for each in figures]]
    )
    canvas, axes = _canvas(7.0, 1.2 + 0.42 * len(figures))
    colours = [GREY if contender.name == comparison.baseline else ACCENT for contender in contenders]
    axes.barh(
        range(len(figures)), values, xerr=reach.clip(0), color=colours, height=0.62, ecolor=INK, capsize=3
    )
    axes.set_yticks(range(len(figures)), [contender.name for contender in contenders])
    for row, each in enumerate(figures):
        axes.annotate(
            f"{each.value:.3f}",
            (each.high, row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_xlim(0, min(1.12, max(each.high for each in figures) * 1.18 + 0.02))
    axes.set_xlabel(f"{name}, 95% interval over items")
    axes.set_title(comparison.contenders[0].report.protocol, loc="left", fontsize=10)
    return _saved(canvas, path)


def draw_angle_curve(reports: dict[str, Report], path: Path) -> Path:
    """Recall against the angle between query and known view, a line a model, intervals shaded.

    Args:
        reports: view-gap reports by name of the model.
        path: of the picture.

    Raises:
        EvaluationError: no report has angles.
        MissingExtra: matplotlib is not installed.
    """
    curves = {name: report.section("angle") for name, report in reports.items() if report.section("angle")}
    if not curves:
        raise EvaluationError(
            "No report has recall by angle.", hint="Evaluate the view gap where angles are known."
        )
    canvas, axes = _canvas(7.0, 4.2)
    for name, figures in curves.items():
        angles = [float(figure.label.rstrip("°")) for figure in figures]
        (line,) = axes.plot(
            angles, [figure.value for figure in figures], marker="o", markersize=4, label=name
        )
        low, high = [figure.low for figure in figures], [figure.high for figure in figures]
        axes.fill_between(angles, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.set_xlabel("angle between the query and the one known view, degrees")
    axes.set_ylabel(f"item {next(iter(curves.values()))[0].name}")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(0, None)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    return _saved(canvas, path)


def draw_role_matrix(report: Report, path: Path) -> Path:
    """Roles of the query by row, roles of the gallery by column, recall and number of queries in each cell.

    Raises:
        EvaluationError: the report has no roles.
        MissingExtra: matplotlib is not installed.
    """
    cells = {tuple(figure.label.split(" → ")): figure for figure in report.section("role")}
    if not cells:
        raise EvaluationError(
            "The report has no roles.", hint="Evaluate the view gap where views have roles."
        )
    roles = sorted({role for pair in cells for role in pair})
    values = np.full((len(roles), len(roles)), np.nan)
    for (query, gallery), figure in cells.items():
        values[roles.index(query), roles.index(gallery)] = figure.value
    canvas, axes = _canvas(2.4 + 1.0 * len(roles), 1.8 + 0.8 * len(roles))
    axes.imshow(values, vmin=0, vmax=1, cmap="Blues")
    for (query, gallery), figure in cells.items():
        row, column = roles.index(query), roles.index(gallery)
        axes.text(
            column,
            row,
            f"{figure.value:.2f}\n({figure.queries})",
            ha="center",
            va="center",
            fontsize=9,
            color="white" if figure.value > 0.6 else INK,
        )
    axes.set_xticks(range(len(roles)), roles)
    axes.set_yticks(range(len(roles)), roles)
    axes.set_xlabel("searched")
    axes.set_ylabel("asked")
    axes.set_title(f"item {report.headline.name} (queries)", fontsize=10, loc="left")
    return _saved(canvas, path)


def draw_failures(views: Sequence[View], failures: Sequence[Failure], path: Path, *, rows: int = 8) -> Path:
    """The worst answers as photo strips: the query, the right view with its place, and what came first.

    Args:
        views: the views that the failures' rows speak of.
        failures: worst first.
        path: of the picture.
        rows: strips at most.

    Raises:
        EvaluationError: there are no failures.
    """
    shown = failures[:rows]
    if not shown:
        raise EvaluationError(
            "There are no failures to draw.", hint="Every right answer came first: nothing to do."
        )
    across = 2 + max(len(failure.found) for failure in shown)
    step_x, step_y = TILE_PX + GAP_PX, TILE_PX + GAP_PX + LINE_PX
    sheet = Image.new("RGB", (across * step_x + 3 * GAP_PX, len(shown) * step_y + GAP_PX), "white")
    pen = ImageDraw.Draw(sheet)
    for number, failure in enumerate(shown):
        top = GAP_PX + number * step_y
        place = "not found" if not np.isfinite(failure.place) else f"right, place {failure.place:.0f}"
        words = ["query", place, *(f"place {each}" for each in range(1, len(failure.found) + 1))]
        for column, (row, text) in enumerate(
            zip((failure.query, failure.right, *failure.found), words, strict=True)
        ):
            left = GAP_PX + column * step_x + (2 * GAP_PX if column > 1 else 0)
            _paste(sheet, views[row], left, top + LINE_PX)
            pen.text((left, top + 2), text, fill=ACCENT if column < 2 else INK)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
    return path


def _paste(sheet: Image.Image, view: View, left: int, top: int) -> None:
    """The photo in its tile, or an empty frame where it cannot be read any more."""
    box = (left, top, left + TILE_PX - 1, top + TILE_PX - 1)
    try:
        photo = open_image(view.source, long_side_px=TILE_PX, crop=view.crop)
    except PhotoError:
        ImageDraw.Draw(sheet).rectangle(box, outline=GREY)
        return
    photo.thumbnail((TILE_PX, TILE_PX))
    sheet.paste(photo, (left + (TILE_PX - photo.width) // 2, top + (TILE_PX - photo.height) // 2))


def _canvas(width_in: float, height_in: float) -> tuple[Any, Any]:
    """A matplotlib figure of its own (no global state) and its axes."""
    try:
        figure = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise MissingExtra("Drawing plots", extra="explore") from error
    canvas = figure.Figure(figsize=(width_in, height_in), layout="constrained")
    axes = canvas.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return canvas, axes


def _saved(canvas: Any, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(path, dpi=140)
    return path
