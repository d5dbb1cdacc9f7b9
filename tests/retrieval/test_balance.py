from __future__ import annotations

import numpy as np
import pytest

from lookalike.embedding.card import Block, Card
from lookalike.errors import QueryError
from lookalike.retrieval.balance import balanced, tells_colour
from lookalike.retrieval.query import weigh_colour

CARD = Card(
    name="three",
    width=9,
    size_px=8,
    model_digest="three",
    blocks=(Block("colour", 0, 3, 0.8), Block("texture", 3, 6, 0.36), Block("shape", 6, 9, 0.48)),
)


@pytest.fixture
def vectors():
    drawn = np.random.default_rng(0).normal(size=(7, 9))
    for block in CARD.blocks:
        part = drawn[:, block.start : block.stop]
        part *= block.weight / np.linalg.norm(part, axis=1, keepdims=True)
    return drawn.astype(np.float32)


@pytest.mark.parametrize("colour", [0.0, 0.3, 1.0])
def test_products_are_those_of_a_query_weighed_so_and_vectors_stay_unit_vectors(vectors, colour):
    scaled = vectors * balanced(CARD, colour)
    assert scaled @ scaled.T == pytest.approx(weigh_colour(vectors, CARD, colour) @ vectors.T, abs=1e-5)
    assert np.linalg.norm(scaled, axis=1) == pytest.approx(np.ones(7), abs=1e-5)


def test_a_model_without_a_colour_block_cannot_be_balanced():
    plain = Card(name="plain", width=9, size_px=8, model_digest="plain")
    assert tells_colour(CARD)
    assert not tells_colour(plain)
    with pytest.raises(QueryError, match="does not tell colour from shape"):
        balanced(plain, 0.5)
