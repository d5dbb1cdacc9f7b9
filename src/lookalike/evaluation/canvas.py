"""What all plots share: matplotlib without its global state, and three colours."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from lookalike.errors import MissingExtra

ACCENT, GREY, INK = "#2f6f9f", "#b8bec4", "#22282d"


def require_plots() -> None:
    """Refuse at once where plots are wanted and matplotlib is absent: not when all is measured.

    Raises:
        MissingExtra: it is.
    """
    _matplotlib("figure")


def canvas_of(width_in: float, height_in: float) -> tuple[Any, Any]:
    """A matplotlib figure of its own (no global state) and its axes.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    canvas, ((axes,),) = canvases_of(width_in, height_in)
    return canvas, axes


def canvases_of(width_in: float, height_in: float, *, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
    """A figure and its axes, shape (rows, columns).

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    canvas = _matplotlib("figure").Figure(figsize=(width_in, height_in), layout="constrained")
    panels = canvas.subplots(rows, columns, squeeze=False)
    for axes in panels.flat:
        axes.spines[["top", "right"]].set_visible(False)
    return canvas, panels


def ticker() -> Any:
    """Matplotlib's module of that name.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    return _matplotlib("ticker")


def saved(canvas: Any, path: Path) -> Path:
    """Write a figure; its folder is made if absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(path, dpi=140)
    return path


def _matplotlib(module: str) -> Any:
    try:
        return importlib.import_module(f"matplotlib.{module}")
    except ImportError as error:
        raise MissingExtra("Drawing plots", extra="explore") from error
