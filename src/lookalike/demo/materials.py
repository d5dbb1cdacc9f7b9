"""Materials: how a surface takes the light, and the fine grain that makes it wood, cloth or clay."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lookalike.demo.lighting import Lamps
from lookalike.demo.meshes import Floats, dot_columns
from lookalike.demo.noise import smooth_noise, step
from lookalike.demo.textures import PATTERNS


@dataclass(frozen=True)
class Finish:
    """How a material takes the light.

    Args:
        gloss: strength of the clear reflection at normal incidence (0 matte, 0.04 glazed).
        rough: 0 mirrors sharply, 1 not at all.
        metal: 1 where the reflection takes the material's colour and there is nothing else.
        fuzz: brightening towards the edge, as of velvet and wool.
        grain: ``none``, ``weave``, ``knit``, ``wood``, ``leather``, ``clay`` or ``brushed``.
        clear: share of light that passes straight through (glass).
    """

    gloss: float = 0.0
    rough: float = 0.8
    metal: float = 0.0
    fuzz: float = 0.0
    grain: str = "none"
    clear: float = 0.0


FINISHES: dict[str, Finish] = {
    "stoneware": Finish(gloss=0.012, rough=0.7, grain="clay"),
    "porcelain": Finish(gloss=0.05, rough=0.12),
    "earthenware": Finish(gloss=0.03, rough=0.35, grain="clay"),
    "glass": Finish(gloss=0.06, rough=0.03, clear=0.80),
    "steel": Finish(metal=1, rough=0.28, grain="brushed"),
    "enamel": Finish(gloss=0.045, rough=0.2),
    "brass": Finish(metal=1, rough=0.2),
    "wood": Finish(gloss=0.018, rough=0.55, grain="wood"),
    "cotton": Finish(fuzz=0.08, grain="weave"),
    "linen": Finish(fuzz=0.05, grain="weave"),
    "wool": Finish(fuzz=0.22, grain="knit"),
    "velvet": Finish(fuzz=0.55),
    "felt": Finish(fuzz=0.18, grain="clay"),
    "canvas": Finish(fuzz=0.04, grain="weave"),
    "leather": Finish(gloss=0.028, rough=0.45, grain="leather"),
    "suede": Finish(fuzz=0.25, grain="clay"),
    "satin": Finish(gloss=0.04, rough=0.6, fuzz=0.12),
    "lacquer": Finish(gloss=0.05, rough=0.15),
    "plastic": Finish(gloss=0.04, rough=0.3),
    "straw": Finish(gloss=0.01, rough=0.7, grain="knit"),
    "paper": Finish(fuzz=0.03),
    "rubber": Finish(gloss=0.01, rough=0.8),
}


@dataclass(frozen=True, eq=False)
class Coat:
    """What covers a part: a pattern in a palette, on a material.

    Args:
        colours: linear RGB of base and companions, shape (3, 3).
        seed: chooses the pattern's variant.
        scale: repeats per unit, relative to the pattern's own.
        front_only: draw the pattern on the side of u where the front is, |u| below this; 0 for all round.
    """

    finish: Finish
    colours: Floats
    pattern: str = "plain"
    seed: int = 0
    scale: float = 1.0
    front_only: float = 0.0
    glow: float = 0.0
    shift: tuple[float, float] = field(default=(0.0, 0.0))

    def albedo(self, uv: Floats) -> Floats:
        """Diffuse colour at texture coordinates (2, N): linear RGB, shape (3, N)."""
        u, v = (uv[0] + self.shift[0]) * self.scale, (uv[1] + self.shift[1]) * self.scale
        colour = np.repeat(self.colours[0][:, None], uv.shape[1], axis=1)
        shown = step(np.abs(uv[0]), self.front_only, self.front_only * 0.98) if self.front_only else None
        for index, cover in PATTERNS[self.pattern](u, v, self.seed):
            share = cover if shown is None else cover * shown
            colour += share * (self.colours[index][:, None] - colour)
        if self.finish.grain != "none":
            colour *= _grain(self.finish.grain, uv, self.seed)
        return colour


def _grain(kind: str, uv: Floats, seed: int) -> Floats:
    """Fine brightness changes of a material, around one, shape (N,)."""
    u, v = uv
    if kind == "weave":
        return np.asarray(
            0.97 + 0.05 * np.sin(u * 330) * np.sin(v * 330) + 0.06 * smooth_noise(u * 40, v * 160, seed),
            np.float32,
        )
    if kind == "knit":
        stitch = (np.abs((u * 56) % 1 - 0.5) + v * 44) % 1
        return np.asarray(
            1.06
            - 0.34 * step(np.abs(stitch - 0.5), 0.30, 0.5)
            - 0.05 * step(np.abs((u * 56) % 1 - 0.5), 0.42, 0.5),
            np.float32,
        )
    if kind == "wood":
        drift = smooth_noise(u * 6, v * 1.3, seed)
        rings = ((u * 9 + drift * 3.5) % 1) ** 2
        return np.asarray(1.08 - 0.24 * rings - 0.14 * smooth_noise(u * 70, v * 5, seed + 1), np.float32)
    if kind == "leather":
        return np.asarray(0.93 + 0.13 * smooth_noise(u * 60, v * 60, seed), np.float32)
    if kind == "clay":
        return np.asarray(
            0.95
            + 0.05 * smooth_noise(u * 24, v * 24, seed)
            + 0.06 * smooth_noise(u * 110, v * 110, seed + 1),
            np.float32,
        )
    return np.asarray(0.94 + 0.10 * smooth_noise(u * 6, v * 150, seed), np.float32)  # brushed


def shaded(
    coat: Coat, uv: Floats, *, light: Floats, normals: Floats, rays: Floats, lamps: Lamps
) -> tuple[Floats, Floats]:
    """Light that leaves a surface towards the camera.

    Args:
        uv: texture coordinates, shape (2, N).
        light: diffuse light that arrives, shape (3, N).
        normals: unit, facing the camera, shape (3, N).
        rays: unit directions from the camera, shape (3, N).

    Returns:
        linear RGB (already times opacity), shape (3, N), and opacity, shape (N,).
    """
    finish = coat.finish
    base = coat.albedo(uv)
    facing = np.clip(-dot_columns(normals, rays), 0, 1)
    body = np.ones(uv.shape[1], np.float32)
    if finish.clear:
        body = np.clip(1 - finish.clear + 0.75 * (1 - facing) ** 2.2, 0, 1).astype(np.float32)
    colour = base * light * ((1 - finish.metal) * body * (1 + finish.fuzz * np.square(1 - facing)))
    if finish.gloss or finish.metal:
        mirror = rays + 2 * facing * normals
        colour += _reflection(finish, base, light=light, facing=facing, mirror=mirror, lamps=lamps)
    return (colour + coat.glow * base if coat.glow else colour), body


def _reflection(
    finish: Finish, base: Floats, *, light: Floats, facing: Floats, mirror: Floats, lamps: Lamps
) -> Floats:
    """What the surface mirrors: clear (Fresnel, Schlick 1994) for glazes, coloured for metals; (3, N)."""
    seen = lamps.mirrored(mirror, finish.rough) * np.clip(0.35 + 0.9 * light[1], 0, 1)
    grazing = np.square(np.square(1 - facing)) * (1 - facing) * (1 - 0.7 * finish.rough)
    clear = (finish.gloss + (0.9 - finish.gloss) * grazing) * (1 - finish.metal)
    mirrored = clear * seen
    return np.asarray(mirrored + finish.metal * base * seen if finish.metal else mirrored, np.float32)
