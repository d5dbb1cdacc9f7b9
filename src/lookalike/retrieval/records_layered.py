"""The items as JSON after a change: the old ones where they are, the new ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.splicing import Numbers, Splice, starts_of


@dataclass(frozen=True, eq=False)
class LayeredRecords:
    """One encoded item after the other.

    Args:
        base: the old ones, as bytes.
        extra: the new ones.
        firsts: where each item begins in ``base``; ``-1 - n`` where it is number n of ``extra``.
        lasts: where each ends in ``base``; not looked at for the others.
    """

    base: NDArray[np.uint8]
    extra: tuple[bytes, ...]
    firsts: Numbers
    lasts: Numbers

    @classmethod
    def of(cls, base: NDArray[np.uint8], starts: Numbers) -> LayeredRecords:
        """Those of a snapshot that was laid out whole."""
        return cls(base, (), starts[:-1], starts[1:])

    def __len__(self) -> int:
        return len(self.firsts)

    def __getitem__(self, place: int) -> bytes:
        first = int(self.firsts[place])
        return self.extra[-1 - first] if first < 0 else self.base[first : self.lasts[place]].tobytes()

    def spliced(self, splice: Splice, news: Sequence[bytes]) -> LayeredRecords:
        """Those after a change; what is gone from ``extra`` is let go."""
        firsts = splice.array(self.firsts, np.full(len(news), -1 - len(self.extra)) - np.arange(len(news)))
        lasts = splice.array(self.lasts, np.zeros(len(news), np.int64))
        beside = firsts < 0
        every = (*self.extra, *news)
        kept = -1 - firsts[beside]
        firsts[beside] = -1 - np.arange(len(kept))
        return LayeredRecords(self.base, tuple(every[number] for number in kept.tolist()), firsts, lasts)

    def joined(self) -> tuple[NDArray[np.uint8], Numbers]:
        """All together, and where each begins, and where the last ends."""
        parts = [self[place] for place in range(len(self))]
        return np.frombuffer(b"".join(parts), np.uint8), starts_of([len(part) for part in parts])
