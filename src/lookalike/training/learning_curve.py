"""How much the training set's size matters: one run for each share of it, judged on the same items."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.catalogue.items import Catalogue
from lookalike.errors import MissingExtra, TrainingError
from lookalike.training.extra import require_torch
from lookalike.training.recipe import Recipe
from lookalike.training.running import Progress, Tell, train

if TYPE_CHECKING:
    from lookalike.training.devices import Devices


@dataclass(frozen=True, slots=True)
class Point:
    """One run: the share of the training items that it saw, and its headline with its interval."""

    share: float
    figure: str
    value: float
    low: float
    high: float


def learning_curve(  # noqa: PLR0913 - as train
    catalogue: Catalogue,
    recipe: Recipe,
    out: Path,
    *,
    shares: Sequence[float],
    resume: bool = False,
    devices: Devices | None = None,
    tell: Tell = lambda _: None,
    progress: Progress = lambda *_: None,
) -> list[Point]:
    """Train on each share, each run in a folder of its own; write ``learning_curve.csv`` and ``.png``.

    Args:
        catalogue, recipe: as for ``train``.
        out: where the runs' folders lie.
        shares: of the training items.
        resume: go on with the runs that were begun.
        devices, tell, progress: as for ``train``.

    Raises:
        TrainingError: a share is not above 0 and at most 1, or the held-out items can answer nothing.
        LookalikeError: as ``train``.
    """
    if not shares or not all(0 < share <= 1 for share in shares):
        raise TrainingError("Shares must lie above 0, at most 1.", hint="Such as 0.25,0.5,1.")
    require_torch("Training")
    from lookalike.training.checkpoints import LAST

    points = []
    for share in sorted(shares):
        one = replace(recipe, data=replace(recipe.data, share=share))
        tell(f"{share:.0%} of the training items")
        folder = out / f"share-{share:g}"
        again = resume and (folder / LAST).exists()
        trained = train(catalogue, one, folder, resume=again, devices=devices, tell=tell, progress=progress)
        found = trained.card.quality
        if not found:
            raise TrainingError("The held-out items answer no protocol.", hint="Hold out more items.")
        name, best = next(iter(found.items()))
        points.append(Point(share, name, best["value"], best["low"], best["high"]))
    with (out / "learning_curve.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(asdict(points[0])), lineterminator="\n")
        table.writeheader()
        table.writerows([asdict(point) for point in points])
    draw_learning_curve(points, out / "learning_curve.png", title=recipe.name)
    return points


def draw_learning_curve(points: Sequence[Point], file: Path, *, title: str) -> Path:
    """The figure over the share of the training items, with its 95% interval.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("Drawing a learning curve", extra="train") from error
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    shares, values = [point.share for point in points], [point.value for point in points]
    axes.fill_between(shares, [point.low for point in points], [point.high for point in points], alpha=0.2)
    axes.plot(shares, values, marker="o")
    axes.set_xlabel("share of the training items")
    axes.set_ylabel(points[0].figure.split(",")[0])
    axes.set_ylim(0, 1.02)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title)
    figure.savefig(file, dpi=110)
    return file
