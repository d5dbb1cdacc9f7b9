"""Triangle meshes: solids of revolution, rounded boxes, tubes, lofts and pillows.

The axes are the item's own: x to its left as the viewer sees it from the front (the viewer's right),
y up, z towards the viewer. A surface is a grid of points: rows run along ``v`` and columns along ``u``;
seen from outside, u grows to the right and v grows up, so that ``du x dv`` points outwards. Texture
coordinates are lengths in the item's own unit (items are about one unit tall), with u = 0 at the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.signedinteger[Any]]
Mask = NDArray[np.bool_]


def dot(a: Floats, b: Floats) -> Floats:
    """The dot product of each row of ``a`` with the same row of ``b``: (N, 3), (N, 3) to (N,)."""
    return np.asarray(np.einsum("ij,ij->i", a, b), np.float32)


def unit(vectors: Floats) -> Floats:
    """The rows at length one, shape (N, 3)."""
    return np.asarray(vectors / np.sqrt(np.maximum(dot(vectors, vectors), 1e-12))[:, None], np.float32)


def dot_columns(a: Floats, b: Floats) -> Floats:
    """The dot product of each column of ``a`` with the same column of ``b``: (3, N), (3, N) to (N,).

    What is worked out for each pixel lies in columns: long contiguous rows are quick to go through.
    """
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2], np.float32)


def unit_columns(vectors: Floats) -> Floats:
    """The columns at length one, shape (3, N)."""
    return np.asarray(vectors / np.sqrt(np.maximum(dot_columns(vectors, vectors), 1e-12)), np.float32)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Points with unit normals and texture coordinates, joined by triangles.

    Args:
        points: shape (V, 3).
        normals: shape (V, 3), unit length, pointing outwards.
        uv: shape (V, 2), lengths in the item's unit.
        faces: shape (F, 3), counter-clockwise seen from outside.
        closed: whether only the outside can be seen (back faces need not be drawn).
    """

    points: Floats
    normals: Floats
    uv: Floats
    faces: Ints
    closed: bool = True

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Mesh:
        """The mesh shifted."""
        return replace(self, points=self.points + np.array([x, y, z], np.float32))

    def turned(self, *, axis: str, degrees: float) -> Mesh:
        """The mesh rotated about an axis through the origin (right-hand rule)."""
        angle = np.radians(degrees)
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        matrix = np.eye(3, dtype=np.float32)
        matrix[first, first] = matrix[second, second] = np.cos(angle)
        matrix[second, first], matrix[first, second] = np.sin(angle), -np.sin(angle)
        return replace(self, points=self.points @ matrix.T, normals=self.normals @ matrix.T)

    def mirrored(self) -> Mesh:
        """The mesh seen in a mirror: left and right (x) exchanged."""
        flip = np.array([-1, 1, 1], np.float32)
        return replace(
            self, points=self.points * flip, normals=self.normals * flip, faces=self.faces[:, ::-1].copy()
        )


def surface(points: ArrayLike, *, wrap: bool = False, closed: bool = True) -> Mesh:
    """The mesh of a grid of points, shape (rows, columns, 3), with smooth normals.

    Args:
        wrap: the last column repeats the first (a closed ring), so normals agree across the seam.
    """
    grid = np.asarray(points, np.float32)
    rows, columns = grid.shape[:2]
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return Mesh(
        grid.reshape(-1, 3),
        _grid_normals(grid, wrap).reshape(-1, 3),
        _grid_uv(grid).reshape(-1, 2),
        faces,
        closed,
    )


def _grid_normals(grid: Floats, wrap: bool) -> Floats:
    """Vertex normals as the mean of the quads around each point, shape (rows, columns, 3)."""
    quads = np.cross(grid[1:, 1:] - grid[:-1, :-1], grid[1:, :-1] - grid[:-1, 1:])
    padded = np.pad(quads, ((1, 1), (1, 1), (0, 0)))
    if wrap:
        padded[:, 0], padded[:, -1] = padded[:, -2], padded[:, 1]
    normals = padded[1:, 1:] + padded[:-1, 1:] + padded[1:, :-1] + padded[:-1, :-1]
    for row in (0, -1):
        if np.ptp(grid[row], axis=0).max() < 1e-6:  # a pole: all its points are one
            normals[row] = normals[row].sum(axis=0)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12), np.float32)


