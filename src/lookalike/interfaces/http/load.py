"""How much work is under way, at most so much, and when to come back where it is too much."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from lookalike.interfaces.http.problems import Problem


class Load:
    """Counts the work under way; used by the event loop alone.

    Args:
        most: how much may be under way at once.
        seconds_each: how long one piece of it takes at present.
    """

    def __init__(self, most: int, seconds_each: Callable[[], float]) -> None:
        self._most, self._seconds_each = most, seconds_each
        self.under_way = self._expected = 0

    @property
    def full(self) -> bool:
        """Whether as much as may be is under way, or about to begin."""
        return self.under_way + self._expected >= self._most

    def expect(self, loop: asyncio.AbstractEventLoop) -> None:
        """Note that a piece of work was let in, which begins in this round of the loop or never.

        Heads of many requests come in one round; all let in that find room would be refused late and dearly.
        """
        if not self._expected:
            loop.call_soon(self._forget)
        self._expected += 1

    def begin(self) -> None:
        """Note that a piece of work begins.

        Raises:
            Problem: (429) as much as may be is under way already.
        """
        if self.under_way >= self._most:
            raise busy(self.wait_s())
        self.under_way += 1

    def end(self) -> None:
        """Note that it has ended."""
        self.under_way -= 1

    def _forget(self) -> None:
        self._expected = 0

    def wait_s(self) -> int:
        """In how many seconds the work under way will be done, at least 1."""
        return max(1, math.ceil(self.under_way * self._seconds_each()))


def busy(wait_s: int) -> Problem:
    """The problem of a server that has enough to do."""
    return Problem(
        429,
        "The server has as much to do as it can take.",
        f"Try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
    )
