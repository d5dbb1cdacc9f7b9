"""What is behind and under the item: studio paper, or a corner of a room.

A room has its own axes: x along the back wall, z from the wall towards the viewer, the item at the origin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lookalike.demo.meshes import Floats, Mask
from lookalike.demo.noise import cell_noise, smooth_noise, step
from lookalike.demo.palettes import linear
from lookalike.demo.renderer import Camera
from lookalike.demo.solids import LitGround


@dataclass(frozen=True)
class Paper:
    """A seamless sweep of paper: floor and background in one colour, with the item's shadow.

    Args:
        colour: sRGB hex.
        falloff: how much darker the corners are than the middle.
    """

    colour: str = "fafafa"
    falloff: float = 0.10
    detail: int = 1

    def painted(self, camera: Camera, ground: LitGround) -> Floats:
        """Linear RGB of the whole picture, shape (3, rows, columns)."""
        x, y = _pixels(camera)
        across = (x - camera.centre_px[0]) / camera.width_px
        down = (y - camera.centre_px[1]) / camera.width_px + 0.08
        middle = 1.02 - self.falloff * (1.6 * np.square(across) + 2.2 * np.square(down))
        return _ink(self.colour)[..., None] * middle * _floor(camera, camera.rays(x, y)).light(ground)


@dataclass(frozen=True)
class Room:
    """A floor or table top, a wall behind it, and what hangs there.

    Args:
        wall, floor: sRGB hex colours.
        planks: ``wood`` boards, ``tiles`` or ``plain``.
        table: the ground is a table top that ends before the wall.
        turn_deg: the room's azimuth (its wall is square to a camera of this azimuth).
        wall_at: distance from the item back to the wall.
        seed: of boards, pictures and the window's light.
    """

    wall: str
    floor: str
    planks: str = "wood"
    table: bool = False
    turn_deg: float = 0.0
    wall_at: float = 1.4
    rug: str | None = None
    seed: int = 0
    detail: int = 2

    def painted(self, camera: Camera, ground: LitGround) -> Floats:
        """Linear RGB of the whole picture, shape (3, rows, columns)."""
        rays = camera.rays(*_pixels(camera))
        floor = _floor(camera, rays)
        room_x, room_z = self._own(floor.x, floor.z)
        edge = -0.75 if self.table else -self.wall_at
        on_floor = floor.below & (room_z > edge)
        picture = np.empty_like(rays)
        at = np.flatnonzero(~on_floor)
        picture.reshape(3, -1)[:, at] = self._wall_colour(camera, rays.reshape(3, -1).take(at, axis=1))
        at = np.flatnonzero(on_floor)
        x, z = room_x.take(at), room_z.take(at)
        shade = 0.96 if self.table else 0.94 * (0.72 + 0.28 * step(z - edge, 0.0, 0.5))
        lit = ground.light(floor.x.take(at), floor.z.take(at)) * shade
        picture.reshape(3, -1)[:, at] = self._floor_colour(x, z) * lit
        return picture

    def _own(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """World x and z in the room's axes."""
        a = math.radians(self.turn_deg)
        return math.cos(a) * x - math.sin(a) * z, math.sin(a) * x + math.cos(a) * z

    def _floor_colour(self, x: Floats, z: Floats) -> Floats:
        """Boards, tiles or a plain top, and the rug on it, linear RGB, shape (3, N)."""
        tone = np.ones_like(x)
        if self.planks == "wood":
            width = 0.9 if self.table else 0.24
            board = np.floor(x / width).astype(np.int32)
            shift = cell_noise(board, board, self.seed)
            plank = np.floor(z / 1.7 + shift).astype(np.int32)
            tone = 0.86 + 0.18 * cell_noise(board, plank, self.seed + 1)
            tone = tone * (0.94 + 0.10 * smooth_noise(x * 26 + 40 * shift, z * 2.2, self.seed))
            seam = np.abs((x / width) % 1 - 0.5)
            tone = tone * (1 - 0.35 * step(seam, 0.5 - 0.02 / (width * 8), 0.5))
        elif self.planks == "tiles":
            line = np.maximum(np.abs((x / 0.5) % 1 - 0.5), np.abs((z / 0.5) % 1 - 0.5))
            tone = 1 - 0.16 * step(line, 0.480, 0.492)
        colour = _ink(self.floor) * tone
        if self.rug is None:
            return colour
        reach = np.sqrt(np.square(x / 1.15) + np.square(z / 0.85))
        weave = 0.93 + 0.07 * np.sin(reach * 150)
        weave *= np.where((reach > 0.86) & (reach < 0.91), np.float32(0.72), np.float32(1))
        return np.asarray(np.where(reach < 1, _ink(self.rug) * weave, colour))

    def _wall_colour(self, camera: Camera, rays: Floats) -> Floats:
        """The wall with window light, a skirting board and a picture frame, linear RGB, shape (3, N)."""
        eye_x, eye_z = self._own(camera.eye[0], camera.eye[2])
        ray_x, ray_z = self._own(rays[0], rays[2])
        far = -(self.wall_at + (1.2 if self.table else 0.0))
        reach = (far - eye_z) / np.minimum(ray_z, -1e-3)
        x, y = eye_x + reach * ray_x, camera.eye[1] + reach * rays[1]
        colour = _ink(self.wall) * (0.80 + 0.06 * np.clip(y, -1, 2.5) + 0.05 * np.clip(-x, -2, 2))
        side = -1 if self.seed % 2 else 1
        bright = _pane(x * side - 0.35 * y, y, blur=0.20 if self.table else 0.05)
        colour *= 1 + np.array([[0.315], [0.30], [0.27]], np.float32) * bright
        self._hang_print(colour, x + side * 0.75, y - 1.25)
        if not self.table:
            board = step(y, 0.13, 0.12)
            colour += board * (_ink("efece6") * np.float32(0.82) - colour)
            colour *= 1 - 0.30 * step(np.abs(y - 0.005), 0.02, 0.0)
        return np.asarray(colour, np.float32)

    def _hang_print(self, colour: Floats, x: Floats, y: Floats) -> None:
        """Put an abstract print in a thin frame about (0, 0) over the colours (3, N)."""
        if self.seed % 3 == 0:
            return
        reach = np.maximum(np.abs(x) / 0.36, np.abs(y) / 0.48)
        at = np.flatnonzero(reach < 1)
        x, y, reach = x.take(at), y.take(at), reach.take(at)
        sheet = np.where(y > 0.12 * np.sin(x * 7 + self.seed), _ink("efe9dc"), _ink(self.floor) * 0.8)
        disc = np.square(x - 0.08) + np.square(y - 0.14) < 0.13**2
        sheet = np.where(disc, _ink("c9694a" if self.seed % 2 else "4f6f78"), sheet)
        sheet = np.where(reach > 0.80, _ink("f3efe8"), sheet)
        sheet = np.where(reach > 0.95, _ink("4a3a2e"), sheet)
        colour[:, at] = 0.86 * sheet


