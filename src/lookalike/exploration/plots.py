"""Plots of maps, scree, sweeps and eigenvector arrows, on light or dark paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.exploration.eigenvectors import EigenvectorView
from lookalike.exploration.features import Points, library
from lookalike.exploration.palette import LIGHT, MARKS, OTHER, Theme, shown_values
from lookalike.exploration.pca import Principal


def draw_scree(principal: Principal, path: Path, *, theme: Theme = LIGHT) -> Path:
    """Share of the variance by component, and the sum of them.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    canvas, axes = blank(6.4, 3.8, theme)
    places = np.arange(1, len(principal.explained) + 1)
    axes.bar(places, principal.explained, color=theme.colours[0], label="each")
    axes.plot(
        places, np.cumsum(principal.explained), color=theme.colours[5], marker="o", markersize=3, label="sum"
    )
    axes.set_xlabel("principal component")
    axes.set_ylabel("share of the variance")
    axes.set_ylim(0, 1.02)
    legend(axes, theme, loc="center right")
    return saved(canvas, path)


LEGEND_DOT = 34


def draw_map(
    points: Points, values: Sequence[str | None], path: Path, *, title: str = "", theme: Theme = LIGHT
) -> Path:
    """A map, a colour and a shape for each of the nine most frequent values, the rest grey dots.

    Args:
        points: shape (photos, 2).
        values: one a photo; None for none.
        path: of the picture; its ending says the format.
        title: above the map.
        theme: paper and ink.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    shown = shown_values(values)
    canvas, axes = blank(8.6, 6.0, theme)
    given = np.array([value if value in shown else "" for value in values])
    size = float(np.clip(9000 / max(len(points), 1), 5, 40))
    for place, value in enumerate(shown):
        chosen = given == value
        axes.scatter(
            *points[chosen].T,
            s=size,
            color=theme.colours[place],
            marker=MARKS[place],
            alpha=0.85,
            linewidths=0,
            label=f"{_short(value)} ({int(chosen.sum())})",
        )
    rest = given == ""
    if rest.any():
        label = f"other ({int(rest.sum())})"
        axes.scatter(
            *points[rest].T, s=size * 0.6, color=OTHER, alpha=0.6, zorder=0, linewidths=0, label=label
        )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, loc="left", fontsize=10, color=theme.ink)
    legend(axes, theme, loc="upper left", anchor=(1.0, 1.0))
    return saved(canvas, path)


def draw_arrows(view: EigenvectorView, path: Path, *, items: int = 6, theme: Theme = LIGHT) -> Path:
    """The views of the most and the least divergent items as arrows on the first two eigenvectors.

    Args:
        view: the projection.
        path: of the picture.
        items: how many of each, at most nine.
        theme: paper and ink.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    canvas, left = blank(11.5, 5.4, theme, columns=2, column=1)
    right = canvas.add_subplot(1, 2, 2, sharex=left, sharey=left)
    _dress(right, theme)
    worst, best = view.spreads[:items], view.spreads[::-1][:items]
    for axes, chosen, title in ((left, worst, "views that diverge most"), (right, best, "and least")):
        axes.scatter(*view.arrows.T, s=4, color=OTHER, alpha=0.35, linewidths=0)
        for number, spread in enumerate(chosen):
            colour = theme.colours[number % len(theme.colours)]
            for row in spread.rows:
                axes.annotate(
                    "", view.arrows[row], (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.3}
                )
            label = f"{_short(spread.item)}: spread {spread.spread:.2f}, {spread.angle_deg:.0f}°"
            axes.plot([], [], color=colour, label=label)
        axes.set_title(title, loc="left", fontsize=10, color=theme.ink)
        axes.set_xlabel("first eigenvector")
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.14), fontsize=8, frameon=False, labelcolor=theme.ink
        )
    left.set_ylabel("second eigenvector")
    return saved(canvas, path)


def blank(
    width_in: float, height_in: float, theme: Theme, *, columns: int = 1, column: int = 1
) -> tuple[Any, Any]:
    """A figure of its own (no global state) with its first axes, dressed.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    figures = library("matplotlib.figure", "Drawing plots")
    canvas = figures.Figure(figsize=(width_in, height_in), layout="constrained", facecolor=theme.paper)
    axes = canvas.add_subplot(1, columns, column)
    _dress(axes, theme)
    return canvas, axes


def legend(axes: Any, theme: Theme, *, loc: str, anchor: tuple[float, float] | None = None) -> None:
    """A legend without a frame, in the theme's ink."""
    box = axes.legend(frameon=False, fontsize=8.5, labelcolor=theme.ink, loc=loc, bbox_to_anchor=anchor)
    for handle in box.legend_handles:
        if hasattr(handle, "set_sizes"):  # dots of a map of thousands are too small to tell their shapes
            handle.set_sizes([LEGEND_DOT])


def saved(canvas: Any, path: Path) -> Path:
    """Write the figure; its folder is made where it is absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(path, dpi=130, facecolor=canvas.get_facecolor())
    return path


def _dress(axes: Any, theme: Theme) -> None:
    axes.set_facecolor(theme.paper)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(theme.line)
    axes.tick_params(colors=theme.quiet, labelsize=8.5)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(theme.ink)


def _short(text: str, most: int = 28) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
