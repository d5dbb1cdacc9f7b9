"""The same views at another balance of colour and shape, as a query may ask for it."""

from __future__ import annotations

from dataclasses import replace

from lookalike.embedding.card import Card
from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.retrieval.balance import KINDS, balanced, tells_colour


def weighed(seen: Evaluated, card: Card, *, colour: float | None) -> Evaluated:
    """Views whose products are ``colour * cos_colour + (1 - colour) * cos_rest``.

    Args:
        seen: views with vectors of ``card``'s model.
        card: of that model.
        colour: 0 for shape alone to 1 for colour alone; None leaves the vectors as the model has them.

    Raises:
        EvaluationError: ``colour`` lies outside 0 to 1.
        QueryError: the model's vectors have no colour block.
    """
    if colour is None:
        return seen
    if not 0 <= colour <= 1:
        raise EvaluationError(f"The colour weight is {colour}.", hint="Give a number from 0 to 1.")
    matrix = seen.matrix * balanced(card, colour)
    return replace(seen, matrix=matrix, fingerprint=f"{seen.fingerprint} (colour {colour:g})")


def by_kind(seen: Evaluated, card: Card, *, colour: float | None = None) -> Evaluated:
    """Views balanced for maps and clusters, which show kinds of things: little colour where none is given.

    A model that does not tell colour from shape keeps its vectors as they are.

    Args:
        seen, card, colour: as for ``weighed``.
    """
    return weighed(seen, card, colour=KINDS if colour is None and tells_colour(card) else colour)
