import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from swingbreak.faults.virtual_time import Stuck, VirtualClock, VirtualLoop, run_virtually

START = datetime(2026, 11, 20, 3, 45, tzinfo=UTC)


def test_an_hour_takes_no_time() -> None:
    async def work() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert run_virtually(work()) == pytest.approx(3600)


def test_timers_run_in_order_of_their_deadline_then_as_they_were_set() -> None:
    async def work() -> list[str]:
        loop, seen = asyncio.get_running_loop(), list[str]()
        for name, seconds in (("late", 2.0), ("first", 1.0), ("second", 1.0)):
            loop.call_later(seconds, seen.append, name)
        await asyncio.sleep(3)
        return seen

    assert run_virtually(work()) == ["first", "second", "late"]


def test_a_deadline_is_kept() -> None:
    async def work() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(60)
        return asyncio.get_running_loop().time()

    assert run_virtually(work()) == pytest.approx(5)


def test_waiting_for_nothing_is_noticed() -> None:
    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stuck, match="nothing is scheduled"):
        run_virtually(work())


def test_the_clock_follows_the_loop_and_its_own_skew() -> None:
    async def work() -> tuple[datetime, datetime, datetime]:
        clock = VirtualClock(asyncio.get_running_loop(), START)
        await asyncio.sleep(1.5)
        clock.skew = timedelta(seconds=-10)
        before = clock.now()
        clock.advance(START + timedelta(days=1))  # a feed changes nothing
        return before, clock.now(), clock.true()

    skewed, again, true = run_virtually(work())
    assert skewed == again == START - timedelta(seconds=8.5)
    assert true == START + timedelta(seconds=1.5)


def test_there_is_no_socket_behind_it() -> None:
    loop = VirtualLoop()
    loop.close()
    assert loop.time() == 0.0
