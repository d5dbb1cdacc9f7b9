"""Things that are thrown on a wheel: mugs, bowls, teapots, bottles, vases, planters."""

from __future__ import annotations

import numpy as np

from lookalike.demo.kinds.look import Look, plain_coat
from lookalike.demo.meshes import Floats, Mesh, curve, evened, revolve, rounded, surface, tube
from lookalike.demo.palettes import linear
from lookalike.demo.solids import Part

Rng = np.random.Generator


def vessel(outline: Floats, *, wall: float = 0.035, floor: float = 0.05) -> tuple[Mesh, Mesh]:
    """Outside and inside of an open vessel.

    Args:
        outline: (radius, height) pairs of the outside, from the foot to the rim.
        wall: thickness of the rim.
        floor: thickness of the bottom.
    """
    radius, height = outline[-1]
    foot = np.array([[0, 0], [outline[0, 0] * 0.97, 0]], np.float32)
    rim = np.array([[radius - 0.3 * wall, height + 0.25 * wall]], np.float32)
    outside = revolve(np.concatenate([foot, outline, rim]), soften=1)
    inner = outline[::-1] - np.array([wall, 0], np.float32)
    inner = inner[(inner[:, 1] > floor * 1.5) & (inner[:, 0] > 0)]
    start = np.array([[radius - 0.3 * wall, height + 0.25 * wall]], np.float32)
    reach = min(0.9 * float(inner[-1, 0]), float(np.interp(floor, outline[:, 1], outline[:, 0])) - wall)
    end = np.array([[max(reach, 0.02), floor], [0, floor]], np.float32)
    return outside, revolve(np.concatenate([start, inner, end]), soften=1)


def handle(
    low: tuple[float, float], high: tuple[float, float], *, reach: float, thick: float, square: float = 0.0
) -> Mesh:
    """A handle at +x between two (radius, height) points; ``square`` draws its bow into a rectangle."""
    out = reach * (0.75 + 0.25 * square)
    knots = [
        (low[0] - 0.03, low[1], 0),
        (low[0] + out * 0.7, low[1] - 0.02 * (1 - square), 0),
        (low[0] + reach, low[1] + (high[1] - low[1]) * (0.32 - 0.2 * square), 0),
        (high[0] + reach, high[1] - (high[1] - low[1]) * (0.25 - 0.15 * square), 0),
        (high[0] + out * 0.7, high[1] + 0.01, 0),
        (high[0] - 0.03, high[1], 0),
    ]
    return tube(curve(knots, 26), thick, sides=11, flat=1.35)


def mug(rng: Rng, look: Look) -> list[Part]:
    """A mug with its handle on the right; the inside has the second colour."""
    height, foot, top = rng.uniform(0.72, 1.0), rng.uniform(0.27, 0.42), rng.uniform(0.36, 0.44)
    belly = rng.uniform(-0.02, 0.09)
    middle = (foot + top) / 2 + belly
    outline = curve([(foot, 0.02), (middle, 0.42 * height), (top, height)], 14)
    outside, inside = vessel(outline, wall=0.032)
    low, high = rng.uniform(0.16, 0.26) * height, rng.uniform(0.74, 0.86) * height
    at = np.interp([low, high], outline[:, 1], outline[:, 0])
    grip = handle(
        (at[0], low),
        (at[1], high),
        reach=rng.uniform(0.20, 0.30),
        thick=rng.uniform(0.035, 0.055),
        square=rng.choice([0, 0, 1]),
    )
    handle_colour = 0 if look.pattern in ("plain", "speckle") or rng.random() < 0.6 else 1
    return [
        Part(outside, look.main(mark_at=foot + 0.52 * height)),
        Part(inside, look.plain(1)),
        Part(grip, look.plain(handle_colour)),
    ]


def bowl(rng: Rng, look: Look) -> list[Part]:
    """A bowl on a small foot; the inside has the second colour."""
    height, top, foot = rng.uniform(0.34, 0.52), rng.uniform(0.50, 0.62), rng.uniform(0.20, 0.30)
    bulge = rng.uniform(0.72, 0.92)
    outline = curve([(foot, 0.0), (foot * 0.97, 0.05), (top * bulge, 0.5 * height), (top, height)], 16)
    outside, inside = vessel(outline, wall=0.03, floor=0.08)
    return [Part(outside, look.main(mark_at=foot + 0.65 * height, scale=1.2)), Part(inside, look.plain(1))]


