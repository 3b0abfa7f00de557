"""What the exchange never does, whatever is sent and whatever the market does."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import Side
from swingbreak.simulation.book import ladder
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.liquidity import reached, within
from swingbreak.simulation.venue import NewOrder, OrderUpdate, PriceType, VenuePosition
from tests.venue_builders import CE, CONTRACTS, LOT, PE, SESSION, START

SYMBOLS = (CE, PE)
OTHER = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


@dataclass(frozen=True)
class Act:
    """One thing that is done; which fields matter depends on ``what``."""

    what: str
    gap_ms: int
    symbol: str
    side: Side
    kind: PriceType
    steps: int
    extra: int
    lots: int


@dataclass
class Day:
    """What was done to an exchange, and what came of it.

    ``ticks`` says with each how many trades there were when it came.
    """

    exchange: Exchange
    ticks: list[tuple[int, Tick]] = field(default_factory=list)
    updates: list[OrderUpdate] = field(default_factory=list)
    sent: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    changed: set[str] = field(default_factory=set)

    def price(self, symbol: str) -> int:
        last = self.exchange.last(symbol)
        return last.price if last else 150_00

    def do(self, at: datetime, act: Act) -> None:
        if act.what == "tick":
            self._tick(at, act)
        elif act.what == "time":
            self.updates += self.exchange.advance(at)
        else:
            try:
                self._order(at, act)
            except OrderRefused:
                self.updates += self.exchange.advance(at)

    def _tick(self, at: datetime, act: Act) -> None:
        price = max(5, self.price(act.symbol) + 5 * act.steps)
        last = self.exchange.last(act.symbol)
        # the side says whether there are quotes, the kind whether there are volumes
        spread = 5 * (1 + abs(act.extra))
        quotes = (max(5, price - spread), price + spread) if act.side is Side.BUY else (0, 0)
        size = act.lots * LOT if quotes[0] else 0
        volume = (last.volume if last else 0) + act.lots * LOT
        if act.kind is PriceType.SL:
            volume = 0
        tick = Tick(act.symbol, at, price, volume, *quotes, size, size)
        self.updates += self.exchange.advance(at)
        self.ticks.append((len(self.exchange.trades()), tick))
        self.updates += self.exchange.on_tick(tick)

    def _order(self, at: datetime, act: Act) -> None:
        trigger = max(5, self.price(act.symbol) + 5 * act.steps)
        price = max(5, trigger + 5 * act.extra)
        if act.what == "submit":
            new = NewOrder(act.symbol, act.side, act.lots * LOT, act.kind, price, trigger)
            order, updates = self.exchange.submit(at, new)
            self.sent[act.symbol].append(order.orderid)
        else:
            orderid = (self.sent[act.symbol] or ["none"])[-1 - act.lots % 3 :][0]
            if act.what == "cancel":
                _, updates = self.exchange.cancel(at, orderid)
            else:
                _, updates = self.exchange.modify(
                    at,
                    orderid,
                    quantity=act.lots * LOT,
                    price=price,
                    trigger=trigger,
                    pricetype=act.kind,
                )
                self.changed.add(orderid)
        self.updates += updates


def play(acts: list[Act], rules: ExchangeRules, only: str = "") -> Day:
    day = Day(Exchange(CONTRACTS, SESSION, rules))
    at = START
    for act in acts:
        at += timedelta(milliseconds=act.gap_ms)
        if only in {"", act.symbol}:
            day.do(at, act)
    day.updates += day.exchange.advance(SESSION.closes)
    return day


def check(day: Day, rules: ExchangeRules) -> None:
    check_updates(day)
    check_books(day)
    check_times(day, rules)
    check_stops(day)
    check_sizes(day)


def check_updates(day: Day) -> None:
    """Fills stay within limits, quantities add up, nothing follows an end."""
    trades = defaultdict(list)
    for trade in day.exchange.trades():
        trades[trade.orderid].append(trade)
    seen: dict[str, OrderUpdate] = {}
    booked: dict[str, int] = defaultdict(int)
    for update in day.updates:
        order = update.order
        before = seen.get(order.orderid)
        assert before is None or before.order.status.is_live
        assert before is None or before.at <= update.at
        assert before is None or before.order.filled <= order.filled
        while booked[order.orderid] < order.filled:
            trade = trades[order.orderid].pop(0)
            booked[order.orderid] += trade.quantity
            assert trade.at == update.at
            assert within(order.side, order.price, trade.price)
        assert booked[order.orderid] == order.filled <= order.quantity
        seen[order.orderid] = update
    assert not any(trades.values())
    assert [update.order for update in seen.values()] == list(day.exchange.orders())
    assert not any(update.order.status.is_live for update in seen.values())


def check_books(day: Day) -> None:
    """Orders and positions are the sums of the trades."""
    filled, value = defaultdict(int), defaultdict(int)
    positions: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for trade in day.exchange.trades():
        worth = trade.quantity * trade.price
        filled[trade.orderid] += trade.quantity
        value[trade.orderid] += worth
        row = positions[trade.symbol, "MIS"]
        first = 0 if trade.side is Side.BUY else 2
        row[first] += trade.quantity
        row[first + 1] += worth
    for order in day.exchange.orders():
        assert (order.filled, order.value) == (filled[order.orderid], value[order.orderid])
    assert day.exchange.positions() == {key: VenuePosition(*row) for key, row in positions.items()}


def check_times(day: Day, rules: ExchangeRules) -> None:
    """Nothing trades before it can have arrived."""
    least = timedelta(milliseconds=rules.latency_ms[0])
    for trade in day.exchange.trades():
        order = day.exchange.order(trade.orderid)
        assert order is not None
        assert trade.at >= order.placed_at + least


def check_stops(day: Day) -> None:
    """A stop that was never changed trades only once its trigger has printed."""
    for trade in day.exchange.trades():
        order = day.exchange.order(trade.orderid)
        assert order is not None
        if order.pricetype is PriceType.SL and order.orderid not in day.changed:
            assert any(
                order.placed_at <= tick.at <= trade.at
                and tick.symbol == order.symbol
                and reached(order.side, order.trigger, tick.price)
                for _, tick in day.ticks
            )


def check_sizes(day: Day) -> None:
    """Between two ticks of a symbol no more trades than was displayed and changed hands."""
    trades = day.exchange.trades()
    for symbol in SYMBOLS:
        ticks = [(count, tick) for count, tick in day.ticks if tick.symbol == symbol]
        ends = [*(count for count, _ in ticks), len(trades)][1:]
        volume = 0
        for (start, tick), end in zip(ticks, ends, strict=True):
            traded, volume = max(0, tick.volume - volume), tick.volume
            if tick.volume and tick.bid:
                for side in Side:
                    offered = sum(size for _, size in ladder(tick, OTHER[side]))
                    had = [t for t in trades[start:end] if (t.symbol, t.side) == (symbol, side)]
                    assert sum(trade.quantity for trade in had) <= offered + traded


def seen_of(day: Day, symbol: str) -> list[object]:
    """All that concerns *symbol*, without ids, which count every symbol's orders."""
    orders = [
        (order.side, order.price, order.status, order.filled, order.value, order.reason)
        for order in day.exchange.orders()
        if order.symbol == symbol
    ]
    trades = [
        (trade.at, trade.quantity, trade.price)
        for trade in day.exchange.trades()
        if trade.symbol == symbol
    ]
    return [orders, trades]


