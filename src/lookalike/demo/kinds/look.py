"""A look: the colours, pattern and material that a kind's shape is dressed in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.demo.materials import FINISHES, Coat
from lookalike.demo.meshes import Floats
from lookalike.demo.palettes import COLOURS, METALS, WOODS, linear


@dataclass(frozen=True)
class Look:
    """What an item is dressed in.

    Args:
        colours: three names of ``palettes.COLOURS``: the base and its two companions.
        pattern: a name of ``textures.PATTERNS``.
        material: a name of ``materials.FINISHES``, for the main parts.
        wood, metal: names of ``palettes.WOODS`` and ``METALS``, for legs, caps and clasps.
        seed: of the pattern's variant.
        tint: linear gain per channel that keeps two items of one colour name apart.
    """

    colours: tuple[str, str, str]
    pattern: str
    material: str
    wood: str
    metal: str
    seed: int = 0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def palette(self) -> Floats:
        """Linear RGB of the three colours, shape (3, 3)."""
        return np.stack([linear(COLOURS[name]) for name in self.colours]) * np.array(self.tint, np.float32)

    def main(self, *, mark_at: float = 0.5, scale: float = 1.0, shift: float = 0.0) -> Coat:
        """The patterned coat; an emblem has its middle at height ``mark_at`` of the part's texture."""
        if self.pattern == "mark":
            place = (0.0, 0.5 / scale - mark_at)
            return Coat(FINISHES[self.material], self.palette, "mark", self.seed, scale, 0.5, shift=place)
        return Coat(FINISHES[self.material], self.palette, self.pattern, self.seed, scale, shift=(0.0, shift))

    def plain(self, index: int = 0, *, material: str | None = None, glow: float = 0.0) -> Coat:
        """One colour of the palette, in the main material or another."""
        return plain_coat(self.palette[index], material or self.material, seed=self.seed, glow=glow)

    def wooden(self) -> Coat:
        """Wood without a pattern."""
        return plain_coat(linear(WOODS[self.wood]), "wood", seed=self.seed)

    def metallic(self) -> Coat:
        """Metal without a pattern."""
        return plain_coat(linear(METALS[self.metal]), "brass", seed=self.seed)


def plain_coat(colour: Floats, material: str, *, seed: int = 0, glow: float = 0.0) -> Coat:
    """A coat of one linear RGB colour, shape (3,)."""
    return Coat(FINISHES[material], np.stack([colour] * 3), seed=seed, glow=glow)
