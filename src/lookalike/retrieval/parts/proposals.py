"""Boxes on a query photo that may frame its item: class-agnostic, without a detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.crops import Crop
from lookalike.catalogue.photos import Photo, part_of, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import QueryError
from lookalike.retrieval.explaining.agreement import explainer_of
from lookalike.retrieval.parts.boxes import unlapped, windows
from lookalike.retrieval.parts.evidence import evidence
from lookalike.retrieval.query import MOST_PARTS, Query, QueryPhoto

SCALES, STRIDE = (0.7, 0.5, 0.36, 0.25, 0.18), 0.5
"""Windows that are considered, as shares of the shorter side, and the step as a share of their side."""
OVERLAP = 0.3
AREA = 0.6
"""Share of the salience that a window must hold for each share of the photo that it takes."""

By = Literal["evidence", "saliency"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A box that may frame the item.

    Args:
        box: as shares of the photo.
        worth: higher is likelier; for ordering only.
    """

    box: Crop
    worth: float


def propose(
    embedder: Embedder, photo: Photo, *, most: int = MOST_PARTS, by: By = "evidence"
) -> tuple[Proposal, ...]:
    """Boxes on a photo, best first; fewer on photos too thin for windows.

    A window is worth what its middle holds that its edge does not (`evidence`), or how much of what
    makes the model's vector of the whole photo comes from inside it (`saliency`: SCDA, Wei et al., arXiv
    1604.04994, for pooled maps). The first finds more, and needs no pass of the model.

    Args:
        embedder: the model.
        photo: decoded for it.
        most: boxes, 1 to 5.
        by: what is counted.

    Raises:
        QueryError: ``most`` is out of range.
        EmbedderError: saliency is asked of a model without feature maps.
    """
    if not 1 <= most <= MOST_PARTS:
        raise QueryError(f"{most} parts were asked for.", hint=f"Ask for 1 to {MOST_PARTS}.")
    left, top, right, bottom = photo.content
    image = Image.fromarray(photo.pixels[top:bottom, left:right])
    boxes = windows(image.width, image.height, scales=SCALES, stride=STRIDE)
    if by == "saliency":
        worth = _salience(embedder, photo, boxes)
    else:
        worth = evidence([part_of(image, box, size_px=photo.pixels.shape[0]) for box in boxes])[0]
    kept = unlapped(boxes, worth.tolist(), most=most, overlap=OVERLAP)
    return tuple(Proposal(boxes[number], float(worth[number])) for number in kept)


def _salience(embedder: Embedder, photo: Photo, boxes: Sequence[Crop]) -> NDArray[np.float32]:
    """For each box its share of the salience, less a part of its share of the photo."""
    cells = np.maximum(explainer_of(embedder).saliency(photo), 0)
    summed = np.pad(cells.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    left, top, right, bottom = (share * len(cells) / photo.pixels.shape[0] for share in photo.content)
    found = []
    for box in boxes:
        x0, x1 = (round(left + share * (right - left)) for share in (box[0], box[2]))
        y0, y1 = (round(top + share * (bottom - top)) for share in (box[1], box[3]))
        held = summed[y1, x1] - summed[y0, x1] - summed[y1, x0] + summed[y0, x0]
        found.append(held / max(float(summed[-1, -1]), 1e-9) - AREA * (box[2] - box[0]) * (box[3] - box[1]))
    return np.array(found, np.float32)


def with_parts(embedder: Embedder, query: Query) -> Query:
    """The query asking proposals beside each of its photos; the photo or part that wins is the match's.

    It still says that they are parts: photos of one thing that must all be met are judged otherwise.

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
    return replace(query, photos=tuple(asked), pooling=query.pooling or "best")


def within(outer: Crop | None, inner: Crop) -> Crop:
    """A box given as shares of another box, as shares of the photo."""
    if outer is None:
        return inner
    left, top, right, bottom = outer
    wide, high = right - left, bottom - top
    return left + inner[0] * wide, top + inner[1] * high, left + inner[2] * wide, top + inner[3] * high
