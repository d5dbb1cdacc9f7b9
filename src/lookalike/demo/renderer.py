"""The camera and the rasteriser: which triangle each pixel of the picture sees.

Triangles are cut into pixel rows and rows into pixels, for all triangles at once (no loop over
triangles); the nearest one wins in a depth buffer that holds 1/distance, which is linear in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lookalike.demo.meshes import Floats, Ints

FIELD_OF_VIEW_DEG = 26.0

_FLAT = 1e-6
"""Triangles of less than half this area, in pixels, are not drawn."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera.

    Args:
        eye: where it stands, shape (3,).
        axes: its right, up and backward unit vectors, shape (3, 3), one per row.
        focus_px: focal length in pixels.
        centre_px: (x, y) of the optical axis in the picture.
        width_px, height_px: size of the picture.
    """

    eye: Floats
    axes: Floats
    focus_px: float
    centre_px: tuple[float, float]
    width_px: int
    height_px: int

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Picture coordinates in pixels, shape (V, 2) with y down, and 1/distance, shape (V,)."""
        local = (points - self.eye) @ self.axes.T
        near = 1 / np.maximum(-local[:, 2], 1e-3)
        x = self.centre_px[0] + self.focus_px * local[:, 0] * near
        y = self.centre_px[1] - self.focus_px * local[:, 1] * near
        return np.stack([x, y], -1).astype(np.float32), near.astype(np.float32)

    def rays(self, x: Floats, y: Floats) -> Floats:
        """Directions through picture points, shape (3, ...), of depth one (not of unit length).

        x and y may be a row and a column, for all points of a grid.
        """
        right, up = (x - self.centre_px[0]) / self.focus_px, (self.centre_px[1] - y) / self.focus_px
        axes = zip(*self.axes, strict=True)
        return np.stack([right * across + (up * upwards - back) for across, upwards, back in axes])

    def scaled(self, factor: int) -> Camera:
        """The same camera with ``factor`` times the pixels each way."""
        centre = (self.centre_px[0] * factor, self.centre_px[1] * factor)
        width, height = self.width_px * factor, self.height_px * factor
        return Camera(self.eye, self.axes, self.focus_px * factor, centre, width, height)

    def band(self, top: int, rows: int) -> Camera:
        """The same camera with only ``rows`` pixel rows of its picture, from row ``top`` on."""
        centre = (self.centre_px[0], self.centre_px[1] - top)
        return Camera(self.eye, self.axes, self.focus_px, centre, self.width_px, rows)


def camera_axes(azimuth_deg: float, elevation_deg: float) -> Floats:
    """Right, up and backward of a camera that looks at the origin, shape (3, 3).

    Azimuth 0 looks at the front (from +z), 90 at the side at +x; elevation 90 looks straight down.
    """
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    back = (np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e))
    right = (np.cos(a), 0.0, -np.sin(a))
    return np.array([right, np.cross(back, right), back], np.float32)


def framed(
    points: Floats, axes: Floats, *, size_px: int, fill: float, shift: tuple[float, float] = (0, 0)
) -> Camera:
    """The camera that shows all points, filling the share ``fill`` of the picture.

    Args:
        shift: where the middle of the points goes, in shares of the picture from its centre (x, y down).
    """
    local = points @ axes.T
    low, high = local.min(axis=0), local.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2
    focus = size_px / 2 / np.tan(np.radians(FIELD_OF_VIEW_DEG / 2))
    distance = max(half[0], half[1]) * focus / (fill * size_px / 2) + half[2] * 0.8
    eye = (middle + np.array([0, 0, distance], np.float32)) @ axes
    centre = (size_px * (0.5 + shift[0]), size_px * (0.5 + shift[1]))
    return Camera(eye.astype(np.float32), axes, float(focus), centre, size_px, size_px)


