"""Things that are worn: shirts and dresses.

Cloth is lofted around the body it hangs on, with folds that deepen away from where it is held.
"""

from __future__ import annotations

import numpy as np

from lookalike.demo.kinds.look import Look
from lookalike.demo.meshes import Floats, Mesh, around, curve, loft, revolve, surface, tube
from lookalike.demo.solids import Part

Rng = np.random.Generator
FLOATS_ABOVE = 0.10
"""A garment in the studio hangs on nothing, its hem this far above the ground."""


def folded(grid: Floats, *, count: int, depth: Floats, phase: float) -> Floats:
    """Cloth rings with vertical folds: radius scaled by 1 + depth x wave, one depth per row."""
    angle = around(grid.shape[1])
    wave = np.sin(count * angle + phase) + 0.4 * np.sin((2 * count + 1) * angle + 2 * phase)
    wave = wave * np.clip(np.cos(angle / 2), 0, 1) ** 0.2  # meets itself at the back seam
    middle = grid.mean(axis=1, keepdims=True)
    scale = 1 + depth[:, None, None] * wave[None, :, None] * np.array([1, 0, 1], np.float32)
    return np.asarray(middle + (grid - middle) * scale, np.float32)


def necked(grid: Floats, *, drop: float, rows: int) -> Floats:
    """The last rows lowered at the front (and a little at the back) into a neckline."""
    angle = around(grid.shape[1])
    share = np.zeros(len(grid), np.float32)
    share[-rows:] = np.linspace(0, 1, rows + 1)[1:] ** 2
    dip = drop * np.clip(np.cos(angle), 0, 1) ** 1.5 + 0.012 * np.clip(-np.cos(angle), 0, 1)
    lowered = grid.copy()
    lowered[..., 1] -= share[:, None] * dip
    lowered[..., 2] += 0.25 * share[:, None] * dip
    return lowered


def sleeve(
    *, shoulder: tuple[float, float], cuff: tuple[float, float], wide: tuple[float, float], bend: float = 0.03
) -> Mesh:
    """The right-hand (+x) sleeve, open at the cuff; points are (x, y), widths are radii."""
    middle = ((shoulder[0] + cuff[0]) / 2 + bend, (shoulder[1] + cuff[1]) / 2 + bend, 0.01)
    path = curve([(*shoulder, 0), middle, (*cuff, 0.025)], 18)
    radius = np.linspace(wide[0], wide[1], 18) * (1 + 0.02 * np.sin(np.linspace(0, 9, 18)))
    return tube(path, radius, sides=25, flat=0.8, closed=False)


def shirt(rng: Rng, look: Look) -> list[Part]:
    """A T-shirt, jumper or shirt on an unseen body; an emblem is on the chest only."""
    long, boxy = rng.random() < 0.45, rng.uniform(0.96, 1.1)
    hem, chest = 0.262 * boxy * rng.uniform(0.95, 1.08), 0.272 * boxy
    sections = [
        (0.0, hem, 0.118, 0.0),
        (0.25, 0.255 * boxy, 0.118, 0),
        (0.47, chest, 0.128, 0),
        (0.565, 0.268 * boxy, 0.115, 0),
        (0.635, 0.225, 0.088, -0.005),
        (0.675, 0.15, 0.073, -0.01),
        (0.70, 0.088, 0.066, -0.01),
    ]
    body = loft(sections, rows=44, columns=73, exponent=2.5)
    fade = np.linspace(1, 0, 44, dtype=np.float32)
    body = folded(
        body, count=int(rng.integers(5, 8)), depth=0.004 + 0.022 * fade**1.5, phase=rng.uniform(0, 6)
    )
    body = necked(body, drop=rng.uniform(0.04, 0.085), rows=9)
    cuff = (0.375, rng.uniform(0.08, 0.16)) if long else (0.385, rng.uniform(0.39, 0.43))
    arm = sleeve(shoulder=(0.17, 0.60), cuff=cuff, wide=(0.105, 0.05 if long else 0.088))
    arm_coat = (
        look.plain(1)
        if rng.random() < 0.2
        else (look.plain(0) if look.pattern in ("mark", "bands") else look.main())
    )
    parts = [Part(surface(body, wrap=True, closed=False), look.main(mark_at=0.46, scale=1.1))]
    parts += [Part(arm, arm_coat), Part(arm.mirrored(), arm_coat)]
    parts.append(Part(tube(body[-1], 0.013, sides=8), look.plain(1 if rng.random() < 0.5 else 0)))
    style = rng.integers(3)
    if style == 0:  # buttons down the front
        parts += [Part(_button(body, row), look.plain(2, material="plastic")) for row in (4, 11, 18, 25, 32)]
    elif style == 1:  # a breast pocket, on its left
        parts.append(Part(_patch(body, rows=(24, 31), columns=(40, 46)), look.plain(1)))
    return [Part(p.mesh.moved(y=FLOATS_ABOVE), p.coat) for p in parts]


