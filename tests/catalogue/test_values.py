"""Columns of one type."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.catalogue.values import text_of, typed


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2", None], [1, -2, None]),
        (["1", "2.5", "nan"], [1.0, 2.5, None]),
        ([".5", "1e-3", "3."], [0.5, 0.001, 3.0]),
        (["true", "False"], [True, False]),
        (["007", "1"], ["007", "1"]),
        (["4006381333931", "04006381"], ["4006381333931", "04006381"]),
        (["nan", "na"], ["nan", "na"]),
        (["1", "true"], ["1", "true"]),
        (["1e999", "0.5"], ["1e999", "0.5"]),
        (["99999999999999999999"], ["99999999999999999999"]),
        ([1, 2.5, None], [1.0, 2.5, None]),
        ([float("nan"), 2.0], [None, 2.0]),
        ([1, "a", True], ["1", "a", "true"]),
        ([2**70, 1], [str(2**70), "1"]),
        ([["a", 1], {"k": "é"}, []], ['["a", 1]', '{"k": "é"}', None]),
        ([datetime.date(2024, 1, 2)], ["2024-01-02"]),
        ([None, ""], [None, None]),
    ],
)
def test_a_column_has_one_type(cells, values):
    made = typed(cells)
    assert made == values
    assert [type(value) for value in made] == [type(value) for value in values]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.one_of(st.none(), st.text("ab 01.-e", max_size=8), st.integers(), st.floats(), st.booleans()),
        max_size=6,
    )
)
def test_whatever_stands_in_a_column_its_values_share_one_type(cells):
    values = typed(cells)
    assert len(values) == len(cells)
    assert len({type(value) for value in values if value is not None}) <= 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-(10**17), 10**17), min_size=1))
def test_whole_numbers_come_back_from_text(numbers):
    assert typed([str(number) for number in numbers]) == numbers


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_decimals_come_back_from_text(numbers):
    assert typed([*map(repr, numbers), "0.5"]) == [*numbers, 0.5]


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (1.5, "1.5"), (float("nan"), ""), (True, "true"), (7, "7")]
)
def test_ids_are_text(value, text):
    assert text_of(value) == text
