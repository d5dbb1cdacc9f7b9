"""Light: a sky of soft boxes, what of it each point sees, and what a shiny surface mirrors.

The upper hemisphere is a set of directions. Once per item we learn which of them each mesh point sees
past the item itself (a small depth map per direction); after that any studio light is a weight per
direction, so soft shadows, the shadow on the ground and ambient occlusion cost one matrix product per view.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lookalike.demo.meshes import Floats, Ints, unit

MAP_PX = 48
"""Side of the depth map of one direction; shadows are no finer than 1/48 of the item."""

_FRAMED_PX = MAP_PX + 2
"""With a frame of one cell, where nothing ever stands in the way, for what lies outside the map."""


@cache
def sky_directions(count: int = 60) -> Floats:
    """Unit vectors spread evenly over the upper hemisphere (Fibonacci spiral), shape (count, 3)."""
    i = np.arange(count) + 0.5
    height = i / count
    turn = np.pi * (1 + 5**0.5) * i
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.sin(turn), height, radius * np.cos(turn)], -1).astype(np.float32)


def sky_seen(points: Floats, normals: Floats, *, occluders: Floats) -> Floats:
    """How much light each point takes from each sky direction: visibility x cosine, shape (V, D).

    The columns are scaled so that a free point that faces up receives one from a sky of radiance one.

    Args:
        occluders: points spread densely over everything that casts a shadow, shape (P, 3).
    """
    directions = sky_directions()
    middle = (occluders.min(axis=0) + occluders.max(axis=0)) / 2
    radius = float(np.linalg.norm(occluders - middle, axis=1).max()) * 1.02
    cell = 2 * radius / MAP_PX
    lifted = (points + normals * np.float32(1.2 * cell) - middle).T
    solid = (occluders - middle).T
    seen = np.empty((len(directions), len(points)), np.float32)
    for d, (towards, across) in enumerate(zip(directions, _across_sky(), strict=True)):
        depth = np.full(_FRAMED_PX**2, -np.inf, np.float32)
        np.maximum.at(depth, _cells(across @ solid, cell), towards @ solid)
        above = depth.take(_cells(across @ lifted, cell)) - towards @ lifted
        seen[d] = 1 - np.clip(above * np.float32(1 / cell) - np.float32(0.6), 0, 1)
    seen *= np.maximum(directions @ normals.T, 0) * np.float32(2 / len(directions))
    return np.ascontiguousarray(seen.T)


@cache
def _across_sky() -> Floats:
    """For each sky direction two unit vectors at right angles to it, shape (D, 2, 3)."""
    towards = sky_directions()
    steep = np.abs(towards[:, :1]) < 0.7
    first = unit(np.cross(towards, np.where(steep, [1, 0, 0], [0, 0, 1])))
    return np.stack([first, np.cross(towards, first)], axis=1).astype(np.float32)


def _cells(plane: Floats, cell: float) -> Ints:
    """Flat indices into the framed depth map, shape (N,), of places on it, shape (2, N)."""
    at = plane * np.float32(1 / cell) + np.float32(_FRAMED_PX / 2)
    across, along = np.clip(at, 0, _FRAMED_PX - 0.5).astype(np.int32)
    return np.asarray(along * _FRAMED_PX + across)


@dataclass(frozen=True, eq=False)
class Lamps:
    """A key light, a fill light and the sky, placed relative to the camera.

    Args:
        key: unit vector towards the key light, shape (3,).
        fill: unit vector towards the fill light, shape (3,).
        warmth: 0 for white light, 1 for a warm lamp.
        contrast: share of the light that the key gives, between 0 and 1.
    """

    key: Floats
    fill: Floats
    warmth: float = 0.15
    contrast: float = 0.5

    def radiance(self) -> Floats:
        """Radiance of each sky direction, shape (D, 3); a free point facing up receives about one."""
        directions = sky_directions()
        key = _lobe(directions, self.key, 9.0)
        fill = _lobe(directions, self.fill, 3.0)
        warm = np.array([1 + 0.10 * self.warmth, 1.0, 1 - 0.16 * self.warmth], np.float32)
        cool = np.array([0.97, 1.0, 1.04], np.float32)
        sky = 0.75 * (1 - self.contrast)
        return np.asarray(
            sky * cool
            + self.contrast * 1.15 * key[:, None] * warm
            + 0.25 * (1 - self.contrast) * fill[:, None],
            np.float32,
        )

    def mirrored(self, ray: Floats, rough: float) -> Floats:
        """What a surface mirrors in directions ``ray`` (3, N): a bright room with two soft boxes, (N,)."""
        up = ray[1]
        edge = 0.08 + 0.5 * rough
        room = (
            0.30 + 0.42 * _step(up, -0.35, 0.75) - 0.20 * (1 - rough) * np.exp(-np.square((up + 0.08) / 0.16))
        )
        key = _step(self.key @ ray, 0.86 - edge, 0.86 + 0.5 * edge)
        strip = _step(self.fill @ ray, 0.90 - edge, 0.90 + 0.5 * edge)
        strength = 1 / (1 + 2.2 * rough)
        return np.asarray(room + strength * (2.6 * key + 1.1 * strip), np.float32)


def _lobe(directions: Floats, towards: Floats, sharpness: float) -> Floats:
    """A soft box: a lobe of unit irradiance on a surface that faces up or faces it, shape (D,)."""
    lobe = np.exp(sharpness * (directions @ towards - 1))
    return np.asarray(lobe / (lobe.sum() * 2 / len(directions) * 0.8), np.float32)


def _step(x: Floats, low: float, high: float) -> Floats:
    """Zero below ``low``, one above ``high``, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def lamps_for(
    azimuth_deg: float,
    *,
    side: float = -1.0,
    height_deg: float = 48.0,
    contrast: float = 0.5,
    warmth: float = 0.15,
) -> Lamps:
    """The light of a camera at this azimuth: the key above it and to one side (-1 left, 1 right)."""

    def towards(turn: float, elevation: float) -> Floats:
        a, e = np.radians(azimuth_deg + turn), np.radians(elevation)
        return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], np.float32)

    return Lamps(towards(side * 48, height_deg), towards(-side * 65, 28), warmth, contrast)
