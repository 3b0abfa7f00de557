"""How the parts of a running day are joined."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from swingbreak.adapters.openalgo.items import FeedRestored
from swingbreak.bootstrap.wiring import hand_over, run_beside
from swingbreak.runtime.inbox import FeedBack, Item
from swingbreak.runtime.live import LiveDay
from tests.broker_rig import Rig


async def test_a_stream_that_begins_anew_has_to_prove_itself() -> None:
    rig, inbox = Rig(), asyncio.Queue[Item]()
    number = await rig.submit()
    rig.hear()
    await rig.poll_for(1)
    rig.gateway.fill(number, 65, 174_95)
    rig.hear()
    await rig.poll_for(1)
    assert not rig.broker.needs_poll, "it told of a fill"
    hand_over(
        FeedRestored({}, order_updates=True),
        cast("LiveDay", SimpleNamespace(inbox=inbox)),
        rig.broker,
    )
    assert inbox.get_nowait() == FeedBack(tells_orders=True)
    assert rig.broker.needs_poll, "it may be silent"


async def test_companions_end_with_the_day() -> None:
    ended: list[str] = []

    async def companion() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("companion")

    async def day() -> None:
        await asyncio.sleep(0)

    await run_beside(day(), companion())
    assert ended == ["companion"]


async def test_a_companion_that_fails_ends_the_day() -> None:
    async def companion() -> None:
        raise OSError("gone")

    async def day() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as told:
        await run_beside(day(), companion())
    assert told.group_contains(OSError)