def teapot(rng: Rng, look: Look) -> list[Part]:
    """A round-bellied pot: spout on the left, handle on the right, a lid with a knob."""
    wide, height = rng.uniform(0.40, 0.48), rng.uniform(0.56, 0.72)
    waist = rng.uniform(0.38, 0.55)
    outline = curve(
        [
            (0.62 * wide, 0),
            (0.97 * wide, 0.3 * height),
            (wide, waist * height),
            (0.55 * wide, 0.95 * height),
            (0.5 * wide, height),
        ],
        20,
    )
    body = revolve(np.concatenate([[[0, 0]], outline, [[0, height]]]), soften=1)
    lid = revolve(
        [
            (0, height),
            (0.5 * wide, height),
            (0.5 * wide, height + 0.02),
            (0.25 * wide, height + 0.07),
            (0, height + 0.09),
        ]
    )
    knob = revolve([(0, 0), (0.03, 0), (0.025, 0.04), (0.065, 0.07), (0.05, 0.12), (0, 0.125)]).moved(
        y=height + 0.075
    )
    spout_path = curve(
        [
            (-0.86 * wide, 0.28 * height, 0),
            (-1.3 * wide, 0.42 * height, 0),
            (-1.5 * wide, 0.82 * height, 0),
            (-1.78 * wide, 0.98 * height, 0),
        ],
        22,
    )
    spout = tube(spout_path, np.linspace(0.11, 0.045, 22), sides=17)
    grip = handle(
        (0.92 * wide, 0.22 * height),
        (0.80 * wide, 0.82 * height),
        reach=0.26,
        thick=0.042,
        square=rng.choice([0, 1]),
    )
    wooden = rng.random() < 0.5
    return [
        Part(body, look.main(mark_at=0.62 * wide + 0.5 * height)),
        Part(lid, look.plain(0)),
        Part(spout, look.plain(0)),
        Part(knob, look.wooden() if wooden else look.plain(1)),
        Part(grip, look.wooden() if wooden else look.plain(0)),
    ]


def bottle(rng: Rng, look: Look) -> list[Part]:
    """A bottle with a stopper; clear glass wears a label on its front."""
    wide, shoulder, neck = rng.uniform(0.17, 0.25), rng.uniform(0.50, 0.68), rng.uniform(0.05, 0.085)
    slope = rng.uniform(0.08, 0.22)
    outline = [
        (0, 0),
        (0.9 * wide, 0),
        (wide, 0.03),
        (wide * rng.uniform(0.9, 1.0), shoulder),
        (neck * 1.25, shoulder + slope),
        (neck, shoulder + slope + 0.06),
        (neck, 0.94),
        (neck * 1.2, 0.95),
        (neck * 1.2, 0.98),
        (0, 0.98),
    ]
    parts = [Part(revolve(outline, soften=3), look.main(mark_at=wide + 0.42 * shoulder))]
    stopper = revolve([(0, 0.97), (neck * 0.95, 0.97), (neck * 1.05, 1.07), (0, 1.08)])
    parts.append(Part(stopper, look.wooden() if rng.random() < 0.7 else look.metallic()))
    if look.material == "glass":
        label = _label(wide * 1.012, low=0.14 * shoulder + 0.03, high=0.78 * shoulder, reach=1.15)
        paper = Look(
            look.colours[1:] + look.colours[:1], look.pattern, "paper", look.wood, look.metal, look.seed
        )
        parts.append(Part(label, paper.main(mark_at=0.32 * shoulder)))
    return parts


def _label(radius: float, *, low: float, high: float, reach: float) -> Mesh:
    """A paper label around the front of a cylinder, ``reach`` radians to either side."""
    angle = np.linspace(-reach, reach, 25)
    rows = np.linspace(low, high, 12)[:, None]
    return surface(np.stack(np.broadcast_arrays(radius * np.sin(angle), rows, radius * np.cos(angle)), -1))


def vase(rng: Rng, look: Look) -> list[Part]:
    """A vase of a free outline, sometimes with dried stems in it."""
    height = rng.uniform(0.62, 0.95)
    foot, belly, neck = rng.uniform(0.14, 0.26), rng.uniform(0.26, 0.40), rng.uniform(0.07, 0.19)
    at = rng.uniform(0.25, 0.6)
    lip = neck * rng.uniform(1.0, 1.5)
    knots = [(foot, 0.0), (belly, at * height), (neck, rng.uniform(0.80, 0.90) * height), (lip, height)]
    outside, inside = vessel(curve(knots, 30), wall=0.028)
    parts = [Part(outside, look.main(mark_at=foot + 0.5 * height)), Part(inside, look.plain(0))]
    if rng.random() < 0.45:
        parts += _stems(rng, base=0.7 * height, spread=neck)
    return parts