def _pane(x: Floats, y: Floats, *, blur: float) -> Floats:
    """Slanted window light on a wall: two by two panes, zero to one."""

    def strip(t: Floats, low: float, high: float) -> Floats:
        return step(t, low - blur, low + blur) * step(t, high + blur, high - blur)

    across = strip(x, -1.2, -0.72) + strip(x, -0.64, -0.16)
    return across * (strip(y, 0.45, 1.05) + strip(y, 1.13, 1.75))


@dataclass(frozen=True, eq=False)
class _Floor:
    """Where the pixels' rays meet the ground: x, z and whether at all, each of shape (rows, columns)."""

    x: Floats
    z: Floats
    below: Mask

    def light(self, ground: LitGround) -> Floats:
        """Light on the ground relative to open ground, one where there is none; shape (3, rows, columns)."""
        lit = np.ones((3, *self.x.shape), np.float32)
        at = np.flatnonzero(self.below)
        lit.reshape(3, -1)[:, at] = ground.light(self.x.take(at), self.z.take(at))
        return lit


def _floor(camera: Camera, rays: Floats) -> _Floor:
    """The ground that rays (3, rows, columns) meet."""
    below = rays[1] < -1e-3
    reach = -camera.eye[1] / np.where(below, rays[1], np.float32(-1))
    return _Floor(camera.eye[0] + reach * rays[0], camera.eye[2] + reach * rays[2], below)


def _pixels(camera: Camera) -> tuple[Floats, Floats]:
    """The x of the pixel centres as a row and their y as a column."""
    half = np.float32(0.5)
    x, y = (np.arange(length, dtype=np.float32) + half for length in (camera.width_px, camera.height_px))
    return x[None, :], y[:, None]


def _ink(hex_colour: str) -> Floats:
    """A colour's linear RGB as a column, shape (3, 1)."""
    return linear(hex_colour)[:, None]
