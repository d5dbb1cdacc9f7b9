"""A palette: colours by name with their shares, and the photo that has them and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.oklab import oklab, srgb
from lookalike.errors import QueryError
from lookalike.retrieval.asking.colours import PLAIN, Rgb, colour_named, known_colours

MOST_TONES = 8
CELL_PX, FEWEST_CELLS = 8, 12
"""Side of a swatch's squares (models that take means of 2, 4 or 8 pixels see whole ones), and the least
number of them beside one another."""
SHADES = ((0.0, 1.0), (-0.18, 0.8), (0.18, 0.8), (0.0, 0.5), (0.25, 0.45))
"""What is added to the lightness of a plain colour, and the factor of its chroma, for each shade of it."""
GAMMA = 2.2
LIGHT, LIGHT_SPREAD, SHEEN = 0.85, 0.4, 0.01
"""How a swatch is lit: median gain, its standard deviation in logarithms (folds, lamps and shadows), and the
most light that a surface mirrors whatever its colour."""
FRAMES: tuple[Rgb, ...] = (
    (255, 255, 255),
    (0, 0, 0),
    (0, 160, 60),
    (200, 0, 200),
    (0, 90, 255),
    (255, 140, 0),
)
"""Colours of a swatch's frame: the one that is furthest from its tones stands for the background."""

_TONE = re.compile(r"^(.*?)\s*(?:(\d+(?:\.\d+)?)\s*%)?$")


@dataclass(frozen=True, slots=True)
class Tone:
    """One colour of a palette.

    Args:
        name: as it was written.
        rgb: in sRGB, each 0 to 255.
        share: of the item that has it, 0 to 1.
    """

    name: str
    rgb: Rgb
    share: float

    @property
    def is_plain(self) -> bool:
        """Whether its name means a range of colours rather than one."""
        return self.name.lower().strip() in PLAIN

    def shifted(self, lighter: float, chroma: float) -> Tone:
        """The tone with that much added to its lightness in Oklab, its chroma times a factor."""
        lab = oklab(np.array([self.rgb], np.uint8))
        lab = np.stack([np.clip(lab[:, 0] + lighter, 0.08, 0.97), *(chroma * lab[:, 1:]).T], axis=1)
        red, green, blue = srgb(lab)[0].tolist()
        return replace(self, rgb=(red, green, blue))


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours with their shares; most easily made by ``Palette.parse``.

    Args:
        tones: whose shares sum to one.
    """

    tones: tuple[Tone, ...]

    @classmethod
    def parse(cls, text: str) -> Palette:
        """A palette from text such as ``red 70%, white``; colours without a share divide the rest evenly.

        Raises:
            QueryError: no colour, an unknown one, or shares that do not sum to at most 100%.

        >>> [(tone.name, round(tone.share, 2)) for tone in Palette.parse("red 70%, white").tones]
        [('red', 0.7), ('white', 0.3)]
        """
        parts = [part.strip() for part in re.split(r",|;|\+|\band\b", text) if part.strip()]
        if not 0 < len(parts) <= MOST_TONES:
            raise QueryError(
                f"The palette {text!r} has {len(parts)} colours.",
                hint=f"Give one to {MOST_TONES}, such as 'red 70%, white'.",
            )
        told = [_named(part) for part in parts]
        return cls(_shared(told, text))

    def __str__(self) -> str:
        if len(self.tones) == 1:
            return self.tones[0].name
        return ", ".join(f"{tone.name} {100 * tone.share:.0f}%" for tone in self.tones)


def shades(palette: Palette) -> tuple[Palette, ...]:
    """A palette and others that the same words may mean: darker, lighter, muted, pale.

    *Green* is many greens, so the tones of plain names are varied together; *forest* and ``#2f5b48`` are
    meant as they are. A palette without plain names is its own only shade.
    """
    if not any(tone.is_plain for tone in palette.tones):
        return (palette,)
    return tuple(
        Palette(tuple(tone.shifted(lighter, chroma) if tone.is_plain else tone for tone in palette.tones))
        for lighter, chroma in SHADES
    )


def swatch(palette: Palette, size_px: int) -> Photo:
    """A photo of a palette: small squares of its tones in their shares, in a frame that is none of them.

    Each square is lit a little differently, as the parts of a real thing are. The same palette gives
    the same pixels.

    Args:
        palette: which colours.
        size_px: side of the square photo.
    """
    cell = max(1, min(CELL_PX, size_px // FEWEST_CELLS))
    side = size_px // cell - 2
    tones = np.array([tone.rgb for tone in palette.tones], np.uint8)
    ends = np.cumsum([tone.share for tone in palette.tones])
    places = (np.arange(side**2) + 0.5) / side**2 * ends[-1]
    rng = np.random.default_rng(0)
    cells = tones[rng.permutation(np.searchsorted(ends, places))]
    inner = _lit(cells, rng).reshape(side, side, 3).repeat(cell, axis=0).repeat(cell, axis=1)
    pixels = np.full((size_px, size_px, 3), _frame(tones), np.uint8)
    pixels[cell : cell + len(inner), cell : cell + len(inner)] = inner
    return Photo(pixels, (0, 0, size_px, size_px), size_px, size_px)


def _lit(cells: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Colours under a light that differs from place to place: linear light times a random gain."""
    linear = (cells / 255.0) ** GAMMA
    gain = np.exp(LIGHT_SPREAD * rng.standard_normal(len(cells)))[:, None] * LIGHT
    sheen = SHEEN * rng.random(len(cells))[:, None]
    return np.asarray(np.clip((linear * gain + sheen), 0, 1) ** (1 / GAMMA) * 255 + 0.5, np.uint8)


def _frame(tones: NDArray[np.uint8]) -> Rgb:
    """The frame whose nearest tone is furthest, in a perceptual space."""
    frames = oklab(np.array(FRAMES, np.uint8))
    apart = np.linalg.norm(frames[:, None] - oklab(tones)[None], axis=2).min(axis=1)
    return FRAMES[int(apart.argmax())]


def _named(part: str) -> tuple[str, Rgb, float | None]:
    found = _TONE.match(part)
    name, share = (found[1], found[2]) if found else (part, None)
    rgb = colour_named(name)
    if rgb is None:
        near = get_close_matches(name.lower(), known_colours(), 3)
        raise QueryError(
            f"There is no colour {name!r}.",
            hint=f"Do you mean {', '.join(near)}?" if near else "Give a name such as 'navy', or #rrggbb.",
        )
    return name, rgb, None if share is None else float(share) / 100


def _shared(told: list[tuple[str, Rgb, float | None]], text: str) -> tuple[Tone, ...]:
    """Tones whose shares sum to one; those without a share divide what is left."""
    given = sum(share for _, _, share in told if share is not None)
    open_ones = sum(share is None for _, _, share in told)
    left = 1 - given
    if left < -1e-6 or (open_ones and left <= 1e-6) or not (given or open_ones):
        raise QueryError(f"The shares of {text!r} are no parts of 100%.", hint="Write 'red 70%, white 30%'.")
    tones = [(name, rgb, left / open_ones if share is None else share) for name, rgb, share in told]
    whole = sum(share for _, _, share in tones)
    return tuple(Tone(name, rgb, share / whole) for name, rgb, share in tones if share > 0)
