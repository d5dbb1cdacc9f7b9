"""Boxes and polygons as shares of a photo's width and height."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

Crop = tuple[float, float, float, float]
"""(left, top, right, bottom), each between 0 and 1."""

_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|-?\.\d+")


def numbers_in(text: str) -> list[float]:
    """The numbers of "0.1, 0.2, 0.9, 1" or "[10, 20, 90, 100]".

    >>> numbers_in("[10, 20.5]")
    [10.0, 20.5]
    """
    try:
        read = json.loads(text, parse_int=float)  # a number of 400 digits is infinite, no error
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, list) and all(isinstance(each, int | float) for each in read):
        return [float(each) for each in read]
    return [float(each) for each in _NUMBER.findall(text)]


def box(corners: Sequence[float], size_px: Callable[[], tuple[int, int]]) -> Crop | None:
    """The crop that (left, top, right, bottom) means; None where that is no box.

    Args:
        corners: four numbers, shares where all are at most 1, else pixels.
        size_px: gives the photo's (width, height); called for pixels only.
    """
    if len(corners) != 4:
        return None
    return around([(corners[0], corners[1]), (corners[2], corners[3])], size_px)


def polygon(coordinates: Sequence[float], size_px: Callable[[], tuple[int, int]]) -> Crop | None:
    """The box around the polygon x1, y1, x2, y2, ...; None where that is none."""
    if len(coordinates) < 4 or len(coordinates) % 2:
        return None
    return around(list(zip(coordinates[::2], coordinates[1::2], strict=True)), size_px)


def around(points: Sequence[tuple[float, float]], size_px: Callable[[], tuple[int, int]]) -> Crop | None:
    """The box around some points, clipped to the photo; None where nothing is left of it."""
    width, height = (1, 1) if all(max(point) <= 1 for point in points) else size_px()
    if width < 1 or height < 1:
        return None
    xs = [min(max(x / width, 0.0), 1.0) for x, _ in points]
    ys = [min(max(y / height, 0.0), 1.0) for _, y in points]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    return (left, top, right, bottom) if left < right and top < bottom else None
