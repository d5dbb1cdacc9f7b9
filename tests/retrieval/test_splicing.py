"""A splice gives what going through all places one by one would give, and lost ids are found by counting."""

from __future__ import annotations

import sqlite3
from itertools import chain

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.retrieval import gone, splicing
from lookalike.retrieval.gone import gone_ids
from lookalike.retrieval.splicing import Splice, starts_of


@pytest.fixture(autouse=True)
def _few_as_before():
    before = splicing.FEW
    yield
    splicing.FEW = before


@pytest.mark.parametrize("few", [0, 32])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(0, 12), added=st.integers(0, 5))
def test_tuples_arrays_and_places_after_a_change_are_those_of_the_definition(few, seed, length, added):
    splicing.FEW = few
    rng = np.random.default_rng(seed)
    old, lost = tuple(range(length)), np.flatnonzero(rng.random(length) < 0.3)
    at, news = np.sort(rng.integers(0, length + 1, added)), [100 + number for number in range(added)]
    wanted = []
    for place in range(length + 1):
        wanted += [new for new, before in zip(news, at, strict=True) if before == place]
        wanted += [place] if place < length and place not in lost else []
    splice = Splice(lost, at)
    assert splice.several(old, news) == tuple(wanted)
    assert splice.array(np.array(old, int), np.array(news, int)).tolist() == wanted
    assert [wanted[place] for place in splice.news] == news
    kept = np.setdiff1d(np.arange(length), lost)
    assert [wanted[place] for place in splice.moved(kept)] == kept.tolist()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(0, 8), added=st.integers(0, 4))
def test_the_rows_of_each_thing_go_and_come_with_it(seed, length, added):
    rng = np.random.default_rng(seed)
    old = [
        [f"{thing}.{row}" for row in range(count)] for thing, count in enumerate(rng.integers(0, 4, length))
    ]
    news = [
        [f"new {thing}.{row}" for row in range(count)]
        for thing, count in enumerate(rng.integers(0, 4, added))
    ]
    splice = Splice(np.flatnonzero(rng.random(length) < 0.4), np.sort(rng.integers(0, length + 1, added)))
    by_rows = splice.by_rows(
        starts_of([len(rows) for rows in old]), np.array([len(rows) for rows in news], int)
    )
    assert by_rows.several(tuple(chain(*old)), [*chain(*news)]) == tuple(
        chain(*splice.several(tuple(old), news))
    )


@pytest.mark.parametrize("few", [1, 4, 256])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(0, 60))
def test_the_ids_that_are_gone_are_found_whatever_came_meanwhile(few, seed, length):
    rng = np.random.default_rng(seed)
    known = sorted({f"é{number}" if number % 3 else f"{number:03}" for number in range(length)})
    lost = {name for name in known if rng.random() < rng.choice([0.02, 0.5])}
    came = {f"{number:03}x" for number in rng.integers(0, 60, 4)}
    rewritten = {name for name in known if rng.random() < 0.1} - lost
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE items (id TEXT NOT NULL UNIQUE)")
    there = (set(known) - lost) | came
    connection.executemany("INSERT INTO items VALUES (?)", [(name,) for name in there])
    before, gone.FEW = gone.FEW, few
    try:
        for likely in ((), lost, [*sorted(lost)[:1], "never"], known):
            assert gone_ids(connection, known, sorted(came | rewritten), likely=likely) == sorted(lost)
    finally:
        gone.FEW = before