def _grid_uv(grid: Floats) -> Floats:
    """Texture coordinates by arc length: u along the longest row from its middle, v along the mean column."""
    across = np.linalg.norm(np.diff(grid, axis=1), axis=-1)
    u = np.concatenate([[0], np.cumsum(across[int(across.sum(axis=1).argmax())])])
    steps = np.linalg.norm(np.diff(grid, axis=0), axis=-1).mean(axis=1)
    v = np.concatenate([[0], np.cumsum(steps)])
    return np.stack(np.broadcast_arrays((u - u[len(u) // 2])[None, :], v[:, None]), -1).astype(np.float32)


def rounded(corners: ArrayLike, *, times: int = 2) -> Floats:
    """An open polyline with its corners cut (Chaikin 1974), ends kept; shape (n, d)."""
    line = np.asarray(corners, np.float32)
    for _ in range(times):
        cut = np.empty((2 * (len(line) - 1), line.shape[1]), np.float32)
        cut[0::2], cut[1::2] = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


def curve(knots: ArrayLike, count: int) -> Floats:
    """A smooth curve through knots (Catmull-Rom), shape (count, d)."""
    k = np.asarray(knots, np.float32)
    k = np.concatenate([2 * k[:1] - k[1:2], k, 2 * k[-1:] - k[-2:-1]])
    at = np.linspace(0, len(k) - 3 - 1e-4, count, dtype=np.float32)
    i = at.astype(int)
    t = (at - i)[:, None]
    p0, p1, p2, p3 = k[i], k[i + 1], k[i + 2], k[i + 3]
    bend = 2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * p1 - p0 - 3 * p2 + p3)
    return np.asarray(p1 + 0.5 * t * (p2 - p0 + t * bend), np.float32)


def evened(line: Floats, *, step: float) -> Floats:
    """The polyline with long stretches subdivided so that no step is longer than ``step``."""
    pieces = [line[:1]]
    for start, stop in pairwise(line):
        count = max(1, int(np.ceil(np.linalg.norm(stop - start) / step)))
        shares = np.linspace(0, 1, count + 1, dtype=np.float32)[1:, None]
        pieces.append(start + shares * (stop - start))
    return np.concatenate(pieces)


def around(columns: int) -> Floats:
    """Angles from the back (-pi) over the front (0) to the back again, shape (columns,)."""
    return np.linspace(-np.pi, np.pi, columns, dtype=np.float32)


def revolve(profile: ArrayLike, *, columns: int = 49, soften: int = 2, closed: bool = True) -> Mesh:
    """A solid of revolution about the y axis.

    Args:
        profile: (radius, height) pairs, from the bottom up the outside and, for a vessel, over the
            rim and down the inside.
        soften: how many times the profile's corners are cut.
    """
    line = evened(rounded(profile, times=soften), step=0.06)
    angle = around(columns)
    radius, height = line[:, :1], line[:, 1:]
    grid = np.stack(np.broadcast_arrays(radius * np.sin(angle), height, radius * np.cos(angle)), -1)
    return surface(grid, wrap=True, closed=closed)


def ring_points(columns: int, *, width: Floats, depth: Floats, exponent: float = 2.0) -> Floats:
    """Superellipses |x/w|^e + |z/d|^e = 1, one per row: (rows, columns, 2) of x and z."""
    angle = around(columns)
    sine, cosine = np.sin(angle), np.cos(angle)
    x = np.sign(sine) * np.abs(sine) ** (2 / exponent)
    z = np.sign(cosine) * np.abs(cosine) ** (2 / exponent)
    return np.stack([width[:, None] * x, depth[:, None] * z], -1).astype(np.float32)


def loft(sections: ArrayLike, *, rows: int = 36, columns: int = 49, exponent: float = 2.0) -> Floats:
    """Points of a body lofted through horizontal cross-sections, shape (rows, columns, 3).

    Args:
        sections: rows of (height, half width in x, half depth in z, centre z), smoothly joined.
        exponent: of the superellipse: 2 is an ellipse, 4 a rounded rectangle.
    """
    s = curve(sections, rows)
    ring = ring_points(columns, width=s[:, 1], depth=s[:, 2], exponent=exponent)
    height = np.broadcast_to(s[:, :1], ring.shape[:2])
    return np.stack([ring[..., 0], height, ring[..., 1] + s[:, 3:4]], -1)


def capped(grid: Floats, *, bottom: bool = True, top: bool = True) -> Floats:
    """The rings with a flat cap at either end (two more rows each, the outer one a single point)."""
    rows = [grid]
    if bottom:
        middle = np.broadcast_to(grid[0].mean(axis=0), grid[0].shape)
        rows[:0] = [
            middle[None],
            (0.5 * middle + 0.5 * grid[0])[None],
            (0.04 * middle + 0.96 * grid[0])[None],
        ]
    if top:
        middle = np.broadcast_to(grid[-1].mean(axis=0), grid[-1].shape)
        rows += [(0.04 * middle + 0.96 * grid[-1])[None], (0.5 * middle + 0.5 * grid[-1])[None], middle[None]]
    return np.concatenate(rows)


def tube(
    path: ArrayLike, radius: ArrayLike, *, sides: int = 13, flat: float = 1.0, closed: bool = True
) -> Mesh:
    """A round bar along a path, with end caps.

    Args:
        path: shape (n, 3).
        radius: one for all points, or one each.
        flat: thickness across the path's own plane relative to the radius (a strap is flat).
    """
    line = np.asarray(path, np.float32)
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = _transported(tangent)
    binormal = np.cross(tangent, normal)
    angle = np.linspace(0, 2 * np.pi, sides, dtype=np.float32)[None, :, None]
    r = np.broadcast_to(np.asarray(radius, np.float32), len(line))[:, None, None]
    spread = np.cos(angle) * normal[:, None] + flat * np.sin(angle) * binormal[:, None]
    rings = line[:, None] + r * spread
    return surface(capped(rings) if closed else rings, wrap=True, closed=closed)


def _transported(tangent: Floats) -> Floats:
    """A normal for each tangent that turns as little as it can along the path, shape (n, 3)."""
    helper = np.eye(3, dtype=np.float32)[int(np.argmin(np.abs(tangent).sum(axis=0)))]
    normals = np.empty_like(tangent)
    for i, t in enumerate(tangent):
        helper = helper - t * (helper @ t)
        helper = helper / np.linalg.norm(helper)
        normals[i] = helper
    return normals


def box(size: Sequence[float], *, radius: float = 0.02, cells: int = 8) -> Mesh:
    """A box with rounded edges, standing on y = 0, centred in x and z; size is (x, y, z)."""
    half = np.asarray(size, np.float32) / 2
    radius = min(radius, float(half.min()) * 0.98)
    core = half - radius
    faces = [_box_side(axis, sign, half, cells) for axis in range(3) for sign in (-1, 1)]
    points = np.concatenate([f[0] for f in faces])
    inner = np.clip(points, -core, core)
    out = points - inner
    normals = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    count = len(faces[0][0])
    triangles = np.concatenate([f[2] + i * count for i, f in enumerate(faces)])
    lifted = inner + radius * normals + np.array([0, half[1], 0], np.float32)
    uv = np.concatenate([f[1] for f in faces])
    return Mesh(lifted.astype(np.float32), normals.astype(np.float32), uv, triangles.astype(np.int32))


def _box_side(axis: int, sign: int, half: Floats, cells: int) -> tuple[Floats, Floats, Ints]:
    """One side of a box: points, texture coordinates and triangles of its grid."""
    # cells crowd towards the edges, where the rounding is
    share = np.sin(np.linspace(-np.pi / 2, np.pi / 2, cells + 1)).astype(np.float32)
    right = {0: 2, 1: 0, 2: 0}[axis]
    up = {0: 1, 1: 2, 2: 1}[axis]
    b, a = np.meshgrid(share, share, indexing="ij")
    points = np.zeros((cells + 1, cells + 1, 3), np.float32)
    points[..., axis], points[..., right], points[..., up] = sign * half[axis], a * half[right], b * half[up]
    uv = np.stack([a * half[right], (b + 1) * half[up]], -1).astype(np.float32)
    mesh = surface(points)
    outwards = float(mesh.normals[0, axis]) * sign > 0
    return points.reshape(-1, 3), uv.reshape(-1, 2), mesh.faces if outwards else mesh.faces[:, ::-1]


def pillow(size: Sequence[float], *, cells: int = 22, sag: float = 0.08) -> tuple[Mesh, Mesh]:
    """Front and back of a stuffed square, upright and centred; its edges draw in by ``sag``."""
    half = np.asarray(size, np.float32) / 2
    share = np.sin(np.linspace(-np.pi / 2, np.pi / 2, cells + 1)).astype(np.float32)
    t, s = np.meshgrid(share, share, indexing="ij")
    x = half[0] * s * (1 - sag * (1 - t**2))
    y = half[1] * t * (1 - sag * (1 - s**2))
    bulge = half[2] * (((1 - s**2) * (1 - t**2)) ** 0.45)
    return surface(np.stack([x, y, bulge], -1)), surface(np.stack([-x, y, -bulge], -1))


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0] + [len(m.points) for m in meshes[:-1]])
    return Mesh(
        np.concatenate([m.points for m in meshes]),
        np.concatenate([m.normals for m in meshes]),
        np.concatenate([m.uv for m in meshes]),
        np.concatenate([m.faces + start for m, start in zip(meshes, starts, strict=True)]).astype(np.int32),
        all(m.closed for m in meshes),
    )
