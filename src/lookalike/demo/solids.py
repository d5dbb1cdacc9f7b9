"""Solids: the parts of an item, and what of the sky each of their points sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lookalike.demo.lighting import Lamps, sky_directions, sky_seen
from lookalike.demo.materials import Coat
from lookalike.demo.meshes import Floats, Ints, Mask, Mesh, joined
from lookalike.demo.noise import step

GROUND_CELLS = 36


@dataclass(frozen=True, eq=False)
class Part:
    """A mesh and what covers it."""

    mesh: Mesh
    coat: Coat


def moved(
    parts: Sequence[Part], *, x: float = 0, y: float = 0, z: float = 0, turn: float = 0, scale: float = 1
) -> list[Part]:
    """The parts scaled, turned about the vertical (degrees) and shifted, together."""

    def placed(mesh: Mesh) -> Mesh:
        scaled = replace(mesh, points=mesh.points * np.float32(scale), uv=mesh.uv * np.float32(scale))
        return scaled.turned(axis="y", degrees=turn).moved(x, y, z)

    return [Part(placed(part.mesh), part.coat) for part in parts]


@dataclass(frozen=True, eq=False)
class Ground:
    """How much light the ground plane y = 0 takes from each sky direction, on a square grid.

    Args:
        seen: shape (cells, cells, D), rows along z and columns along x.
        middle: (x, z) of the grid's centre.
        half: half the grid's side.
    """

    seen: Floats
    middle: tuple[float, float]
    half: float

    def under(self, lamps: Lamps) -> LitGround:
        """The ground in the light of these lamps."""
        free = np.maximum(_open_ground() @ lamps.radiance(), 1e-6)
        ratio = (self.seen @ lamps.radiance() / free).astype(np.float32)
        return LitGround(ratio, self.middle, self.half)


@dataclass(frozen=True, eq=False)
class LitGround:
    """The light on the ground relative to open ground.

    Args:
        ratio: on the grid of ``Ground``, shape (cells, cells, 3).
    """

    ratio: Floats
    middle: tuple[float, float]
    half: float

    def light(self, x: Floats, z: Floats) -> Floats:
        """Light at ground points (N,) relative to open ground, shape (3, N)."""
        across, along = (x - self.middle[0]) / self.half, (z - self.middle[1]) / self.half
        reach = np.sqrt(np.square(across) + np.square(along))
        light = np.ones((3, len(reach)), np.float32)
        near = np.flatnonzero(reach < 1)
        change = self._interpolated(across[near], along[near]) - 1
        light[:, near] += step(reach[near], 1.0, 0.6) * change
        return light

    def _interpolated(self, across: Floats, along: Floats) -> Floats:
        """The grid's ratio between its cells, at places within -1..1 of its middle; shape (3, N)."""
        cells = len(self.ratio)
        column, row = (np.clip((t + 1) * (0.5 * (cells - 1)), 0, cells - 1.001) for t in (across, along))
        i, j = row.astype(np.int32), column.astype(np.int32)
        down, right, corner = row - i, column - j, i * cells + j
        planes = np.ascontiguousarray(self.ratio.reshape(-1, 3).T)
        top = planes.take(corner, axis=1) * (1 - right) + planes.take(corner + 1, axis=1) * right
        corner += cells
        bottom = planes.take(corner, axis=1) * (1 - right) + planes.take(corner + 1, axis=1) * right
        return np.asarray(top + down * (bottom - top), np.float32)


@dataclass(frozen=True, eq=False)
class Solid:
    """Parts that stand together on the ground plane y = 0."""

    parts: tuple[Part, ...]

    @cached_property
    def mesh(self) -> Mesh:
        """All parts as one mesh."""
        return joined([part.mesh for part in self.parts])

    @cached_property
    def part_of_face(self) -> Ints:
        """Which part each triangle belongs to, shape (F,)."""
        return np.repeat(np.arange(len(self.parts), dtype=np.int32), [len(p.mesh.faces) for p in self.parts])

    @cached_property
    def face_is_closed(self) -> Mask:
        """Whether only the outside of each triangle can be seen, shape (F,)."""
        return np.array([p.mesh.closed for p in self.parts])[self.part_of_face]

    @cached_property
    def face_is_clear(self) -> Mask:
        """Whether light passes through each triangle, shape (F,)."""
        return np.array([p.coat.finish.clear > 0 for p in self.parts])[self.part_of_face]

    @cached_property
    def seen(self) -> Floats:
        """Light each mesh point takes from each sky direction, shape (V, D)."""
        return sky_seen(self.mesh.points, self.mesh.normals, occluders=self._occluders)

    @cached_property
    def ground(self) -> Ground:
        """The ground around the solid, with its shadow."""
        points = self._occluders
        low, high = points.min(axis=0), points.max(axis=0)
        half = float(1.1 * max(high[0] - low[0], high[2] - low[2]) / 2 + 0.8 * high[1])
        middle = (float(low[0] + high[0]) / 2, float(low[2] + high[2]) / 2)
        line = np.linspace(-half, half, GROUND_CELLS, dtype=np.float32)
        z, x = np.meshgrid(line + middle[1], line + middle[0], indexing="ij")
        spots = np.stack([x, np.zeros_like(x), z], -1).astype(np.float32).reshape(-1, 3)
        up = np.broadcast_to(np.array([0, 1, 0], np.float32), spots.shape)
        seen = sky_seen(spots, up, occluders=points).reshape(GROUND_CELLS, GROUND_CELLS, -1)
        padded = np.pad(seen, ((1, 1), (1, 1), (0, 0)), mode="edge")
        rows = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
        return Ground(0.25 * rows[:, :-2] + 0.5 * rows[:, 1:-1] + 0.25 * rows[:, 2:], middle, half)

    @cached_property
    def _occluders(self) -> Floats:
        """Points spread evenly over all opaque surfaces, about 7,000 of them, shape (P, 3)."""
        faces = self.mesh.faces[~self.face_is_clear] if not self.face_is_clear.all() else self.mesh.faces[::3]
        corner = self.mesh.points[faces]
        first, second = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
        area = np.linalg.norm(np.cross(first, second), axis=1)
        count = np.ceil(area * (5000 / max(float(area.sum()), 1e-9))).astype(np.int64)
        index = np.arange(count.sum())
        a, b = (index * 0.7548776662) % 1, (index * 0.5698402910) % 1  # the R2 sequence (Roberts 2018)
        fold = a + b > 1
        a, b = np.where(fold, 1 - a, a)[:, None], np.where(fold, 1 - b, b)[:, None]
        face = np.repeat(np.arange(len(faces)), count)
        return np.asarray(corner[face, 0] + a * first[face] + b * second[face], np.float32)


def _open_ground() -> Floats:
    """What a ground point with nothing around it takes from each sky direction, shape (D,)."""
    directions = sky_directions()
    return directions[:, 1] * np.float32(2 / len(directions))
