"""A large matrix after a change: the old rows where they are, mapped from disk, and the new ones beside them.

A store of a million views has a gigabyte of vectors; a changed item must not copy it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Numbers = NDArray[np.int64]


class LayeredMatrix(NDArrayOperatorsMixin):
    """Reads like the matrix whose rows come from two others, in stretches; it never changes.

    Slices within a stretch are views of where the rows lie. Whatever needs all rows at once, such as an
    operator, gets them copied together.

    Args:
        base: the old rows, shape (n, width).
        extra: the new ones, shape (m, width).
        origin: for each row where it is: ``0..n-1`` in ``base``, ``n..n+m-1`` in ``extra``.
    """

    def __init__(self, base: Rows, extra: Rows, origin: Numbers) -> None:
        self.base, self.extra, self.origin = base, extra, origin
        jumps = np.flatnonzero(np.diff(origin) != 1) + 1
        inside = origin < len(base)
        changes = np.flatnonzero(np.diff(inside)) + 1  # n-1 and n are neighbours in two matrices
        self._cuts = np.unique(np.concatenate([[0], jumps, changes])).astype(np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and width."""
        return len(self.origin), int(self.base.shape[1])

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """That of the rows."""
        return self.base.dtype

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self.origin) * int(self.base.shape[1])

    ndim = 2

    @property
    def changed(self) -> float:
        """New rows and rows that are gone, as a share of the old ones."""
        still = int((self.origin < len(self.base)).sum())
        return (len(self.origin) - still + len(self.base) - still) / max(1, len(self.base))

    def __len__(self) -> int:
        return len(self.origin)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice) and which.step in (None, 1):
            first, last, _ = which.indices(len(self))
            return self._joined(list(self._stretches(first, last)))
        if isinstance(which, tuple):
            rows, *columns = which
            return self[rows][(slice(None), *columns)] if np.ndim(self[rows]) == 2 else self[rows][*columns]
        return self._gathered(self.origin[which])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self[:]
        return np.asarray(whole, dtype) if dtype is not None else whole

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, LayeredMatrix) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **options)

    def _stretches(self, first: int, last: int) -> Iterator[Rows]:
        """The rows of a range, as views of the matrices that hold them."""
        low = int(np.searchsorted(self._cuts, first, side="right")) - 1
        for number in range(low, len(self._cuts)):
            begin = max(first, int(self._cuts[number]))
            end = last if number + 1 == len(self._cuts) else min(last, int(self._cuts[number + 1]))
            if begin >= last:
                return
            if begin < end:
                at = int(self.origin[begin])
                held, at = (self.base, at) if at < len(self.base) else (self.extra, at - len(self.base))
                yield held[at : at + end - begin]

    def _joined(self, parts: Sequence[Rows]) -> Rows:
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([self.extra[:0], *parts])

    def _gathered(self, origin: Any) -> Rows:
        if np.ndim(origin) == 0:
            at = int(origin)
            return np.asarray(self.base[at] if at < len(self.base) else self.extra[at - len(self.base)])
        inside = origin < len(self.base)
        if inside.all():
            return np.asarray(self.base[origin])
        rows = np.empty((len(origin), self.shape[1]), np.float32)
        rows[inside] = self.base[origin[inside]]
        rows[~inside] = self.extra[origin[~inside] - len(self.base)]
        return rows


def layered(known: Rows | LayeredMatrix, kept: Numbers, news: Rows, order: Numbers) -> LayeredMatrix:
    """The matrix after a change.

    Args:
        known: the one before; its base stays where it is.
        kept: rows of it that go on, shape (k,).
        news: further rows, shape (m, width).
        order: for each row of the new matrix its number among ``kept`` and then ``news``, shape (k + m,).
    """
    if isinstance(known, LayeredMatrix):
        base, extra, origin = known.base, known.extra, known.origin[kept]
    else:
        base, extra, origin = known, known[:0], np.asarray(kept, np.int64)
    size = len(base)
    older = origin[origin >= size] - size
    extra = np.concatenate([extra[older], news])
    origin = origin.copy()
    origin[origin >= size] = size + np.arange(len(older))
    fresh = size + len(older) + np.arange(len(news))
    return LayeredMatrix(base, extra, np.concatenate([origin, fresh])[order])
