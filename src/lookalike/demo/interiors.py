"""Interiors: rooms in which several items stand, with the box of each, to look for items in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.demo import props
from lookalike.demo.backdrops import Room
from lookalike.demo.designs import Design
from lookalike.demo.lighting import lamps_for
from lookalike.demo.palettes import WALLS
from lookalike.demo.renderer import Camera, camera_axes, framed
from lookalike.demo.scene import Scene
from lookalike.demo.solids import Part, Solid, moved

Box = tuple[float, float, float, float]

SPACING = 0.72
"""From where an item begins to where the next one does, in its own width."""
DEPTH = 0.55
"""Items stand by turns so far before and behind the middle of the room."""


@dataclass(frozen=True, eq=False)
class Interior:
    """A picture of a room with several items.

    Args:
        picture: sRGB, shape (size, size, 3).
        boxes: item id -> left, top, right, bottom as shares of the picture.
    """

    picture: NDArray[np.uint8]
    boxes: dict[str, Box]


def interior(designs: list[Design], *, seed: int, size_px: int = 640) -> Interior:
    """Items in two rows in a room, those behind partly hidden; order, light and turns are the seed's.

    Args:
        designs: of the items, of one setting (all on a table, or all on the floor) to look natural.
        seed: of everything else.
        size_px: side of the picture.
    """
    rng = np.random.default_rng((seed, 11))
    order = [designs[number] for number in rng.permutation(len(designs))]
    placed = _in_two_rows(order, rng)
    azimuth = float(rng.uniform(-22, 22))
    points = np.concatenate([part.mesh.points for parts in placed.values() for part in parts])
    axes = camera_axes(azimuth, float(rng.uniform(16, 26)))
    camera = framed(points, axes, size_px=size_px, fill=float(rng.uniform(0.78, 0.9)), shift=(0.0, 0.08))
    around = props.on_floor(rng) if designs[0].kind.setting != "table" else []
    solid = Solid((*(part for parts in placed.values() for part in parts), *moved(around, z=-1.0)))
    room = Room(
        wall=str(rng.choice(WALLS)),
        floor=str(rng.choice(("c9a678", "8b6245", "d9c3a0", "b4895b", "e6e1d8", "6b5242"))),
        planks=str(rng.choice(["wood", "wood", "plain"])),
        turn_deg=azimuth,
        wall_at=2.2,
        seed=int(rng.integers(1 << 16)),
    )
    lamps = lamps_for(azimuth, side=float(rng.choice([-1, 1])), height_deg=50, contrast=0.5, warmth=0.5)
    picture = Scene(solid, camera, lamps, room).picture()
    return Interior(picture, {item: _box(camera, parts, size_px) for item, parts in placed.items()})


def _in_two_rows(designs: list[Design], rng: np.random.Generator) -> dict[str, list[Part]]:
    """The items from left to right, each turned a little."""
    placed, edge, side = dict[str, list[Part]](), 0.0, float(rng.choice([-1, 1]))
    for design in designs:
        side = -side
        depth = side * DEPTH + float(rng.uniform(-0.1, 0.1))
        turned = moved(design.solid.parts, turn=float(rng.uniform(-50, 50)), z=depth)
        across = np.concatenate([part.mesh.points[:, 0] for part in turned])
        low, high = float(across.min()), float(across.max())
        placed[design.id] = moved(turned, x=edge - low)
        edge += (high - low) * SPACING
    return placed


def _box(camera: Camera, parts: list[Part], size_px: int) -> Box:
    corners, _ = camera.project(np.concatenate([part.mesh.points for part in parts]))
    low, high = corners.min(axis=0) / size_px, corners.max(axis=0) / size_px
    left, top = (float(max(0.0, share)) for share in low)
    right, bottom = (float(min(1.0, share)) for share in high)
    return left, top, right, bottom
