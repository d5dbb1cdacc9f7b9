"""Filters as a person means them: 3 is 3.0, Red is red, and what makes no sense is told."""

from __future__ import annotations

import pytest

from lookalike.errors import QueryError
from lookalike.retrieval.filters import Between, allowed_items, parse_where

ITEMS = [
    {"colour": "Red", "price": 3},
    {"colour": "red ", "price": 3.0},
    {"colour": "blue", "price": "3"},
    {"colour": "Blue", "price": 4.5, "sale": True},
    {"price": 10},
]


@pytest.mark.parametrize(
    ("where", "allowed"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"colour": "RED"}, [0, 1]),
        ({"colour": ["red", "blue"]}, [0, 1, 2, 3]),
        ({"colour": []}, []),
        ({"price": 3}, [0, 1, 2]),
        ({"price": 3.0}, [0, 1, 2]),
        ({"price": "3"}, [0, 1, 2]),
        ({"price": 4.5}, [3]),
        ({"price": Between(3, 4.5)}, [0, 1, 2, 3]),
        ({"price": Between(3.01, None)}, [3, 4]),
        ({"price": Between(None, 3)}, [0, 1, 2]),
        ({"sale": True}, [3]),
        ({"sale": "true"}, [3]),
        ({"colour": "blue", "price": Between(4, 5)}, [3]),
    ],
    ids=str,
)
def test_an_item_is_allowed_where_it_meets_every_condition(where, allowed):
    assert [place for place, fits in enumerate(allowed_items(ITEMS, where)) if fits] == allowed


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"size": 3}, "No item has an attribute 'size'"),
        ({"colour": Between(1, 2)}, "a range needs numbers"),
        ({"price": {"low": 1}}, "is a dict"),
    ],
)
def test_a_filter_that_fits_nothing_there_is_refused(where, told):
    with pytest.raises(QueryError, match=told) as refused:
        allowed_items(ITEMS, where)
    assert refused.value.hint


def test_an_empty_range_is_refused_when_it_is_made():
    with pytest.raises(QueryError, match=r"5\.\.3 is empty") as refused:
        Between(5, 3)
    assert "lower end first" in refused.value.hint
    assert Between(3, 3).holds(3)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("colour=red", {"colour": "red"}),
        (" colour = red , blue", {"colour": ["red ", " blue"]}),
        ("price=10..20", {"price": Between(10, 20)}),
        ("price=..20", {"price": Between(None, 20)}),
        ("price=10..", {"price": Between(10, None)}),
        ("note=a=b", {"note": "a=b"}),
    ],
)
def test_text_is_read_as_a_condition(text, where):
    assert parse_where([text]) == where


@pytest.mark.parametrize("text", ["colour", "=red", "colour=", "price=a..b", "price=20..10"])
def test_text_that_is_no_condition_is_refused(text):
    with pytest.raises(QueryError):
        parse_where([text])
