"""Things that stand on the floor or lie on it: chairs, armchairs, tables, lamps, cushions."""

from __future__ import annotations

import numpy as np

from lookalike.demo.kinds.look import Look
from lookalike.demo.meshes import Floats, Mesh, box, curve, evened, pillow, revolve, tube
from lookalike.demo.solids import Part

Rng = np.random.Generator


def leg(
    foot: tuple[float, float], head: tuple[float, float], *, top: float, thick: float, taper: float = 0.65
) -> Mesh:
    """A round leg from (x, z) on the floor to (x, z) at height ``top``."""
    path = evened(np.array([(foot[0], 0, foot[1]), (head[0], top, head[1])], np.float32), step=0.06)
    return tube(path, np.linspace(taper * thick, thick, len(path)), sides=10)


def four_legs(wide: float, deep: float, *, top: float, thick: float, splay: float) -> list[Mesh]:
    """Four legs under a rectangle of half sizes (wide, deep), feet spread outwards by ``splay``."""
    corners = ((1, 1), (-1, 1), (1, -1), (-1, -1))
    return [
        leg((sx * (wide + splay), sz * (deep + splay)), (sx * wide, sz * deep), top=top, thick=thick)
        for sx, sz in corners
    ]


def bent_slab(wide: float, tall: float, *, thick: float, bend: float) -> Mesh:
    """An upright slab, bent about the vertical so that its edges come forward; y from 0 to ``tall``."""
    slab = box((2 * wide, tall, thick), radius=min(0.4 * thick, 0.05), cells=12)
    points = slab.points.copy()
    points[:, 2] += bend * (points[:, 0] / wide) ** 2
    return Mesh(points, slab.normals, slab.uv, slab.faces)


def chair(rng: Rng, look: Look) -> list[Part]:
    """A chair: padded seat, wooden or metal legs, a shell, ladder or spindle back."""
    wide, deep, seat_at = rng.uniform(0.23, 0.28), rng.uniform(0.22, 0.26), rng.uniform(0.44, 0.48)
    top, pad = rng.uniform(0.84, 1.0), rng.uniform(0.045, 0.085)
    frame = look.metallic() if rng.random() < 0.25 else look.wooden()
    thick = rng.uniform(0.018, 0.028)
    parts = [
        Part(m, frame)
        for m in four_legs(wide * 0.82, deep * 0.82, top=seat_at, thick=thick, splay=rng.uniform(0.0, 0.06))
    ]
    parts.append(
        Part(
            box((2 * wide, pad, 2 * deep), radius=pad * 0.48, cells=14).moved(y=seat_at), look.main(scale=1.2)
        )
    )
    style = rng.integers(3)
    back = -deep + 0.03
    posts = [
        tube(
            evened(
                np.array(
                    [(s * wide * 0.86, seat_at - 0.02, back), (s * wide * 0.9, top, back - 0.07)], np.float32
                ),
                step=0.06,
            ),
            thick,
            sides=10,
        )
        for s in (-1, 1)
    ]
    if style == 0:
        shell = bent_slab(wide * 1.02, top - seat_at - 0.13, thick=0.05, bend=0.06)
        parts.append(
            Part(
                shell.turned(axis="x", degrees=-8).moved(y=seat_at + 0.13, z=back - 0.03),
                look.main(scale=1.2, mark_at=0.2),
            )
        )
    elif style == 1:
        for share in (0.35, 0.66, 0.97):
            rail = bent_slab(wide * 0.9, 0.065, thick=0.025, bend=-0.02)
            parts.append(
                Part(rail.moved(y=seat_at + share * (top - seat_at) - 0.06, z=back - 0.07 * share), frame)
            )
    else:
        rail = bent_slab(wide * 0.98, 0.07, thick=0.03, bend=-0.015)
        parts.append(Part(rail.moved(y=top - 0.05, z=back - 0.07), frame))
        for x in np.linspace(-0.6, 0.6, 5) * wide:
            line = np.array([(x, seat_at, back + 0.01), (x, top - 0.03, back - 0.065)], np.float32)
            parts.append(Part(tube(evened(line, step=0.07), 0.011, sides=7), frame))
    return parts + [Part(post, frame) for post in posts]


