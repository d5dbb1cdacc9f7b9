"""The answer: values with their probabilities, and the categorisers of a store, made when first asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import QueryError
from lookalike.retrieval.balance import KINDS, Scale, balanced, tells_colour
from lookalike.retrieval.categories.categoriser import Categoriser
from lookalike.retrieval.categories.labels import labels_of, predictable
from lookalike.retrieval.memory import trim
from lookalike.retrieval.snapshot import Snapshot

MOST_KEPT = 16
BALANCES = (KINDS, 0.1)
"""Shares of colour that a column's guesses may be learned at, beside the model's own."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A value and its probability."""

    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a photo shows, by one column: all values, the most probable first.

    Args:
        column: of the catalogue.
        guesses: they add up to one.
    """

    column: str
    guesses: tuple[Guess, ...]

    @property
    def best(self) -> Guess:
        """The most probable value."""
        return self.guesses[0]

    def to_dict(self, *, most: int | None = None) -> dict[str, Any]:
        """As JSON has it; ``most`` values at most."""
        told = [{"value": one.value, "probability": round(one.probability, 4)} for one in self.guesses[:most]]
        return {"column": self.column, "guesses": told}

    def to_text(self, *, most: int = 8) -> str:
        """Bars, one a line."""
        shown = self.guesses[:most]
        width = max(len(one.value) for one in shown)
        return "\n".join(
            f"{one.value:<{width}} {one.probability:>6.1%}  {'█' * round(40 * one.probability)}"
            for one in shown
        )


class Categorisers:
    """The categorisers of one engine, by version of the store and column; for many threads.

    Args:
        card: of the model that made the store's vectors.
    """

    def __init__(self, card: Card) -> None:
        self._scales = scales_of(card)
        self._made: dict[tuple[str, int, str], Categoriser] = {}
        self._usual: tuple[tuple[str, int], str] | None = None
        self._turn = threading.Lock()

    def predict(self, snapshot: Snapshot, vectors: NDArray[np.float32], column: str | None) -> Prediction:
        """What photos of one thing show: the mean of what is said of each, in logs.

        Args:
            snapshot: the catalogue that teaches.
            vectors: unit vectors of the photos, shape (photos, width).
            column: an attribute; the catalogue's ``category``, or else its first fitting one, if None.

        Raises:
            QueryError: there is no such column, or it cannot be predicted.
        """
        categoriser = self.of(snapshot, self._usual_of(snapshot) if column is None else column)
        told = np.log(categoriser.probabilities(vectors).clip(1e-12)).mean(axis=0)
        shares = np.exp(told - told.max())
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        names = categoriser.labels.names
        return Prediction(
            categoriser.labels.column, tuple(Guess(names[one], float(shares[one])) for one in order)
        )

    def of(self, snapshot: Snapshot, column: str) -> Categoriser:
        """The categoriser of a column.

        Raises:
            QueryError: there is no such column, or it cannot be predicted.
        """
        key = (snapshot.store_id, snapshot.version, column)
        with self._turn:
            if key not in self._made:
                made = Categoriser.learned(labels_of(snapshot, column), scales=self._scales)
                trim()
                while len(self._made) >= MOST_KEPT:
                    self._made.pop(next(iter(self._made)))
                self._made[key] = made
            return self._made[key]

    def _usual_of(self, snapshot: Snapshot) -> str:
        """Looked for once a version: every item's attributes are gone through."""
        version, kept = (snapshot.store_id, snapshot.version), self._usual
        if kept is None or kept[0] != version:
            self._usual = kept = (version, usual_column(snapshot))
        return kept[1]


def scales_of(card: Card) -> list[Scale]:
    """The balances that a column's guesses may be learned at; none where colour and shape are one."""
    return [balanced(card, colour) for colour in BALANCES] if tells_colour(card) else []


def usual_column(snapshot: Snapshot) -> str:
    """The column that is predicted where nobody names one.

    Raises:
        QueryError: there is none.
    """
    known = predictable(snapshot)
    if not known:
        raise QueryError(
            "No column of the catalogue can be predicted.",
            hint="Give items a column with few values, such as a category.",
        )
    return known[0]
