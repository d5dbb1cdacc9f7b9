"""A layered matrix reads like the plain one that it stands for, after any number of changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.splicing import Splice

WIDTH = 3


def changed(known, plain, rng):
    """The layered and the plain matrix after one change: rows go, rows come between those that stay."""
    gone = np.flatnonzero(rng.random(len(plain)) < 0.2)
    news = rng.standard_normal((int(rng.integers(0, 4)), WIDTH)).astype(np.float32)
    at = np.sort(rng.integers(0, len(plain) + 1, len(news)))
    wanted = []
    for place in range(len(plain) + 1):
        wanted += [new for new, before in zip(news, at, strict=True) if before == place]
        if place < len(plain) and place not in gone:
            wanted.append(plain[place])
    after = np.array(wanted, np.float32).reshape(-1, WIDTH)
    return known.spliced(Splice(gone, at), news), after


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), changes=st.integers(1, 5), rows=st.integers(0, 40))
def test_it_reads_like_the_plain_matrix_however_it_is_asked(seed, changes, rows):
    rng = np.random.default_rng(seed)
    plain = rng.standard_normal((rows, WIDTH)).astype(np.float32)
    base = plain
    known = LayeredMatrix.of(plain)
    for _ in range(changes):
        known, plain = changed(known, plain, rng)
    assert isinstance(known, LayeredMatrix)
    assert known.base is base, "the old rows are not copied"
    assert (known.shape, len(known), known.size) == (plain.shape, len(plain), plain.size)
    np.testing.assert_array_equal(np.asarray(known), plain)
    low, high = sorted(rng.integers(0, len(plain) + 1, 2).tolist())
    np.testing.assert_array_equal(known[low:high], plain[low:high])
    np.testing.assert_array_equal(known[::3], plain[::3])
    mask = rng.random(len(plain)) < 0.5
    np.testing.assert_array_equal(known[mask], plain[mask])
    np.testing.assert_array_equal(known[np.flatnonzero(mask)], plain[mask])
    vector = rng.standard_normal(WIDTH).astype(np.float32)
    np.testing.assert_allclose(known @ vector, plain @ vector, rtol=0, atol=1e-5)
    np.testing.assert_allclose(known @ base[:2].T, plain @ base[:2].T, rtol=0, atol=1e-5)
    if len(plain):
        np.testing.assert_array_equal(known[-1], plain[-1])
        np.testing.assert_array_equal(known[low : low + 1, :2], plain[low : low + 1, :2])
        np.testing.assert_array_equal(
            np.add.reduceat(known, [0], axis=0), np.add.reduceat(plain, [0], axis=0)
        )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 30))
def test_it_knows_where_each_old_row_is_now(seed, rows):
    rng = np.random.default_rng(seed)
    base = rng.standard_normal((rows, WIDTH)).astype(np.float32)
    known, plain = changed(*changed(LayeredMatrix.of(base), base, rng), rng)
    for row, now in enumerate(known.rows_of_base(np.arange(rows)).tolist()):
        here = np.flatnonzero((plain == base[row]).all(axis=1)).tolist()
        assert here == ([] if now == -1 else [now])


def test_how_much_has_changed_is_what_came_and_what_went_as_a_share_of_the_old_rows():
    known = LayeredMatrix.of(np.ones((10, WIDTH), np.float32))
    assert known.changed == 0
    known = known.spliced(Splice(np.array([1, 7]), np.array([0, 4, 10])), np.zeros((3, WIDTH), np.float32))
    assert known.changed == pytest.approx(5 / 10)


def test_a_slice_within_a_stretch_copies_nothing():
    base = np.arange(30, dtype=np.float32).reshape(10, 3)
    splice = Splice(np.array([], np.int64), np.array([5]))
    matrix = LayeredMatrix.of(base).spliced(splice, np.ones((1, 3), np.float32))
    assert np.shares_memory(matrix[0:5], base)
    assert np.shares_memory(matrix[7:11], base)
    assert not np.shares_memory(matrix[4:7], base)


def test_what_is_added_and_removed_again_leaves_nothing_behind():
    base = np.arange(30, dtype=np.float32).reshape(10, 3)
    matrix = LayeredMatrix.of(base)
    for _ in range(5):
        matrix = matrix.spliced(Splice(np.array([], np.int64), np.array([5])), np.ones((1, 3), np.float32))
        matrix = matrix.spliced(Splice(np.array([5]), np.array([], np.int64)), base[:0])
    assert (len(matrix.extra), len(matrix.origins), matrix.changed) == (0, 1, 0.0)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_matrix_of_no_or_one_row_can_be_layered(rows):
    base = np.ones((rows, WIDTH), np.float32)
    np.testing.assert_array_equal(LayeredMatrix.of(base)[:], base)
