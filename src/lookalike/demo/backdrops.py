"""What is behind and under the item: studio paper, or a corner of a room.

A room has its own axes: x along the back wall, z from the wall towards the viewer, the item at the origin.
"""

from __future__ import annotations

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
        """Linear RGB of the whole picture, shape (size, size, 3)."""
        x, y, _, floor = _looked_through(camera)
        across = (x - camera.centre_px[0]) / camera.width_px
        down = (y - camera.centre_px[1]) / camera.width_px + 0.08
        middle = 1.02 - self.falloff * (1.6 * across**2 + 2.2 * down**2)
        picture = linear(self.colour) * middle[..., None]
        at, below = floor
        shadow = ground.light(at[..., 0], at[..., 1])
        return np.asarray(picture * np.where(below[..., None], shadow, 1), np.float32)


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
        """Linear RGB of the whole picture, shape (size, size, 3)."""
        _, _, rays, (at, below) = _looked_through(camera)
        room_x, room_z = self._own(at[..., 0], at[..., 1])
        edge = -0.75 if self.table else -self.wall_at
        on_floor = below & (room_z > edge)
        light = ground.light(at[..., 0], at[..., 1])
        picture = self._wall_colour(camera, rays)
        boards = self._floor_colour(room_x, room_z) * light
        corner = 1.0 if self.table else 0.72 + 0.28 * step(room_z - edge, 0.0, 0.5)
        boards = boards * (0.94 * np.asarray(corner))[..., None] if not self.table else boards * 0.96
        return np.asarray(np.where(on_floor[..., None], boards, picture), np.float32)

    def _own(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """World x and z in the room's axes."""
        a = np.radians(self.turn_deg)
        return np.cos(a) * x - np.sin(a) * z, np.sin(a) * x + np.cos(a) * z

    def _floor_colour(self, x: Floats, z: Floats) -> Floats:
        """Boards, tiles or a plain top, and the rug on it, linear RGB."""
        base = linear(self.floor)
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
        colour = base * tone[..., None]
        if self.rug is None:
            return np.asarray(colour, np.float32)
        reach = np.hypot(x / 1.15, z / 0.85)
        woven = linear(self.rug) * (0.93 + 0.07 * np.sin(reach * 150))[..., None]
        border = np.where(((reach > 0.86) & (reach < 0.91))[..., None], 0.72 * woven, woven)
        return np.asarray(np.where((reach < 1)[..., None], border, colour), np.float32)

    def _wall_colour(self, camera: Camera, rays: Floats) -> Floats:
        """The wall with window light, a skirting board and a picture frame, linear RGB."""
        eye_x, eye_z = self._own(camera.eye[0], camera.eye[2])
        ray_x, ray_z = self._own(rays[..., 0], rays[..., 2])
        far = -(self.wall_at + (1.2 if self.table else 0.0))
        reach = (far - eye_z) / np.minimum(ray_z, -1e-3)
        x, y = eye_x + reach * ray_x, camera.eye[1] + reach * rays[..., 1]
        colour = (
            linear(self.wall) * (0.80 + 0.06 * np.clip(y, -1, 2.5) + 0.05 * np.clip(-x, -2, 2))[..., None]
        )
        side = -1 if self.seed % 2 else 1
        bright = _pane(x * side - 0.35 * y, y, blur=0.20 if self.table else 0.05)
        colour = colour * (1 + 0.30 * bright * np.array([1.05, 1.0, 0.9])[:, None, None]).transpose(1, 2, 0)
        colour = self._framed_print(colour, x + side * 0.75, y - 1.25)
        if not self.table:
            board = step(y, 0.13, 0.12)
            colour = colour + board[..., None] * (linear("efece6") * 0.82 - colour)
            colour = colour * (1 - 0.30 * step(np.abs(y - 0.005), 0.02, 0.0))[..., None]
        return np.asarray(colour, np.float32)

    def _framed_print(self, colour: Floats, x: Floats, y: Floats) -> Floats:
        """An abstract print in a thin frame about (0, 0)."""
        if self.seed % 3 == 0:
            return colour
        reach = np.maximum(np.abs(x) / 0.36, np.abs(y) / 0.48)
        sheet = np.where(
            (y > 0.12 * np.sin(x * 7 + self.seed))[..., None], linear("efe9dc"), linear(self.floor) * 0.8
        )
        disc = (np.hypot(x - 0.08, y - 0.14) < 0.13)[..., None]
        sheet = np.where(disc, linear("c9694a") if self.seed % 2 else linear("4f6f78"), sheet)
        sheet = np.where((reach > 0.80)[..., None], linear("f3efe8"), sheet)
        sheet = np.where((reach > 0.95)[..., None], linear("4a3a2e"), sheet)
        return np.where((reach < 1)[..., None], 0.86 * sheet, colour)


def _pane(x: Floats, y: Floats, *, blur: float) -> Floats:
    """Slanted window light on a wall: two by two panes, zero to one."""

    def strip(t: Floats, low: float, high: float) -> Floats:
        return step(t, low - blur, low + blur) * step(t, high + blur, high - blur)

    across = strip(x, -1.2, -0.72) + strip(x, -0.64, -0.16)
    return across * (strip(y, 0.45, 1.05) + strip(y, 1.13, 1.75))


def _looked_through(
    camera: Camera,
) -> tuple[Floats, Floats, Floats, tuple[Floats, Mask]]:
    """Pixel centres x and y, their rays, and where these meet the ground: ((x, z), whether at all)."""
    y, x = np.mgrid[0 : camera.height_px, 0 : camera.width_px].astype(np.float32) + np.float32(0.5)
    rays = camera.rays(x, y)
    below = rays[..., 1] < -1e-3
    reach = -camera.eye[1] / np.where(below, rays[..., 1], -1)
    at = camera.eye[[0, 2]] + reach[..., None] * rays[..., [0, 2]]
    return x, y, rays, (at.astype(np.float32), below)
