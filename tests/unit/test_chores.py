import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from swingbreak.domain.commands import HaltDay, OrderCommand, SubmitOrder
from swingbreak.domain.errors import GatewayRefused, GatewayUnreachable
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.runtime.chores import Chores
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.inbox import BooksRead, HistoryRead, Item
from swingbreak.runtime.outbox import Outbox
from tests.gateway_fakes import CONTRACTS, SESSION
from tests.recorded import ENTRY

AT = SESSION.opens + timedelta(seconds=5)
SYMBOLS = tuple(contract.symbol for contract in CONTRACTS)


@dataclass
class Gateway:
    """Broker and history; asked things are counted, and answered when ``answers`` is set."""

    needs_poll: bool = False
    refused: frozenset[str] = frozenset()
    down: bool = False
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    polls: int = 0
    reads: int = 0
    proofs: int = 0

    async def execute(self, command: OrderCommand) -> None:
        raise AssertionError(command)

    async def poll(self) -> None:
        self.polls += 1
        await self.answers.wait()

    async def positions(self) -> Mapping[str, int]:
        self.proofs += 1
        if self.down:
            raise GatewayUnreachable("down")
        return {}

    async def bars(self, symbol: str) -> tuple[Bar, ...]:
        self.reads += symbol == SYMBOLS[0]
        await self.answers.wait()
        if symbol in self.refused:
            raise GatewayRefused(symbol)
        return ()


@dataclass
class Bench:
    """Chores with everything around them."""

    chores: Chores
    engine: Engine
    desk: Desk
    gateway: Gateway
    outbox: Outbox
    items: list[Item]

    async def at(self, seconds: float) -> None:
        """Let it be *seconds* after the start, and what can be done be done."""
        now = AT + timedelta(seconds=seconds)
        list(self.desk.advance(now))
        self.chores.start_due(now, self.gateway, self.gateway, self.outbox)
        for _ in range(5 * len(SYMBOLS)):
            await asyncio.sleep(0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    engine = Engine(SESSION, CONTRACTS, Parameters())
    desk = Desk(SESSION, SYMBOLS, Parameters(), engine)
    items: list[Item] = []
    async with asyncio.TaskGroup() as tasks:
        outbox = Outbox(tasks, lambda: None)
        chores = Chores(SESSION, engine, desk, items.append)
        yield Bench(chores, engine, desk, Gateway(), outbox, items)
        await outbox.drop()


@pytest.mark.parametrize(
    ("is_told", "needs_poll", "after"),
    [(True, False, 15), (True, True, 1), (False, False, 1), (False, True, 1)],
    ids=["told", "in doubt", "not told", "in doubt and not told"],
)
async def test_books_are_read_while_orders_live(
    bench: Bench, is_told: bool, needs_poll: bool, after: int
) -> None:
    bench.gateway.answers.set()
    bench.gateway.needs_poll = needs_poll
    bench.chores.is_told = is_told
    bench.engine.state.record(SubmitOrder("o1", ENTRY))
    await bench.at(0)
    await bench.at(after - 0.5)
    assert bench.gateway.polls == 1
    await bench.at(after)
    assert bench.gateway.polls == 2


async def test_without_orders_no_book_is_read(bench: Bench) -> None:
    await bench.at(0)
    assert bench.gateway.polls == 0


async def test_a_chore_under_way_is_not_begun_again(bench: Bench) -> None:
    bench.engine.state.record(SubmitOrder("o1", ENTRY))
    bench.desk.started(AT)
    for second in (60, 120, 180, 240):
        await bench.at(second)
    assert (bench.gateway.polls, bench.gateway.reads) == (1, 1)
    bench.gateway.answers.set()
    await bench.at(250)
    assert (bench.gateway.polls, bench.gateway.reads) == (1, 1)
    await bench.at(251)
    assert (bench.gateway.polls, bench.gateway.reads) == (2, 2)


def loaded(items: list[Item]) -> list[int]:
    return [len(item.bars) for item in items if isinstance(item, HistoryRead)]


async def test_history_that_is_refused_is_asked_for_less_and_less_often(bench: Bench) -> None:
    bench.gateway.answers.set()
    bench.gateway.refused = frozenset(SYMBOLS[1:])
    bench.desk.started(AT)
    asked = []
    for second in range(60, 290):
        before = bench.gateway.reads
        await bench.at(second)
        asked += [second] * (bench.gateway.reads - before)
    apart = [late - early for early, late in pairwise(asked)]
    assert apart == [10, 20, 40, 60, 60]
    assert set(loaded(bench.items)) == {1}


async def test_history_that_merely_lags_is_asked_for_again_soon(bench: Bench) -> None:
    bench.gateway.answers.set()
    bench.desk.started(AT)
    for second in range(60, 72):
        await bench.at(second)
    assert bench.gateway.reads == 3
    assert set(loaded(bench.items)) == {len(SYMBOLS)}


async def test_a_proof_that_fails_is_tried_again_though_market_time_stands(bench: Bench) -> None:
    bench.engine.state.record(HaltDay("force_exit"))
    bench.gateway.answers.set()
    bench.gateway.down = True
    await bench.at(0)
    await bench.at(0)
    assert (bench.gateway.proofs, bench.items) == (2, [])
    bench.gateway.down = False
    await bench.at(0)
    assert bench.items == [BooksRead({})]


async def test_a_day_is_done_when_it_is_halted_and_flat(bench: Bench) -> None:
    now: datetime = AT
    assert not bench.chores.is_done(now)
    bench.engine.state.record(HaltDay("daily_stop"))
    assert bench.chores.is_done(now)
    bench.engine.state.record(SubmitOrder("o1", ENTRY))
    assert not bench.chores.is_done(now)
    assert bench.chores.is_done(SESSION.closes)
