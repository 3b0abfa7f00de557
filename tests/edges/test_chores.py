import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from swingbreak.domain.account import AccountBooks
from swingbreak.domain.commands import HaltDay
from swingbreak.domain.errors import DataError, GatewayUnreachable
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.runtime.chores import Chores
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.inbox import AccountRead, BooksRead, HistoryRead, Item, QuotesRead
from tests.builders import CE, PE, SESSION, at, bar, entry, position, stop
from tests.runtime_fakes import CONTRACTS, FakeBroker, FakeFeed, FakeHistory

DOWN = GatewayUnreachable("down")
START = at(1)


class Works:
    """An outbox whose work is done when the test lets it."""

    def __init__(self) -> None:
        self.started: list[Awaitable[None]] = []

    def start(self, work: Awaitable[None]) -> None:
        self.started.append(work)

    async def do(self) -> None:
        works, self.started = self.started, []
        for work in works:
            await work


class Day:
    """Chores of a day, asked at instants."""

    def __init__(self) -> None:
        self.put: list[Item] = []
        self.looked: list[AccountRead] = []
        self.engine = Engine(SESSION, CONTRACTS, Parameters())
        self.desk = Desk(SESSION, (CE.symbol, PE.symbol), Parameters(), self.engine)
        self.chores = Chores(SESSION, self.engine, self.desk, self.take)
        self.chores.is_told = True
        self.chores.heard(START)
        self.broker = FakeBroker()
        self.history = FakeHistory()
        self.feed = FakeFeed()
        self.works = Works()

    def take(self, item: Item) -> None:
        if isinstance(item, AccountRead):
            self.looked.append(item)
            self.chores.looks.end(at(), item.books)
        else:
            self.put.append(item)

    def work_at(self, now: datetime) -> None:
        list(self.desk.advance(now))
        self.chores.start_due(now, self.broker, self.history, self.feed, self.works)  # type: ignore[arg-type]

    async def live(self, start: datetime, seconds: int) -> None:
        """Let time pass, a second at a time, with all work done at once."""
        for second in range(seconds):
            self.work_at(start + timedelta(seconds=second))
            await self.works.do()

    def rest(self) -> None:
        """Let an entry rest."""
        order = Order("o1", entry(), OrderStatus.ACCEPTED)
        self.engine.state.book.live[order.intent.slot] = order


# Quotes of what is held.


@pytest.mark.parametrize(("exits", "every"), [(False, 10), (True, 2)])
async def test_silence_of_what_is_held_has_its_quotes_asked_for(exits: bool, every: int) -> None:
    day = Day()
    day.engine.state.holdings.positions[CE.symbol] = position()
    if exits:
        day.engine.state.record(HaltDay("force_exit"))
    day.desk.started(START)
    await day.live(START, 45)
    assert day.history.quoted_at[0] == START + timedelta(seconds=10)
    gaps = {after - before for before, after in pairwise(day.history.quoted_at)}
    assert gaps == {timedelta(seconds=every)}


async def test_quotes_that_cannot_be_had_are_asked_for_again() -> None:
    day = Day()
    day.engine.state.holdings.positions[CE.symbol] = position()
    day.history.failing["quotes"] = DOWN
    day.desk.started(START)
    await day.live(START, 31)
    assert len(day.history.quoted_at) == 3
    assert not any(isinstance(item, QuotesRead) for item in day.put)


async def test_nobody_asks_for_quotes_of_what_is_not_held() -> None:
    day = Day()
    day.rest()
    day.desk.started(START)
    await day.live(START, 45)
    assert day.history.quoted_at == []


def nothing(_day: Day) -> None:
    pass


def resting(day: Day) -> None:
    day.rest()


def in_doubt(day: Day) -> None:
    day.rest()
    day.broker.needs_poll = True


def triggered(day: Day) -> None:
    day.rest()
    day.engine.state.triggered["o1"] = START


def reached(day: Day) -> None:
    day.rest()
    day.engine.view.reached[CE.symbol] = START


def untold(day: Day) -> None:
    day.rest()
    day.chores.is_told = False


