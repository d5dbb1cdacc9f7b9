"""Light: open ground is evenly lit, things throw shadows, and these follow the lamp."""

from __future__ import annotations

import numpy as np

from lookalike.demo.kinds.look import plain_coat
from lookalike.demo.lighting import lamps_for, sky_directions, sky_seen
from lookalike.demo.meshes import box
from lookalike.demo.solids import Part, Solid

UP = np.array([[0, 1, 0]], np.float32)
BLOCK = Solid((Part(box((0.5, 1, 0.5)), plain_coat(np.full(3, 0.5, np.float32), "paper")),))


def test_a_free_point_that_faces_up_receives_one_from_an_even_sky():
    far = np.array([[9, 0, 9]], np.float32)
    assert abs(sky_seen(far, UP, occluders=box((1, 1, 1)).points).sum() - 1) < 0.01


def test_the_ground_is_darker_beside_a_block_than_far_from_it():
    lamps = lamps_for(0)
    ground = BLOCK.ground.under(lamps)
    beside = ground.light(np.array([0.3]), np.array([0.0]))
    far = ground.light(np.array([40.0]), np.array([0.0]))
    assert beside.mean() < 0.8
    assert np.allclose(far, 1)


def test_the_shadow_falls_away_from_the_lamp():
    for side in (-1.0, 1.0):
        ground = BLOCK.ground.under(lamps_for(0, side=side))
        left, right = (ground.light(np.array([x]), np.array([-0.1])).mean() for x in (-0.5, 0.5))
        assert (left > right) == (side < 0)


def test_sky_directions_are_unit_vectors_above_the_ground():
    directions = sky_directions()
    assert np.allclose(np.linalg.norm(directions, axis=1), 1, atol=1e-5)
    assert (directions[:, 1] > 0).all()
