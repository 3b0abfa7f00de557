import asyncio

import pytest

from swingbreak.runtime.outbox import Outbox
from tests.runtime_fakes import settle


async def test_work_is_in_flight_until_it_is_done_and_says_so() -> None:
    settled: list[int] = []
    gate = asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    async with asyncio.TaskGroup() as tasks:
        outbox = Outbox(tasks, lambda: settled.append(outbox.in_flight))
        outbox.start(wait())
        outbox.start(wait())
        assert outbox.in_flight == 2  # from the start, not from when it runs
        await settle()
        assert settled == []
        gate.set()
        await settle()
        assert settled == [1, 0]


async def test_one_piece_does_not_wait_for_another() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def work(name: str, *, waits: bool) -> None:
        if waits:
            await gate.wait()
        done.append(name)

    async with asyncio.TaskGroup() as tasks:
        outbox = Outbox(tasks, lambda: None)
        outbox.start(work("slow", waits=True))
        outbox.start(work("quick", waits=False))
        await settle()
        assert done == ["quick"]
        gate.set()
    assert done == ["quick", "slow"]


async def test_work_that_fails_is_settled_and_ends_the_others() -> None:
    settled: list[int] = []

    async def fail() -> None:
        raise ZeroDivisionError

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            outbox = Outbox(tasks, lambda: settled.append(outbox.in_flight))
            outbox.start(fail())
            outbox.start(asyncio.Event().wait())  # type: ignore[arg-type]

    with pytest.raises(ExceptionGroup) as raised:
        await run()
    assert raised.group_contains(ZeroDivisionError)
    assert settled == [1, 0]
