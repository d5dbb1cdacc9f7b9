"""Shots: from where, against what and in which light an item is photographed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.demo import props
from lookalike.demo.backdrops import Paper, Room
from lookalike.demo.designs import Design
from lookalike.demo.lighting import Lamps, lamps_for
from lookalike.demo.meshes import Floats
from lookalike.demo.palettes import PAPERS, WALLS
from lookalike.demo.renderer import camera_axes, framed
from lookalike.demo.scene import Scene
from lookalike.demo.solids import Solid, moved


@dataclass(frozen=True)
class Shot:
    """How one photo is taken.

    Args:
        role: ``front``, ``back``, ``side``, ``angle``, ``top``, ``detail`` or ``room``.
        azimuth_deg, elevation_deg: where the camera stands: 0 and 0 look at the front, azimuth 90 at the
            side at +x, elevation 90 straight down.
        fill: share of the picture that the item takes.
        take: number of the shot among the item's shots; chooses light, room and framing.
    """

    role: str
    azimuth_deg: float
    elevation_deg: float
    fill: float = 0.86
    take: int = 0


_STUDIO = (
    Shot("front", 0, 10),
    Shot("back", 180, 12),
    Shot("angle", -36, 24),
    Shot("side", 90, 8),
    Shot("top", 18, 56),
    Shot("detail", 24, 16, fill=1.7),
)


def shots_of(design: Design, *, views: int = 7, rooms: int = 1) -> list[Shot]:
    """The item's shots, ``views`` of them, the last ``rooms`` at home.

    The first six studio shots are front, back, angle, side, top and detail; any further ones are from
    angles of the item's own.
    """
    rng = np.random.default_rng((design.seed, design.number, 2))
    chosen = list(_STUDIO[: max(0, views - rooms)])
    while len(chosen) < views - rooms:
        chosen.append(Shot("angle", float(round(rng.uniform(-180, 180))), float(round(rng.uniform(5, 45)))))
    for _ in range(min(rooms, views)):
        azimuth, elevation = float(round(rng.uniform(-55, 55))), float(round(rng.uniform(10, 22)))
        chosen.append(Shot("room", azimuth, elevation, fill=float(rng.uniform(0.46, 0.60))))
    return [Shot(s.role, s.azimuth_deg, s.elevation_deg, s.fill, take) for take, s in enumerate(chosen)]


def photograph(design: Design, shot: Shot, *, size_px: int = 288) -> NDArray[np.uint8]:
    """The photo, sRGB, shape (size_px, size_px, 3); the same design and shot give the same photo."""
    rng = np.random.default_rng((design.seed, design.number, 3, shot.take))
    if shot.role == "room":
        return _at_home(design, shot, rng, size_px=size_px).picture()
    return _in_studio(design, shot, rng, size_px=size_px).picture()


def _in_studio(design: Design, shot: Shot, rng: np.random.Generator, *, size_px: int) -> Scene:
    """The item alone on paper."""
    shift = (
        (float(rng.uniform(-0.12, 0.12)), float(rng.uniform(-0.08, 0.12)))
        if shot.role == "detail"
        else (0.0, 0.01)
    )
    axes = camera_axes(shot.azimuth_deg, shot.elevation_deg)
    camera = framed(design.solid.mesh.points, axes, size_px=size_px, fill=shot.fill, shift=shift)
    lamps = lamps_for(shot.azimuth_deg, side=-1, height_deg=48, contrast=0.5)
    return Scene(design.solid, camera, lamps, _paper(design), exposure=float(rng.uniform(0.98, 1.03)))


def _paper(design: Design) -> Paper:
    """The item's own paper, the same in all its studio shots: mostly white, else a quiet colour."""
    rng = np.random.default_rng((design.seed, design.number, 4))
    if rng.random() < 0.6:
        return Paper()
    return Paper(str(rng.choice(PAPERS)), falloff=0.16)


def _at_home(design: Design, shot: Shot, rng: np.random.Generator, *, size_px: int) -> Scene:
    """The item in a room, smaller and off the middle, with other things around it."""
    turn = shot.azimuth_deg + float(rng.uniform(-26, 26))
    solid, focus = _furnished(design, rng, turn=turn)
    shift = (float(rng.uniform(-0.13, 0.13)), float(rng.uniform(0.02, 0.12)))
    camera = framed(
        focus, camera_axes(shot.azimuth_deg, shot.elevation_deg), size_px=size_px, fill=shot.fill, shift=shift
    )
    return Scene(
        solid,
        camera,
        _window(shot.azimuth_deg, rng),
        _room(design, rng, turn=turn),
        exposure=float(rng.uniform(0.92, 1.04)),
    )


def _furnished(design: Design, rng: np.random.Generator, *, turn: float) -> tuple[Solid, Floats]:
    """The item with what stands around it, and the points that the camera frames."""
    own = list(design.solid.parts)
    lift = 0.0
    if design.kind.setting == "form":
        lift = float(rng.uniform(0.45, 0.6))
        points = design.solid.mesh.points
        own = moved(own, y=lift)
        own += props.dress_form(hem=float(points[:, 1].min()) + lift, neck=float(points[:, 1].max()) + lift)
    around = props.on_table(rng) if design.kind.setting == "table" else props.on_floor(rng)
    focus = design.solid.mesh.points + np.array([0, lift, 0], np.float32)
    return Solid((*own, *moved(around, turn=turn))), focus


def _window(azimuth_deg: float, rng: np.random.Generator) -> Lamps:
    """Daylight from one side, low or high, or a warm lamp."""
    side = float(rng.choice([-1, 1]))
    height, contrast = float(rng.uniform(34, 60)), float(rng.uniform(0.45, 0.62))
    return lamps_for(
        azimuth_deg, side=side, height_deg=height, contrast=contrast, warmth=float(rng.uniform(0.1, 0.9))
    )


def _room(design: Design, rng: np.random.Generator, *, turn: float) -> Room:
    """A room for the item: a table top before a wall, or a floor with or without a rug."""
    table = design.kind.setting == "table"
    floors = ("c9a678", "8b6245", "d9c3a0", "b4895b", "e6e1d8", "6b5242")
    rug = (
        str(rng.choice(["e6dccb", "b7a99a", "a9b3a7", "c9a08a"]))
        if not table and rng.random() < 0.6
        else None
    )
    return Room(
        wall=str(rng.choice(WALLS)),
        floor=str(rng.choice(floors)),
        planks=str(rng.choice(["wood", "wood", "plain"] if table else ["wood", "wood", "tiles"])),
        table=table,
        turn_deg=turn,
        rug=rug,
        seed=int(rng.integers(1 << 16)),
    )
