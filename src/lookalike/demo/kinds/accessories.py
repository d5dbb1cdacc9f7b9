"""Things that go with clothes: hats, shoes, bags."""

from __future__ import annotations

import numpy as np

from lookalike.demo.kinds.clothing import folded
from lookalike.demo.kinds.look import Look, plain_coat
from lookalike.demo.meshes import Floats, Mesh, around, box, capped, curve, loft, revolve, surface, tube
from lookalike.demo.palettes import linear
from lookalike.demo.solids import Part

Rng = np.random.Generator


def hat(rng: Rng, look: Look) -> list[Part]:
    """A brimmed hat, a bucket hat, a knitted cap or a cap with a visor."""
    return (_brimmed, _bucket, _beanie, _cap)[int(rng.integers(4))](rng, look)


def _brimmed(rng: Rng, look: Look) -> list[Part]:
    wide, tall, brim = rng.uniform(0.27, 0.31), rng.uniform(0.28, 0.36), rng.uniform(0.48, 0.60)
    crown = revolve(
        [
            (wide * 1.02, 0.04),
            (wide, 0.12),
            (0.9 * wide, tall),
            (0.7 * wide, tall + 0.05),
            (0.3 * wide, tall + 0.01),
            (0, tall),
        ],
        soften=2,
    )
    angle = around(73)
    t = np.linspace(0, 1, 12, dtype=np.float32)[::-1, None]
    lift = rng.uniform(0.02, 0.07) * np.cos(2 * angle) * -1
    radius = wide * 0.98 + (brim - wide) * t
    height = 0.05 + t**2 * (lift + rng.uniform(-0.03, 0.02))
    brim_mesh = surface(
        np.stack([radius * np.sin(angle), height + 0 * angle, radius * np.cos(angle) * 1.06], -1),
        wrap=True,
        closed=False,
    )
    ribbon = revolve(
        [(wide * 1.035, 0.055), (wide * 1.03, 0.13), (wide * 1.0, 0.135)], soften=0, closed=False
    )
    return _oval(
        [
            Part(crown, look.main(mark_at=0.2)),
            Part(brim_mesh, look.plain(0)),
            Part(ribbon, look.plain(1, material="satin")),
        ]
    )


def _bucket(rng: Rng, look: Look) -> list[Part]:
    wide, tall, brim = rng.uniform(0.27, 0.30), rng.uniform(0.36, 0.44), rng.uniform(0.42, 0.48)
    outline = [
        (brim, 0.0),
        (wide * 1.1, 0.15),
        (wide * 1.02, 0.17),
        (wide * 0.86, tall),
        (wide * 0.8, tall + 0.02),
        (0, tall + 0.03),
    ]
    return _oval([Part(revolve(outline, soften=1, closed=False, columns=73), look.main(mark_at=0.33))])


def _beanie(rng: Rng, look: Look) -> list[Part]:
    tall, cuff = rng.uniform(0.44, 0.56), rng.uniform(0.13, 0.18)
    dome = revolve(
        [(0.29, 0.02), (0.30, 0.2), (0.26, 0.75 * tall), (0.12, tall), (0, tall + 0.01)],
        soften=3,
        closed=False,
    )
    band = revolve([(0.29, 0.0), (0.318, 0.01), (0.322, cuff), (0.30, cuff + 0.012)], soften=1, closed=False)
    knitted = Look(look.colours, look.pattern, "wool", look.wood, look.metal, look.seed, look.tint)
    parts = [Part(dome, knitted.main(mark_at=0.3)), Part(band, knitted.plain(1 if rng.random() < 0.4 else 0))]
    if rng.random() < 0.6:
        ball = revolve([(0, -0.09), (0.09, -0.09), (0.1, 0), (0.09, 0.09), (0, 0.09)], soften=3)
        parts.append(Part(ball.moved(y=tall + 0.06), knitted.plain(1)))
    return _oval(parts)