def armchair(rng: Rng, look: Look) -> list[Part]:
    """An upholstered armchair with loose seat and back cushions."""
    wide, deep, arm = rng.uniform(0.34, 0.42), rng.uniform(0.34, 0.38), rng.uniform(0.08, 0.13)
    legs_at, seat_at = rng.uniform(0.09, 0.18), rng.uniform(0.38, 0.44)
    arm_top, top = rng.uniform(0.54, 0.62), rng.uniform(0.78, 0.98)
    soft = rng.uniform(0.03, 0.06)
    second = look.plain(1) if rng.random() < 0.25 else look.main()
    parts = [
        Part(m, look.wooden())
        for m in four_legs(wide * 0.8, deep * 0.8, top=legs_at + 0.02, thick=0.026, splay=0.03)
    ]
    base = box((2 * wide, seat_at - 0.12 - legs_at, 2 * deep), radius=0.03, cells=10).moved(y=legs_at)
    seat = box((2 * (wide - arm) + 0.02, 0.14, 2 * deep - 0.10), radius=0.055, cells=14).moved(
        y=seat_at - 0.12, z=0.07
    )
    back = box((2 * wide - 0.3 * arm, top - legs_at - 0.1, 0.15), radius=soft, cells=14).turned(
        axis="x", degrees=-7
    )
    rest = box((2 * (wide - arm) - 0.01, top - seat_at - 0.07, 0.14), radius=0.06, cells=14).turned(
        axis="x", degrees=-9
    )
    parts += [
        Part(base, look.plain(0)),
        Part(seat, second),
        Part(back.moved(y=legs_at + 0.1, z=-deep + 0.06), look.main()),
        Part(rest.moved(y=seat_at + 0.02, z=-deep + 0.20), second),
    ]
    side = box((arm, arm_top - legs_at, 2 * deep), radius=min(soft, 0.49 * arm), cells=12).moved(y=legs_at)
    return parts + [Part(side.moved(x=s * (wide - 0.4 * arm)), look.main()) for s in (-1, 1)]


def table(rng: Rng, look: Look) -> list[Part]:
    """A side or coffee table: a round or rectangular top on legs or a pedestal."""
    tall, wide = rng.uniform(0.42, 0.66), rng.uniform(0.36, 0.56)
    round_top = rng.random() < 0.6
    frame = look.metallic() if rng.random() < 0.35 else look.wooden()
    deep = wide if round_top else wide * rng.uniform(0.55, 0.75)
    thick = rng.uniform(0.03, 0.055)
    top = (
        _disc(wide, thick).moved(y=tall)
        if round_top
        else box((2 * wide, thick, 2 * deep), radius=0.012, cells=12).moved(y=tall)
    )
    parts = [Part(top, look.main(scale=0.9))]
    style = rng.integers(3)
    if style == 0:
        parts += [
            Part(m, frame) for m in four_legs(0.66 * wide, 0.66 * deep, top=tall, thick=0.028, splay=0.08)
        ]
    elif style == 1:
        foot = rng.uniform(0.5, 0.7) * min(wide, deep)
        stem = revolve(
            [
                (0, 0),
                (foot, 0),
                (foot, 0.025),
                (0.08, 0.06),
                (0.045, 0.15),
                (0.045, tall - 0.1),
                (0.12, tall),
                (0, tall),
            ]
        )
        parts.append(Part(stem, look.plain(0) if rng.random() < 0.5 else frame))
    else:
        parts += [
            Part(m, frame) for m in four_legs(0.78 * wide, 0.78 * deep, top=tall, thick=0.022, splay=0.0)
        ]
        shelf = _disc(0.74 * wide, 0.02) if round_top else box((1.56 * wide, 0.02, 1.56 * deep), radius=0.008)
        parts.append(Part(shelf.moved(y=0.2 * tall), frame))
    return parts


def _disc(radius: float, thick: float) -> Mesh:
    """A round table top; its upper side is textured like a flat sheet."""
    mesh = revolve(
        [(0, 0), (radius * 0.97, 0), (radius, thick * 0.5), (radius * 0.985, thick), (0, thick)],
        soften=1,
        columns=65,
    )
    uv = np.where(np.abs(mesh.normals[:, 1:2]) > 0.5, mesh.points[:, [0, 2]], mesh.uv)
    return Mesh(mesh.points, mesh.normals, uv.astype(np.float32), mesh.faces)


