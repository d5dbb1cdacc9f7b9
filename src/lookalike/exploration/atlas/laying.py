"""The atlas as a value: where each photo lies, and what it may be coloured by."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.catalogue.items import Item, View
from lookalike.errors import ExplorationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.clusters import ClusterSettings, cluster
from lookalike.exploration.eigenvectors import eigenvector_view
from lookalike.exploration.features import Points
from lookalike.exploration.naming import cluster_names, naming_columns
from lookalike.exploration.palette import COLOURS, LIGHT, Theme
from lookalike.exploration.plots import draw_map
from lookalike.exploration.projection import MapSettings, project, trust_of

Progress = Callable[[int, int], None]
"""Called with steps or photos done and their number."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """A catalogue laid out.

    Args:
        seen: the photos, one a point.
        points: where each lies, shape (photos, 2).
        method: how the map was made, in words.
        trust: trustworthiness of the map; None for fewer than four photos.
        columns: values by which photos may be coloured, by name; None where a photo has none.
        scores: numbers by which they may be shaded, by name; NaN where a photo has none.
    """

    seen: Evaluated
    points: Points
    method: str
    trust: float | None
    columns: Mapping[str, list[str | None]]
    scores: Mapping[str, Points]

    def to_csv(self, path: Path) -> Path:
        """A line a photo: where it lies, its item, and all it may be coloured by."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["path", "item_id", "x", "y", *self.columns, *self.scores])
            for row, view in enumerate(self.seen.views):
                values = ["" if value[row] is None else value[row] for value in self.columns.values()]
                shades = [
                    "" if np.isnan(score[row]) else f"{score[row]:.6g}" for score in self.scores.values()
                ]
                x, y = self.points[row]
                writer.writerow(
                    [view.name, self.seen.items[row].id, f"{x:.4f}", f"{y:.4f}", *values, *shades]
                )
        return path

    def to_png(self, path: Path, *, column: str | None = None, theme: Theme = LIGHT) -> Path:
        """The map as a picture, coloured by a column (the first one where none is named).

        Raises:
            ExplorationError: the atlas has no such column.
            MissingExtra: matplotlib is not installed.
        """
        if column is not None and column not in self.columns:
            raise ExplorationError(
                f"The atlas has no column {column!r}.", hint=f"It has: {', '.join(self.columns)}."
            )
        name = column or next(iter(self.columns))
        return draw_map(self.points, self.columns[name], path, title=f"{name} · {self.method}", theme=theme)


def lay_out(
    seen: Evaluated, settings: MapSettings, *, k: int = len(COLOURS), progress: Progress | None = None
) -> Atlas:
    """A map, clusters with names, the attributes, and how far each item's views lie apart.

    Args:
        seen: photos with vectors.
        settings: of the map.
        k: clusters; fewer where there are fewer photos.
        progress: told after each of three steps.

    Raises:
        ExplorationError: features that are not finite, or a setting out of range.
    """
    tell = progress or (lambda _done, _total: None)
    made = project(seen.matrix, settings)
    tell(1, 3)
    clustering = cluster(seen.matrix, ClusterSettings(k=max(1, min(k, len(seen) // 2)), seed=settings.seed))
    names = cluster_names(seen, clustering)
    tell(2, 3)
    columns: dict[str, list[str | None]] = {"cluster": [names[label] for label in clustering.labels]}
    found = naming_columns(seen)
    first: dict[str, list[str | None]] = {n: found[n] for n in ("category", "role") if n in found}
    trust = trust_of(seen.matrix, made)
    tell(3, 3)
    return Atlas(seen, made.points, made.name, trust, {**columns, **first, **found}, _scores(seen))


def _scores(seen: Evaluated) -> dict[str, Points]:
    """Within-item spread where items have several views, and the catalogue's own numbers."""
    scores: dict[str, Points] = {}
    if len(set(seen.codes.tolist())) < len(seen):
        spread = np.full(len(seen), np.nan)
        for one in eigenvector_view(seen).spreads:
            spread[list(one.rows)] = one.spread
        scores["spread of the item's views"] = spread
    for name in sorted({key for item in seen.items for key in item.attributes}):
        values = [view.attributes.get(name, item.attributes.get(name)) for item, view in _pairs(seen)]
        numbers = [
            float(v) if isinstance(v, int | float) and not isinstance(v, bool) else np.nan for v in values
        ]
        if len({number for number in numbers if number == number}) > 2:
            scores[name] = np.array(numbers)
    return scores


def _pairs(seen: Evaluated) -> Iterable[tuple[Item, View]]:
    return zip(seen.items, seen.views, strict=True)
