"""Boxes and polygons as shops write them become shares of the photo, or nothing."""

from __future__ import annotations

import pytest

from lookalike.catalogue.crops import box, numbers_in, polygon


def size_px() -> tuple[int, int]:
    return 200, 100


def not_asked() -> tuple[int, int]:
    pytest.fail("the photo was opened for a box in shares")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.1, 0.2, 0.9, 1", [0.1, 0.2, 0.9, 1]),
        ("[10, 20.5, 90, 100]", [10, 20.5, 90, 100]),
        ("(-3; .5; 2e1; 7.)", [-3, 0.5, 20, 7]),
        ('{"x": 1, "w": 20}', [1, 20]),
        ("[[1, 2], [3, 4]]", [1, 2, 3, 4]),
        ("whole photo", []),
        ("", []),
        ("[" * 5000, []),
        ("[1" + 400 * "0" + ", 2]", [float("inf"), 2]),
    ],
)
def test_numbers_are_found_however_they_are_written(text, numbers):
    assert numbers_in(text) == numbers


def test_a_box_whose_numbers_are_at_most_one_is_one_of_shares_and_any_other_one_of_pixels():
    assert box([0.1, 0.2, 0.5, 1], not_asked) == (0.1, 0.2, 0.5, 1.0)
    assert box([20, 10, 100, 50], size_px) == (0.1, 0.1, 0.5, 0.5)
    assert box([0, 0, 1, 100], size_px) == (0.0, 0.0, 0.005, 1.0)


def test_corners_may_come_in_any_order_and_what_lies_outside_is_cut_off():
    assert box([100, 50, 20, 10], size_px) == (0.1, 0.1, 0.5, 0.5)
    assert box([-20, 10, 300, float("inf")], size_px) == (0.0, 0.1, 1.0, 1.0)
    assert box([-0.5, 0.2, 0.5, 0.8], not_asked) == (0.0, 0.2, 0.5, 0.8)


@pytest.mark.parametrize(
    "corners",
    [
        [],
        [0.1, 0.2, 0.5],
        [0.1, 0.2, 0.5, 0.6, 0.7],
        [0.1, 0.2, 0.1, 0.6],
        [0.1, 0.2, 0.5, 0.2],
        [300, 10, 400, 50],
        [float("nan"), 0.2, 0.5, 0.8],
    ],
    ids=str,
)
def test_what_leaves_nothing_of_the_photo_is_no_box(corners):
    assert box(corners, size_px) is None


def test_a_photo_without_a_size_has_no_box_in_pixels():
    assert box([20, 10, 100, 50], lambda: (0, 0)) is None
    assert box([20, 10, 100, 50], lambda: (1, 200)) is None
    assert box([0, 10, 100, 50], lambda: (1, 200)) == (0.0, 0.05, 1.0, 0.25)


def test_a_polygon_is_the_box_around_it():
    assert polygon([0.1, 0.5, 0.4, 0.2, 0.6, 0.9], not_asked) == (0.1, 0.2, 0.6, 0.9)
    assert polygon([20, 10, 100, 50], size_px) == (0.1, 0.1, 0.5, 0.5)


@pytest.mark.parametrize("coordinates", [[], [0.1, 0.2], [0.1, 0.2, 0.3, 0.4, 0.5]], ids=str)
def test_a_point_or_half_a_point_is_no_polygon(coordinates):
    assert polygon(coordinates, not_asked) is None
