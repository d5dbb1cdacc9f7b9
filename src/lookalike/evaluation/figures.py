"""Pictures of reports: bars with intervals, recall against angle, worst failures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import open_image
from lookalike.errors import EvaluationError, PhotoError
from lookalike.evaluation.canvas import ACCENT, GREY, INK, canvas_of, saved, ticker
from lookalike.evaluation.compare import Comparison
from lookalike.evaluation.outcome import Failure
from lookalike.evaluation.report import Report

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
    canvas, axes = canvas_of(7.0, 1.2 + 0.42 * len(figures))
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
    return saved(canvas, path)


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
    canvas, axes = canvas_of(7.0, 4.2)
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
    axes.xaxis.set_major_locator(ticker().MultipleLocator(30))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    return saved(canvas, path)


def draw_failures(
    views: Sequence[View], failures: Sequence[Failure], path: Path, *, rows: int = 8, title: str = ""
) -> Path:
    """The worst answers as photo strips: the query, the right view with its place, and what came first.

    Args:
        views: the views that the failures' rows speak of.
        failures: worst first.
        path: of the picture.
        rows: strips at most.
        title: such as whose failures they are; empty for none.

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
    above = GAP_PX + (LINE_PX if title else 0)
    sheet = Image.new("RGB", (across * step_x + 3 * GAP_PX, len(shown) * step_y + above), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP_PX, GAP_PX // 2), title, fill=INK)
    for number, failure in enumerate(shown):
        top = above + number * step_y
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
