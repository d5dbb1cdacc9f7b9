"""Colour against shape within one set of vectors, where a search would scale its query alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.retrieval.query import COLOUR_BLOCK, weigh_colour

KINDS = 0.3
"""Share of colour where kinds of things are asked for and not items: measured in docs/studies/balance.md."""

Scale = NDArray[np.float32]


def balanced(card: Card, colour: float) -> Scale:
    """What to multiply every vector by, shape (width,), so that products are as a weighed query's.

    Of two vectors scaled so, the product is ``colour * cos_colour + (1 - colour) * cos_rest``, and each is
    a unit vector again: every block takes the root of what ``weigh_colour`` gives it.

    Args:
        card: of the model that made the vectors.
        colour: 0 for the rest alone to 1 for colour alone.

    Raises:
        QueryError: the model's vectors have no colour block.
    """
    return np.sqrt(weigh_colour(np.ones(card.width, np.float32), card, colour))


def tells_colour(card: Card) -> bool:
    """Whether the model's vectors have a colour block and something beside it."""
    names = {block.name for block in card.blocks}
    return COLOUR_BLOCK in names and len(names) > 1
