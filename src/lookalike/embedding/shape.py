"""The descriptor's shape block: edges and silhouette inside the item's own box, blind to mirroring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

SIDE_PX = 48
"""The item's box is resampled to this square."""
CELLS = 6
COARSE_CELLS = 2
ORIENTATIONS = 8
TAIL = 0.015
"""Share of the item's mass that may lie beyond each side of its box."""
MARGIN = 0.08
"""Added around the box, as a share of its side, so that the outline lies inside."""
OUTLINE = 0.5
"""Weight of the silhouette's edges against those of lightness."""
PYRAMID = (0.6, 1.0)
"""Weights of the edge histograms over 6 x 6 and 2 x 2 cells."""
MASK_CELLS = 8
MASK_SHARE = 0.6
"""Weight of the filled silhouette against the edges."""


def shape_block(lightness: Plane, weight: Plane) -> NDArray[np.float32]:
    """Unit vector of edges and silhouette, shape (``shape_width()``,).

    A photo and its mirror image have the same block: of each pair of mirrored coordinates the
    sum and the absolute difference are kept.

    Args:
        lightness: shape (height, width), 0..1.
        weight: how much each pixel belongs to the item, shape (height, width).
    """
    rows, columns = item_box(weight)
    down, across = _resampler(len(lightness), rows), _resampler(lightness.shape[1], columns)
    inside = np.outer(_inside(len(lightness), rows), _inside(lightness.shape[1], columns))
    item = np.asarray(inside * (down @ weight @ across.T), np.float32)
    inner = _edges(np.asarray(down @ lightness @ across.T, np.float32))
    edges = np.asarray(inner * _widened(item) + OUTLINE * _edges(item), np.float32)
    cells = _pooled(edges, CELLS)
    coarse = _pooled(edges, COARSE_CELLS)
    mask = _pooled(item[None], MASK_CELLS)
    parts = [
        PYRAMID[0] * _unit(np.sqrt(_unmirrored_edges(cells))),
        PYRAMID[1] * _unit(np.sqrt(_unmirrored_edges(coarse))),
        MASK_SHARE * _unit(_unmirrored(mask, mask[:, :, ::-1])),
    ]
    return _unit(np.concatenate(parts)).astype(np.float32)


def shape_width() -> int:
    """Number of coordinates of the shape block."""
    return ORIENTATIONS * (CELLS**2 + COARSE_CELLS**2) + MASK_CELLS**2


def item_box(weight: Plane) -> tuple[tuple[float, float], tuple[float, float]]:
    """The square box around the item: (top, bottom), (left, right) in pixels; it may reach outside."""
    spans = [_span(weight.sum(axis=1)), _span(weight.sum(axis=0))]
    side = max(max(stop - start for start, stop in spans), 1.0) * (1 + 2 * MARGIN)
    (top, bottom), (left, right) = (
        ((start + stop - side) / 2, (start + stop + side) / 2) for start, stop in spans
    )
    return (top, bottom), (left, right)


def _span(mass: Plane) -> tuple[float, float]:
    """Where the middle of the mass begins and ends, in pixels, interpolated."""
    running = np.concatenate([[0.0], np.cumsum(mass, dtype=np.float64)])
    ends = np.interp([TAIL * running[-1], (1 - TAIL) * running[-1]], running, np.arange(len(running)))
    return float(ends[0]), float(ends[1])


def _resampler(length: int, span: tuple[float, float]) -> Plane:
    """Matrix of shape (SIDE_PX, length) that samples a span by triangles, repeating the edge pixels."""
    step = (span[1] - span[0]) / SIDE_PX
    centres = np.clip(span[0] + (np.arange(SIDE_PX) + 0.5) * step, 0.5, length - 0.5)
    distance = np.abs(centres[:, None] - (np.arange(length) + 0.5))
    taps = np.maximum(0, 1 - distance / max(step, 1.0))
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)


def _inside(length: int, span: tuple[float, float]) -> Plane:
    """Which samples of a span lie on the photo: 0 or 1, shape (SIDE_PX,)."""
    centres = span[0] + (np.arange(SIDE_PX) + 0.5) * (span[1] - span[0]) / SIDE_PX
    return ((centres >= 0) & (centres <= length)).astype(np.float32)


def _edges(plane: Plane) -> Plane:
    """Gradient magnitude shared between the two nearest of the unsigned orientations.

    Shape (ORIENTATIONS, SIDE_PX, SIDE_PX).
    """
    framed = np.pad(plane, 1, mode="edge")
    across = (framed[1:-1, 2:] - framed[1:-1, :-2]).ravel()
    down = (framed[2:, 1:-1] - framed[:-2, 1:-1]).ravel()
    position = np.arctan2(down, across) * (ORIENTATIONS / np.pi) + ORIENTATIONS
    low = position.astype(np.int64)
    length, part, pixel = np.sqrt(across**2 + down**2), position - low, np.arange(plane.size)
    planes = np.zeros((ORIENTATIONS, plane.size), np.float32)
    planes[low % ORIENTATIONS, pixel] = length * (1 - part)
    planes[(low + 1) % ORIENTATIONS, pixel] = length * part
    return planes.reshape(ORIENTATIONS, SIDE_PX, SIDE_PX)


def _widened(item: Plane) -> Plane:
    """The item and a pixel around it."""
    framed = np.pad(item, 1)
    tall = np.maximum(np.maximum(framed[:-2], framed[1:-1]), framed[2:])
    return np.asarray(np.maximum(np.maximum(tall[:, :-2], tall[:, 1:-1]), tall[:, 2:]), np.float32)


def _pooled(planes: Plane, cells: int) -> Plane:
    """Sums over a square grid of cells that overlap as triangles, shape (planes, cells, cells)."""
    position = (np.arange(SIDE_PX) + 0.5) / SIDE_PX * cells - 0.5
    share = np.maximum(0, 1 - np.abs(np.arange(cells)[:, None] - position)).astype(np.float32)
    return np.asarray(share @ planes @ share.T, np.float32)


def _unmirrored_edges(cells: Plane) -> Plane:
    """Edge histograms with their mirror image: an orientation of angle t becomes pi - t."""
    opposite = -np.arange(ORIENTATIONS) % ORIENTATIONS
    return _unmirrored(cells, cells[opposite][:, :, ::-1])


def _unmirrored(planes: Plane, mirrored: Plane) -> Plane:
    """Sum and absolute difference of each mirrored pair, flat."""
    half = planes.shape[2] // 2
    left, right = planes[:, :, :half], mirrored[:, :, :half]
    return np.concatenate([(left + right).ravel(), np.abs(left - right).ravel()])


def _unit(values: Plane) -> Plane:
    """The vector at length one; all equal where it has no length."""
    length = np.linalg.norm(values)
    if length < 1e-9:
        return np.full_like(values, len(values) ** -0.5)
    return np.asarray(values / length, np.float32)
