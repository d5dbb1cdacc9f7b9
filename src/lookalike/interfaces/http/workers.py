"""Threads that take whole requests from their photos to their answers, first come, first served.

A request that changes threads between decoding, embedding and searching pays for each change, and a forward
pass empties the caches of all that stands around it. So a thread takes up what waits, a few requests at once,
and goes through them step by step: their photos are decoded, embedded in one pass, then each is searched for.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Need = TypeVar("Need")
Got = TypeVar("Got")
Done = TypeVar("Done")


class NotInTime(Exception):
    """The deadline passed before the work was done."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    work: Generator[Any, Any, Any]
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    answer: asyncio.Future[Any]
    value: Any = None
    trouble: Exception | None = None


class Workers(Generic[Need, Got]):
    """A fixed number of threads and the queue before them.

    Work is a generator: it stops where it needs something that is got for several at once.

    Args:
        count: how many threads.
        most: how many pieces of work a thread takes up at once.
        supply: gives each of several pieces of work what it needs, or the exception that it meets there.
    """

    def __init__(
        self, count: int, *, most: int, supply: Callable[[Sequence[Need]], Sequence[Got | Exception]]
    ) -> None:
        self._most, self._supply = most, supply
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._idle: set[int] = set()
        self._threads = [
            threading.Thread(target=self._run, name=f"lookalike-worker-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """About how many pieces of work no thread has taken up yet."""
        return self._jobs.qsize()

    async def do(self, work: Generator[Need, Got, Done], *, deadline: float) -> Done:
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
        while jobs := self._taken():
            asking = self._asking((job, None) for job in jobs)
            while asking:
                given = self._given([need for _, need in asking])
                asking = self._asking((job, got) for (job, _), got in zip(asking, given, strict=True))

    def _taken(self) -> list[_Job]:
        """What waits, shared with the other threads that have nothing to do; nothing at the end."""
        me = threading.get_ident()
        self._idle.add(me)
        job = self._jobs.get()
        self._idle.discard(me)
        jobs: list[_Job] = []
        share = min(self._most, math.ceil((1 + self._jobs.qsize()) / (1 + len(self._idle))))
        while job is not None:
            jobs.append(job)
            if len(jobs) >= share:
                return jobs
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs
        if jobs:
            self._jobs.put(None)  # the end is for whoever comes next
        return jobs

    def _given(self, needs: list[Need]) -> Sequence[Got | Exception]:
        """What the supply has for each; where it breaks it is asked for each alone: only one suffers."""
        try:
            return self._supply(needs)
        except Exception as error:
            if len(needs) == 1:
                return [error]
            return [got for need in needs for got in self._given([need])]

    def _asking(self, steps: Iterable[tuple[_Job, Got | Exception | None]]) -> list[tuple[_Job, Need]]:
        """What those need that are not done, each gone on with as far as it goes; the others are answered.

        All at once: each word to the event loop would have it fight this thread for Python's lock.
        """
        asking: list[tuple[_Job, Need]] = []
        ended: list[_Outcome] = []
        for job, got in steps:
            if job.answer.done():  # given up, or its client has gone
                job.work.close()
                continue
            try:
                need = job.work.throw(got) if isinstance(got, Exception) else job.work.send(got)
                asking.append((job, need))
            except StopIteration as end:
                ended.append(_Outcome(job.answer, end.value))
            except Exception as error:
                ended.append(_Outcome(job.answer, trouble=error))
        _send(ended)
        return asking


def outcome_of(
    work: Generator[Need, Got, Done], supply: Callable[[Sequence[Need]], Sequence[Got | Exception]]
) -> Done:
    """The outcome of work, done at once in the caller's thread and by itself."""
    try:
        need = next(work)
        while True:
            (got,) = supply([need])
            need = work.throw(got) if isinstance(got, Exception) else work.send(got)
    except StopIteration as end:
        done: Done = end.value
        return done


def _send(outcomes: list[_Outcome]) -> None:
    """Hand outcomes to those who wait, by one word to each event loop (there is one in a server)."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome.answer.get_loop(), []).append(outcome)
    for loop, own in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(_tell, own)


def _tell(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        if outcome.answer.done():
            continue
        if outcome.trouble is not None:
            outcome.answer.set_exception(outcome.trouble)
        else:
            outcome.answer.set_result(outcome.value)


def _give_up(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(NotInTime())
