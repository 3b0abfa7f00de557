"""What a running day follows as its window moves, and what the engine makes of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from swingbreak.domain import events as ev
from swingbreak.domain.commands import HaltDay, MoveWindow, Tell
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms
from swingbreak.market.window import Window, journey
from swingbreak.runtime.desk import Desk, Shown
from swingbreak.runtime.following import Following, Widening
from tests.builders import OPEN, SESSION, at, bar, contract, entry, position
from tests.charging import rates_of
from tests.made_up_days import NEVER_S

RUPEES = (24400, 24450, 24500, 24550, 24600, 24650, 24700)
CHAIN = tuple(contract(strike, right) for strike in RUPEES for right in Right)
WINDOW = Window(tuple(100 * strike for strike in RUPEES), 24500_00, each_side=1, recentre_after=1)
SPOT = "NIFTY"
PATIENT = Parameters(stale_after_s=NEVER_S, feed_stale_after_s=NEVER_S)
EARLY = OPEN - timedelta(seconds=30)
LATER = timedelta(seconds=1.5)  # that a minute closes after its end


def names(*strikes: int) -> set[str]:
    return {contract(strike, right).symbol for strike in strikes for right in Right}


BEGINNING, COMING = names(24450, 24500, 24550), names(24550, 24600, 24650)
LEFT = contract(24450)


class Day:
    """A desk with an engine behind it, and all that the engine was shown."""

    def __init__(self, contracts: Sequence[OptionContract] = CHAIN) -> None:
        terms = DayTerms(SESSION, tuple(contracts), PATIENT, rates_of(), WINDOW)
        self.engine = terms.engine()
        following = Following(self.engine, WINDOW, SPOT)
        symbols = tuple(self.engine.contracts)
        self.desk = Desk(SESSION, symbols, PATIENT, self.engine, following)
        self.shown: list[Shown] = []
        self.desk.started(EARLY)
        self.read({})

    def take(self, events: Iterable[Shown]) -> None:
        for event in events:
            self.shown.append(event)
            self.engine.step(event)

    def read(self, rows: dict[str, list[Bar]], now: datetime = EARLY) -> None:
        """Read history of all that is incomplete."""
        self.take(self.desk.repaired(now, {s: rows.get(s, ()) for s in self.desk.incomplete}))

    def spot(self, price: int, minute: int, second: float = 59) -> None:
        now = at(minute, second)
        self.take(self.desk.tick(now, Tick(SPOT, now, price)))

    def close(self, minute: int) -> None:
        self.take(self.desk.advance(at(minute + 1, 2)))

    def go(self, *prices: int, first: int = 0) -> None:
        """Let minutes pass in each of which the index closes at a price."""
        for minute, price in enumerate(prices, first):
            self.spot(price, minute)
            self.close(minute)

    def moved(self) -> list[ev.WindowMoved]:
        return [each for each in self.shown if isinstance(each, ev.WindowMoved)]

    def hold(self, symbol: str) -> None:
        """Let the engine have a position in *symbol*."""
        self.engine.state.holdings.positions[symbol] = position(symbol)
        self.engine._pin()


def opened() -> Day:
    """A day whose window has been made sure of, at the close of the third minute."""
    day = Day()
    day.go(24500_00, 24500_00, 24500_00)
    return day


# What is followed.


def test_a_day_begins_with_the_strikes_around_the_money() -> None:
    day = Day()
    assert day.desk.followed == BEGINNING
    assert day.desk.incomplete == ()
    assert set(day.desk.heard()) == BEGINNING
    assert {type(each) for each in day.shown} == {ev.HistoryLoaded}


def test_the_window_is_made_sure_of_before_the_minute_closes() -> None:
    day = Day()
    symbol = contract(24500).symbol
    for minute in range(3):
        now = at(minute, 30)
        day.take(day.desk.tick(now, Tick(symbol, now, 150_00)))
        day.go(24500_00, first=minute)
    moved, closed = [
        each for each in day.shown if isinstance(each, ev.WindowMoved | ev.MinuteClosed)
    ][-2:]
    assert moved == ev.WindowMoved(at(3) + LATER, 24500_00)
    assert isinstance(closed, ev.MinuteClosed)
    assert (closed.at, closed.minute, set(closed.bars)) == (moved.at, 2, {symbol})
    assert day.engine.state.centre == 24500_00


def test_what_comes_is_followed_and_read_before_it_may_be_entered_and_what_leaves_goes() -> None:
    day = opened()
    day.go(24600_00, first=3)
    assert day.desk.followed == BEGINNING | COMING
    fresh = COMING - BEGINNING
    assert set(day.desk.incomplete) == fresh
    assert not day.desk.wants_history  # its minute is not over
    assert {day.engine.view.barred()[symbol] for symbol in fresh} == {"outside"}
    day.go(24600_00, first=4)
    assert day.desk.wants_history
    steps = len(day.shown)
    day.read({symbol: [bar(0, 1, 2, 1, 2)] for symbol in fresh}, at(5, 3))
    loaded = day.shown[steps]
    assert isinstance(loaded, ev.HistoryLoaded)
    assert set(loaded.bars) == fresh
    assert day.desk.incomplete == ()
    assert {day.engine.view.barred()[symbol] for symbol in fresh} == {"outside"}
    day.go(24600_00, first=5)
    assert day.moved()[-1] == ev.WindowMoved(at(6) + LATER, 24600_00)
    assert not COMING & day.engine.view.barred().keys()
    assert {day.engine.view.barred()[s] for s in BEGINNING - COMING} == {"outside"}
    assert day.desk.followed == COMING
    assert day.desk.heard().keys() == COMING | {SPOT}


def test_what_could_not_be_read_in_time_stays_held() -> None:
    day = opened()
    day.go(24600_00, 24600_00, 24600_00, first=3)
    fresh = COMING - BEGINNING
    assert {day.engine.view.barred()[symbol] for symbol in fresh} == {"incomplete"}


def test_the_day_of_what_comes_back_is_read_again() -> None:
    day = opened()
    day.go(*[24600_00] * 3, *[24500_00] * 2, first=3)
    back = BEGINNING - COMING
    assert back <= set(day.desk.incomplete)
    assert back <= day.desk.followed


def test_ticks_of_what_has_left_are_nothing() -> None:
    day = opened()
    day.go(*[24600_00] * 3, first=3)
    now, steps = at(6, 30), len(day.shown)
    day.take(day.desk.tick(now, Tick(LEFT.symbol, now, 150_00)))
    assert all(not isinstance(each, ev.TickReceived) for each in day.shown[steps:])
    assert LEFT.symbol not in day.desk.heard()


def test_history_that_comes_too_late_for_what_has_left_is_nothing() -> None:
    day = opened()
    day.go(*[24600_00] * 3, first=3)
    steps = len(day.shown)
    day.take(day.desk.repaired(at(6, 3), {LEFT.symbol: [bar(0, 1, 2, 1, 2)]}))
    assert not any(isinstance(each, ev.HistoryLoaded) for each in day.shown[steps:])


@pytest.mark.parametrize("how", ["position", "order", "trade"])
def test_what_was_traded_stays_followed(how: str) -> None:
    day = opened()
    state = day.engine.state
    if how == "order":
        order = Order("o1", entry(LEFT.symbol), OrderStatus.ACCEPTED)
        state.book.live[order.intent.slot] = state.book.orders["o1"] = order
        day.engine._pin()
    else:
        day.hold(LEFT.symbol)
    if how == "trade":
        trade = type("Trade", (), {"symbol": LEFT.symbol})()
        state.holdings.trades["t1"] = trade
        del state.holdings.positions[LEFT.symbol]
        day.engine._pin()
    day.go(*[24600_00] * 3, first=3)
    assert day.desk.followed == COMING | {LEFT.symbol}


def test_what_is_traded_outside_after_all_is_followed_at_once() -> None:
    day = opened()
    far = contract(24700).symbol
    day.hold(far)  # an order whose end nobody knew has filled
    day.take(day.desk.advance(at(3, 4)))
    assert far in day.desk.followed
    assert day.desk.incomplete == (far,)


def test_while_the_feed_is_lost_nothing_is_read_and_afterwards_all_that_is_followed() -> None:
    day = opened()
    day.take(day.desk.lost(at(3, 3)))
    day.go(24600_00, 24600_00, first=3)
    assert not day.desk.wants_history
    day.desk.resumed(at(5, 10))
    assert set(day.desk.incomplete) == BEGINNING | COMING
    day.close(5)
    assert day.desk.wants_history


def test_an_heir_goes_on_with_the_window_of_the_ledger() -> None:
    day = Day()
    day.engine.restore([MoveWindow(24600_00, before=24500_00)])
    day.desk.started(at(30))
    assert day.desk.followed == COMING
    day.go(24650_00, 24650_00, 24650_00, 24650_00, first=30)
    assert day.moved() == []


# What the engine makes of it.


def engine_at(centre: int = 0) -> Engine:
    engine = Engine(SESSION, CHAIN, Parameters(), window=WINDOW)
    engine.step(ev.HistoryLoaded(EARLY, dict.fromkeys(engine.contracts, ())))
    if centre:
        engine.step(ev.WindowMoved(at(3), centre))
    return engine


def test_a_move_is_kept_and_told() -> None:
    engine = engine_at()
    assert engine.step(ev.WindowMoved(at(3), 24500_00)) == [MoveWindow(24500_00, before=24500_00)]
    move, told = engine.step(ev.WindowMoved(at(9), 24600_00))
    assert move == MoveWindow(24600_00, before=24500_00)
    assert isinstance(told, Tell)
    assert (told.kind, told.subject) == ("window.moved", "strikes")
    assert told.detail == "around 24600.00 from now on, no longer 24500.00"


def test_after_the_end_of_the_day_it_stays() -> None:
    engine = engine_at()
    engine.state.record(HaltDay("daily_stop"))
    assert engine.step(ev.WindowMoved(at(3), 24600_00)) == []
    assert engine.state.centre == 0


def test_without_a_window_nothing_is_outside() -> None:
    engine = Engine(SESSION, CHAIN, Parameters())
    assert engine.scope.outside() == {}
    assert engine.scope.centre == 0
    assert engine.scope.strikes() == {100 * strike for strike in RUPEES}
    assert all(each.symbol in engine.scope for each in CHAIN)
    assert "NIFTY01DEC2620000CE" not in engine.scope


def test_the_account_is_ours_in_the_window_and_where_we_have_traded() -> None:
    engine = engine_at(24600_00)
    assert {each.symbol for each in CHAIN if each.symbol in engine.scope} == COMING
    assert engine.scope.strikes() == {24550_00, 24600_00, 24650_00}
    engine.state.holdings.positions[LEFT.symbol] = position(LEFT.symbol)
    sent = Order("o1", entry(contract(24400).symbol), OrderStatus.CANCELED)
    engine.state.book.orders["o1"] = sent
    ours = {each.symbol for each in CHAIN if each.symbol in engine.scope}
    assert ours == COMING | {LEFT.symbol, contract(24400).symbol}


def test_history_of_what_is_outside_changes_nothing_that_is_wanted() -> None:
    engine = engine_at(24600_00)
    learn = engine.view.learn
    assert not learn(ev.HistoryLoaded(at(4), {LEFT.symbol: ()}), engine.wake)
    assert learn(ev.HistoryLoaded(at(4), {LEFT.symbol: (), min(COMING): ()}), engine.wake)
    engine.state.holdings.positions[LEFT.symbol] = position(LEFT.symbol)
    assert learn(ev.HistoryLoaded(at(4), {LEFT.symbol: ()}), engine.wake)


# What a recording follows.


def recorded(prices: Iterable[int]) -> tuple[Widening, list[set[str]]]:
    """What comes at each close of a day whose minutes close at *prices*."""
    widening = Widening(WINDOW, CHAIN, SESSION, grace_ms=1500)
    came = []
    for minute, price in enumerate(prices):
        widening.tick(at(minute, 59), price)
        assert not widening.advance(at(minute + 1, 1.4))
        came.append(set(widening.advance(at(minute + 1, 1.5))))
    return widening, came


def test_a_recording_gains_strikes_when_a_move_is_announced_and_loses_none() -> None:
    widening, came = recorded([24500_00, 24500_00, 24500_00, 24600_00, 24600_00, 24500_00])
    assert came[:3] == [set(), set(), set()]
    assert came[3:] == [names(24600, 24650), set(), set()]
    assert widening.symbols == BEGINNING | COMING
    assert widening.recentring.centre == 24600_00


def test_a_recording_that_begins_late_begins_where_it_is() -> None:
    widening = Widening(WINDOW, CHAIN, SESSION, grace_ms=1500)
    assert widening.symbols == BEGINNING
    assert widening.advance(at(100)) == set()
    widening.tick(at(100), 24600_00)
    assert widening.advance(SESSION.closes + LATER) == names(24600, 24650)
    assert widening.advance(SESSION.closes + 2 * LATER) == set()


@pytest.mark.parametrize("seed", range(40))
def test_a_recording_has_every_strike_that_a_known_day_comes_to(seed: int) -> None:
    dice, price, prices = Random(seed), 24550_00, []  # noqa: S311 - seeded on purpose
    for _ in range(60):
        price = min(max(price + 50_00 * dice.choice((-1, 0, 0, 1)), 24400_00), 24700_00)
        prices.append(price)
    widening, _ = recorded(prices)
    moves = journey(WINDOW, enumerate(prices), 60).moves
    needed = WINDOW.around(WINDOW.centre).union(*map(WINDOW.around, moves.values()))
    assert {each.symbol for each in CHAIN if each.strike in needed} <= widening.symbols
    assert widening.recentring.centre == [WINDOW.centre, *moves.values()][-1]
