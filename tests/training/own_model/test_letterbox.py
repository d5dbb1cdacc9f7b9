"""Which part of a letterboxed square is the photo."""

import pytest

torch = pytest.importorskip("torch", reason="SKIPPED FOR WANT OF THE train EXTRA")

from lookalike.training.own_model.letterbox import content_cells  # noqa: E402


def square(rows: slice, columns: slice, *, size: int = 40) -> "torch.Tensor":
    """A white square with a dark content."""
    photo = torch.full((1, 3, size, size), 255.0)
    photo[:, :, rows, columns] = 90.0
    return photo


def test_a_tall_photo_has_margins_left_and_right():
    rows, columns = content_cells(square(slice(None), slice(12, 28)), 4)
    assert rows[0].tolist() == [1] * 10
    assert columns[0].tolist() == [0] * 3 + [1] * 4 + [0] * 3


def test_a_wide_photo_has_margins_above_and_below():
    rows, columns = content_cells(square(slice(8, 32), slice(None)), 4)
    assert rows[0].tolist() == [0] * 2 + [1] * 6 + [0] * 2
    assert columns[0].tolist() == [1] * 10


def test_white_on_one_side_alone_belongs_to_the_photo():
    rows, columns = content_cells(square(slice(None), slice(20, 40)), 4)
    assert rows[0].tolist() == [1] * 10
    assert columns[0].tolist() == [1] * 10


def test_a_small_item_on_white_loses_the_margins_of_one_axis_only():
    rows, columns = content_cells(square(slice(8, 32), slice(16, 24)), 4)
    assert rows[0].tolist() == [1] * 10
    assert columns[0].sum() == 2


def test_an_empty_white_photo_is_all_content():
    rows, columns = content_cells(torch.full((2, 3, 40, 40), 255.0), 4)
    assert rows.min() == 1
    assert columns.min() == 1


def test_each_photo_of_a_batch_is_judged_alone():
    both = torch.cat([square(slice(None), slice(12, 28)), square(slice(8, 32), slice(None))])
    rows, columns = content_cells(both, 4)
    assert rows.sum(1).tolist() == [10, 6]
    assert columns.sum(1).tolist() == [4, 10]
