"""Catalogues of known structure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lookalike.catalogue.items import Item, View
from lookalike.evaluation.evaluated import Evaluated


def seen_of(matrix, items: Sequence[str], *, attributes=None, views=None) -> Evaluated:
    """Views with unit vectors; one item id a row, one dictionary of the item's attributes a row."""
    matrix = np.asarray(matrix, np.float32)
    matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    attributes = attributes or [{}] * len(items)
    views = views or [View(f"photo {row}".encode()) for row in range(len(items))]
    known = {name: Item(name, (), facts) for name, facts in zip(items, attributes, strict=True)}
    whole = {
        name: Item(name, tuple(v for v, n in zip(views, items, strict=True) if n == name), item.attributes)
        for name, item in known.items()
    }
    return Evaluated(
        tuple(whole[name] for name in items),
        tuple(views),
        tuple(view.id for view in views),
        matrix,
        "made@0",
    )


@pytest.fixture
def make_seen() -> Callable[..., Evaluated]:
    return seen_of


@pytest.fixture
def three_groups() -> Evaluated:
    """Sixty views of twenty items in three far groups, the category naming the group."""
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], [21, 21, 18])
    return seen_of(
        np.eye(3, 12)[group] + rng.normal(0, 0.05, (60, 12)),
        [f"item-{row // 3:02d}" for row in range(60)],
        attributes=[{"category": "abc"[code], "colour": "red"} for code in group],
    )