def _cap(rng: Rng, look: Look) -> list[Part]:
    tall = rng.uniform(0.32, 0.38)
    dome = revolve(
        [(0.30, 0.0), (0.305, 0.12), (0.25, 0.8 * tall), (0.1, tall), (0, tall + 0.005)],
        soften=2,
        closed=False,
        columns=61,
    )
    button = revolve([(0, 0), (0.02, 0), (0.02, 0.012), (0, 0.018)]).moved(y=tall)
    angle = np.linspace(-1.15, 1.15, 31, dtype=np.float32)
    t = np.linspace(0, 1, 10, dtype=np.float32)[::-1, None]
    reach = 0.30 + t * rng.uniform(0.20, 0.26) * np.cos(angle * 1.3) ** 0.6
    height = 0.015 - 0.05 * t * np.abs(np.sin(angle)) + 0.01 * t
    visor = surface(
        np.stack(
            [0.30 * np.sin(angle) * (1 + 0.1 * t), height, reach * np.cos(angle * (1 - 0.25 * t)) + 0 * t], -1
        ),
        closed=False,
    )
    return _oval(
        [
            Part(dome, look.main(mark_at=0.17, scale=1.4)),
            Part(visor, look.plain(1)),
            Part(button, look.plain(1)),
        ]
    )


def _oval(parts: list[Part]) -> list[Part]:
    """Heads are longer than wide."""
    stretch = np.array([1, 1, 1.12], np.float32)
    lift = np.array([0, -min(float(p.mesh.points[:, 1].min()) for p in parts), 0], np.float32)
    return [
        Part(
            Mesh(p.mesh.points * stretch + lift, p.mesh.normals, p.mesh.uv, p.mesh.faces, p.mesh.closed),
            p.coat,
        )
        for p in parts
    ]


def shoe(rng: Rng, look: Look) -> list[Part]:
    """A pair of trainers or ankle boots, toes to the viewer's left."""
    high = rng.choice([0.40, 0.42, 0.60])
    one = _one_shoe(rng, look, high=float(high))
    placed = []
    for part in one:
        placed.append(Part(part.mesh.moved(x=0.24), part.coat))
        placed.append(Part(part.mesh.mirrored().moved(x=-0.24, z=0.10), part.coat))
    return [Part(p.mesh.turned(axis="y", degrees=-58), p.coat) for p in placed]


def _one_shoe(rng: Rng, look: Look, *, high: float) -> list[Part]:
    """A right shoe along z, toe forward."""
    sole, toe = rng.uniform(0.07, 0.13), rng.uniform(0.15, 0.185)
    # height, half width, front end, back end
    marks = np.array(
        [
            (0.0, 0.168, 0.48, -0.49),
            (0.05, 0.176, 0.49, -0.50),
            (0.10, toe, 0.46, -0.50),
            (0.15, 0.155, 0.36, -0.50),
            (0.20, 0.135, 0.20, -0.495),
            (0.26, 0.118, 0.04, -0.485),
            (0.33, 0.108, -0.02, -0.475),
            (high, 0.108, -0.06, -0.475),
        ]
    )
    sections = np.stack(
        [marks[:, 0] + sole, marks[:, 1], (marks[:, 2] - marks[:, 3]) / 2, (marks[:, 2] + marks[:, 3]) / 2],
        -1,
    )
    upper = _footed(loft(sections, rows=34, columns=57, exponent=2.3))
    inside = upper[:-9:-1].copy()
    middle = inside[0].mean(axis=0)
    inside[..., 0] = middle[0] + (inside[..., 0] - middle[0]) * 0.86
    inside[..., 2] = middle[2] + (inside[..., 2] - middle[2]) * 0.86
    base = loft(
        [(0, 0.172, 0.495, -0.0), (0.5 * sole, 0.19, 0.515, 0), (sole, 0.186, 0.508, -0.0)],
        rows=9,
        columns=57,
        exponent=2.3,
    )
    parts = [
        Part(surface(upper, wrap=True), look.main(mark_at=0.16, scale=1.2)),
        Part(
            surface(capped(inside, bottom=False), wrap=True, closed=False), look.plain(1, material="cotton")
        ),
        Part(
            surface(capped(_footed(base)), wrap=True),
            plain_coat(linear(str(rng.choice(["efeae0", "efeae0", "c49a6c", "3a3836"]))), "rubber"),
        ),
    ]
    lace = look.plain(1, material="cotton")
    middle_column = upper.shape[1] // 2
    for row in np.linspace(13, 24, 5).astype(int):
        ridge = upper[row, middle_column - 5 : middle_column + 6] + np.array([0, 0.004, 0.006], np.float32)
        parts.append(Part(tube(ridge, 0.013, sides=7), lace))
    return parts


