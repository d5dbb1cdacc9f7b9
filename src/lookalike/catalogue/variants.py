"""Which variants of a product look different, and so are items of their own."""

from __future__ import annotations

import re
import unicodedata

_COLOURS = frozenset(
    (  # noqa: SIM905 (a line reads better than a list)
        "color colour farbe couleur colore kleur cor kolor farg farve 颜色 カラー 色 "
        "pattern print muster motif material finish style design"
    ).split()
)


def is_look(option: str) -> bool:
    """Whether an option changes how an item looks (colour, pattern, material), unlike a size.

    >>> is_look("Colour"), is_look("Farbe"), is_look("Size")
    (True, True, False)
    """
    return any(word in _COLOURS for word in words_of(option))


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    plain = text.lower()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in decomposed if not "\u0300" <= sign <= "\u036f")
    return re.findall(r"[^\W_]+", plain)


def names_it(text: str, look: str) -> bool:
    """Whether a text (a file's name, an alternative text) speaks of a look such as "navy blue".

    >>> names_it("shirt-navy-blue_2.jpg", "Navy Blue"), names_it("predator.jpg", "red")
    (True, False)
    """
    wanted, there = words_of(look), words_of(text)
    return bool(wanted) and any(
        there[start : start + len(wanted)] == wanted for start in range(len(there) - len(wanted) + 1)
    )
