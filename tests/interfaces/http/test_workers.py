from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator, Sequence

import pytest

from lookalike.interfaces.http.workers import NotInTime, Workers, outcome_of

Asking = Generator[int, int, int]


def soon() -> float:
    return time.monotonic() + 30


def doing(act: Callable[[], object]) -> Generator[int, int, object]:
    """Work that needs nothing."""
    return act()
    yield


def doubled(number: int) -> Asking:
    """Work that needs a number doubled."""
    return (yield number)


class Doubling:
    """Doubles numbers but 13, waits for leave first, and keeps how many it was asked for at once."""

    def __init__(self) -> None:
        self.leave, self.begun = threading.Event(), threading.Event()
        self.asked: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.begun.set()
        assert self.leave.wait(30)
        self.asked.append(list(numbers))
        return [ValueError("13") if number == 13 else 2 * number for number in numbers]


def test_outcomes_and_errors_come_back_to_whoever_asked():
    async def asked() -> None:
        assert await workers.do(doing(lambda: 6 * 7), deadline=soon()) == 42
        with pytest.raises(KeyError):
            await workers.do(doing(lambda: {}["gone"]), deadline=soon())
        assert await workers.do(doing(threading.get_ident), deadline=soon()) != threading.get_ident()

    workers = Workers(1, most=4, supply=Doubling())
    asyncio.run(asked())
    workers.close()


def test_work_is_begun_in_the_order_that_it_came():
    begun: list[int] = []

    async def asked() -> None:
        todo = (workers.do(doing(lambda n=n: begun.append(n)), deadline=soon()) for n in range(20))
        await asyncio.gather(*todo)

    workers = Workers(1, most=4, supply=Doubling())
    asyncio.run(asked())
    workers.close()
    assert begun == list(range(20))


def test_what_waited_meanwhile_is_supplied_at_once_and_each_gets_its_own():
    double = Doubling()

    async def asked() -> list[int | BaseException]:
        first = asyncio.create_task(workers.do(doubled(0), deadline=soon()))
        await asyncio.to_thread(double.begun.wait, 30)
        others = [asyncio.create_task(workers.do(doubled(n), deadline=soon())) for n in (1, 13, 2, 3, 4)]
        while workers.waiting < len(others):
            await asyncio.sleep(0.001)
        double.leave.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    workers = Workers(1, most=4, supply=double)
    zero, one, trouble, *others = asyncio.run(asked())
    workers.close()
    assert double.asked == [[0], [1, 13, 2, 3], [4]]
    assert (zero, one, *others) == (0, 2, 4, 6, 8)
    assert isinstance(trouble, ValueError)


def test_work_may_meet_its_trouble_and_ask_again():
    def stubborn() -> Asking:
        try:
            return (yield 13)
        except ValueError:
            return (yield 5)

    double = Doubling()
    double.leave.set()
    workers = Workers(2, most=4, supply=double)
    assert asyncio.run(workers.do(stubborn(), deadline=soon())) == 10
    workers.close()


def test_a_supply_that_breaks_breaks_only_the_work_that_it_breaks_at():
    begun, leave = threading.Event(), threading.Event()

    def breaking(numbers: Sequence[int]) -> list[int | Exception]:
        begun.set()
        assert leave.wait(30)
        return [10 // number for number in numbers]

    async def asked() -> list[int | BaseException]:
        first = asyncio.create_task(workers.do(doubled(1), deadline=soon()))
        await asyncio.to_thread(begun.wait, 30)
        others = [asyncio.create_task(workers.do(doubled(n), deadline=soon())) for n in (2, 0, 5)]
        while workers.waiting < len(others):
            await asyncio.sleep(0.001)
        leave.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    workers = Workers(1, most=4, supply=breaking)
    one, two, trouble, five = asyncio.run(asked())
    workers.close()
    assert (one, two, five) == (10, 5, 2)
    assert isinstance(trouble, ZeroDivisionError)


def test_idle_threads_share_what_waits():
    double = Doubling()
    workers = Workers(3, most=4, supply=double)

    async def asked() -> None:
        todo = [asyncio.create_task(workers.do(doubled(n), deadline=soon())) for n in range(3)]
        await asyncio.to_thread(double.begun.wait, 30)
        await asyncio.sleep(0.05)
        double.leave.set()
        await asyncio.gather(*todo)

    asyncio.run(asked())
    workers.close()
    assert len(double.asked) >= 2


def test_whose_deadline_passes_is_told_at_once_and_its_work_never_begun():
    leave, begun = threading.Event(), threading.Event()
    done: list[str] = []

    def hold() -> None:
        begun.set()
        leave.wait(30)

    async def asked() -> None:
        first = asyncio.create_task(workers.do(doing(hold), deadline=soon()))
        await asyncio.to_thread(begun.wait, 30)
        with pytest.raises(NotInTime):
            await workers.do(doing(lambda: done.append("late")), deadline=time.monotonic() + 0.01)
        leave.set()
        await first

    workers = Workers(1, most=4, supply=Doubling())
    asyncio.run(asked())
    workers.close()
    assert done == []


def test_who_gives_up_while_the_supply_is_under_way_goes_no_further():
    double, done = Doubling(), []

    def further() -> Generator[int, int, None]:
        done.append((yield 1))

    async def asked() -> None:
        with pytest.raises(NotInTime):
            await workers.do(further(), deadline=time.monotonic() + 0.05)

    workers = Workers(1, most=4, supply=double)
    asyncio.run(asked())
    double.leave.set()
    workers.close()
    assert double.asked in ([[1]], [])
    assert done == []


def test_closing_does_what_waits_and_survives_a_loop_that_has_ended():
    done: list[int] = []
    leave = threading.Event()

    async def asked() -> None:
        for number in range(3):
            act = doing(lambda n=number: (leave.wait(30), done.append(n)))
            work = asyncio.create_task(workers.do(act, deadline=soon()))
            await asyncio.sleep(0)
        work.cancel()

    workers = Workers(2, most=4, supply=Doubling())
    asyncio.run(asked())
    leave.set()
    workers.close()
    assert len(done) <= 3


def test_work_is_done_in_place_with_what_it_needs():
    double = Doubling()
    double.leave.set()
    assert outcome_of(doing(threading.get_ident), double) == threading.get_ident()
    assert outcome_of(doubled(4), double) == 8
    with pytest.raises(ValueError, match="13"):
        outcome_of(doubled(13), double)
