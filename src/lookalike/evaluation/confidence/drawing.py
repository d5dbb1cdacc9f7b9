"""Pictures of how sure answers are: reliability, open-set identification, difficulty."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.errors import MissingExtra
from lookalike.evaluation.confidence.measuring import Judgements
from lookalike.evaluation.confidence.open_set import Truths, Values, reliability
from lookalike.retrieval.confidence.outcomes import SAME

COLOURS = ("#1d4a45", "#c2703d", "#2f6f9f", "#8a5a83", "#6b7280")
GREY, INK = "#b8bec4", "#22282d"
GROUPS = 5
"""Parts of equally many queries, from the easiest to the hardest."""


def draw_confidence(told: Mapping[str, Judgements], path: Path) -> Path:
    """Three panels: said against so, found against falsely believed, found against predicted difficulty.

    Args:
        told: judgements by name of the catalogue.
        path: of the picture; its ending says the format (png, svg, pdf).

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    canvas, (left, middle, right) = _panels()
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, zorder=0)
    for colour, (name, one) in zip(COLOURS, told.items(), strict=False):
        bins = reliability(one.said[:, SAME], one.right)
        left.plot(bins.said, bins.so, "o-", color=colour, markersize=4, label=name)
        middle.plot(*_open_set(one.said[:, SAME], one.right, one.present), color=colour, label=name)
        middle.plot(*_open_set(one.scores[:, 0], one.right, one.present), color=colour, linestyle=":")
        hard, found = _by_difficulty(one)
        right.plot(hard, found, "o-", color=colour, markersize=4, label=name)
    _named(left, "Said to be the same item", "so it was", "Reliability")
    _named(middle, "absent things that are believed", "present things found and believed", "Open set")
    middle.plot([], [], color=INK, linestyle=":", label="score as it is")
    middle.set_xlim(0, 0.5)
    _named(right, "predicted difficulty", "right item first", "Difficulty (fifths)")
    left.legend(frameon=False, fontsize=8, loc="upper left")
    middle.legend(frameon=False, fontsize=8, loc="lower right")
    canvas.tight_layout()
    canvas.savefig(path, dpi=130)
    return path


def _open_set(said: Values, right: Truths, present: Truths) -> tuple[Values, Values]:
    """Shares of absent and of present queries above each threshold."""
    thresholds = np.sort(said)[::-1]
    alarms, found = np.sort(said[~present]), np.sort(said[present & right])
    false = 1 - np.searchsorted(alarms, thresholds, "left") / len(alarms)
    true = (len(found) - np.searchsorted(found, thresholds, "left")) / present.sum()
    return false, true


def _by_difficulty(told: Judgements) -> tuple[Values, Values]:
    """Mean predicted difficulty and share of right answers, by fifths."""
    parts = np.array_split(np.argsort(-told.ease, kind="stable"), GROUPS)
    hard = [1 - told.ease[part].mean() for part in parts]
    return np.array(hard), np.array([(told.places[part] == 1).mean() for part in parts])


def _named(axes: Any, across: str, up: str, title: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_ylim(0, 1.03)
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def _panels() -> tuple[Any, Any]:
    try:
        figure = importlib.import_module("matplotlib.figure")
        importlib.import_module("matplotlib.backends.backend_agg")
    except ImportError as error:
        raise MissingExtra("Drawing curves", extra="explore") from error
    canvas = figure.Figure(figsize=(12.5, 4.0))
    return canvas, canvas.subplots(1, 3)
