"""How far a long run has come, how fast it goes, and how long it will take yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Each = TypeVar("Each")

_WINDOW = 512  # results that the rate looks back on: long enough to be steady, short enough to be true


@dataclass(slots=True)
class Progress:
    """Counts results as they come.

    Args:
        total: how many will come; None where nobody knows.
        clock: seconds from any start.

    >>> ticks = iter([0.0, 1.0, 2.0, 3.0])
    >>> progress = Progress(total=7, clock=lambda: next(ticks))
    >>> for _ in range(3):
    ...     progress.step()
    >>> progress.done, progress.rate_per_s, progress.left_s
    (3, 1.0, 4.0)
    """

    total: int | None = None
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    _times_s: deque[float] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def __post_init__(self) -> None:
        self._times_s.append(self.clock())

    def step(self) -> None:
        """Count one more result."""
        self.done += 1
        self._times_s.append(self.clock())

    @property
    def rate_per_s(self) -> float:
        """Results a second, of late; 0 before the first."""
        spent_s = self._times_s[-1] - self._times_s[0]
        return (len(self._times_s) - 1) / spent_s if spent_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until the last result at this rate; None where that cannot be said."""
        if self.total is None or not self.rate_per_s:
            return None
        return max(0, self.total - self.done) / self.rate_per_s


def watched(
    results: Iterable[Each], show: Callable[[Progress], None], *, total: int | None = None
) -> Iterator[Each]:
    """The same results; ``show`` is told of the progress before the first and after each.

    >>> seen = []
    >>> list(watched("ab", lambda progress: seen.append(progress.done), total=2)), seen
    (['a', 'b'], [0, 1, 2])
    """
    progress = Progress(total)
    show(progress)
    for result in results:
        progress.step()
        show(progress)
        yield result
