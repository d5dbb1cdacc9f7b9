"""Patterns cover part of a surface, differ from each other, and repeat by seed."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.materials import FINISHES, Coat
from lookalike.demo.noise import cell_noise, smooth_noise
from lookalike.demo.palettes import COLOURS, COMPANIONS, encoded, linear
from lookalike.demo.textures import PATTERNS

V, U = np.mgrid[0:1:120j, -0.5:0.5:120j].astype(np.float32).reshape(2, -1)
COLOURED = np.stack([linear("c2673f"), linear("f1ece2"), linear("26395a")])


@pytest.mark.parametrize("name", sorted(set(PATTERNS) - {"plain"}))
@pytest.mark.parametrize("seed", [0, 4, 13])
def test_a_pattern_shows_both_the_base_and_its_ink(name, seed):
    cover = np.max([share for index, share in PATTERNS[name](U, V, seed) if index], axis=0)
    assert cover.min() >= 0
    assert cover.max() <= 1 + 1e-6
    assert 0.015 < (cover > 0.4).mean() < 0.9


def test_no_two_patterns_look_alike():
    drawn = {n: Coat(FINISHES["paper"], COLOURED, n).albedo(np.stack([U, V])) for n in PATTERNS}
    names = sorted(drawn)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert np.abs(drawn[one] - drawn[other]).mean() > 0.01, (one, other)


def test_a_front_only_pattern_leaves_the_back_plain():
    coat = Coat(FINISHES["paper"], COLOURED, "stripes", front_only=0.2)
    back = np.abs(U) > 0.25
    assert np.allclose(coat.albedo(np.stack([U, V]))[:, back], COLOURED[0][:, None], atol=1e-6)


def test_noise_is_fixed_by_place_and_seed():
    cells = np.arange(4)
    assert np.allclose(cell_noise(cells, cells, 7), [0.904863, 0.626238, 0.641420, 0.730394], atol=1e-5)
    assert not np.allclose(cell_noise(cells, cells, 7), cell_noise(cells, cells, 8))
    values = smooth_noise(U * 9, V * 9, 1)
    assert 0 <= values.min() < values.max() < 1


def test_colours_survive_the_way_to_light_and_back():
    for name in ("c2673f", "26395a", "000000"):
        assert np.allclose(
            encoded(linear(name)) * 255, [int(name[i : i + 2], 16) for i in (0, 2, 4)], atol=0.6
        )


def test_every_colour_has_companions_that_exist():
    assert set(COMPANIONS) == set(COLOURS)
    assert all(set(names) <= set(COLOURS) - {own} for own, names in COMPANIONS.items())
