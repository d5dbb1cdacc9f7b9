"""Where an item is in a scene: windows of several sizes through the embedder, the best ones marked.

"Where's Wally": every window is a query photo; its score is that of the wanted item's closest view.
The best windows are moved and zoomed a little, and what overlaps a better mark is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.crops import Crop
from lookalike.catalogue.photos import part_of
from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.parts.boxes import around, unlapped, windows

Array = NDArray[np.float32]

LONG_SIDE_PX = 1600
"""Scenes are opened at this size at most."""
BATCH = 32
"""Windows in one go through the embedder."""


@dataclass(frozen=True, slots=True)
class Looking:
    """How a scene is gone through.

    Args:
        scales: sides of the windows, as shares of the scene's shorter side.
        stride: from one window to the next, as a share of their side.
        refined: how many of the best windows are moved and zoomed.
        rounds: how often.
        overlap: marks that overlap a better one by more are left out (IoU).
        most: marks.
    """

    scales: tuple[float, ...] = (1.0, 0.7, 0.5, 0.36, 0.25)
    stride: float = 0.5
    refined: int = 6
    rounds: int = 2
    overlap: float = 0.3
    most: int = 10


DEFAULT_LOOKING = Looking()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place of a scene where an item seems to be.

    Args:
        box: left, top, right, bottom as shares of the scene.
        score: of the item's closest view.
        item: its id.
        view: which of its vectors met.
    """

    box: Crop
    score: float
    item: str
    view: int

    def to_dict(self) -> dict[str, Any]:
        """The mark as JSON has it."""
        box = [round(share, 4) for share in self.box]
        return {"box": box, "score": round(self.score, 6), "item": self.item, "view": self.view}


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is looked for.

    Args:
        items: ids, one a vector.
        views: which view of its item each vector is.
        vectors: of views, weighed as queries are; shape (views, width).
    """

    items: tuple[str, ...]
    views: tuple[int, ...]
    vectors: Array

    @classmethod
    def of(cls, vectors: Mapping[str, Array]) -> Wanted:
        """The views of items by id."""
        items = tuple(item for item, rows in vectors.items() for _ in rows)
        views = tuple(number for rows in vectors.values() for number in range(len(rows)))
        return cls(items, views, np.concatenate(list(vectors.values())))


def look_for(
    embedder: Embedder, scene: Image.Image, wanted: Wanted, *, looking: Looking = DEFAULT_LOOKING
) -> tuple[Mark, ...]:
    """Marks on a scene, best first; each window is marked for the item it is closest to.

    Args:
        embedder: the model that made the wanted vectors.
        scene: upright, in sRGB.
        wanted: what to look for.
        looking: windows, refinement, and how many marks.
    """
    boxes = windows(scene.width, scene.height, scales=looking.scales, stride=looking.stride)
    closeness = window_vectors(embedder, scene, boxes) @ wanted.vectors.T
    for _ in range(looking.rounds):
        best = unlapped(boxes, closeness.max(axis=1).tolist(), most=looking.refined, overlap=looking.overlap)
        more = [near for number in best for near in around(boxes[number], shift=0.17, zoom=1.25)]
        more = [box for box in dict.fromkeys(more) if box not in set(boxes)]
        if not more:
            break
        boxes += more
        closeness = np.concatenate([closeness, window_vectors(embedder, scene, more) @ wanted.vectors.T])
    return _marks(boxes, closeness, wanted, looking)


def _marks(boxes: Sequence[Crop], closeness: Array, wanted: Wanted, looking: Looking) -> tuple[Mark, ...]:
    scores, nearest = closeness.max(axis=1), closeness.argmax(axis=1)
    kept = unlapped(boxes, scores.tolist(), most=looking.most, overlap=looking.overlap)
    return tuple(
        Mark(boxes[n], float(scores[n]), wanted.items[nearest[n]], wanted.views[nearest[n]]) for n in kept
    )


def window_vectors(embedder: Embedder, scene: Image.Image, boxes: Sequence[Crop]) -> Array:
    """Unit vectors of parts of a scene, shape (boxes, width)."""
    size_px, rows = embedder.card.size_px, []
    for start in range(0, len(boxes), BATCH):
        parts = [part_of(scene, box, size_px=size_px) for box in boxes[start : start + BATCH]]
        rows.append(embedder.encode(parts))
    return np.concatenate(rows)
