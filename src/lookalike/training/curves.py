"""Loss and accuracy over the epochs: a CSV, a picture, and TensorBoard's logs on request."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.errors import MissingExtra

LINES = ("-", "--", ":")
"""Of the first, second and third figure, where a colour stands for a run."""

History = Sequence[Mapping[str, float]]

LOSSES = {"train_loss": "training", "val_loss": "validation"}
RIGHT = {"accuracy": "accuracy", "top5": "top 5", "recall": "item R@1"}


def write_curves(history: History, folder: Path, *, tensorboard: bool = False) -> None:
    """Write ``curves.csv``; the picture is drawn once the run is over, by ``draw_curves``.

    Args:
        history: figures of each epoch.
        folder: where to.
        tensorboard: also write the newest epoch to ``folder/tensorboard``; see ``require_tensorboard``.
    """
    names = list(dict.fromkeys(name for found in history for name in found))
    text = io.StringIO()
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows([dict(found) for found in history])
    write_atomically(folder / "curves.csv", text.getvalue())
    if tensorboard:
        _log(history[-1], folder / "tensorboard")


def draw_curves(runs: Mapping[str, History], file: Path) -> Path:
    """Loss left, accuracy or recall right; of several runs each has a colour, each figure a kind of line.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError as error:
        raise MissingExtra("Drawing curves", extra="train") from error
    figure = Figure(figsize=(9.6, 3.8 + 0.2 * len(runs)), layout="constrained")
    for axes, curves, what in zip(
        figure.subplots(1, 2), (LOSSES, RIGHT), ("loss", "share right"), strict=True
    ):
        for run, (title, history) in enumerate(runs.items()):
            for kind, (name, word) in enumerate(curves.items()):
                points = [(found["epoch"], found[name]) for found in history if name in found]
                if not points:
                    continue
                several = len(runs) > 1
                axes.plot(
                    *zip(*points, strict=True),
                    label=f"{title}: {word}" if several else word,
                    color=f"C{run if several else kind}",
                    linestyle=LINES[kind] if several else "-",
                    marker="." if len(points) < 30 else "",
                )
        axes.set_xlabel("epoch")
        axes.set_ylabel(what)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.lines:
            axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16))  # covers no curve
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if curves is RIGHT:
            axes.set_ylim(0, 1.02)
    figure.suptitle(", ".join(runs))
    figure.savefig(file, dpi=110)
    return file


def _log(found: Mapping[str, float], folder: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for name, value in found.items():
            writer.add_scalar(name, value, int(found["epoch"]))