@dataclass(frozen=True, eq=False)
class Triangles:
    """Triangles in a picture, one a column, with what need not be worked out for each band of it.

    Args:
        x, y: of the three corners in pixels, shape (3, F).
        near: 1/distance of the corners, shape (3, F).
        planes: a, b, c such that a x + b y + c is 1/distance over the picture, shape (3, F).
        area: twice the signed area; negative for those that face the camera, shape (F,).
    """

    x: Floats
    y: Floats
    near: Floats
    planes: Floats
    area: Floats

    @classmethod
    def of(cls, xy: Floats, near: Floats, faces: Ints) -> Triangles:
        """The triangles of projected points (V, 2), with their 1/distance (V,)."""
        corners = np.ascontiguousarray(faces.T)
        x, y = xy[:, 0].take(corners), xy[:, 1].take(corners)
        depth = near.take(corners)
        area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0])
        safe = np.where(np.abs(area) > _FLAT, area, 1)
        z1, z2 = depth[1] - depth[0], depth[2] - depth[0]
        a = (z1 * (y[2] - y[0]) - z2 * (y[1] - y[0])) / safe
        b = (z2 * (x[1] - x[0]) - z1 * (x[2] - x[0])) / safe
        return cls(x, y, depth, np.stack([a, b, depth[0] - a * x[0] - b * y[0]]), area)

    def some(self, chosen: Ints) -> Triangles:
        """Those of the given indices, in that order."""
        x, y, near, planes = (part.take(chosen, axis=1) for part in (self.x, self.y, self.near, self.planes))
        return Triangles(x, y, near, planes, self.area.take(chosen))

    @cached_property
    def top(self) -> Floats:
        """The least y of each, shape (F,)."""
        return np.asarray(np.minimum(np.minimum(self.y[0], self.y[1]), self.y[2]))

    @cached_property
    def bottom(self) -> Floats:
        """The greatest y of each, shape (F,)."""
        return np.asarray(np.maximum(np.maximum(self.y[0], self.y[1]), self.y[2]))


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of a picture, from ``first`` to before ``stop``, each of ``width_px`` pixels."""

    first: int
    stop: int
    width_px: int

    @property
    def pixels(self) -> int:
        """How many there are."""
        return (self.stop - self.first) * self.width_px

    def centres(self, pixels: Ints) -> tuple[Floats, Floats]:
        """x and y in the picture of the centres of pixels given by flat index, each of shape (N,)."""
        row, column = np.divmod(pixels, np.int32(self.width_px))
        y = row.astype(np.float32) + np.float32(self.first + 0.5)
        return column.astype(np.float32) + np.float32(0.5), y


@dataclass(frozen=True, eq=False)
class Visible:
    """What a band of a picture shows: for each covered pixel the triangle and the place in it.

    Args:
        pixels: flat pixel indices in the band, shape (N,).
        faces: the triangle seen there, shape (N,).
        weights: perspective-correct weights of its three corners, shape (3, N).
        nearest: the depth buffer of 1/distance, 0 where there is nothing, shape (pixels of the band,).
    """

    pixels: Ints
    faces: Ints
    weights: Floats
    nearest: Floats


def rasterise(triangles: Triangles, band: Band, *, behind: Floats | None = None) -> Visible:
    """The nearest triangle at each pixel centre of a band.

    Args:
        behind: a depth buffer of 1/distance, shape (pixels of the band,), that hides what lies farther.
    """
    face, row = _rows(triangles, band)
    start, length = _spans(triangles, face, row, band.width_px)
    used = np.flatnonzero(length > 0)
    face, row, start, length = (of.take(used) for of in (face, row, start, length))
    along = np.arange(length.sum(), dtype=np.int32) - np.repeat(np.cumsum(length) - length, length)
    a, b, c = triangles.planes.take(face, axis=1)
    first = a * (start.astype(np.float32) + np.float32(0.5)) + b * (row.astype(np.float32) + np.float32(0.5))
    height = np.repeat(first + c, length) + np.repeat(a, length) * along.astype(np.float32)
    pixel = np.repeat((row - np.int32(band.first)) * np.int32(band.width_px) + start, length) + along
    buffer = np.zeros(band.pixels, np.float32) if behind is None else behind.copy()
    np.maximum.at(buffer, pixel, height)
    won = np.flatnonzero(height >= buffer.take(pixel))
    owner = np.full(band.pixels, -1, np.int32)
    owner[pixel.take(won)] = np.repeat(face, length).take(won)
    seen = np.flatnonzero(owner >= 0).astype(np.int32)
    faces = owner.take(seen)
    return Visible(seen, faces, _weights(triangles, faces, *band.centres(seen)), buffer)


def _rows(triangles: Triangles, band: Band) -> tuple[Ints, Ints]:
    """All (triangle, pixel row of the band) pairs whose centre line crosses the triangle."""
    first = np.clip(np.ceil(triangles.top - 0.5), band.first, band.stop).astype(np.int32)
    stop = np.clip(np.ceil(triangles.bottom - 0.5), band.first, band.stop).astype(np.int32)
    count = np.where(np.abs(triangles.area) > _FLAT, np.maximum(stop - first, 0), 0)
    face = np.repeat(np.arange(len(count), dtype=np.int32), count)
    within = np.arange(count.sum(), dtype=np.int32) - np.repeat(np.cumsum(count) - count, count)
    return face, (np.repeat(first, count) + within).astype(np.int32)


def _spans(triangles: Triangles, face: Ints, row: Ints, width_px: int) -> tuple[Ints, Ints]:
    """First pixel and length of each triangle's stretch in each of its rows."""
    y = row.astype(np.float32) + np.float32(0.5)
    left = np.full(len(face), np.inf, np.float32)
    right = -left
    for i, j in ((0, 1), (1, 2), (2, 0)):
        rise = triangles.y[j] - triangles.y[i]
        steep = (triangles.x[j] - triangles.x[i]) / np.where(rise == 0, np.inf, rise)
        x0, y0, y1 = (of.take(face) for of in (triangles.x[i], triangles.y[i], triangles.y[j]))
        crosses = (y0 <= y) != (y1 <= y)
        x = x0 + (y - y0) * steep.take(face)
        left = np.where(crosses, np.minimum(left, x), left)
        right = np.where(crosses, np.maximum(right, x), right)
    start = np.clip(np.ceil(left - 0.5), 0, width_px).astype(np.int32)
    stop = np.clip(np.ceil(right - 0.5), 0, width_px).astype(np.int32)
    return start, stop - start


def _weights(triangles: Triangles, face: Ints, x: Floats, y: Floats) -> Floats:
    """Perspective-correct weights (3, N) of the corners of triangles ``face`` (N,) at (x, y)."""
    dx, dy = triangles.x.take(face, axis=1) - x, triangles.y.take(face, axis=1) - y
    flat = triangles.near.take(face, axis=1)
    for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
        flat[k] *= dx[i] * dy[j] - dy[i] * dx[j]
    return np.asarray(flat / (flat[0] + flat[1] + flat[2]), np.float32)
