"""A snapshot after changes is the one that reading everything anew would give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.retrieval import merging
from lookalike.retrieval.filters import Between
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.merging import merge
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, assemble
from lookalike.retrieval.value_counts import ValueCounts

WIDTH = 4


def item(rng, name):
    views = tuple(StoredView(f"{rng.integers(1 << 30)}", Path("/x")) for _ in range(rng.integers(1, 5)))
    found = StoredItem(name, views, {"price": int(rng.integers(100)), "title": "é" * int(rng.integers(4))})
    return found, rng.standard_normal((len(views), WIDTH)).astype(np.float32)


def whole(content, version):
    """Everything read anew."""
    rows = [Row.of(content[name][0]) for name in sorted(content)]
    parts = [content[name][1] for name in sorted(content)]
    matrix = np.concatenate([np.empty((0, WIDTH), np.float32), *parts])
    return assemble(Identity(Path("/s"), "id", version, "m@1"), rows, matrix)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    items=st.integers(0, 15),
    changes=st.integers(1, 4),
    layers=st.sampled_from([0, 10**9]),
)
def test_it_is_what_reading_everything_anew_gives(seed, items, changes, layers):
    rng = np.random.default_rng(seed)
    content = {name: item(rng, name) for name in (f"item-{number:02}" for number in range(items))}
    known = whole(content, 0)
    assert known.value_counts.items == items
    before, merging.LAYERED_FROM = merging.LAYERED_FROM, layers
    try:
        for version in range(1, changes + 1):
            gone = [name for name in content if rng.random() < 0.2]
            for name in gone:
                del content[name]
            names = {f"item-{rng.integers(30):02}" for _ in range(rng.integers(0, 4))}
            gone = [name for name in gone if name not in names]
            news = {name: item(rng, name) for name in sorted(names)}
            content |= news
            matrix = np.concatenate([np.empty((0, WIDTH), np.float32), *(rows for _, rows in news.values())])
            identity = Identity(Path("/s"), "id", version, "m@1")
            if len(known) and rng.random() < 0.5:
                known.columns.allowed({"price": Between(10, 60)})
            read_before = "columns" in vars(known)
            known = merge(identity, known, gone, [one for one, _ in news.values()], matrix)
            assert ("columns" in vars(known)) == read_before, "gone on with where they were asked for"
            assert vars(known)["value_counts"] == ValueCounts.of(known.attributes), "counted on, not anew"
            assert isinstance(known.matrix, LayeredMatrix) == (layers == 0)
            assert layers == 0 or known.matrix.base is None, "a small matrix keeps no older one in memory"
    finally:
        merging.LAYERED_FROM = before
    wanted = whole(content, changes)
    assert (known.ids, known.attributes) == (wanted.ids, wanted.attributes)
    np.testing.assert_array_equal(np.asarray(known.matrix), wanted.matrix)
    np.testing.assert_array_equal(known.starts, wanted.starts)
    if content:
        within = {"price": Between(10, 60)}
        np.testing.assert_array_equal(known.columns.allowed(within), wanted.columns.allowed(within))
    assert [known.record(place) for place in range(len(known))] == [
        wanted.record(place) for place in range(len(wanted))
    ]
