"""What every index promises: the k best items of a snapshot, rescored exactly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError
from lookalike.retrieval.index.rescoring import Candidates, Hit, Places, Scoring, Vectors, best_of
from lookalike.retrieval.snapshot import Snapshot

Mask = NDArray[np.bool_]


class Index(ABC):
    """A way through the vectors of one snapshot.

    A subclass finds candidates; scoring them exactly, ordering them, and checking what comes in
    are done here, once. Equal scores are ordered by the items' order in the snapshot, so the
    answer depends neither on the batch nor on the index.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __len__(self) -> int:
        return len(self.snapshot)

    def after(self, snapshot: Snapshot) -> Index:
        """The index over a later version of the snapshot; one that was built goes on where it can."""
        return type(self)(snapshot)

    @abstractmethod
    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        """For each question the places of items, in any order, that should contain the k best.

        ``1 <= k <= number of allowed items``; an exact index leaves none out, nor any that ties
        with the last within rounding.
        """

    @final
    def nearest(
        self,
        questions: Sequence[Vectors],
        k: int,
        *,
        scoring: Scoring | None = None,
        allowed: Mask | None = None,
    ) -> list[list[Hit]]:
        """The k best items for each question, best first; fewer only where fewer are allowed.

        Args:
            questions: for each question the vectors of its photos, shape (photos, width).
            k: how many items.
            scoring: how views and photos are pooled; the best pair if None.
            allowed: bool, shape (items,): which items may be found; all if None.

        Raises:
            QueryError: k is not positive, or a question is empty, of another width, or not finite.
        """
        if k < 1:
            raise QueryError(f"k is {k}.", hint="Ask for at least one item.")
        for question in questions:
            self._check(question)
        scoring = scoring or Scoring()
        reachable = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, reachable)
        if k == 0:
            return [[] for _ in questions]
        if not questions:
            return []
        found = self._candidates(questions, k, scoring=scoring, allowed=allowed)
        asked = [
            Candidates(question, scoring.asked(question), np.sort(places))
            for question, places in zip(questions, found, strict=True)
        ]
        return best_of(asked, self.snapshot, k, scoring)

    def _check(self, question: Vectors) -> None:
        if question.ndim != 2 or not len(question):
            raise QueryError("The query has no photos.", hint="Give one photo at least.")
        if question.shape[1] != self.snapshot.width:
            raise QueryError(
                f"The query's vectors have {question.shape[1]} coordinates, the store's "
                f"{self.snapshot.width}.",
                hint=f"Embed the query with {self.snapshot.fingerprint}.",
            )
        if not np.isfinite(question).all() or not question.any(axis=1).all():
            raise QueryError(
                "A vector of the query is zero or not finite.", hint="Embed the photo again; check the model."
            )