@pytest.mark.parametrize(
    ("given", "polls"),
    [(nothing, 0), (resting, 3), (in_doubt, 45), (untold, 45), (triggered, 45), (reached, 45)],
    ids=[
        "nothing rests",
        "an order rests",
        "in doubt",
        "the feed tells no orders",
        "the market has reached an entry",
        "the market has reached a stop",
    ],
)
async def test_how_often_the_books_are_read(given: Callable[[Day], None], polls: int) -> None:
    day = Day()
    given(day)
    await day.live(at(1), 45)
    assert day.broker.asked == ["poll"] * polls


async def test_a_clock_that_is_set_back_stops_no_chore() -> None:
    day = Day()
    in_doubt(day)
    await day.live(at(5), 3)
    await day.live(at(4), 3)
    assert day.broker.asked == ["poll"] * 6


async def test_doubt_is_looked_into_though_nothing_rests() -> None:
    day = Day()
    day.broker.needs_poll = True
    await day.live(at(1), 2)
    assert day.broker.asked == ["poll", "poll"]


async def test_books_that_cannot_be_read_are_asked_for_again() -> None:
    day = Day()
    in_doubt(day)
    day.broker.fails = DOWN
    await day.live(at(1), 3)
    assert day.broker.asked == ["poll"] * 3


async def test_what_is_not_done_is_not_begun_again() -> None:
    day = Day()
    in_doubt(day)
    for second in range(10):
        day.work_at(at(1, second))
    assert len(day.works.started) == 2  # a poll and a look
    await day.works.do()
    day.work_at(at(1, 10))
    assert len(day.works.started) == 1
    await day.works.do()


async def test_work_that_is_given_up_may_be_begun_again() -> None:
    day = Day()
    in_doubt(day)
    day.broker.gate.clear()
    day.work_at(at(1))
    task = asyncio.ensure_future(day.works.started.pop())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    day.work_at(at(1, 1))
    assert len(day.works.started) == 1
    day.broker.gate.set()
    await day.works.do()


# History.


def restarted() -> Day:
    """A day that began in the middle and wants history from the next minute on."""
    day = Day()
    day.desk.started(at(30, 20))
    return day


async def test_history_is_read_when_the_minute_of_the_start_is_over() -> None:
    day = restarted()
    day.history.rows = {CE.symbol: (bar(0, *[150_00] * 4),)}
    await day.live(at(30, 20), 41)
    assert day.history.asked == []
    day.work_at(at(31, 2))
    await day.works.do()
    assert day.put == [HistoryRead({CE.symbol: (bar(0, *[150_00] * 4),), PE.symbol: ()})]


async def test_only_what_is_not_whole_is_read_again() -> None:
    day = restarted()
    day.history.failing = {PE.symbol: DataError("what is this")}
    day.work_at(at(31, 2))
    await day.works.do()
    (read,) = day.put
    assert isinstance(read, HistoryRead)
    assert read.bars.keys() == {CE.symbol}
    list(day.desk.repaired(at(31, 2), read.bars))
    day.history.asked.clear()
    await day.live(at(31, 3), 12)
    assert day.history.asked == [PE.symbol]


async def test_history_that_is_refused_is_asked_for_less_and_less_often() -> None:
    day = restarted()
    day.history.failing = dict.fromkeys((CE.symbol, PE.symbol), DOWN)
    asked: list[int] = []
    for second in range(400):
        day.history.asked.clear()
        await day.live(at(31, 2 + second), 1)
        if day.history.asked:
            asked.append(second)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert gaps == [10, 20, 40, 60, 60, 60, 60, 60]
    day.history.failing = {}
    await day.live(at(38, 30), 70)
    day.history.asked.clear()
    await day.live(at(39, 50), 10)
    assert len(day.history.asked) == 4  # two symbols, every five seconds again


# The end.


@pytest.mark.parametrize(
    ("halted", "order", "held", "now", "done"),
    [
        (False, False, False, at(100), False),
        (True, False, False, at(100), True),
        (True, True, False, at(100), False),
        (True, False, True, at(100), False),
        (False, True, True, SESSION.closes, True),
    ],
    ids=["trading", "halted and flat", "an order", "a position", "after the close"],
)
def test_when_there_is_nothing_left_to_do(
    halted: bool, order: bool, held: bool, now: datetime, done: bool
) -> None:
    day = Day()
    if halted:
        day.engine.state.record(HaltDay("daily_target"))
    if order:
        day.engine.state.book.live[stop().slot] = Order("o2", stop(), OrderStatus.ACCEPTED)
    if held:
        day.engine.state.holdings.positions[CE.symbol] = position()
    assert day.chores.is_done(now) is done


