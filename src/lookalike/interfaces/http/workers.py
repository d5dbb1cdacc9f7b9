"""Threads that each take a whole request from its photos to its answer, first come, first served.

A request that changes threads between decoding, embedding and searching pays for each change, and under
load waits for its turn each time. These few keep the cores busy: some wait for decoders, the others compute.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Done = TypeVar("Done")


class NotInTime(Exception):
    """The deadline passed before the work was done."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    work: Callable[[], Any]
    answer: asyncio.Future[Any]


class Workers:
    """A fixed number of threads and the queue before them.

    Args:
        count: how many threads.
    """

    def __init__(self, count: int) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"lookalike-worker-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def do(self, work: Callable[[], Done], *, deadline: float) -> Done:
        """The outcome of some work, once its turn has come.

        Args:
            work: to do in one of the threads.
            deadline: by ``time.monotonic``.

        Raises:
            NotInTime: the deadline passed first; work that had not begun is never done.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Done] = loop.create_future()
        clock = loop.call_later(max(0.0, deadline - time.monotonic()), _give_up, answer)
        self._jobs.put(_Job(work, answer))
        try:
            return await answer
        finally:
            clock.cancel()

    def close(self) -> None:
        """Do what waits, and end the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.answer.done():  # given up, or its client has gone
                continue
            outcome: Any = None
            trouble: BaseException | None = None
            try:
                outcome = job.work()
            except Exception as error:
                trouble = error
            try:
                job.answer.get_loop().call_soon_threadsafe(_tell, job.answer, outcome, trouble)
            except RuntimeError:  # the loop has ended: nobody waits any more
                continue


def _tell(answer: asyncio.Future[Any], outcome: Any, trouble: BaseException | None) -> None:
    if answer.done():
        return
    if trouble is not None:
        answer.set_exception(trouble)
    else:
        answer.set_result(outcome)


def _give_up(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(NotInTime())
