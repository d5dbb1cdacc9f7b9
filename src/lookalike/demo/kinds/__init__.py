"""The kinds of thing the shop sells: how each is built, in what it comes, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lookalike.demo.kinds import accessories, clothing, furniture, tableware
from lookalike.demo.kinds.look import Look
from lookalike.demo.solids import Part, Solid

Builder = Callable[[np.random.Generator, Look], list[Part]]

_CERAMIC = ("stoneware", "porcelain", "earthenware")
_GLAZES = (
    "plain",
    "speckle",
    "stripes",
    "dots",
    "bands",
    "floral",
    "waves",
    "scallops",
    "leaves",
    "mark",
    "check",
)
_PRINTS = ("plain", "stripes", "dots", "check", "floral", "plaid", "pinstripes", "mark", "leaves", "bands")
_WEAVES = ("plain", "check", "plaid", "chevron", "stripes", "floral", "dots", "scallops", "leaves", "waves")


@dataclass(frozen=True)
class Kind:
    """A kind of item.

    Args:
        build: draws one shape from a random generator and dresses it in a look.
        noun: what a title calls it.
        category: the department it is sold in.
        materials, patterns: what it comes in.
        setting: where it is photographed at home: on a ``table``, on the ``floor``, on a ``form``.
        price: lowest and highest, in whole euros.
    """

    build: Builder
    noun: str
    category: str
    materials: tuple[str, ...]
    patterns: tuple[str, ...]
    setting: str
    price: tuple[int, int]

    def solid(self, look: Look, *, shape_seed: tuple[int, ...]) -> Solid:
        """The item: the same shape for the same seed, whatever the look."""
        return Solid(tuple(self.build(np.random.default_rng(shape_seed), look)))


KINDS: dict[str, Kind] = {
    "mug": Kind(tableware.mug, "mug", "kitchen", _CERAMIC, _GLAZES, "table", (12, 28)),
    "armchair": Kind(
        furniture.armchair,
        "armchair",
        "furniture",
        ("linen", "velvet", "wool", "leather"),
        ("plain", *_WEAVES),
        "floor",
        (390, 980),
    ),
    "shirt": Kind(
        clothing.shirt, "shirt", "clothing", ("cotton", "linen", "wool"), _PRINTS, "form", (25, 90)
    ),
    "vase": Kind(tableware.vase, "vase", "home", _CERAMIC, (*_GLAZES, "terrazzo"), "table", (24, 95)),
    "bag": Kind(
        accessories.bag, "bag", "accessories", ("canvas", "leather", "suede"), _PRINTS, "table", (35, 240)
    ),
    "lamp": Kind(
        furniture.lamp,
        "table lamp",
        "home",
        _CERAMIC,
        ("plain", "stripes", "floral", "dots", "waves", "leaves", "pinstripes", "check"),
        "table",
        (60, 190),
    ),
    "shoe": Kind(
        accessories.shoe,
        "trainers",
        "accessories",
        ("canvas", "leather", "suede"),
        ("plain", "check", "dots", "plaid", "floral", "stripes"),
        "table",
        (55, 160),
    ),
    "chair": Kind(
        furniture.chair,
        "chair",
        "furniture",
        ("linen", "velvet", "leather"),
        ("plain", *_WEAVES),
        "floor",
        (95, 320),
    ),
    "bowl": Kind(tableware.bowl, "bowl", "kitchen", _CERAMIC, _GLAZES, "table", (14, 48)),
    "dress": Kind(
        clothing.dress, "dress", "clothing", ("cotton", "linen", "satin"), _PRINTS, "form", (60, 210)
    ),
    "cushion": Kind(
        furniture.cushion,
        "cushion",
        "home",
        ("linen", "velvet", "cotton", "wool"),
        (*_WEAVES, "mark"),
        "table",
        (22, 70),
    ),
    "bottle": Kind(
        tableware.bottle,
        "bottle",
        "kitchen",
        ("glass", "stoneware", "enamel"),
        ("plain", "stripes", "bands", "floral", "waves", "mark", "dots"),
        "table",
        (16, 45),
    ),
    "hat": Kind(
        accessories.hat, "hat", "accessories", ("felt", "cotton", "straw"), _PRINTS, "table", (28, 85)
    ),
    "table": Kind(
        furniture.table,
        "side table",
        "furniture",
        ("wood", "lacquer", "stoneware"),
        ("plain", "terrazzo", "waves", "check", "speckle", "scallops"),
        "floor",
        (140, 460),
    ),
    "teapot": Kind(tableware.teapot, "teapot", "kitchen", _CERAMIC, _GLAZES, "table", (38, 95)),
    "planter": Kind(
        tableware.planter, "planter", "home", _CERAMIC, (*_GLAZES, "terrazzo"), "floor", (26, 88)
    ),
}
