"""A layered matrix reads like the plain one that it stands for, after any number of changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.retrieval.layered import LayeredMatrix, layered

WIDTH = 3


def changed(known, plain, rng):
    """The layered and the plain matrix after one change: rows go, rows come, in a new order of runs."""
    kept = np.flatnonzero(rng.random(len(plain)) < 0.8)
    news = rng.standard_normal((int(rng.integers(0, 4)), WIDTH)).astype(np.float32)
    places = np.sort(rng.choice(len(kept) + len(news), len(news), replace=False))
    order = np.empty(len(kept) + len(news), np.int64)
    is_new = np.zeros(len(order), bool)
    is_new[places] = True
    order[is_new] = len(kept) + np.arange(len(news))
    order[~is_new] = np.arange(len(kept))
    return layered(known, kept, news, order), np.concatenate([plain[kept], news])[order]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), changes=st.integers(1, 5), rows=st.integers(0, 40))
def test_it_reads_like_the_plain_matrix_however_it_is_asked(seed, changes, rows):
    rng = np.random.default_rng(seed)
    plain = rng.standard_normal((rows, WIDTH)).astype(np.float32)
    base = known = plain
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
    np.testing.assert_array_equal(known @ vector, plain @ vector)
    if len(plain):
        np.testing.assert_array_equal(known[-1], plain[-1])
        np.testing.assert_array_equal(known[low : low + 1, :2], plain[low : low + 1, :2])
        np.testing.assert_array_equal(
            np.add.reduceat(known, [0], axis=0), np.add.reduceat(plain, [0], axis=0)
        )


def test_a_slice_within_a_stretch_copies_nothing():
    base = np.arange(30, dtype=np.float32).reshape(10, 3)
    matrix = layered(
        base, np.arange(10), np.ones((1, 3), np.float32), np.array([*range(5), 10, *range(5, 10)])
    )
    assert np.shares_memory(matrix[0:5], base)
    assert np.shares_memory(matrix[7:11], base)
    assert not np.shares_memory(matrix[4:7], base)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_matrix_of_no_or_one_row_can_be_layered(rows):
    base = np.ones((rows, WIDTH), np.float32)
    matrix = layered(base, np.arange(rows), base[:0], np.arange(rows))
    np.testing.assert_array_equal(matrix[:], base)