def _stems(rng: Rng, *, base: float, spread: float) -> list[Part]:
    """Dried stems with seed heads."""
    stalk, head = (
        plain_coat(linear("8d7a55"), "paper"),
        plain_coat(linear(rng.choice(["d9b77e", "b5683f", "9aa37a", "e3d5bd"])), "felt"),
    )
    parts: list[Part] = []
    for turn in rng.uniform(0, 2 * np.pi, rng.integers(4, 8)):
        lean, tall = rng.uniform(0.4, 1.2) * spread, base + rng.uniform(0.45, 0.75)
        side, front = np.sin(turn) * lean, np.cos(turn) * lean
        path = curve(
            [(0, base * 0.5, 0), (0.5 * side, base + 0.1, 0.5 * front), (2.2 * side, tall, 2.2 * front)], 10
        )
        parts.append(Part(tube(path, 0.008, sides=6), stalk))
        tip = tube(
            curve([path[-2], path[-1], 2 * path[-1] - path[-3]], 9),
            0.034 * np.sin(np.linspace(0.3, 3.0, 9)),
            sides=9,
        )
        parts.append(Part(tip, head))
    return parts


def planter(rng: Rng, look: Look) -> list[Part]:
    """A plant pot with a leafy plant; some stand on wooden legs."""
    top, foot, height = rng.uniform(0.27, 0.34), rng.uniform(0.18, 0.30), rng.uniform(0.38, 0.50)
    outline = curve([(foot, 0.0), ((foot + top) / 2 + rng.uniform(0, 0.03), height / 2), (top, height)], 12)
    outside, inside = vessel(outline, wall=0.03)
    lift = rng.choice([0.0, 0.0, 0.16])
    soil = revolve([(top - 0.03, height - 0.06), (0.5 * top, height - 0.045), (0, height - 0.04)], soften=0)
    parts = [
        Part(outside.moved(y=lift), look.main(mark_at=foot + 0.5 * height)),
        Part(inside.moved(y=lift), look.plain(0)),
        Part(soil.moved(y=lift), plain_coat(linear("4a372b"), "felt")),
    ]
    if lift:
        parts += [Part(leg, look.wooden()) for leg in _stand(foot, lift, top)]
    return parts + foliage(rng, base=lift + height - 0.06, spread=top)


def _stand(foot: float, lift: float, top: float) -> list[Mesh]:
    """Four legs and a cross under a pot."""
    reach = max(foot, top) + 0.01
    legs = [
        tube(evened(np.array([[x, 0, z], [x, lift + 0.2, z]], np.float32), step=0.05), 0.022, sides=8)
        for x, z in ((reach, 0), (-reach, 0), (0, reach), (0, -reach))
    ]
    bars = [
        tube(
            evened(
                rounded(
                    [[-reach * a, lift - 0.02, -reach * b], [reach * a, lift - 0.02, reach * b]], times=0
                ),
                step=0.06,
            ),
            0.018,
            sides=8,
        )
        for a, b in ((1, 0), (0, 1))
    ]
    return legs + bars


def foliage(rng: Rng, *, base: float, spread: float) -> list[Part]:
    """Arching leaves, broad or narrow."""
    broad = rng.uniform(0.035, 0.12)
    long = rng.uniform(0.42, 0.62)
    greens = [linear(c) for c in rng.permutation(["5f8450", "86a867", "4f7a5c", "9db57c"])[:2]]
    parts = []
    for i in range(rng.integers(11, 18)):
        turn, rise = i * 2.4 + rng.uniform(0, 0.5), rng.uniform(0.35, 1.0)
        leaf = _leaf(length=long * rng.uniform(0.75, 1.1), width=broad, rise=rise)
        mesh = leaf.moved(z=0.25 * spread).turned(axis="y", degrees=float(np.degrees(turn))).moved(y=base)
        parts.append(Part(mesh, plain_coat(greens[i % 2], "satin")))
    return parts


def _leaf(*, length: float, width: float, rise: float) -> Mesh:
    """A leaf that leaves the origin upwards, leans to +z and droops at its tip."""
    t = np.linspace(0, 1, 12)[:, None]
    across = np.linspace(-1, 1, 5)[None, :]
    half = width * np.sin(np.pi * np.clip(0.08 + 0.92 * t, 0, 1)) ** 0.7
    out, up = length * (1.15 - rise) * t**1.3, length * (rise * 1.35 * t - (0.25 + 0.4 * (1 - rise)) * t**2.5)
    fold = 0.25 * half * np.abs(across)
    grid = np.stack(np.broadcast_arrays(half * across, up + fold, out), -1)
    return surface(grid, closed=False)
