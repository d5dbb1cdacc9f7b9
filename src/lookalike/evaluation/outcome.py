"""What a protocol found, query by query, before it is summed up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.bootstrap import Combine, mean_of, ratio
from lookalike.evaluation.evaluated import Evaluated


@dataclass(frozen=True, eq=False)
class Measure:
    """One figure before it is one: what it is formed from, query by query.

    Args:
        name: of the figure, such as ``R@1``.
        rows: the row of ``Evaluated`` that each query is, shape (queries,).
        columns: shape (queries, columns); their sums go into ``combine``.
        combine: from sums to the figure.
        section: what it is part of: ``overall``, ``role`` (label "back → front"), ``angle`` (label "30°").
        label: which part.
    """

    name: str
    rows: NDArray[np.int64]
    columns: NDArray[np.floating]
    combine: Combine = ratio
    section: str = "overall"
    label: str = ""

    @classmethod
    def mean(
        cls,
        name: str,
        rows: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        section: str = "overall",
        label: str = "",
    ) -> Measure:
        """A figure that is the mean of one value a query."""
        return cls(name, rows, mean_of(values), section=section, label=label)


@dataclass(frozen=True, slots=True)
class Failure:
    """A query that went wrong, in rows of ``Evaluated``.

    Args:
        query: the query.
        right: the best view of the right item (or of the right class).
        found: the views that came first, best first.
        place: at which place the right item stood; infinity where it did not appear.
    """

    query: int
    right: int
    found: tuple[int, ...]
    place: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a protocol found.

    Args:
        measures: the figures, the headline first.
        counts: queries, gallery views, items, ...
        excluded: how many views took no part, by reason.
        failures: the worst ones, worst first.
        notes: what a reader must know beside the figures.
        confusion: classes and counts, true class by row, where the protocol classifies.
    """

    measures: tuple[Measure, ...]
    counts: Mapping[str, int]
    excluded: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    confusion: tuple[tuple[str, ...], NDArray[np.int64]] | None = None


class Protocol(ABC):
    """A way to ask how good a model is: which views are queries, which are searched, what is right."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The protocol in words, with its settings, as printed beside the figures."""

    @abstractmethod
    def check(self, seen: Evaluated) -> None:
        """Whether these views can answer, by what is known of them without vectors.

        Raises:
            EvaluationError: they cannot, and ``measure`` would say so.
        """

    @abstractmethod
    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every query.

        Raises:
            EvaluationError: the data cannot answer this protocol.
        """
