"""Repeatable randomness over the plane: the same place and seed give the same number on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.demo.meshes import Floats


def cell_noise(x: NDArray[np.integer], y: NDArray[np.integer], seed: int) -> Floats:
    """A number in [0, 1) for each integer cell (an integer hash of x, y and seed)."""
    key = np.uint32((seed * 0x9E3779B1) & 0xFFFFFFFF)
    h = x.astype(np.int64).astype(np.uint32) * np.uint32(0x85EBCA6B)
    h = h ^ (y.astype(np.int64).astype(np.uint32) * np.uint32(0xC2B2AE35)) ^ key
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    h ^= h >> np.uint32(15)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)


def smooth_noise(x: Floats, y: Floats, seed: int) -> Floats:
    """Value noise in [0, 1) with features of size one."""
    ix, iy = np.floor(x), np.floor(y)
    fx, fy = x - ix, y - iy
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    i, j = ix.astype(np.int32), iy.astype(np.int32)
    low = cell_noise(i, j, seed) * (1 - fx) + cell_noise(i + 1, j, seed) * fx
    high = cell_noise(i, j + 1, seed) * (1 - fx) + cell_noise(i + 1, j + 1, seed) * fx
    return np.asarray(low * (1 - fy) + high * fy, np.float32)


def step(x: Floats, low: float, high: float) -> Floats:
    """Zero below ``low``, one above ``high``, smooth between (``low > high`` falls instead)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
