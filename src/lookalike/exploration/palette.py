"""Colours that colour-blind people tell apart, and the two papers that figures are drawn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#7a5195", "#8c6d46")
"""Okabe and Ito's seven (2008; the yellow darkened so that it shows on white), and two more kept apart."""

ON_DARK = ("#3d9fe0", "#e69f00", "#1fbf91", "#e29cc4", "#a6dcff", "#f0803c", "#e0d040", "#a98bd6", "#c9a77f")
"""The same hues, lighter, each with a contrast of 4.5 to dark paper at least."""

OTHER = "#9aa0a6"
"""Of values beyond the palette, and of photos without a value."""

MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
"""One shape a colour, so that no figure depends on colour alone."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a figure's paper and ink."""

    paper: str
    ink: str
    quiet: str
    line: str
    colours: tuple[str, ...] = COLOURS


LIGHT = Theme("#ffffff", "#22282d", "#68727a", "#d9dde1")
DARK = Theme("#16191c", "#e8eaec", "#a3abb2", "#3a4147", ON_DARK)


def shown_values(values: Sequence[str | None]) -> list[str]:
    """The values that get a colour, the most frequent first; the others share one grey.

    >>> shown_values(["b", "a", "b", None])
    ['b', 'a']
    """
    counts = Counter(value for value in values if value is not None)
    return [value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))][
        : len(COLOURS)
    ]
