"""Boxes on a query photo that may frame its item: class-agnostic, without a detector.

A window is worth what its middle holds that its edge does not (`evidence`), and as far as the model's
own vector comes from inside it: the cells of the feature map that make up the photo's vector are the
salient ones (SCDA, Wei et al., arXiv 1604.04994, for pooled maps; weakly supervised as in Alibaba's
visual search, arXiv 2102.04674).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from lookalike.catalogue.crops import Crop
from lookalike.catalogue.photos import Photo, part_of, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import QueryError
from lookalike.retrieval.explaining.agreement import explainer_of
from lookalike.retrieval.explaining.grids import Grid
from lookalike.retrieval.parts.boxes import unlapped, windows
from lookalike.retrieval.parts.evidence import evidence
from lookalike.retrieval.query import MOST_PARTS, Query, QueryPhoto

SCALES, STRIDE = (0.8, 0.6, 0.45, 0.33), 0.45
"""Windows that are considered, as shares of the shorter side, and the step as a share of their side."""
OVERLAP = 0.5
AREA = 0.6
"""Share of the salience that a window must hold for each share of the photo that it takes."""
CENTRE: Crop = (0.2, 0.2, 0.8, 0.8)
"""Always among the proposals: people put what they mean into the middle."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A box that may frame the item.

    Args:
        box: as shares of the photo.
        worth: higher is likelier; for ordering only.
    """

    box: Crop
    worth: float


def propose(embedder: Embedder, photo: Photo, *, most: int = MOST_PARTS) -> tuple[Proposal, ...]:
    """Boxes on a photo, best first after the middle; fewer on photos too thin for windows.

    Args:
        embedder: the model, whose feature maps are used where it has them.
        photo: decoded for it.
        most: boxes, 1 to 5.

    Raises:
        QueryError: ``most`` is out of range.
    """
    if not 1 <= most <= MOST_PARTS:
        raise QueryError(f"{most} parts were asked for.", hint=f"Ask for 1 to {MOST_PARTS}.")
    left, top, right, bottom = photo.content
    image = Image.fromarray(photo.pixels[top:bottom, left:right])
    boxes = windows(image.width, image.height, scales=SCALES, stride=STRIDE)
    framed, _ = evidence([part_of(image, box, size_px=photo.pixels.shape[0]) for box in boxes])
    worth = framed + _salience(explainer_of(embedder).saliency(photo), photo, boxes)
    kept = unlapped([CENTRE, *boxes], [np.inf, *worth.tolist()], most=most, overlap=OVERLAP)
    return tuple(Proposal(([CENTRE, *boxes])[n], float([np.inf, *worth][n])) for n in kept)


def _salience(cells: Grid | None, photo: Photo, boxes: Sequence[Crop]) -> np.ndarray:
    """For each box its share of the salience, less a part of its share of the photo; 0 without maps."""
    if cells is None or cells.max() <= 0:
        return np.zeros(len(boxes))
    summed = np.pad(np.maximum(cells, 0).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    left, top, right, bottom = (share * len(cells) / photo.pixels.shape[0] for share in photo.content)
    found = []
    for box in boxes:
        x0, x1 = (round(left + share * (right - left)) for share in (box[0], box[2]))
        y0, y1 = (round(top + share * (bottom - top)) for share in (box[1], box[3]))
        held = summed[y1, x1] - summed[y0, x1] - summed[y1, x0] + summed[y0, x0]
        found.append(held / summed[-1, -1] - AREA * (box[2] - box[0]) * (box[3] - box[1]))
    return np.array(found)


def with_parts(embedder: Embedder, query: Query) -> Query:
    """The query asking proposals beside each of its photos; the photo or part that wins is the match's.

    Raises:
        PhotoError: a photo cannot be used.
    """
    if not query.parts:
        return query
    asked = list[QueryPhoto]()
    for photo in query.photos:
        decoded = read_photo(photo.source, size_px=embedder.card.size_px, crop=photo.crop)
        parts = propose(embedder, decoded, most=query.parts)
        asked += [photo, *(replace(photo, crop=within(photo.crop, part.box)) for part in parts)]
    return replace(query, photos=tuple(asked), parts=0, pooling=query.pooling or "best")


def within(outer: Crop | None, inner: Crop) -> Crop:
    """A box given as shares of another box, as shares of the photo."""
    if outer is None:
        return inner
    left, top, right, bottom = outer
    wide, high = right - left, bottom - top
    return left + inner[0] * wide, top + inner[1] * high, left + inner[2] * wide, top + inner[3] * high
