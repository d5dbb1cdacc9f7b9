"""Patterns: what is printed, woven or glazed on a surface, as layers of ink over a base colour.

A pattern maps texture coordinates (in the item's unit; u = 0 is the front) to layers of
(palette index, coverage in [0, 1]); index 0 is the base colour, 1 and 2 its companions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lookalike.demo.meshes import Floats
from lookalike.demo.noise import cell_noise, smooth_noise, step

Layers = list[tuple[int, Floats]]
Pattern = Callable[[Floats, Floats, int], Layers]


def plain(u: Floats, v: Floats, seed: int) -> Layers:
    """One colour."""
    del u, v, seed
    return []


def stripes(u: Floats, v: Floats, seed: int) -> Layers:
    """Horizontal stripes, like a Breton shirt."""
    del u
    pitch = 11 + seed % 5
    return [(1, step(_wave(v * pitch), 0.62, 0.54))]


def pinstripes(u: Floats, v: Floats, seed: int) -> Layers:
    """Thin vertical stripes."""
    del v
    return [(1, step(_wave(u * (14 + seed % 6)), 0.30, 0.20))]


def chevron(u: Floats, v: Floats, seed: int) -> Layers:
    """Zigzag bands."""
    pitch = 5 + seed % 3
    zigzag = np.abs((u * pitch) % 1 - 0.5) * 0.9
    return [(1, step(_wave(v * pitch * 1.3 + zigzag * 1.6), 0.56, 0.46))]


def dots(u: Floats, v: Floats, seed: int) -> Layers:
    """Polka dots in staggered rows."""
    pitch = 8 + seed % 4
    y = v * pitch
    x = u * pitch + 0.5 * (np.floor(y) % 2)
    distance = np.hypot(x % 1 - 0.5, y % 1 - 0.5)
    return [(1, step(distance, 0.30, 0.24))]


def check(u: Floats, v: Floats, seed: int) -> Layers:
    """Gingham: two sets of half-covering bands."""
    pitch = 6 + seed % 4
    across, along = step(_wave(u * pitch), 0.56, 0.44), step(_wave(v * pitch), 0.56, 0.44)
    return [(1, 0.55 * across), (1, 0.55 * along)]


def plaid(u: Floats, v: Floats, seed: int) -> Layers:
    """Tartan: broad bands with thin lines of a third colour."""
    pitch = 3.2 + 0.5 * (seed % 3)
    x, y = (u * pitch + 0.25) % 1, (v * pitch) % 1
    wide = [(1, 0.6 * step(np.abs(t - 0.5), 0.26, 0.24)) for t in (x, y)]
    thin = [(2, 0.85 * step(np.abs((t + 0.5) % 1 - 0.5), 0.05, 0.03)) for t in (x, y)]
    return [*wide, *thin]


def floral(u: Floats, v: Floats, seed: int) -> Layers:
    """Scattered five-petalled flowers with leaves."""
    pitch = 5.0 + seed % 3
    x, y = u * pitch, v * pitch
    i, j = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    turn = 6.28 * cell_noise(i, j, seed)
    size = 0.30 + 0.13 * cell_noise(i, j, seed + 1)
    dx = x - i - 0.5 - 0.16 * (cell_noise(i, j, seed + 2) - 0.5)
    dy = y - j - 0.5 - 0.16 * (cell_noise(i, j, seed + 3) - 0.5)
    radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx) + turn
    petal = size * (0.72 + 0.28 * np.cos(5 * angle))
    leaf = np.hypot(
        (dx * np.cos(turn) + dy * np.sin(turn) + 0.30) / 0.17, (dy * np.cos(turn) - dx * np.sin(turn)) / 0.08
    )
    return [(2, step(leaf, 1.1, 0.85)), (1, step(radius - petal, 0.02, -0.02)), (2, step(radius, 0.11, 0.07))]


def bands(u: Floats, v: Floats, seed: int) -> Layers:
    """Two broad blocks of colour, as if dipped twice."""
    wobble = 0.012 * np.sin(u * 9 + seed)
    low, high = 0.26 + 0.05 * (seed % 3), 0.50 + 0.04 * (seed % 4)
    at = v + wobble
    return [
        (1, step(at, low + 0.008, low - 0.008)),
        (2, step(at, low - 0.008, low + 0.008) * step(at, high, high - 0.016)),
    ]


def speckle(u: Floats, v: Floats, seed: int) -> Layers:
    """Stoneware specks of two sizes."""
    return [(1, 0.9 * _specks(u, v, 34, seed, 0.25)), (2, 0.8 * _specks(u, v, 17, seed + 7, 0.10))]


def terrazzo(u: Floats, v: Floats, seed: int) -> Layers:
    """Stone chips in two colours."""
    return [
        (1, _specks(u, v, 9, seed, 0.55, 1.35)),
        (2, _specks(u + 0.05, v + 0.03, 11, seed + 5, 0.45, 1.3)),
    ]


def scallops(u: Floats, v: Floats, seed: int) -> Layers:
    """Overlapping arcs, like waves or fish scales."""
    pitch = 6 + seed % 4
    y = v * pitch * 1.6
    row = np.floor(y)
    best = np.zeros_like(u)
    for below in (1, 0):
        x = u * pitch + 0.5 * ((row - below) % 2)
        radius = np.hypot(x % 1 - 0.5, (y - row + below) / 1.6)
        best = np.where(radius < 0.64, _wave(radius * 4.6), best)
    return [(1, step(best, 0.40, 0.56))]


def waves(u: Floats, v: Floats, seed: int) -> Layers:
    """Soft marbled waves."""
    drift = smooth_noise(u * 3, v * 3, seed) * 1.8 + 0.5 * smooth_noise(u * 7, v * 7, seed + 1)
    at = _wave(v * 3.2 + drift)
    return [(1, step(at, 0.42, 0.34)), (2, 0.8 * step(at, 0.08, 0.04))]


def leaves(u: Floats, v: Floats, seed: int) -> Layers:
    """Rows of leaning leaf shapes."""
    pitch = 7 + seed % 3
    y = v * pitch
    row = np.floor(y)
    lean = np.where(row % 2 == 0, 0.6, -0.6)
    dy = y - row - 0.5
    dx = (u * pitch * 1.25 + lean * dy) % 1 - 0.5
    body = np.abs(dx) - 0.30 * np.maximum(1 - (dy / 0.46) ** 2, 0)
    return [(1, step(body, 0.02, -0.03)), (0, step(np.abs(dx), 0.045, 0.02) * step(np.abs(dy), 0.4, 0.36))]


def mark(u: Floats, v: Floats, seed: int) -> Layers:
    """No repeat, one emblem on the front: see ``emblem``."""
    return emblem(u, v - 0.5, seed, size=0.24)


def emblem(u: Floats, v: Floats, seed: int, *, size: float) -> Layers:
    """A logo-like mark about the origin: sun, hills, ring, leaf, moon, grid or waves."""
    x, y = u / size, v / size
    radius = np.hypot(x, y)
    disc = step(radius, 1.02, 0.96)
    shape = seed % 7
    if shape == 0:  # a sun over the sea
        return [
            (1, disc * step(y, -0.05, 0.0)),
            (2, disc * step(y, -0.05, -0.1) * step(_wave(y * 3.2), 0.5, 0.6)),
        ]
    if shape == 1:  # two hills
        far, near = 0.55 - np.abs(x - 0.3) * 1.1, 0.25 - np.abs(x + 0.3) * 1.1
        return [(1, disc * step(far - y, -0.04, 0.04)), (2, disc * step(near - y, -0.04, 0.04))]
    if shape == 2:  # rings
        return [(1, disc * step(_wave(radius * 2.5), 0.45, 0.6)), (2, step(radius, 0.25, 0.2))]
    if shape == 3:  # a leaf
        body = np.abs(x) - 0.55 * np.maximum(1 - y**2, 0)
        return [(1, step(body, 0.03, -0.03)), (0, step(np.abs(x), 0.06, 0.03) * disc)]
    if shape == 4:  # a moon and a star
        bite = step(np.hypot(x - 0.42, y - 0.18), 0.80, 0.86)
        return [(1, disc * bite), (2, step(np.abs(x - 0.5) + np.abs(y - 0.2), 0.34, 0.28))]
    if shape == 5:  # four squares
        inside = step(np.maximum(np.abs(x), np.abs(y)), 0.92, 0.86)
        gap = step(np.minimum(np.abs(x), np.abs(y)), 0.06, 0.1)
        return [(1, inside * gap), (2, inside * gap * step(x * y, -0.01, 0.01))]
    band = step(_wave(y * 2.2 + 0.16 * np.sin(x * 6)), 0.42, 0.54)
    return [(1, band * step(np.maximum(np.abs(x), np.abs(y)), 0.98, 0.92))]


PATTERNS: dict[str, Pattern] = {
    "plain": plain, "stripes": stripes, "pinstripes": pinstripes, "chevron": chevron, "dots": dots,
    "check": check, "plaid": plaid, "floral": floral, "bands": bands, "speckle": speckle,
    "terrazzo": terrazzo, "scallops": scallops, "waves": waves, "leaves": leaves, "mark": mark,
}  # fmt: skip


def _wave(x: Floats) -> Floats:
    """A triangle wave of period one: 0 at whole numbers, 1 half-way."""
    return np.asarray(1 - np.abs((x % 1) * 2 - 1), np.float32)


def _specks(u: Floats, v: Floats, pitch: float, seed: int, share: float, size: float = 1.0) -> Floats:
    """One roundish speck in a ``share`` of the cells of a grid."""
    x, y = u * pitch, v * pitch
    i, j = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    dx = x - i - 0.3 - 0.4 * cell_noise(i, j, seed + 11)
    dy = y - j - 0.3 - 0.4 * cell_noise(i, j, seed + 12)
    turn = 6.28 * cell_noise(i, j, seed + 13)
    skew = 1 + 0.7 * np.cos(2 * (np.arctan2(dy, dx) + turn)) * 0.5
    radius = size * (0.12 + 0.16 * cell_noise(i, j, seed + 14))
    return step(np.hypot(dx, dy) * skew - radius, 0.05, -0.05) * (cell_noise(i, j, seed + 15) < share)
