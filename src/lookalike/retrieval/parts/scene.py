"""Where an item is in a scene: windows of several sizes through the embedder, the best ones marked.

"Where's Wally": every window is a query photo; its score is that of the wanted item's closest view.
The best windows are moved and zoomed a little, what overlaps a better mark is left out, and each mark
is drawn tight around what its window frames.
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
from lookalike.errors import QueryError
from lookalike.retrieval.parts.boxes import around, unlapped, windows
from lookalike.retrieval.parts.evidence import evidence, tightened

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

    Raises:
        QueryError: the number of marks is not positive.
    """

    scales: tuple[float, ...] = (1.0, 0.7, 0.5, 0.36, 0.25)
    stride: float = 0.5
    refined: int = 4
    rounds: int = 1
    overlap: float = 0.3
    most: int = 5

    def __post_init__(self) -> None:
        if self.most < 1:
            raise QueryError(f"{self.most} marks were asked for.", hint="Ask for at least one.")


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

    The order is that of score and evidence together (`evidence`): a window must look like the item,
    and like a photo of a thing.

    Args:
        embedder: the model that made the wanted vectors.
        scene: upright, in sRGB.
        wanted: what to look for.
        looking: windows, refinement, and how many marks.
    """
    seen = Seen.of(
        embedder, scene, windows(scene.width, scene.height, scales=looking.scales, stride=looking.stride)
    )
    for _ in range(looking.rounds):
        best = unlapped(
            seen.boxes, seen.worth(wanted).tolist(), most=looking.refined, overlap=looking.overlap
        )
        near = [box for number in best for box in around(seen.boxes[number], shift=0.17, zoom=1.25)]
        more = [box for box in dict.fromkeys(near) if box not in set(seen.boxes)]
        if more:
            seen = seen.with_more(Seen.of(embedder, scene, more))
    kept = unlapped(seen.tight, seen.worth(wanted).tolist(), most=looking.most, overlap=looking.overlap)
    return tuple(seen.mark(number, wanted) for number in kept)


@dataclass(frozen=True, eq=False)
class Seen:
    """Windows of a scene as the model sees them.

    Args:
        boxes: as shares of the scene.
        tight: the boxes around what each frames.
        vectors: shape (windows, width).
        framed: evidence that each frames something, shape (windows,).
    """

    boxes: tuple[Crop, ...]
    tight: tuple[Crop, ...]
    vectors: Array
    framed: Array

    @classmethod
    def of(cls, embedder: Embedder, scene: Image.Image, boxes: Sequence[Crop]) -> Seen:
        """Look at some windows."""
        rows, framed, tight = [], [], list[Crop]()
        for start in range(0, len(boxes), BATCH):
            some = boxes[start : start + BATCH]
            photos = [part_of(scene, box, size_px=embedder.card.size_px) for box in some]
            rows.append(embedder.encode(photos))
            worth, cells = evidence(photos)
            framed.append(worth)
            tight += [tightened(*each) for each in zip(some, cells, photos, strict=True)]
        return cls(tuple(boxes), tuple(tight), np.concatenate(rows), np.concatenate(framed))

    def with_more(self, other: Seen) -> Seen:
        """These windows and others."""
        return Seen(
            self.boxes + other.boxes,
            self.tight + other.tight,
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.framed, other.framed]),
        )

    def worth(self, wanted: Wanted) -> Array:
        """By what windows are put in order, shape (windows,)."""
        return np.asarray((self.vectors @ wanted.vectors.T).max(axis=1) + self.framed, np.float32)

    def mark(self, number: int, wanted: Wanted) -> Mark:
        """The mark of a window."""
        scores = self.vectors[number] @ wanted.vectors.T
        nearest = int(scores.argmax())
        return Mark(self.tight[number], float(scores[nearest]), wanted.items[nearest], wanted.views[nearest])
