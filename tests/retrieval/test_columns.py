"""Filters by column allow what filters item by item allow, and refuse what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import QueryError
from lookalike.retrieval.columns import Columns
from lookalike.retrieval.filters import Between, allowed_items, unmet
from lookalike.retrieval.splicing import Splice

values = st.one_of(
    st.sampled_from(["Red", "red ", "3", "3.0", "-2", "nan", "", "é"]),
    st.integers(-3, 3),
    st.sampled_from([0.5, 3.0, float("inf"), float("nan")]),
    st.booleans(),
)
attributes = st.dictionaries(st.sampled_from(["colour", "price", "size"]), values)
ends = st.one_of(st.none(), st.floats(-3, 3))
ranges = st.tuples(ends, ends).filter(lambda two: None in two or two[0] <= two[1]).map(lambda t: Between(*t))
conditions = st.one_of(values, st.lists(values, max_size=3), ranges)


@settings(max_examples=300, deadline=None)
@given(
    items=st.lists(attributes, max_size=12),
    where=st.dictionaries(st.sampled_from(["colour", "price", "size", "weight"]), conditions, max_size=2),
)
def test_they_allow_the_same_items(items, where):
    columns = Columns(items)
    try:
        wanted = allowed_items(items, where)
    except QueryError as error:
        refused = error.message
    else:
        refused = ""
    if refused:
        with pytest.raises(QueryError) as ours:
            columns.allowed(where)
        assert ours.value.message == refused
        return
    for _ in range(2):  # read, and known
        np.testing.assert_array_equal(columns.allowed(where), wanted)


@settings(max_examples=300, deadline=None)
@given(
    items=st.lists(attributes, max_size=10),
    news=st.lists(attributes, max_size=4),
    where=st.dictionaries(st.sampled_from(["colour", "price", "size", "weight"]), conditions, max_size=2),
    seed=st.integers(0, 2**32 - 1),
)
def test_after_a_change_they_allow_what_columns_that_are_read_anew_allow(items, news, where, seed):
    rng = np.random.default_rng(seed)
    columns = Columns(items)
    for name in ("colour", "price", "size"):
        columns._column(name)
    gone = np.flatnonzero(rng.random(len(items)) < 0.4)
    splice = Splice(gone, np.sort(rng.integers(0, len(items) + 1, len(news))))
    after = splice.several(tuple(items), news)
    answers = []
    for one in (columns.after(after, splice), Columns(after)):
        try:
            answers.append(one.allowed(where).tolist())
        except QueryError as error:
            answers.append(error.message)
    assert answers[0] == answers[1]


def test_a_value_that_no_item_has_is_told_with_the_nearest_that_some_have():
    items = [{"kind": "Mug", "price": 3}, {"kind": "bowl"}]
    assert unmet(items, {"kind": "mugs"}) == ["No item has 'mugs' in 'kind'. Do you mean Mug?"]
    assert unmet(items, {"kind": ["chair", "mug"]}) == [
        "No item has 'chair' in 'kind'. There are: Mug, bowl."
    ]
    assert unmet(items, {"kind": "MUG", "price": Between(low=5)}) == []


def test_a_column_is_one_of_numbers_as_soon_as_the_last_text_in_it_is_gone():
    items = [{"price": "on request"}, {"price": 3}, {"colour": "red"}, {"price": 30}]
    columns = Columns(items)
    columns.allowed({"price": 3})
    with pytest.raises(QueryError, match="on request"):
        columns.allowed({"price": Between(10, None)})
    after = columns.after([items[1], items[3]], Splice(np.array([0, 2]), np.array([], np.int64)))
    assert after.allowed({"price": Between(10, None)}).tolist() == [False, True]
