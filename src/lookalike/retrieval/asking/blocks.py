"""Work on the named blocks of a vector: sums of vectors, and which block a score came from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import QueryError
from lookalike.retrieval.query import COLOUR_BLOCK

Vectors = NDArray[np.float32]


def has_colour(card: Card) -> bool:
    """Whether a model's vectors tell colour from the rest."""
    return any(block.name == COLOUR_BLOCK for block in card.blocks)


def check_colour(card: Card) -> None:
    """Refuse a palette where vectors have no colour block.

    Raises:
        QueryError: they have none.
    """
    if not has_colour(card):
        raise QueryError(
            f"{card.name} does not tell colour from shape.",
            hint="Leave out the palette, or index with a model that has a colour block (descriptor).",
        )


def restored(vectors: NDArray[np.floating], card: Card) -> Vectors:
    """Sums of vectors made vectors of their model again: each block has its length, or is zero.

    Args:
        vectors: shape (photos, width).
        card: of the model whose vectors were added.
    """
    whole = np.zeros_like(vectors, np.float32)
    spans = [(block.start, block.stop, block.weight) for block in card.blocks] or [(0, card.width, 1.0)]
    for start, stop, weight in spans:
        part = vectors[:, start:stop]
        length = np.linalg.norm(part, axis=1, keepdims=True)
        whole[:, start:stop] = weight * part / np.where(length > 1e-6, length, np.inf)
    return whole


def terms_of(asked: Vectors, found: Vectors, card: Card) -> list[dict[str, float]]:
    """What each block adds to the scores of pairs; the terms of a pair sum to its product.

    Args:
        asked: the query's vectors as they were compared, one a pair, shape (pairs, width).
        found: the catalogue's views, shape (pairs, width).
        card: of the model; without blocks there are no terms.
    """
    parts = [slice(block.start, block.stop) for block in card.blocks]
    products = [np.vecdot(asked[:, part], found[:, part]).tolist() for part in parts]
    names = [block.name for block in card.blocks]
    return [dict(zip(names, of_pair, strict=True)) for of_pair in zip(*products, strict=True)] or [
        {} for _ in asked
    ]
