"""What an index that was built for one version knows of a later one: where its rows are, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.index.rescoring import Places, Vectors
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.splicing import ranges


@dataclass(frozen=True, eq=False)
class Carried:
    """The rows of a built index in a later snapshot.

    Args:
        snapshot: the later one.
        rows: how many the index has.
        layers: the later one's matrix, which lies over the index's rows; None where it is theirs.
    """

    snapshot: Snapshot
    rows: int
    layers: LayeredMatrix | None = None

    @classmethod
    def unchanged(cls, snapshot: Snapshot) -> Carried:
        """For the snapshot that the index is built for."""
        return cls(snapshot, len(snapshot.matrix))

    @classmethod
    def after(cls, snapshot: Snapshot, rows: NDArray[np.float32]) -> Carried | None:
        """For a snapshot whose matrix lies over the index's rows; None where it does not."""
        matrix: object = snapshot.matrix
        if not isinstance(matrix, LayeredMatrix) or matrix.base is not rows:
            return None
        return cls(snapshot, len(rows), matrix)

    @property
    def base(self) -> NDArray[np.float32]:
        """The index's rows."""
        return self.snapshot.matrix if self.layers is None else self.layers.base

    def items_of(self, rows: NDArray[np.int64]) -> Places:
        """The places of the items that rows of the index belong to, without those that are gone."""
        if self.layers is not None:
            rows = self.layers.rows_of_base(rows)
            rows = rows[rows >= 0]
        return np.asarray(np.searchsorted(self.snapshot.starts, rows, side="right") - 1, np.int64)

    @cached_property
    def fresh(self) -> Places:
        """Places of the items that the index does not have, ascending."""
        if self.layers is None:
            return np.empty(0, np.int64)
        new = ~self.layers.old
        rows = ranges(self.layers.firsts[:-1][new], self.layers.lengths[new])
        return np.unique(np.searchsorted(self.snapshot.starts, rows, side="right") - 1)

    def nearest_fresh(self, photos: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Places:
        """Of the items that the index does not have, those that may be among the k best for some photo."""
        if not len(self.fresh):
            return self.fresh
        vectors, firsts = self._fresh_rows
        best = np.maximum.reduceat(vectors @ photos.T, firsts, axis=0)
        if allowed is not None:
            best[~allowed[self.fresh]] = -np.inf
        if k >= len(best):
            return self.fresh
        return self.fresh[np.unique(np.argpartition(-best, k - 1, axis=0)[:k])]

    @cached_property
    def _fresh_rows(self) -> tuple[Vectors, NDArray[np.int64]]:
        starts = self.snapshot.starts
        counts = starts[self.fresh + 1] - starts[self.fresh]
        rows = self.snapshot.matrix[ranges(starts[self.fresh], counts)]
        return rows, np.cumsum(counts) - counts