def lamp(rng: Rng, look: Look) -> list[Part]:
    """A table lamp: a turned base, a metal neck, a glowing shade."""
    foot, belly, tall = rng.uniform(0.13, 0.19), rng.uniform(0.10, 0.21), rng.uniform(0.38, 0.52)
    shade_low, shade_high, shade_tall = (
        rng.uniform(0.26, 0.34),
        rng.uniform(0.14, 0.26),
        rng.uniform(0.26, 0.36),
    )
    outline = curve([(foot, 0.02), (belly, rng.uniform(0.3, 0.6) * tall), (0.045, tall)], 18)
    base = revolve(np.concatenate([[[0, 0], [foot, 0]], outline, [[0, tall]]]), soften=1)
    neck = revolve([(0, tall), (0.018, tall), (0.018, tall + 0.2), (0, tall + 0.2)], soften=0)
    low = tall + rng.uniform(0.02, 0.06)
    shade = revolve([(shade_low, low), (shade_high, low + shade_tall)], soften=0, closed=False, columns=61)
    rims = [_hoop(shade_low, low), _hoop(shade_high, low + shade_tall)]
    patterned_shade = rng.random() < 0.5
    glow = Look(look.colours, look.pattern, "paper", look.wood, look.metal, look.seed, look.tint)
    cover = glow.main(mark_at=shade_tall / 2) if patterned_shade else glow.plain(1)
    lit = type(cover)(
        cover.finish,
        cover.colours,
        cover.pattern,
        cover.seed,
        cover.scale,
        cover.front_only,
        0.28,
        cover.shift,
    )
    body = (
        look.plain(0) if patterned_shade and look.pattern != "plain" else look.main(mark_at=foot + 0.4 * tall)
    )
    return [
        Part(base, body),
        Part(neck, look.metallic()),
        Part(shade, lit),
        *(Part(r, look.metallic()) for r in rims),
    ]


def _hoop(radius: float, height: float) -> Mesh:
    """A thin ring of wire."""
    angle = np.linspace(0, 2 * np.pi, 49)
    return tube(
        np.stack([radius * np.sin(angle), np.full(49, height), radius * np.cos(angle)], -1), 0.006, sides=6
    )


def cushion(rng: Rng, look: Look) -> list[Part]:
    """A cushion leaning back a little: pattern on its front, plain behind, piping around."""
    wide = rng.uniform(0.78, 0.92)
    tall = wide if rng.random() < 0.6 else wide * rng.uniform(0.62, 0.72)
    front, back = pillow((wide, tall, rng.uniform(0.26, 0.36)), sag=rng.uniform(0.05, 0.11))
    parts = [Part(front, look.main(mark_at=0.53 * tall)), Part(back, look.plain(int(rng.integers(2))))]
    trim = look.plain(1 if rng.random() < 0.6 else 0)
    parts.append(Part(tube(_edge(front.points), 0.011, sides=7), trim))
    if rng.random() < 0.3:
        for corner in front.points[[0, 22, -23, -1]]:
            out = np.sign(corner) * np.array([0.06, 0.06, 0], np.float32)
            parts.append(
                Part(
                    tube(
                        curve([corner, corner + 0.6 * out, corner + out], 8),
                        np.linspace(0.012, 0.035, 8),
                        sides=8,
                    ),
                    trim,
                )
            )
    leant = [Part(p.mesh.turned(axis="x", degrees=-10), p.coat) for p in parts]
    lift = -min(float(p.mesh.points[:, 1].min()) for p in leant)
    return [Part(p.mesh.moved(y=lift), p.coat) for p in leant]


def _edge(points: Floats) -> Floats:
    """The outline of a square grid of points, once around."""
    side = round(len(points) ** 0.5)
    grid = points.reshape(side, side, 3)
    return np.concatenate([grid[0, :-1], grid[:-1, -1], grid[-1, :0:-1], grid[::-1, 0]])
