from __future__ import annotations

import pytest

from lookalike.exploration.palette import COLOURS, DARK, LIGHT, MARKS


def light_of(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", DARK.colours)
def test_colours_show_on_dark_paper(colour):
    assert (light_of(colour) + 0.05) / (light_of(DARK.paper) + 0.05) >= 4.5


def test_each_colour_has_a_shape_and_a_partner_on_dark_paper():
    assert len(set(MARKS)) == len(set(COLOURS)) == len(set(DARK.colours)) == len(LIGHT.colours)