async def test_flat_is_proved_after_a_last_look_at_the_books() -> None:
    day = Day()
    day.engine.state.record(HaltDay("daily_target"))
    day.broker.held = {"OTHER": 75}
    day.work_at(at(100))
    await day.works.do()
    assert day.broker.asked == ["poll", "positions"]
    assert day.put == [BooksRead({"OTHER": 75})]


async def test_a_failed_query_proves_nothing_and_is_asked_again_though_time_stands_still() -> None:
    day = Day()
    day.broker.fails = DOWN
    for _ in range(2):
        day.work_at(SESSION.closes)
        await day.works.do()
    assert day.broker.asked == ["poll", "positions"] * 2
    assert day.put == []
    day.broker.fails = None
    day.work_at(SESSION.closes)
    await day.works.do()
    assert day.put == [BooksRead({})]


async def test_a_day_waits_for_what_the_books_still_owe_but_not_for_ever() -> None:
    day = Day()
    day.engine.state.record(HaltDay("daily_target"))
    day.broker.needs_poll = True
    await day.live(at(100), 3)
    assert set(day.broker.asked) == {"poll"}
    day.work_at(SESSION.closes + timedelta(seconds=30))
    await day.works.do()
    assert day.put == [BooksRead({})]


async def looks_of(day: Day, seconds: int, start: datetime = START) -> int:
    before = day.broker.looks
    await day.live(start, seconds)
    return day.broker.looks - before


async def test_the_account_is_looked_at_from_the_start_and_every_minute() -> None:
    day = Day()
    assert await looks_of(day, 1) == 1
    assert await looks_of(day, 180, at(1, 1)) == 3


async def test_a_look_that_leaves_something_unsure_is_followed_by_another() -> None:
    day = Day()
    await day.live(at(1), 1)
    day.broker.books = AccountBooks((), {CE.symbol: -65})
    assert await looks_of(day, 70, at(2)) == 2 + 1  # and a minute later


async def test_it_is_looked_at_again_soon_until_it_can_be_read() -> None:
    day = Day()
    day.broker.books = AccountBooks(None, None)
    assert await looks_of(day, 10) == 5


@pytest.mark.parametrize("heard", ["by the broker", "by us"])
async def test_doubt_makes_one_look(heard: str) -> None:
    day = Day()
    await day.live(at(1), 10)
    day.chores.is_in_doubt = heard == "by us"
    day.broker.needs_look = heard == "by the broker"
    day.work_at(at(1, 11))
    day.broker.needs_look = False
    await day.works.do()
    assert not day.chores.is_in_doubt
    assert day.broker.looks == 2
    assert await looks_of(day, 20, at(1, 12)) == 0


async def test_a_feed_that_is_connected_and_mute_is_made_anew() -> None:
    day = Day()
    day.chores.heard(START)
    await day.live(START, 30)
    assert day.feed.reasons == []
    await day.live(START + timedelta(seconds=30), 60)
    assert day.feed.reasons == ["no tick for 30 s"]
    await day.live(START + timedelta(seconds=90), 1)
    assert len(day.feed.reasons) == 2, "and again a minute later"


async def test_before_the_open_a_feed_may_be_silent() -> None:
    day = Day()
    day.chores.heard(SESSION.opens - timedelta(hours=1))
    await day.live(SESSION.opens - timedelta(seconds=5), 34)
    assert day.feed.reasons == []
    await day.live(SESSION.opens + timedelta(seconds=29), 2)
    assert len(day.feed.reasons) == 1


async def test_the_feed_is_told_what_is_followed_when_that_has_changed() -> None:
    day = Day()
    day.desk.started(START)
    await day.live(START, 3)
    assert day.feed.followed == []
    day.desk.followed = frozenset({CE.symbol})
    await day.live(START, 3)
    assert day.feed.followed == [{CE.symbol}]
    day.desk.followed = frozenset({PE.symbol})
    day.work_at(START)
    day.desk.followed = frozenset({CE.symbol, PE.symbol})
    day.work_at(START)  # one after the other
    await day.works.do()
    day.work_at(START)
    await day.works.do()
    assert day.feed.followed[1:] == [{PE.symbol}, {CE.symbol, PE.symbol}]
