"""A feed with a standby beside it: what of both reaches the day."""

import asyncio
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import aiohttp
import pytest
import structlog
from aiohttp import web

from swingbreak.adapters.openalgo.books import OrderState, OrderTerms, OrderUpdate
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored, Marked
from swingbreak.adapters.openalgo.paired import News, PairedFeed
from swingbreak.bootstrap.feeds import feed_of, lead_of
from swingbreak.domain.errors import ConfigError, GatewayRefused
from swingbreak.domain.events import TickReceived
from swingbreak.domain.market import Tick
from swingbreak.market.lead import Lead, Source, Turn
from swingbreak.settings import load
from tests.builders import CE, OPEN, SESSION
from tests.openalgo_fakes import KEY, ManualClock, feed_server, heard, market_data

FIRST, SECOND = Source.PRIMARY, Source.STANDBY
WANTED = [Instrument(CE.symbol, "NFO", DataMode.DEPTH)]
STANDBY_KEY = "the-standbys-own-key"


class Fake:
    """One of the two feeds, spoken for by the test."""

    def __init__(self, say: Callable[[FeedItem], None]) -> None:
        self.say = say
        self.refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.followed: AbstractSet[str] = frozenset()
        self.reconnected: list[str] = []

    async def run(self) -> None:
        await self.refused

    async def follow(self, symbols: AbstractSet[str]) -> None:
        self.followed = symbols

    async def reconnect(self, reason: str) -> None:
        self.reconnected.append(reason)


class Pair:
    """Two feeds as one, and what came of them."""

    def __init__(self) -> None:
        self.items: list[FeedItem] = []
        self.news: list[tuple[Source, News]] = []
        self.fakes: dict[Source, Fake] = {}
        self.lead = Lead("NIFTY", OPEN, silent_after_s=5, back_after_s=60)
        self.feed = PairedFeed(
            self._made(FIRST),
            self._made(SECOND),
            self.lead,
            self.items.append,
            lambda source, news: self.news.append((source, news)),
        )
        self.second = 0

    def _made(self, source: Source) -> Callable[[Callable[[FeedItem], None]], Fake]:
        def make(say: Callable[[FeedItem], None]) -> Fake:
            self.fakes[source] = Fake(say)
            return self.fakes[source]

        return make

    def say(self, source: Source, item: FeedItem) -> None:
        self.fakes[source].say(item)

    def connect(self, *sources: Source, missing: str = "", tells: bool = True) -> None:
        for source in sources:
            self.say(source, FeedRestored({missing: "no token"} if missing else {}, tells))

    def tick(self, source: Source, at: float | None = None) -> TickReceived:
        second = self.second if at is None else at
        moment = OPEN + timedelta(seconds=second)
        item = TickReceived(moment, Tick(CE.symbol, moment, 150_00, 65 * (1 + int(second))))
        self.say(source, item)
        return item

    def go(self, seconds: int, *sources: Source) -> None:
        for _ in range(seconds):
            for source in sources:
                self.tick(source)
            self.second += 1

    def fresh(self) -> list[FeedItem]:
        """What has reached the day since this was asked last."""
        taken = list(self.items)
        self.items.clear()
        return taken


@asynccontextmanager
async def paired() -> AsyncIterator[Pair]:
    pair = Pair()
    task = asyncio.create_task(pair.feed.run())
    await asyncio.sleep(0)
    try:
        yield pair
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def turns_of_the_loop() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def update(order_id: str) -> OrderUpdate:
    terms = OrderTerms(CE.symbol, "SELL", "MIS", 65, "SL", 150_00, 150_05)
    return OrderUpdate(order_id, terms, OrderState.COMPLETE, 65, 65 * 150_00)


async def test_the_day_hears_one_feed_and_a_turn_as_a_feed_that_is_back() -> None:
    async with paired() as pair:
        pair.connect(FIRST, SECOND, missing="X")
        assert pair.fresh() == [FeedRestored({"X": "no token"}, True)], "of the primary alone"
        pair.go(10, FIRST, SECOND)
        assert len(pair.fresh()) == 10
        pair.go(4, SECOND)
        assert pair.fresh() == []
        turning = pair.tick(SECOND)
        assert pair.fresh() == [FeedRestored({"X": "no token"}, True), turning]
        assert pair.news[-1] == (
            SECOND,
            Turn(turning.at, SECOND, "no tick of the primary for 5 s"),
        )
        assert pair.tick(FIRST, 15) not in pair.fresh()


