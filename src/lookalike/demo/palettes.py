"""The colours of the shop, by name, and which of them sit well together."""

from __future__ import annotations

from functools import cache

import numpy as np

from lookalike.demo.meshes import Floats

COLOURS: dict[str, str] = {
    "chalk": "f1ece2", "oat": "ddcfb8", "sand": "cdb08a", "terracotta": "c2673f", "rust": "a3482c",
    "mustard": "d6a033", "lemon": "ecd464", "olive": "7b7d42", "sage": "a5b492", "forest": "2f5b48",
    "mint": "b4d8c8", "teal": "2b7c82", "sky": "92bdd6", "cobalt": "2f58a8", "navy": "26395a",
    "lilac": "b9a6d0", "plum": "6c3c5c", "blush": "e6baae", "rose": "d27584", "coral": "ea7a5c",
    "brick": "97392f", "cocoa": "694a3b", "slate": "6d7983", "charcoal": "3b3e43",
}  # fmt: skip
"""Name to sRGB."""

COMPANIONS: dict[str, tuple[str, ...]] = {
    "chalk": ("navy", "terracotta", "sage", "charcoal", "cobalt"),
    "oat": ("rust", "forest", "navy", "cocoa"),
    "sand": ("chalk", "cocoa", "teal", "navy"),
    "terracotta": ("chalk", "oat", "navy", "blush"),
    "rust": ("oat", "blush", "sky", "chalk"),
    "mustard": ("chalk", "charcoal", "navy", "plum"),
    "lemon": ("chalk", "slate", "teal", "coral"),
    "olive": ("oat", "chalk", "mustard", "blush"),
    "sage": ("chalk", "forest", "blush", "oat"),
    "forest": ("oat", "blush", "mustard", "chalk"),
    "mint": ("chalk", "coral", "forest", "navy"),
    "teal": ("oat", "coral", "chalk", "lemon"),
    "sky": ("chalk", "navy", "coral", "lemon"),
    "cobalt": ("chalk", "lemon", "coral", "sky"),
    "navy": ("chalk", "sky", "mustard", "coral"),
    "lilac": ("chalk", "plum", "lemon", "forest"),
    "plum": ("blush", "chalk", "lilac", "mustard"),
    "blush": ("chalk", "brick", "forest", "plum"),
    "rose": ("chalk", "plum", "blush", "navy"),
    "coral": ("chalk", "navy", "blush", "teal"),
    "brick": ("blush", "chalk", "sand", "sky"),
    "cocoa": ("oat", "blush", "sky", "mustard"),
    "slate": ("chalk", "lemon", "blush", "navy"),
    "charcoal": ("chalk", "mustard", "blush", "slate"),
}
"""For each colour the ones that patterns on it are drawn in."""

WOODS = {"oak": "c59a66", "walnut": "6f4a33", "beech": "dcb98c", "ebony": "38302c"}
METALS = {"brass": "c9a257", "steel": "b9bcc0", "copper": "c27f5c", "black steel": "35363a"}

PAPERS = ("f4f1ea", "e9e2d6", "dfe6e4", "ead9d0", "d9dfe6", "e6e4d3", "dcd6e0", "cfdad2", "f0e3c8")
"""Backdrops of coloured paper."""

WALLS = ("e8e2d8", "d8dcd6", "cfd6d9", "e3d3c6", "b9c2b8", "c9b8a8", "9fb0b5", "d9c7b8", "7d8c86", "b5a9a0")
"""Wall paints of the rooms."""


@cache
def linear(hex_colour: str) -> Floats:
    """The linear-light RGB of an sRGB colour such as ``c2673f``, shape (3,)."""
    srgb = np.array([int(hex_colour[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(light: Floats) -> Floats:
    """sRGB in [0, 1] of linear light; what is brighter than white rolls off softly."""
    soft = np.where(
        light > 0.9, 0.9 + 0.1 * (1 - np.exp(-(np.maximum(light, 0.9) - 0.9) / 0.1)), np.maximum(light, 0)
    )
    return np.where(
        soft <= 0.0031308, 12.92 * soft, 1.055 * np.maximum(soft, 1e-6) ** (1 / 2.4) - 0.055
    ).astype(np.float32)