def _footed(grid: Floats) -> Floats:
    """Rings drawn in at heel and arch, and bent like a right foot."""
    shaped = grid.copy()
    z = grid[..., 2]
    shaped[..., 0] *= 0.86 + 0.16 * np.clip((z + 0.1) / 0.4, -0.6, 1)
    shaped[..., 0] -= 0.05 * z * np.abs(z) * 2
    return shaped


def bag(rng: Rng, look: Look) -> list[Part]:
    """A tote with two long handles, or a handbag with a flap and clasp."""
    return _tote(rng, look) if rng.random() < 0.55 else _handbag(rng, look)


def _tote(rng: Rng, look: Look) -> list[Part]:
    wide, tall, deep = rng.uniform(0.30, 0.38), rng.uniform(0.58, 0.72), rng.uniform(0.07, 0.12)
    sections = [
        (0, 0.9 * wide, deep, 0),
        (0.08, 0.95 * wide, deep * 1.12, 0),
        (0.5 * tall, wide, deep, 0),
        (tall, wide * 1.03, deep * 0.45, 0),
    ]
    body = loft(sections, rows=26, columns=73, exponent=4.0)
    body = folded(
        body, count=3, depth=np.linspace(0.004, 0.02, 26, dtype=np.float32), phase=rng.uniform(0, 6)
    )
    strap = look.plain(1) if rng.random() < 0.5 else plain_coat(linear("9a6a43"), "leather")
    rise, grip = rng.uniform(0.24, 0.40), wide * rng.uniform(0.42, 0.55)
    parts = [
        Part(surface(capped(body, top=False), wrap=True, closed=False), look.main(mark_at=deep + 0.52 * tall))
    ]
    for side in (-1, 1):
        z = side * deep * 0.50
        knots = [
            (-grip, tall - 0.10, z * 1.6),
            (-grip, tall, z * 1.1),
            (-0.75 * grip, tall + 0.8 * rise, z * 0.9),
            (0, tall + rise, z * 0.8),
            (0.75 * grip, tall + 0.8 * rise, z * 0.9),
            (grip, tall, z * 1.1),
            (grip, tall - 0.10, z * 1.6),
        ]
        parts.append(Part(tube(curve(knots, 40), 0.024, sides=9, flat=0.4), strap))
    return parts


def _handbag(rng: Rng, look: Look) -> list[Part]:
    wide, tall, deep = rng.uniform(0.40, 0.48), rng.uniform(0.46, 0.58), rng.uniform(0.13, 0.17)
    sections = [
        (0, wide, deep, 0),
        (0.06, wide * 1.02, deep * 1.05, 0),
        (0.6 * tall, 0.94 * wide, 0.85 * deep, 0),
        (tall, 0.84 * wide, 0.35 * deep, 0),
    ]
    body = surface(capped(loft(sections, rows=24, columns=73, exponent=5.0)), wrap=True)
    line = curve(np.array(sections)[:, [0, 2]], 24)[10:]
    drop = np.linspace(0.80, 0.84, len(line))[:, None] * wide
    x = np.linspace(-1, 1, 25)[None, :]
    arc = 0.10 * tall * (1 - x**2) * np.linspace(1, 0, len(line))[:, None]
    flap = surface(
        np.stack(np.broadcast_arrays(drop * x, line[:, :1] - arc, line[:, 1:] + 0.016), -1), closed=False
    )
    metal = look.metallic()
    clasp = box((0.09, 0.06, 0.03), radius=0.012).moved(
        y=float(line[0, 0] - 0.12 * tall), z=float(line[0, 1]) + 0.006
    )
    rise = rng.uniform(0.22, 0.42)
    knots = [
        (-0.7 * wide, tall - 0.04, 0),
        (-0.62 * wide, tall + 0.6 * rise, 0),
        (0, tall + rise, 0),
        (0.62 * wide, tall + 0.6 * rise, 0),
        (0.7 * wide, tall - 0.04, 0),
    ]
    grip = tube(curve(knots, 36), 0.024, sides=11)
    second = look.plain(1) if rng.random() < 0.4 else look.plain(0)
    return [Part(body, look.main(mark_at=0.3)), Part(flap, second), Part(clasp, metal), Part(grip, second)]