async def test_of_a_standby_nothing_is_taken_but_ticks() -> None:
    async with paired() as pair:
        pair.connect(FIRST, SECOND)
        pair.go(10, FIRST, SECOND)
        pair.go(6, SECOND)
        pair.fresh()
        mine = update("1")
        pair.say(SECOND, update("2"))
        pair.say(FIRST, mine)
        assert pair.fresh() == [mine], "whoever leads, orders are the primary's"


async def test_what_the_primary_tells_of_orders_is_known_while_the_standby_leads() -> None:
    async with paired() as pair:
        pair.connect(SECOND, missing="Y")
        pair.go(8, SECOND)
        assert pair.fresh()[0] == FeedRestored({"Y": "no token"}, False), "nobody tells"
        pair.connect(FIRST)
        assert pair.fresh() == [FeedRestored({"Y": "no token"}, True)]
        pair.say(FIRST, FeedLost("gone"))
        assert pair.fresh() == [FeedRestored({"Y": "no token"}, False)], "and ticks go on"
        pair.say(SECOND, FeedLost("gone, too"))
        assert pair.fresh() == [FeedLost("gone, too")]


async def test_who_does_not_lead_may_go_and_come() -> None:
    async with paired() as pair:
        pair.connect(FIRST, SECOND)
        pair.fresh()
        pair.say(SECOND, FeedLost("gone"))
        pair.connect(SECOND)
        assert pair.fresh() == []
        assert [type(news) for _, news in pair.news[-2:]] == [FeedLost, FeedRestored]


async def test_a_standby_that_is_refused_ends_nothing() -> None:
    async with paired() as pair:
        error = GatewayRefused("no such key")
        pair.connect(FIRST)
        pair.fakes[SECOND].refused.set_exception(error)
        await turns_of_the_loop()
        assert pair.news[-1] == (SECOND, error)
        pair.fresh()
        pair.go(3, FIRST)
        assert len(pair.fresh()) == 3


async def test_a_primary_that_is_refused_ends_it() -> None:
    pair = Pair()
    pair.fakes[FIRST].refused.set_exception(GatewayRefused("no such key"))
    with pytest.raises(ExceptionGroup) as caught:
        await pair.feed.run()
    assert caught.group_contains(GatewayRefused, match="no such key")


async def test_both_follow_the_same_and_are_made_anew() -> None:
    async with paired() as pair:
        await pair.feed.follow({CE.symbol})
        await pair.feed.reconnect("both are mute")
        assert [fake.followed for fake in pair.fakes.values()] == [{CE.symbol}] * 2
        assert [fake.reconnected for fake in pair.fakes.values()] == [["both are mute"]] * 2


async def test_who_is_connected_and_mute_is_made_anew_now_and_then() -> None:
    async with paired() as pair:
        pair.connect(FIRST, SECOND)
        pair.go(10, FIRST, SECOND)
        pair.go(59, SECOND)  # it leads from the fifth on
        await turns_of_the_loop()
        assert pair.fakes[FIRST].reconnected == []
        pair.go(90, SECOND)
        await turns_of_the_loop()
        assert pair.fakes[FIRST].reconnected == ["no tick for 65 s", "no tick for 125 s"]
        pair.say(FIRST, FeedLost("gone"))
        pair.go(100, SECOND)
        await turns_of_the_loop()
        assert len(pair.fakes[FIRST].reconnected) == 2, "it tries by itself"
        assert pair.fakes[SECOND].reconnected == []


async def test_who_has_just_connected_gets_its_time() -> None:
    async with paired() as pair:
        pair.connect(FIRST)
        pair.go(300, FIRST)
        pair.connect(SECOND)
        pair.go(50, FIRST)
        await turns_of_the_loop()
        assert pair.fakes[SECOND].reconnected == []


class Pings:
    """Marks of simulated markets, and which were answered."""

    def __init__(self) -> None:
        self.answered: list[str] = []

    def mark(self, name: str, second: int, *, steps: bool = True) -> Marked:
        at = OPEN + timedelta(seconds=second)
        payload = f"t={round(at.timestamp() * 1000)}{';step' if steps else ''}".encode()

        async def pong() -> None:
            self.answered.append(name)

        return Marked(at, payload, pong)


