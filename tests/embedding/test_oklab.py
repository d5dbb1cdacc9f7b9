"""Oklab against its author's figures, and there and back."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.embedding.oklab import oklab, srgb


def toed(lightness: float) -> float:
    """The toe of Okhsl, as its author writes it."""
    first, second = 0.206, 0.03
    third = (1 + first) / (1 + second)
    part = third * lightness - first
    return 0.5 * (part + np.sqrt(part**2 + 4 * second * third * lightness))


@pytest.mark.parametrize(
    ("pixel", "lab"),
    [
        ((255, 255, 255), (1.0, 0.0, 0.0)),
        ((255, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 255, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 255), (0.45201, -0.03246, -0.31153)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_the_primaries_lie_where_their_author_puts_them(pixel, lab):
    found = oklab(np.array(pixel, np.uint8))
    assert found == pytest.approx([toed(lab[0]), *lab[1:]], abs=2e-4)


@pytest.mark.parametrize("code", [1, 5, 10, 11, 40, 128])
def test_greys_are_as_light_as_srgb_says_down_to_its_straight_part(code):
    share = code / 255
    linear = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
    found = oklab(np.full(3, code, np.uint8))
    assert found == pytest.approx([toed(np.cbrt(linear)), 0, 0], abs=2e-4)


def test_pixels_come_back_as_they_were():
    pixels = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.abs(srgb(oklab(pixels)).astype(int) - pixels).max() <= 1


def test_what_no_screen_can_show_is_clipped():
    assert srgb(np.array([1.2, 0.0, 0.0])).tolist() == [255, 255, 255]
    assert srgb(np.array([0.6, 0.4, 0.2]))[0] == 255
