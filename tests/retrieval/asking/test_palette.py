"""A palette in words becomes a photo of its colours, and finds things that have them."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.embedding.descriptor import Descriptor
from lookalike.errors import QueryError
from lookalike.retrieval.asking.colours import colour_named, known_colours
from lookalike.retrieval.asking.palette import SHADES, Palette, shades, swatch


def test_shares_are_as_told_and_the_rest_is_divided():
    tones = Palette.parse("red 60%, white and navy blue").tones
    assert [tone.name for tone in tones] == ["red", "white", "navy blue"]
    assert [tone.share for tone in tones] == pytest.approx([0.6, 0.2, 0.2])
    assert sum(tone.share for tone in Palette.parse("red 30%, blue 30%").tones) == pytest.approx(1)


@pytest.mark.parametrize(
    "text",
    ["", ",", "rodd", "red 120%", "red 100%, white", "red 0%", "#12", ",".join(["red"] * 9)],
)
def test_a_palette_that_makes_no_sense_is_refused_with_the_next_step(text):
    with pytest.raises(QueryError) as error:
        Palette.parse(text)
    assert error.value.hint


def test_a_misspelt_colour_is_answered_with_its_neighbours():
    with pytest.raises(QueryError) as error:
        Palette.parse("terracota")
    assert "terracotta" in error.value.hint


@pytest.mark.parametrize(
    ("name", "darker"),
    [("light blue", "blue"), ("blue", "dark blue"), ("pale pink", "rose"), ("cream", "brown")],
)
def test_names_lie_as_people_use_them(name, darker):
    assert sum(colour_named(name)) > sum(colour_named(darker))


def test_every_known_name_is_a_colour():
    assert len(known_colours()) > 150
    assert all(colour_named(name) is not None for name in known_colours())
    assert colour_named("Grey") == colour_named("gray")
    assert colour_named("shirt") is None


@pytest.mark.parametrize("text", ["white", "black 50%, white 50%", "green, magenta, blue", "navy"])
def test_a_swatch_has_its_colours_in_their_shares_and_a_frame_that_is_none_of_them(text):
    palette = Palette.parse(text)
    pixels = swatch(palette, 160).pixels.astype(float)
    assert pixels.shape == (160, 160, 3)
    inner = pixels[8:-8, 8:-8].reshape(-1, 3)
    tones = np.array([tone.rgb for tone in palette.tones], float)
    apart = np.linalg.norm(inner[:, None] - tones[None], axis=2)
    shares = np.bincount(apart.argmin(axis=1), minlength=len(tones)) / len(inner)
    assert shares == pytest.approx([tone.share for tone in palette.tones], abs=0.06)
    assert np.linalg.norm(tones - pixels[0, 0], axis=1).min() > 90


def test_the_same_palette_is_the_same_photo():
    one, other = (swatch(Palette.parse("rust 40%, oat"), 96).pixels for _ in range(2))
    assert np.array_equal(one, other)


def test_a_colours_swatch_is_nearest_to_a_photo_of_that_colour():
    names = ["red", "navy", "green", "yellow", "white", "black", "rose"]
    vectors = Descriptor().encode([swatch(Palette.parse(name), 96) for name in names])
    shifted = Descriptor().encode(
        [
            swatch(Palette.parse(f"#{''.join(f'{min(255, c + 9):02x}' for c in colour_named(name))}"), 96)
            for name in names
        ]
    )
    assert np.array_equal((vectors @ shifted.T).argmax(axis=1), np.arange(len(names)))


def test_a_plain_name_has_shades_and_a_precise_one_has_none():
    green = shades(Palette.parse("green 60%, #2f5b48"))
    assert len(green) == len(SHADES)
    assert green[0] == Palette.parse("green 60%, #2f5b48")
    assert len({shade.tones[0].rgb for shade in green}) == len(SHADES)
    assert {shade.tones[1].rgb for shade in green} == {(0x2F, 0x5B, 0x48)}
    assert sum(green[1].tones[0].rgb) < sum(green[0].tones[0].rgb) < sum(green[2].tones[0].rgb)
    assert shades(Palette.parse("forest")) == (Palette.parse("forest"),)
