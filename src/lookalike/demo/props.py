"""What else stands in a room: books, a cup, a plant, a cabinet, a lamp, and the form a garment hangs on."""

from __future__ import annotations

import numpy as np

from lookalike.demo.kinds.look import plain_coat
from lookalike.demo.kinds.tableware import foliage
from lookalike.demo.materials import Coat
from lookalike.demo.meshes import box, evened, revolve, tube
from lookalike.demo.palettes import linear
from lookalike.demo.solids import Part, moved

Rng = np.random.Generator
_MUTED = ("b9a58d", "8c9a94", "a86f55", "d8cfc0", "5e6a70", "c7b26f", "7d6a5c", "c9b3ad")


def on_table(rng: Rng) -> list[Part]:
    """One or two things on a table top, left and right of and behind the origin."""
    side = float(rng.choice([-1, 1]))
    makers = (_books, _cup, _candles, _sprig)
    first, second = rng.choice(len(makers), 2, replace=False)
    parts = moved(
        makers[first](rng),
        x=side * rng.uniform(0.78, 1.0),
        z=rng.uniform(-0.5, -0.1),
        turn=rng.uniform(-30, 30),
    )
    if rng.random() < 0.6:
        parts += moved(
            makers[second](rng),
            x=-side * rng.uniform(0.85, 1.15),
            z=rng.uniform(-0.5, 0.1),
            turn=rng.uniform(-30, 30),
        )
    return parts


def on_floor(rng: Rng) -> list[Part]:
    """A cabinet, a pot plant or a floor lamp at the back, left or right of the origin."""
    side = float(rng.choice([-1, 1]))
    makers = (_cabinet, _pot_plant, _floor_lamp)
    first, second = rng.choice(len(makers), 2, replace=False)
    parts = moved(makers[first](rng), x=side * rng.uniform(0.9, 1.2), z=rng.uniform(-0.95, -0.7))
    if rng.random() < 0.6:
        parts += moved(makers[second](rng), x=-side * rng.uniform(0.95, 1.3), z=rng.uniform(-0.95, -0.7))
    return parts


def dress_form(*, hem: float, neck: float) -> list[Part]:
    """A tailor's form under a garment whose hem and neck are at these heights."""
    wood = plain_coat(linear("8a6446"), "wood")
    base = revolve(
        [(0, 0), (0.21, 0), (0.2, 0.025), (0.03, 0.05), (0.016, 0.12), (0.016, hem + 0.2), (0, hem + 0.2)],
        soften=1,
    )
    cap = revolve(
        [
            (0, neck - 0.05),
            (0.060, neck - 0.05),
            (0.060, neck + 0.012),
            (0.05, neck + 0.03),
            (0.018, neck + 0.04),
            (0.03, neck + 0.07),
            (0, neck + 0.09),
        ]
    )
    return [Part(base, wood), Part(cap, wood)]


def _coat(rng: Rng, material: str) -> Coat:
    return plain_coat(linear(str(rng.choice(_MUTED))), material, seed=int(rng.integers(99)))


def _books(rng: Rng) -> list[Part]:
    parts, height = [], 0.0
    for _ in range(rng.integers(2, 5)):
        thick = rng.uniform(0.05, 0.09)
        book = box((rng.uniform(0.42, 0.52), thick, rng.uniform(0.30, 0.36)), radius=0.008, cells=6)
        parts.append(
            Part(book.turned(axis="y", degrees=rng.uniform(-12, 12)).moved(y=height), _coat(rng, "linen"))
        )
        height += thick
    return parts


def _cup(rng: Rng) -> list[Part]:
    cup = revolve(
        [(0, 0), (0.11, 0), (0.13, 0.05), (0.14, 0.26), (0.125, 0.26), (0.115, 0.05), (0, 0.04)], soften=1
    )
    plate = revolve([(0, 0), (0.14, 0), (0.26, 0.03), (0.255, 0.04), (0.13, 0.015), (0, 0.015)], soften=1)
    coat = _coat(rng, "stoneware")
    return [Part(plate, coat), Part(cup.moved(y=0.015), coat)]


def _candles(rng: Rng) -> list[Part]:
    coat, parts = plain_coat(linear("efe6d4"), "satin"), []
    for x in (0.0, 0.2):
        tall = rng.uniform(0.28, 0.6)
        parts.append(
            Part(
                revolve([(0, 0), (0.035, 0), (0.033, tall), (0, tall)], soften=1, columns=25).moved(
                    x=x, y=0.03
                ),
                coat,
            )
        )
        parts.append(
            Part(
                revolve([(0, 0), (0.09, 0), (0.085, 0.03), (0, 0.03)], soften=1, columns=33).moved(x=x),
                plain_coat(linear("b08d4f"), "brass"),
            )
        )
    return parts


def _sprig(rng: Rng) -> list[Part]:
    pot = revolve([(0, 0), (0.13, 0), (0.17, 0.28), (0.15, 0.28), (0, 0.22)], soften=1)
    return [Part(pot, _coat(rng, "earthenware")), *moved(foliage(rng, base=0.25, spread=0.14), scale=1.0)]


def _pot_plant(rng: Rng) -> list[Part]:
    pot = revolve([(0, 0), (0.17, 0), (0.23, 0.36), (0.2, 0.36), (0, 0.3)], soften=1)
    return [Part(pot, _coat(rng, "earthenware")), *moved(foliage(rng, base=0.2, spread=0.15), scale=1.6)]


def _cabinet(rng: Rng) -> list[Part]:
    tall, wide = rng.uniform(0.5, 0.75), rng.uniform(0.8, 1.1)
    wood = plain_coat(linear(str(rng.choice(["b08a5c", "6f4a33", "d8d0c2", "8c9a94"]))), "wood")
    parts = [Part(box((wide, tall, 0.4), radius=0.012, cells=10).moved(y=0.12), wood)]
    for s in (-1, 1):
        door = box((wide / 2 - 0.03, tall - 0.06, 0.02), radius=0.006, cells=6).moved(
            x=s * wide / 4, y=0.15, z=0.2
        )
        parts.append(Part(door, wood))
        parts += [
            Part(box((0.04, 0.12, 0.04), radius=0.01, cells=4).moved(x=s * (wide / 2 - 0.06), z=z), wood)
            for z in (-0.15, 0.15)
        ]
    return parts + moved(_books(rng), y=tall + 0.12, scale=0.7, x=rng.uniform(-0.2, 0.2))


def _floor_lamp(rng: Rng) -> list[Part]:
    metal = plain_coat(linear(str(rng.choice(["b08d4f", "35363a"]))), "brass")
    pole = tube(evened(np.array([[0, 0, 0], [0, 1.35, 0]], np.float32), step=0.08), 0.013, sides=8)
    base = revolve([(0, 0), (0.16, 0), (0.155, 0.02), (0, 0.025)], soften=1)
    shade = revolve([(0.24, 1.25), (0.17, 1.55)], soften=0, closed=False)
    return [
        Part(pole, metal),
        Part(base, metal),
        Part(shade, plain_coat(linear("efe3cb"), "paper", glow=0.35)),
    ]