ACTS = st.builds(
    Act,
    what=st.sampled_from(["tick", "tick", "tick", "submit", "submit", "modify", "cancel", "time"]),
    gap_ms=st.sampled_from([0, 1, 40, 100, 1_000, 31_000]),
    symbol=st.sampled_from(SYMBOLS),
    side=st.sampled_from(Side),
    kind=st.sampled_from([PriceType.LIMIT, PriceType.SL]),
    steps=st.integers(-60, 60),
    extra=st.integers(-60, 60),
    lots=st.integers(1, 12),
)
RULES = st.builds(
    ExchangeRules,
    seed=st.integers(0, 3),
    latency_ms=st.sampled_from([(0, 0), (30, 120), (0, 2_000)]),
    reject_share=st.sampled_from([0.0, 0.2]),
)


@settings(deadline=None)
@given(acts=st.lists(ACTS, max_size=60), rules=RULES)
def test_never_breaks_a_rule(acts, rules):
    check(play(acts, rules), rules)


@settings(deadline=None)
@given(acts=st.lists(ACTS, max_size=60), rules=RULES)
def test_the_same_calls_give_the_same_day(acts, rules):
    first, second = play(acts, rules), play(acts, rules)
    assert first.updates == second.updates
    assert first.exchange.trades() == second.exchange.trades()


@settings(deadline=None)
@given(acts=st.lists(ACTS, max_size=60), rules=RULES)
def test_other_symbols_change_nothing(acts, rules):
    both = play(acts, rules)
    for symbol in SYMBOLS:
        assert seen_of(both, symbol) == seen_of(play(acts, rules, only=symbol), symbol)


def walk(seed: int, length: int) -> list[Act]:
    """A long day of small moves, where orders live long enough to meet each other."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    return [
        Act(
            what=dice.choice(["tick"] * 8 + ["submit", "submit", "modify", "cancel"]),
            gap_ms=dice.choice([0, 20, 50, 100, 250, 1_000]),
            symbol=dice.choice(SYMBOLS),
            side=dice.choice(list(Side)) if seed % 3 else Side.BUY,
            kind=dice.choice([PriceType.LIMIT, PriceType.SL]) if seed % 2 else PriceType.LIMIT,
            steps=round(dice.gauss(0, 4)),
            extra=round(dice.gauss(0, 6)),
            lots=dice.randint(1, 10),
        )
        for _ in range(length)
    ]


@pytest.mark.parametrize("seed", range(24))
def test_never_breaks_a_rule_on_a_long_walk(seed):
    rules = ExchangeRules(seed=seed, reject_share=0.02)
    day = play(walk(seed, 400), rules)
    assert len(day.exchange.trades()) > 10
    check(day, rules)