def _button(body: Floats, row: int) -> Mesh:
    """A small button at the front of a ring of the body."""
    x, y, z = body[row, body.shape[1] // 2]
    disc = revolve([(0, 0), (0.013, 0), (0.013, 0.005), (0, 0.008)], columns=13, soften=1)
    return disc.turned(axis="x", degrees=90).moved(x, y, z + 0.004)


def _patch(body: Floats, *, rows: tuple[int, int], columns: tuple[int, int]) -> Mesh:
    """A piece of cloth sewn on the body's surface."""
    piece = body[rows[0] : rows[1], columns[0] : columns[1]].copy()
    piece[..., 2] += 0.006
    return surface(piece, closed=False)


def dress(rng: Rng, look: Look) -> list[Part]:
    """A dress: fitted or straight, short or long, with straps or sleeves and sometimes a belt."""
    flare, waist = rng.uniform(0.20, 0.36), rng.uniform(0.115, 0.15)
    waist_at = rng.uniform(0.54, 0.62)
    sections = [
        (rng.uniform(0.0, 0.22), flare, 0.85 * flare, 0.0),
        (0.75 * waist_at, 0.5 * (flare + waist), 0.42 * (flare + waist), 0),
        (waist_at, waist, 0.105, 0),
        (0.76, 0.165, 0.118, 0.012),
        (0.855, 0.158, 0.098, 0.0),
        (0.915, 0.115, 0.07, -0.01),
        (0.945, 0.078, 0.058, -0.012),
    ]
    body = loft(sections, rows=52, columns=97, exponent=2.2)
    height = (body[:, 0, 1] - body[0, 0, 1]) / (waist_at - body[0, 0, 1])
    depth = 0.10 * np.clip(1 - height, 0, 1) ** 1.2 * min(1.0, 3.5 * (flare - 0.13))
    body = folded(
        body, count=int(rng.integers(6, 11)), depth=depth.astype(np.float32), phase=rng.uniform(0, 6)
    )
    body = necked(body, drop=rng.uniform(0.05, 0.11), rows=12)
    parts = [Part(surface(body, wrap=True, closed=False), look.main(mark_at=0.72, scale=1.05))]
    if rng.random() < 0.65:
        cuff = [(0.235, 0.74), (0.29, 0.52)][int(rng.integers(2))]
        arm = sleeve(shoulder=(0.11, 0.865), cuff=cuff, wide=(0.068, rng.uniform(0.045, 0.085)), bend=0.015)
        parts += [Part(arm, look.main()), Part(arm.mirrored(), look.main())]
    parts.append(Part(tube(body[-1], 0.008, sides=8), look.plain(1)))
    if rng.random() < 0.5:
        at = int(np.argmin(np.abs(body[:, 0, 1] - waist_at)))
        parts.append(Part(_belt(body[at]), look.plain(1)))
    return [Part(p.mesh.moved(y=FLOATS_ABOVE - 0.04), p.coat) for p in parts]


def _belt(ring: Floats) -> Mesh:
    """A band of cloth around one ring of the body."""
    middle = ring.mean(axis=0)
    wider = middle + (ring - middle) * np.array([1.04, 1, 1.04], np.float32)
    rows = [wider + np.array([0, dy, 0], np.float32) for dy in (-0.02, -0.018, 0.0, 0.018, 0.02)]
    return surface(np.stack(rows), wrap=True, closed=False)