async def test_a_simulated_standby_is_not_let_past_the_primarys_time() -> None:
    pings = Pings()
    async with paired() as pair:
        pair.connect(FIRST, SECOND)
        pair.say(FIRST, pings.mark("mine", 8))
        pair.fresh()
        pair.say(SECOND, pings.mark("no step", 50, steps=False))
        pair.say(SECOND, pings.mark("ahead", 10))
        await turns_of_the_loop()
        assert pings.answered == ["no step"]
        mine = pings.mark("mine", 9)
        pair.say(FIRST, mine)
        await turns_of_the_loop()
        assert pair.fresh() == [mine], "the day answers it"
        assert pings.answered == ["no step"]
        pair.say(FIRST, pings.mark("mine", 10))
        await turns_of_the_loop()
        assert pings.answered == ["no step", "ahead"]
        pair.say(SECOND, pings.mark("far ahead", 30))
        pair.say(FIRST, FeedLost("gone"))
        await turns_of_the_loop()
        assert pings.answered[2:] == ["far ahead"], "there is nobody to wait for"


def test_a_standby_without_a_key_of_its_own_is_refused() -> None:
    given = {"standby_ws_url": "ws://127.0.0.1:9"}
    with pytest.raises(ConfigError, match="OPENALGO_STANDBY_API_KEY is not"):
        lead_of(load(None, environment={}, overrides=given), SESSION, OPEN, "NIFTY")
    assert lead_of(load(None, environment={}, overrides={}), SESSION, OPEN, "NIFTY") is None


async def test_over_the_wire_each_has_its_own_key() -> None:
    """Two servers; the first one lets us in and says nothing."""
    keys: list[str] = []
    clock = ManualClock(OPEN)
    ms = int(OPEN.timestamp() * 1000)

    async def let_in(socket: web.WebSocketResponse) -> None:
        keys.append((await heard(socket))["api_key"])
        await socket.send_json({"type": "auth", "status": "success"})
        for _ in range(2):
            frame = await heard(socket)
            acks = [{"symbol": s["symbol"], "status": "success"} for s in frame.get("symbols", ())]
            await socket.send_json(
                {"type": frame["action"], "status": "success", "subscriptions": acks}
            )

    async def mute(socket: web.WebSocketResponse) -> None:
        await let_in(socket)
        await asyncio.Event().wait()

    async def lively(socket: web.WebSocketResponse) -> None:
        await let_in(socket)
        for second in range(100):
            frame = market_data(CE.symbol, 150, ms + 1000 * second, volume=65 * (second + 1))
            await socket.send_json(frame)
            await heard_of.wait()
            heard_of.clear()

    def take(item: FeedItem) -> None:
        items.append(item)
        done.set()

    def pass_on(source: Source, at: datetime, tick: Tick) -> Turn | None:
        """A second passes between the ticks of the standby."""
        turn = hear(source, at, tick)
        clock.wait(1)
        heard_of.set()
        return turn

    heard_of, done = asyncio.Event(), asyncio.Event()
    items: list[FeedItem] = []
    async with (
        feed_server(mute) as one,
        feed_server(lively) as two,
        aiohttp.ClientSession() as http,
    ):
        found = load(
            None,
            environment={"OPENALGO_API_KEY": KEY, "OPENALGO_STANDBY_API_KEY": STANDBY_KEY},
            overrides={"openalgo_ws_url": one.url, "standby_ws_url": two.url},
        )
        lead = lead_of(found, SESSION, OPEN, "NIFTY")
        assert lead is not None
        hear, lead.hear = lead.hear, pass_on  # type: ignore[method-assign]
        with structlog.testing.capture_logs() as logs:
            feed = feed_of(found, lead, http, take, WANTED, (), clock, DOCUMENTED)
            task = asyncio.create_task(feed.run())
            async with asyncio.timeout(10):
                while not any(isinstance(item, TickReceived) for item in items):
                    await done.wait()
                    done.clear()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert sorted(keys) == sorted([KEY, STANDBY_KEY])
    told = [line for line in logs if line["event"] == "feed.turned"]
    assert [(line["subject"], line["log_level"]) for line in told] == [("standby", "warning")]
    assert STANDBY_KEY not in repr(found) + repr(logs)
