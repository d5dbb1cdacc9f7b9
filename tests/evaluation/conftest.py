"""Evaluated views made of numbers, so that right answers are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lookalike.catalogue.items import Item, View
from lookalike.evaluation.evaluated import Evaluated

Rows = Sequence[tuple[str, dict]]


def made(matrix, rows: Rows, *, ids: Sequence[str] | None = None) -> Evaluated:
    """Evaluated views: a row is an item's id and the view's facts (role, azimuth_deg, attributes)."""
    matrix = np.asarray(matrix, np.float32)
    matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    views = [View(f"{name}-{number}".encode(), **facts) for number, (name, facts) in enumerate(rows)]
    items = {name: Item(name, ()) for name, _ in rows}
    return Evaluated(
        tuple(items[name] for name, _ in rows),
        tuple(views),
        tuple(ids or (view.id for view in views)),
        matrix,
        "made@0",
    )


def noisy(items: int, views: int, *, width: int = 16, noise: float = 1.0, seed: int = 0) -> Evaluated:
    """Items around centres of their own; more noise, more mistakes."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(items), views)
    matrix = rng.standard_normal((items, width))[codes] + noise * rng.standard_normal((len(codes), width))
    rows = [
        (
            f"item-{code:03d}",
            {
                "role": ("front", "back", "side")[number % 3],
                "azimuth_deg": 30.0 * (number % views),
                "attributes": {"category": f"kind-{code % 4}", "half": "left" if code % 2 else "right"},
            },
        )
        for number, code in enumerate(codes)
    ]
    return made(matrix, rows)


@pytest.fixture
def make() -> Callable[..., Evaluated]:
    return made


@pytest.fixture
def make_noisy() -> Callable[..., Evaluated]:
    return noisy
