"""Designs: which items the shop sells. Item number n of a seed is always the same item.

Items come in families of three. A family has one shape; in a colour family its members differ in colour
alone, in a pattern family in pattern alone, and the kinds take turns, so that both sorts occur for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lookalike.catalogue.items import Attribute
from lookalike.demo.kinds import KINDS, Kind
from lookalike.demo.kinds.look import Look
from lookalike.demo.palettes import COLOURS, COMPANIONS, METALS, WOODS
from lookalike.demo.solids import Solid

FAMILY_SIZE = 3

NAMES = (
    "Alma", "Brae", "Cala", "Dune", "Elis", "Faro", "Greta", "Halden", "Isla", "Juno", "Kite",
    "Luma", "Mira", "Nord", "Oslo", "Pia", "Quill", "Runa", "Sol", "Tove", "Una", "Vera", "Wren",
    "Yarrow", "Zuri", "Arlo", "Birk", "Cleo", "Dale", "Edda", "Fjell", "Gaia", "Hedda", "Ines",
    "Jasper", "Klara", "Linnea", "Moss", "Nela", "Otis", "Petra", "Rhea", "Saga", "Thea", "Ulla",
    "Vida", "Willa", "Ysolde",
)  # fmt: skip
"""Families are called after these, in turn."""


@dataclass(frozen=True)
class Design:
    """One item of the shop.

    Args:
        number: its place in the catalogue, from 0.
        family: the shape it shares with its siblings.
        varies: what its family differs in: ``colour`` or ``pattern``.
        price: in euros.
    """

    number: int
    seed: int
    kind_name: str
    family: str
    varies: str
    look: Look
    price: float

    @property
    def kind(self) -> Kind:
        """The kind of thing it is."""
        return KINDS[self.kind_name]

    @property
    def id(self) -> str:
        """Such as ``mug-0003``."""
        return f"{self.kind_name}-{self.number:04d}"

    @property
    def title(self) -> str:
        """Such as ``Alma mug, navy, floral``."""
        pattern = {"plain": "", "mark": ", with emblem"}.get(self.look.pattern, f", {self.look.pattern}")
        return f"{self.family} {self.kind.noun}, {self.look.colours[0]}{pattern}"

    @property
    def attributes(self) -> dict[str, Attribute]:
        """What the catalogue's table says of it."""
        return {
            "title": self.title,
            "category": self.kind_name,
            "department": self.kind.category,
            "family": self.family,
            "colour": self.look.colours[0],
            "pattern": self.look.pattern,
            "material": self.look.material,
            "price": self.price,
        }

    @cached_property
    def solid(self) -> Solid:
        """Its shape, dressed."""
        return self.kind.solid(self.look, shape_seed=(self.seed, self.number // FAMILY_SIZE, 1))


def design(number: int, *, seed: int = 0) -> Design:
    """Item ``number`` of the endless catalogue of ``seed``."""
    family, member = divmod(number, FAMILY_SIZE)
    names = list(KINDS)
    kind = KINDS[names[family % len(names)]]
    varies = "pattern" if (family // len(names) + family) % 2 else "colour"
    rng = np.random.default_rng((seed, family, 0))
    material = str(rng.choice(kind.materials))
    colours = rng.permutation(list(COLOURS))
    patterns = rng.permutation([p for p in dict.fromkeys(kind.patterns) if p != "plain"])
    common = str(rng.choice(patterns[:2])) if rng.random() < 0.6 else "plain"
    if kind.materials[0] == "wood" and material == "wood":
        common, varies = "plain", "colour"
    base = str(colours[member] if varies == "colour" else colours[0])
    pattern = common if varies == "colour" else str(["plain", *patterns][member])
    companions = rng.permuted(np.array([COMPANIONS[c][:4] for c in colours[:FAMILY_SIZE]]), axis=1)
    own = companions[member if varies == "colour" else 0]
    gain = rng.uniform(0.92, 1.06, 3) if family >= len(names) * 2 else np.ones(3)
    look = Look(
        colours=(base, str(own[0]), str(own[1])),
        pattern=pattern,
        material=material,
        wood=str(rng.choice(list(WOODS))),
        metal=str(rng.choice(list(METALS))),
        seed=int(rng.integers(1 << 16)),
        tint=(float(gain[0]), float(gain[1]), float(gain[2])),
    )
    low, high = kind.price
    price = float(round(low + (high - low) * float(rng.beta(2, 3))))
    return Design(number, seed, names[family % len(names)], _family_name(family), varies, look, price)


def _family_name(family: int) -> str:
    """A name of its own for each family: Alma, Brae, ..., Alma 2, ..."""
    lap, place = divmod(family, len(NAMES))
    return NAMES[place] if lap == 0 else f"{NAMES[place]} {lap + 1}"
