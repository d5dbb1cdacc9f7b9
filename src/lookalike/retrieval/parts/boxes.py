"""Boxes on a photo as shares of its width and height: windows, overlap, and the best of overlapping ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.crops import Crop

THINNEST = 1 / 12
"""Least side of a window, as a share of the photo's longer side: a strip is not cut into crumbs."""


def windows(
    width_px: int,
    height_px: int,
    *,
    scales: Sequence[float],
    stride: float,
    aspects: Sequence[float] = (1.0,),
) -> list[Crop]:
    """Windows in rows over a photo, at several sizes.

    Args:
        width_px, height_px: of the photo.
        scales: sides of the windows, as shares of the photo's shorter side.
        stride: from one window to the next, as a share of their side.
        aspects: width over height of the windows; their area stays that of the square.
    """
    short, least, found = min(width_px, height_px), THINNEST * max(width_px, height_px), []
    for scale in scales:
        for aspect in aspects:
            wide = min(max(scale * short * aspect**0.5, least), width_px) / width_px
            high = min(max(scale * short / aspect**0.5, least), height_px) / height_px
            found += [
                (left, top, left + wide, top + high)
                for top in _starts(high, stride)
                for left in _starts(wide, stride)
            ]
    return list(dict.fromkeys(found))


def _starts(length: float, stride: float) -> list[float]:
    """Where windows of a length begin, evenly from edge to edge."""
    count = 1 + int(np.ceil((1 - length) / (stride * length) - 1e-6))
    return [float(start) for start in np.linspace(0, 1 - length, count)]


def overlaps(box: Crop, others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of a box with others, shape (n,).

    Args:
        box: one box.
        others: shape (n, 4).
    """
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    both = np.maximum(wide, 0) * np.maximum(high, 0)
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    return np.asarray(both / ((box[2] - box[0]) * (box[3] - box[1]) + areas - both))


def unlapped(boxes: Sequence[Crop], scores: Sequence[float], *, most: int, overlap: float) -> list[int]:
    """Numbers of the best boxes, best first, none of which overlaps a better one by more than ``overlap``.

    Boxes that lie within a better one, or around it, count as overlapping by the share of the smaller.
    """
    corners, kept = np.array(boxes, np.float64).reshape(-1, 4), list[int]()
    for number in np.argsort(-np.asarray(scores, np.float64), kind="stable"):
        if len(kept) == most:
            break
        if not kept or _nested(boxes[number], corners[kept]).max() <= overlap:
            kept.append(int(number))
    return kept


def _nested(box: Crop, others: NDArray[np.float64]) -> NDArray[np.float64]:
    """The larger of IoU and two thirds of the shared part of the smaller box."""
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    both = np.maximum(wide, 0) * np.maximum(high, 0)
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    smaller = np.minimum((box[2] - box[0]) * (box[3] - box[1]), areas)
    return np.asarray(np.maximum(overlaps(box, others), both / smaller * 2 / 3))


def around(box: Crop, *, shift: float, zoom: float) -> list[Crop]:
    """A box's neighbours: shifted by a share of its sides each way, smaller and larger; on the photo."""
    wide, high = box[2] - box[0], box[3] - box[1]
    found = []
    for factor in (1 / zoom, 1.0, zoom):
        for across, down in ((0, 0), (-shift, 0), (shift, 0), (0, -shift), (0, shift)):
            x, y = (box[0] + box[2]) / 2 + across * wide, (box[1] + box[3]) / 2 + down * high
            left, top = max(0.0, x - factor * wide / 2), max(0.0, y - factor * high / 2)
            right, bottom = min(1.0, x + factor * wide / 2), min(1.0, y + factor * high / 2)
            if right - left > 0.01 and bottom - top > 0.01 and (factor, across, down) != (1.0, 0, 0):
                found.append((left, top, right, bottom))
    return found
