"""Market time in step with clients, and paced; the clients are made up."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from swingbreak.domain.orders import Side
from swingbreak.gateway.floor import Floor, Happening
from swingbreak.gateway.market_clock import LockStep, Paced
from swingbreak.gateway.quotes import Quote
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.venue import NewOrder, OrderUpdate, PriceType
from tests.gateway_fakes import CE, CONTRACTS, SESSION, SPOT, ListTape, at, quiet_tape, tick


@dataclass
class FakeAudience:
    """Clients that act on what they are told before they answer a ping.

    Attributes:
        act: What the clients do on a settle: returns how many requests they made.
        log: ``(market time of the settle, what was told since the last one)``.
    """

    act: Callable[[datetime, list[Happening]], int] = lambda _, __: 0
    activity: int = 0
    is_present: bool = True
    log: list[tuple[datetime, list[Happening]]] = field(default_factory=list)
    marks: list[datetime] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)

    async def presence(self) -> None:
        self.is_present = True

    def tell(self, happenings: Iterable[Happening]) -> None:
        self.told += happenings

    def mark(self, at: datetime) -> None:
        self.marks.append(at)

    async def settle(self, at: datetime) -> None:
        told, self.told = self.told, []
        self.log.append((at, told))
        self.activity += self.act(at, told)


def floor(*, latency_ms: tuple[int, int] = (50, 50), tape: ListTape | None = None) -> Floor:
    venue = Exchange(CONTRACTS, SESSION, ExchangeRules(latency_ms=latency_ms))
    symbols = [SPOT, *(one.symbol for one in CONTRACTS)]
    return Floor(tape or quiet_tape(), venue, symbols)


def buy(price: int) -> NewOrder:
    return NewOrder(CE, Side.BUY, 65, PriceType.LIMIT, price, 0)


async def test_an_order_placed_on_a_tick_reaches_the_venue_at_that_market_time() -> None:
    market = floor()
    placed: list[datetime] = []

    def act(at_: datetime, told: list[Happening]) -> int:
        if not any(isinstance(one, Quote) and one.symbol == CE for one in told) or placed:
            return 0
        order, updates = market.venue.submit(at_, buy(100_00))
        audience.tell(updates)
        placed.append(order.placed_at)
        return 1

    audience = FakeAudience(act)
    await LockStep(market, audience).run()

    stops = [when for when, _ in audience.log]
    assert placed == [stops[stops.index(placed[0])]]
    # asked again at the same instant after the order, and told of its acknowledgement there
    again = [told for when, told in audience.log if when == placed[0]]
    assert len(again) == 2
    assert isinstance(again[1][0], OrderUpdate)


async def test_time_stops_at_the_instant_an_order_changes() -> None:
    market = floor(latency_ms=(40, 40))
    filled: list[tuple[datetime, datetime]] = []
    sent: list[datetime] = []

    def act(at_: datetime, told: list[Happening]) -> int:
        filled.extend(
            (at_, one.at) for one in told if isinstance(one, OrderUpdate) and one.order.filled
        )
        if at_ < at(3) or sent:
            return 0
        sent.append(at_)
        audience.tell(market.venue.submit(at_, buy(155_00))[1])
        return 1

    audience = FakeAudience(act)
    await LockStep(market, audience).run()
    assert filled == [(sent[0] + timedelta(milliseconds=40),) * 2]


async def test_time_moves_by_whole_quanta_when_nothing_happens() -> None:
    audience = FakeAudience()
    await LockStep(floor(tape=ListTape([])), audience).run()
    stops = [when for when, _ in audience.log]
    steps = {later - earlier for earlier, later in pairwise(stops)}
    assert steps == {timedelta(seconds=1)}
    assert stops[0] == SESSION.opens - timedelta(seconds=30)
    assert stops[-1] == SESSION.closes + timedelta(seconds=60)


async def test_a_client_that_polls_on_every_ping_does_not_stop_the_day() -> None:
    audience = FakeAudience(lambda _, __: 1)
    market = floor(tape=ListTape([]))
    task = asyncio.create_task(LockStep(market, audience, timedelta(minutes=2)).run())
    await task
    assert market.is_over


async def test_time_stands_still_while_nobody_is_subscribed() -> None:
    market = floor()
    audience = FakeAudience()
    gone = asyncio.Event()

    async def presence() -> None:
        await gone.wait()

    audience.presence = presence  # type: ignore[method-assign]
    clock = LockStep(market, audience)
    day = asyncio.create_task(clock.run())
    before = market.now
    for _ in range(10):
        await asyncio.sleep(0)
    assert market.now == before
    assert audience.log == []
    gone.set()
    await day
    assert market.is_over


async def test_waiting_counts_for_rate_limits_although_market_time_stands() -> None:
    clock = LockStep(floor(), FakeAudience())
    first = clock.elapsed()
    assert first == 0.0
    clock._idle_since = asyncio.get_running_loop().time() - 5
    assert clock.elapsed() >= 5
    assert clock.now() == SESSION.opens - timedelta(seconds=30)


async def test_a_client_that_left_is_not_told_the_next_quantum() -> None:
    market = floor()

    def act(at_: datetime, _: list[Happening]) -> int:
        audience.is_present = at_ < at(5)
        return 0

    audience = FakeAudience(act)
    waiting, back = asyncio.Event(), asyncio.Event()

    async def presence() -> None:
        if not audience.is_present:
            waiting.set()
            await back.wait()

    audience.presence = presence  # type: ignore[method-assign]
    day = asyncio.create_task(LockStep(market, audience).run())
    await waiting.wait()
    assert market.now == at(5)
    day.cancel()
    with pytest.raises(asyncio.CancelledError):
        await day


async def test_the_same_day_twice_is_told_the_same_way() -> None:
    logs = []
    for _ in range(2):
        audience = FakeAudience()
        await LockStep(floor(), audience).run()
        logs.append([(when, len(told)) for when, told in audience.log])
    assert logs[0] == logs[1]


async def test_paced_time_follows_the_wall_and_marks_each_second() -> None:
    market = floor()
    audience = FakeAudience()
    clock = Paced(market, audience, speed=5000.0)
    assert clock.now() == SESSION.opens - timedelta(seconds=30)
    await clock.run()
    assert market.is_over
    assert audience.marks[-1] == market.ends
    gaps = [
        later - sooner for sooner, later in zip(audience.marks, audience.marks[1:], strict=False)
    ]
    assert min(gaps[:-1]) >= timedelta(seconds=1)
    assert sum(isinstance(one, Quote) for one in audience.told) == 60


async def test_paced_time_catches_up_when_asked() -> None:
    market = floor()
    clock = Paced(market, FakeAudience(), speed=1.0)
    clock._started = asyncio.get_running_loop().time() - 40
    now = clock.now()
    assert timedelta(seconds=10) <= now - SESSION.opens < timedelta(seconds=20)
    assert clock.elapsed() >= 40


@pytest.mark.parametrize("until", [at(0.3), at(100), SESSION.closes + timedelta(hours=1)])
def test_the_floor_never_goes_back_nor_beyond_the_end(until: datetime) -> None:
    market = floor(tape=ListTape([tick(0.1), tick(0.2), tick(0.2, symbol=SPOT)]))
    told = []
    while market.now < min(until, market.ends):
        before = market.now
        told += list(market.advance(until))
        assert before <= market.now <= market.ends
    assert len(told) == 3
    assert market.is_over is (until > market.ends)
