"""Windows leave no gap, neighbours of a box are what their name says, overlaps are shares of areas."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.retrieval.parts.boxes import around, overlaps, unlapped, windows


@pytest.mark.parametrize(("scale", "stride"), [(0.5, 0.5), (0.3, 0.4), (0.21, 1.0), (1.0, 0.5)])
def test_the_next_window_begins_within_a_stride_of_the_last_and_none_is_needless(scale, stride):
    made = windows(400, 300, scales=[scale], stride=stride)
    for side, share in ((0, scale * 300 / 400), (1, scale)):
        starts = np.unique([box[side] for box in made])
        steps = np.diff(starts)
        assert (steps <= stride * share + 1e-6).all()
        assert len(starts) == 1 + int(np.ceil((1 - share) / (stride * share) - 1e-6))


def test_windows_are_square_in_pixels_or_of_the_aspect_that_is_asked():
    for left, top, right, bottom in windows(400, 300, scales=[0.4], stride=0.5):
        assert (right - left) * 400 == pytest.approx((bottom - top) * 300) == pytest.approx(120)
    for left, top, right, bottom in windows(400, 300, scales=[0.4], stride=0.5, aspects=[4.0]):
        assert (right - left) * 400 == pytest.approx(4 * (bottom - top) * 300) == pytest.approx(240)


def test_overlap_is_the_shared_area_as_a_share_of_both():
    found = overlaps((0.0, 0.0, 0.4, 0.5), np.array([(0.2, 0.0, 0.6, 0.5), (0.4, 0.0, 0.6, 0.5)]))
    assert found == pytest.approx([1 / 3, 0])


def test_no_more_boxes_are_kept_than_are_asked_for_the_best_first():
    boxes = [(0.1 * n, 0.0, 0.1 * n + 0.1, 0.1) for n in range(5)]
    assert unlapped(boxes, [0.1, 0.5, 0.3, 0.4, 0.2], most=3, overlap=0.5) == [1, 3, 2]


def test_neighbours_of_a_box_are_moved_smaller_and_larger_ones():
    found = around((0.4, 0.4, 0.6, 0.8), shift=0.25, zoom=2.0)
    assert len(found) == 14
    middles = {(round((b[0] + b[2]) / 2, 3), round((b[1] + b[3]) / 2, 3)) for b in found[:5]}
    assert middles == {(0.5, 0.6), (0.45, 0.6), (0.55, 0.6), (0.5, 0.5), (0.5, 0.7)}
    sides = {(round(b[2] - b[0], 3), round(b[3] - b[1], 3)) for b in found[:9]}
    assert sides == {(0.1, 0.2), (0.2, 0.4)}
    assert found[9] == pytest.approx((0.3, 0.2, 0.7, 1.0))


def test_neighbours_end_where_the_photo_ends():
    found = np.array(around((0.0, 0.0, 0.5, 1.0), shift=0.5, zoom=1.5))
    assert found.min() == 0
    assert found.max() == 1
