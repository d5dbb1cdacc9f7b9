from __future__ import annotations

import asyncio
import threading
import time

import pytest

from lookalike.interfaces.http.workers import NotInTime, Workers


def soon() -> float:
    return time.monotonic() + 30


def test_outcomes_and_errors_come_back_to_whoever_asked():
    async def asked() -> None:
        assert await workers.do(lambda: 6 * 7, deadline=soon()) == 42
        with pytest.raises(KeyError):
            await workers.do(lambda: {}["gone"], deadline=soon())
        assert await workers.do(threading.get_ident, deadline=soon()) != threading.get_ident()

    workers = Workers(1)
    asyncio.run(asked())
    workers.close()


def test_work_is_begun_in_the_order_that_it_came():
    begun: list[int] = []

    async def asked() -> None:
        await asyncio.gather(*(workers.do(lambda n=n: begun.append(n), deadline=soon()) for n in range(20)))

    workers = Workers(1)
    asyncio.run(asked())
    workers.close()
    assert begun == list(range(20))


def test_whose_deadline_passes_is_told_at_once_and_its_work_never_begun():
    leave, begun = threading.Event(), threading.Event()
    done: list[str] = []

    def hold() -> None:
        begun.set()
        leave.wait(30)

    async def asked() -> None:
        first = asyncio.create_task(workers.do(hold, deadline=soon()))
        await asyncio.to_thread(begun.wait, 30)
        with pytest.raises(NotInTime):
            await workers.do(lambda: done.append("late"), deadline=time.monotonic() + 0.01)
        leave.set()
        await first

    workers = Workers(1)
    asyncio.run(asked())
    workers.close()
    assert done == []


def test_closing_does_what_waits_and_survives_a_loop_that_has_ended():
    done: list[int] = []
    leave = threading.Event()

    async def asked() -> None:
        for number in range(3):
            work = asyncio.create_task(
                workers.do(lambda n=number: (leave.wait(30), done.append(n)), deadline=soon())
            )
            await asyncio.sleep(0)
        work.cancel()

    workers = Workers(2)
    asyncio.run(asked())
    leave.set()
    workers.close()
    assert len(done) <= 3
