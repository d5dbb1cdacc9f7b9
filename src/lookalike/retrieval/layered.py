"""A large matrix after a change: the old rows where they are, mapped from disk, and the new ones beside them.

A store of a million views has a gigabyte of vectors; a changed item must not copy it, nor look at each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from lookalike.retrieval.splicing import Numbers, Splice, ranges, starts_of

Rows = NDArray[np.float32]


class LayeredMatrix(NDArrayOperatorsMixin):
    """Reads like the matrix whose rows come from two others, in stretches; it never changes.

    Slices within a stretch are views of where the rows lie. A product ``matrix @ other`` is made so;
    whatever else needs all rows at once gets them copied together.

    Args:
        base: the old rows, shape (n, width).
        extra: the new ones, shape (m, width).
        origins: where each stretch begins: ``0..n-1`` in ``base``, ``n..n+m-1`` in ``extra``. Those in
            ``base`` ascend.
        lengths: rows of each stretch, which lies in one of the two.
    """

    def __init__(self, base: Rows, extra: Rows, origins: Numbers, lengths: Numbers) -> None:
        self.base, self.extra, self.origins = base, extra, origins
        self.firsts = starts_of(lengths)
        """The row where each stretch begins, and where the last ends."""

    @classmethod
    def of(cls, base: Rows) -> LayeredMatrix:
        """A matrix with nothing beside it."""
        some = np.array([len(base)] if len(base) else [], np.int64)
        return cls(base, base[:0], np.zeros(len(some), np.int64), some)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and width."""
        return len(self), int(self.base.shape[1])

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """That of the rows."""
        return self.base.dtype

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self) * int(self.base.shape[1])

    ndim = 2

    @property
    def lengths(self) -> Numbers:
        """Rows of each stretch."""
        return np.diff(self.firsts)

    @property
    def old(self) -> NDArray[np.bool_]:
        """Which stretches lie in ``base``."""
        return np.asarray(self.origins < len(self.base))

    @property
    def changed(self) -> float:
        """New rows and rows that are gone, as a share of the old ones."""
        still = int(self.lengths[self.old].sum())
        return (len(self) - still + len(self.base) - still) / max(1, len(self.base))

    def spliced(self, rows: Splice, news: Rows) -> LayeredMatrix:
        """The matrix after some of its rows went and ``news`` came; its base stays where it is."""
        cuts = np.unique(np.concatenate([self.firsts, rows.gone, rows.gone + 1, rows.at]))
        begins, lengths = cuts[:-1], np.diff(cuts)
        origins = self._origin(begins)
        kept = ~np.isin(begins, rows.gone)
        begins, lengths, origins = begins[kept], lengths[kept], origins[kept]
        size = len(self.base)
        inside = origins >= size
        still = np.sort(ranges(origins[inside] - size, lengths[inside]))
        origins[inside] = size + np.searchsorted(still, origins[inside] - size)
        fresh = size + len(still) + np.arange(len(news))
        order = np.argsort(np.concatenate([rows.at * 2, begins * 2 + 1]), kind="stable")
        every = np.concatenate([fresh, origins])[order]
        each = np.concatenate([np.ones(len(news), np.int64), lengths])[order]
        extra = np.concatenate([self.extra[still], news])
        return LayeredMatrix(self.base, extra, *_joined_up(every, each, size))

    def _origin(self, rows: Numbers) -> Numbers:
        stretch = np.searchsorted(self.firsts, rows, side="right") - 1
        return np.asarray(self.origins[stretch] + rows - self.firsts[stretch], np.int64)

    def rows_of_base(self, rows: Numbers) -> Numbers:
        """Where rows of ``base`` are now, -1 where they are gone."""
        old = self.old
        begins, lengths, firsts = self.origins[old], self.lengths[old], self.firsts[:-1][old]
        if not len(begins):
            return np.full(len(rows), -1)
        stretch = np.searchsorted(begins, rows, side="right") - 1
        inside = (stretch >= 0) & (rows < begins[stretch] + lengths[stretch])
        return np.asarray(np.where(inside, firsts[stretch] + rows - begins[stretch], -1), np.int64)

    def __len__(self) -> int:
        return int(self.firsts[-1])

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice) and which.step in (None, 1):
            first, last, _ = which.indices(len(self))
            return self._joined(list(self._stretches(first, last)))
        if isinstance(which, tuple):
            rows, *columns = which
            return self[rows][(slice(None), *columns)] if np.ndim(self[rows]) == 2 else self[rows][*columns]
        return self._gathered(which)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self[:]
        return np.asarray(whole, dtype) if dtype is not None else whole

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.matmul and method == "__call__" and inputs[0] is self and not options:
            parts = [stretch @ inputs[1] for stretch in self._stretches(0, len(self))]
            return np.concatenate([self.extra[:0] @ inputs[1], *parts])
        plain = [np.asarray(one) if isinstance(one, LayeredMatrix) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **options)

    def _stretches(self, first: int, last: int) -> Iterator[Rows]:
        """The rows of a range, as views of the matrices that hold them."""
        low = int(np.searchsorted(self.firsts, first, side="right")) - 1
        for number in range(low, len(self.origins)):
            begin, end = max(first, int(self.firsts[number])), min(last, int(self.firsts[number + 1]))
            if begin >= last:
                return
            at = int(self.origins[number]) + begin - int(self.firsts[number])
            held, at = (self.base, at) if at < len(self.base) else (self.extra, at - len(self.base))
            yield held[at : at + end - begin]

    def _joined(self, parts: Sequence[Rows]) -> Rows:
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([self.extra[:0], *parts])

    def _gathered(self, which: Any) -> Rows:
        plain = isinstance(which, np.ndarray) and which.dtype != bool and (not len(which) or which.min() >= 0)
        rows = which if plain else np.arange(len(self))[which]
        origin = self._origin(rows)
        if np.ndim(origin) == 0:
            at = int(origin)
            return np.asarray(self.base[at] if at < len(self.base) else self.extra[at - len(self.base)])
        inside = origin < len(self.base)
        if inside.all():
            return np.asarray(self.base[origin])
        found = np.empty((len(origin), self.shape[1]), np.float32)
        found[inside] = self.base[origin[inside]]
        found[~inside] = self.extra[origin[~inside] - len(self.base)]
        return found


def _joined_up(origins: Numbers, lengths: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Stretches without cuts between neighbours that follow one another in the same matrix."""
    if not len(origins):
        return origins, lengths
    follows = (origins[:-1] + lengths[:-1] == origins[1:]) & (origins[1:] != size)
    begins = np.flatnonzero(np.concatenate([[True], ~follows]))
    return origins[begins], np.add.reduceat(lengths, begins)
