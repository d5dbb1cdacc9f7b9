"""Rooms with several items and their boxes."""

from __future__ import annotations

import numpy as np

from lookalike.demo.designs import design
from lookalike.demo.interiors import interior


def test_each_items_box_holds_what_the_room_without_it_does_not_show():
    designs = [
        design(number, seed=0) for number in range(12) if design(number, seed=0).kind.setting == "table"
    ]
    room = interior(designs[:3], seed=4, size_px=120)
    assert set(room.boxes) == {each.id for each in designs[:3]}
    assert room.picture.shape == (120, 120, 3)
    outside = np.ones((120, 120), bool)
    for left, top, right, bottom in room.boxes.values():
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        rows = slice(int(120 * top), int(np.ceil(120 * bottom)))
        part = rows, slice(int(120 * left), int(np.ceil(120 * right)))
        assert room.picture[part].std() > 5
        outside[part] = False
    assert outside.mean() > 0.3


def test_the_same_seed_draws_the_same_room():
    designs = [design(number, seed=0) for number in range(2)]
    one, again, other = (interior(designs, seed=seed, size_px=64) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.picture, again.picture)
    assert one.boxes == again.boxes != other.boxes
