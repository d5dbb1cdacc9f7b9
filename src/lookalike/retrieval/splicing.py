"""What a change does to the order of items: some go, some come between those that stay.

A store of a million views has hundred thousands of items; a changed one must not have them gone through one
by one. Everything here moves stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.int64]
Thing = TypeVar("Thing")
Array = NDArray[Any]

FEW = 32
"""Up to so many things are taken out and put in one by one, each at the cost of a move in memory."""


@dataclass(frozen=True, eq=False)
class Splice:
    """Places that go, and where new ones come.

    Args:
        gone: places of the old order, ascending.
        at: for each new one the old place that it stands before, ascending; the old length for the end.
    """

    gone: Numbers
    at: Numbers

    @cached_property
    def news(self) -> Numbers:
        """The places of the new ones in the new order, ascending."""
        before = self.at - np.searchsorted(self.gone, self.at, side="left")
        return np.asarray(before + np.arange(len(self.at)), np.int64)

    def moved(self, places: Numbers) -> Numbers:
        """Where places of the old order, none of them gone, are in the new one."""
        went = np.searchsorted(self.gone, places, side="left")
        came = np.searchsorted(self.at, places, side="right")
        return np.asarray(places - went + came, np.int64)

    def array(self, old: Array, news: Array) -> Array:
        """An array over the old order, over the new one."""
        left = np.delete(old, self.gone, axis=0)
        before = self.at - np.searchsorted(self.gone, self.at, side="left")
        return np.insert(left, before, news, axis=0)

    def several(self, old: tuple[Thing, ...], news: Sequence[Thing]) -> tuple[Thing, ...]:
        """The same of a tuple."""
        if len(self.gone) + len(self.at) <= FEW:
            after = list(old)
            for place in self.gone[::-1].tolist():
                del after[place]
            for place, one in zip(self.news.tolist(), news, strict=True):
                after.insert(place, one)
            return tuple(after)
        parts: list[Thing] = []
        begin, goes = 0, iter([*self.gone.tolist(), len(old)])
        going = next(goes)
        for at, new in zip([*self.at.tolist(), len(old)], [*news, None], strict=True):
            while going < at:
                parts += old[begin:going]
                begin, going = going + 1, next(goes)
            parts += old[begin:at]
            begin = max(begin, at)
            if new is not None:
                parts.append(new)
        return tuple(parts)

    def by_rows(self, starts: Numbers, counts: Numbers) -> Splice:
        """The same for the rows of things of several rows each.

        Args:
            starts: where the rows of each old thing begin, and where the last end, shape (things + 1,).
            counts: how many rows each new one has.
        """
        rows = ranges(starts[self.gone], np.diff(starts)[self.gone])
        return Splice(rows, np.repeat(starts[self.at], counts))


def ranges(firsts: Numbers, counts: Numbers) -> Numbers:
    """The numbers from each first on, as many as are counted, one after the other.

    >>> ranges(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    steps = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    return np.asarray(steps + np.repeat(firsts - (ends - counts), counts), np.int64)


def starts_of(lengths: ArrayLike) -> Numbers:
    """Where each of several stretches begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
