"""What an index that was built for one version knows of a later one: where its rows are, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.index.rescoring import Places, Vectors
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Carried:
    """The rows of a built index in a later snapshot.

    Args:
        item_of: for each row of the index the place of its item, -1 where it is gone; shape (rows,).
        fresh: places of the items that the index does not have, ascending.
        snapshot: the later one.
    """

    item_of: NDArray[np.int64]
    fresh: Places
    snapshot: Snapshot

    @classmethod
    def unchanged(cls, snapshot: Snapshot) -> Carried:
        """For the snapshot that the index is built for."""
        item_of = np.repeat(np.arange(len(snapshot)), np.diff(snapshot.starts))
        return cls(item_of, np.empty(0, np.int64), snapshot)

    @classmethod
    def after(cls, snapshot: Snapshot, rows: NDArray[np.float32]) -> Carried | None:
        """For a snapshot whose matrix lies over the index's rows; None where it does not."""
        matrix: object = snapshot.matrix
        if not isinstance(matrix, LayeredMatrix) or matrix.base is not rows:
            return None
        old = matrix.origin < len(rows)
        places = np.repeat(np.arange(len(snapshot)), np.diff(snapshot.starts))
        item_of = np.full(len(rows), -1)
        item_of[matrix.origin[old]] = places[old]
        return cls(item_of, np.unique(places[~old]), snapshot)

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
        parts = [self.snapshot.vectors(place) for place in self.fresh.tolist()]
        counts = np.array([len(part) for part in parts])
        return np.concatenate(parts), np.cumsum(counts) - counts
