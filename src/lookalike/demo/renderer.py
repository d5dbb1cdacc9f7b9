"""The camera and the rasteriser: which triangle each pixel of the picture sees.

Triangles are cut into pixel rows and rows into pixels, for all triangles at once (no loop over
triangles); the nearest one wins in a depth buffer that holds 1/distance, which is linear in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.demo.meshes import Floats, Ints

FIELD_OF_VIEW_DEG = 26.0


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
        """Directions through picture points, shape (..., 3), of depth one (not of unit length)."""
        right = ((x - self.centre_px[0]) / self.focus_px)[..., None]
        up = ((self.centre_px[1] - y) / self.focus_px)[..., None]
        return np.asarray(right * self.axes[0] + up * self.axes[1] - self.axes[2], np.float32)

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
class Visible:
    """What a picture shows: for each covered pixel the triangle and the place in it.

    Args:
        pixels: flat pixel indices, shape (N,).
        faces: the triangle seen there, shape (N,).
        weights: perspective-correct weights of its three corners, shape (N, 3).
        nearest: the depth buffer of 1/distance, 0 where there is nothing, shape (width * height,).
    """

    pixels: Ints
    faces: Ints
    weights: Floats
    nearest: Floats


def rasterise(
    xy: Floats, near: Floats, faces: Ints, *, width_px: int, height_px: int, behind: Floats | None = None
) -> Visible:
    """The nearest triangle at each pixel centre.

    Args:
        xy: projected points in pixels, shape (V, 2).
        near: their 1/distance, shape (V,).
        behind: a depth buffer of 1/distance, shape (width * height,), that hides what lies farther.
    """
    corners, depth = xy[faces], near[faces]
    planes, area = _planes(corners, depth)
    whole = np.flatnonzero(np.abs(area) > 1e-6)
    face, row = _rows(corners[whole], height_px)
    face = whole[face]
    start, length = _spans(corners, face, row, width_px)
    used = length > 0
    face, row, start, length = face[used], row[used], start[used], length[used]
    along = np.arange(length.sum(), dtype=np.int32) - np.repeat(np.cumsum(length) - length, length)
    x, y = start.astype(np.float32) + np.float32(0.5), row.astype(np.float32) + np.float32(0.5)
    first = planes[face, 0] * x + planes[face, 1] * y + planes[face, 2]
    height = np.repeat(first, length) + np.repeat(planes[face, 0], length) * along.astype(np.float32)
    pixel = np.repeat(row * width_px + start, length) + along
    buffer = np.zeros(width_px * height_px, np.float32) if behind is None else behind.copy()
    np.maximum.at(buffer, pixel, height)
    won = np.flatnonzero(height >= buffer[pixel])
    owner = np.full(width_px * height_px, -1, np.int32)
    owner[pixel[won]] = np.repeat(face, length)[won]
    seen = np.flatnonzero(owner >= 0).astype(np.int32)
    weights = _weights(corners[owner[seen]], depth[owner[seen]], *pixel_centres(seen, width_px))
    return Visible(seen, owner[seen], weights, buffer)


def pixel_centres(pixels: Ints, width_px: int) -> tuple[Floats, Floats]:
    """x and y of the centres of pixels given by flat index, each of shape (N,)."""
    half = np.float32(0.5)
    return (pixels % width_px).astype(np.float32) + half, (pixels // width_px).astype(np.float32) + half


def _planes(corners: Floats, depth: Floats) -> tuple[Floats, Floats]:
    """Per triangle the plane a x + b y + c of 1/distance over the picture, and twice its signed area."""
    d1, d2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    z1, z2 = depth[:, 1] - depth[:, 0], depth[:, 2] - depth[:, 0]
    area = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0]
    safe = np.where(np.abs(area) > 1e-6, area, 1)
    a = (z1 * d2[:, 1] - z2 * d1[:, 1]) / safe
    b = (z2 * d1[:, 0] - z1 * d2[:, 0]) / safe
    c = depth[:, 0] - a * corners[:, 0, 0] - b * corners[:, 0, 1]
    return np.stack([a, b, c], -1), area


def _rows(corners: Floats, height_px: int) -> tuple[Ints, Ints]:
    """All (triangle, pixel row) pairs whose centre line crosses the triangle."""
    y = corners[:, :, 1]
    first = np.clip(np.ceil(y.min(axis=1) - 0.5), 0, height_px).astype(np.int32)
    stop = np.clip(np.ceil(y.max(axis=1) - 0.5), 0, height_px).astype(np.int32)
    count = np.maximum(stop - first, 0)
    face = np.repeat(np.arange(len(y), dtype=np.int32), count)
    within = np.arange(count.sum(), dtype=np.int32) - np.repeat(np.cumsum(count) - count, count)
    return face, (np.repeat(first, count) + within).astype(np.int32)


def _spans(corners: Floats, face: Ints, row: Ints, width_px: int) -> tuple[Ints, Ints]:
    """First pixel and length of each triangle's stretch in each of its rows."""
    y = row.astype(np.float32) + np.float32(0.5)
    left = np.full(len(face), np.inf, np.float32)
    right = -left
    for i, j in ((0, 1), (1, 2), (2, 0)):
        slope = corners[:, j] - corners[:, i]
        steep = slope[:, 0] / np.where(slope[:, 1] == 0, np.inf, slope[:, 1])
        y0, y1 = corners[face, i, 1], corners[face, j, 1]
        crosses = (np.minimum(y0, y1) <= y) & (y < np.maximum(y0, y1))
        x = corners[face, i, 0] + (y - y0) * steep[face]
        left = np.where(crosses, np.minimum(left, x), left)
        right = np.where(crosses, np.maximum(right, x), right)
    start = np.clip(np.ceil(left - 0.5), 0, width_px).astype(np.int32)
    stop = np.clip(np.ceil(right - 0.5), 0, width_px).astype(np.int32)
    return start, stop - start


def _weights(corners: Floats, depth: Floats, x: Floats, y: Floats) -> Floats:
    """Perspective-correct weights (N, 3) of the corners (N, 3, 2) and their 1/distance (N, 3) at (x, y)."""
    dx, dy = corners[:, :, 0] - x[:, None], corners[:, :, 1] - y[:, None]
    flat = np.empty_like(depth)
    for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
        flat[:, k] = dx[:, i] * dy[:, j] - dy[:, i] * dx[:, j]
    flat *= depth
    return np.asarray(flat / (flat[:, 0] + flat[:, 1] + flat[:, 2])[:, None], np.float32)
