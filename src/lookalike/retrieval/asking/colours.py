"""Colours by name: what a shop's words for colours look like in sRGB."""

from __future__ import annotations

import re

from PIL import ImageColor

from lookalike.catalogue.variants import words_of

Rgb = tuple[int, int, int]

SHOP: dict[str, str] = {
    # CSS lacks these, or means by them a colour that no shop would call so
    "red": "c8202f", "blue": "2a5caa", "green": "3c8a3f", "purple": "6f3f8f", "yellow": "f2d22e",
    "orange": "ee7623", "gray": "8c8e90", "brown": "6e4a32", "pink": "f0a0b8", "black": "1a1a1b",
    "white": "f6f6f4", "navy": "1f2d50", "teal": "1f7a7d", "burgundy": "6b1b2e", "wine": "702a3c",
    "bordeaux": "6b1b2e", "charcoal": "3b3e43", "anthracite": "383b40", "slate": "66727d", "silver": "bfc2c5",
    "cream": "f3ead6", "ecru": "e8dfc8", "oat": "ddcfb8", "sand": "cdb08a", "camel": "b98d5a",
    "taupe": "8a7a6b", "stone": "bdb5a6", "chalk": "f1ece2", "nude": "e3bfa6", "mustard": "d6a033",
    "ochre": "c58b2a",
    "lemon": "ecd464", "rust": "a3482c", "terracotta": "c2673f", "brick": "97392f", "cocoa": "694a3b",
    "copper": "b4703f", "bronze": "8c6a3c", "brass": "c9a257", "olive": "70713a", "sage": "a5b492",
    "forest": "2f5b48", "emerald": "1d8a5b", "mint": "b4d8c8", "petrol": "1d5560", "sky": "92bdd6",
    "cobalt": "2f58a8", "royal": "2b4bb0", "denim": "4a6285", "lilac": "b9a6d0", "mauve": "a98aa6",
    "plum": "6c3c5c", "aubergine": "45283c", "blush": "e6baae", "rose": "d27584", "coral": "ea7a5c",
    "fuchsia": "c7298a", "berry": "8c2350", "peach": "f5bd98", "apricot": "f2b07c",
}  # fmt: skip
"""Name to sRGB, before the names of CSS are asked."""

PLAIN = frozenset({
    "red", "blue", "green", "purple", "violet", "yellow", "orange", "gray", "grey", "brown", "pink",
    "black", "white", "navy", "teal", "beige", "burgundy", "turquoise", "magenta", "cyan", "maroon", "khaki",
    "lilac", "mint", "olive", "cream",
})  # fmt: skip
"""Names that mean a colour wherever they stand, and a range of it; a denim shirt, a stone vase or a rose
need not."""

SAME = {"grey": "gray", "violet": "purple", "rosy": "rose", "golden": "gold"}
"""Another word for a colour."""

SHADES: dict[str, tuple[Rgb, float]] = {
    "light": ((255, 255, 255), 0.45),
    "pale": ((255, 255, 255), 0.6),
    "pastel": ((255, 255, 255), 0.5),
    "dark": ((0, 0, 0), 0.4),
    "deep": ((0, 0, 0), 0.3),
}
"""A word before a colour: what is mixed in, and the share of it."""

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")


def known_colours() -> list[str]:
    """Every name, in the order of the alphabet."""
    return sorted({*SHOP, *SAME, *ImageColor.colormap})


def colour_named(text: str) -> Rgb | None:
    """The sRGB of a name, of a name after a word for its shade, or of ``#rrggbb``; None for no colour.

    >>> colour_named("Navy Blue"), colour_named("#c2673f"), colour_named("no colour")
    ((31, 45, 80), (194, 103, 63), None)
    """
    text = text.strip().lower()
    if (code := _HEX.fullmatch(text)) and (text.startswith("#") or len(text) == 6):
        return _of_hex(code[1])
    words = words_of(text)
    if not words:
        return None
    if words[0] in SHADES and (base := _known("".join(words[1:]))):
        mixed, share = SHADES[words[0]]
        red, green, blue = (
            round((1 - share) * own + share * other) for own, other in zip(base, mixed, strict=True)
        )
        return red, green, blue
    # "navy blue" is navy; "lightsteelblue" is one of CSS
    return _known("".join(words)) or (_known(words[0]) if _known(words[-1]) else None)


def _known(name: str) -> Rgb | None:
    name = SAME.get(name, name)
    if name in SHOP:
        return _of_hex(SHOP[name])
    if name not in ImageColor.colormap:
        return None
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue


def _of_hex(code: str) -> Rgb:
    code = "".join(sign * 2 for sign in code) if len(code) == 3 else code
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)
