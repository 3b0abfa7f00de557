"""A stop left to itself against ours, on bad days: how many stay unfilled, and what that costs.

    python benchmarks/bench_stops.py [--seeds 6] [--chase-after 2]

The library: generated days of the regimes crash, spike and volatile; each as it is; with gaps, in
which all calls or all puts jump by 6 to 25 % from one tick to the next and come back slowly; the
same with a thin book (a lot on each side, a wide spread); and with gaps and an exchange that
cancels every fourth stop as it triggers, as price protection does. The engine trades them in
process; daily limits are out of reach, so that the days go on.

Each stop that triggered is then tried again, alone, on the same ticks: the same order (limit Rs 3
above its trigger), which nobody touches until the force-exit buys back what is open at the offer.
The same entries and the same triggers are so compared one by one. Slippage is what was paid beyond
the trigger, in the planned risk of the trade. Positions that gapped beyond their stop before it
rested had none to compare, and are only counted.
"""

import argparse
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Trade
from swingbreak.engine.engine import Engine
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.desk import REFERENCE_WINDOW
from swingbreak.simulation.exchange import Exchange
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.spot_path import Regime
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from swingbreak.simulation.venue import (
    NewOrder,
    OrderUpdate,
    PriceType,
    VenueOrder,
    VenueStatus,
)

REGIMES: Final = (Regime.CRASH, Regime.SPIKE, Regime.VOLATILE)
VARIANTS: Final = ("as generated", "gaps", "gaps, thin book", "gaps, stops cancelled")
PARAMETERS: Final = replace(Parameters(), daily_target_r=10_000, daily_stop_r=-10_000)
SOON: Final = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=30))
MOST_MESSAGES: Final = 10  # in any second. Source: SEBI's retail algo framework
_GAPS, _GAP_SHARE, _GAP_S = 16, (0.06, 0.25), (30, 240)
_CANCELLED: Final = 4  # every so many
_WIDE, _LOT, _TICK = 50, 65, 5
_PROTECTION: Final = "17071 : The order price is out of the LPP range"


class Forgetful:
    """A ledger, and an onlooker, that keep nothing."""

    def append(self, *_: object) -> None:
        """Forget."""

    def saw(self, *_: object) -> None:
        """Look away."""


class Triggered(NamedTuple):
    """A stop as it was when it triggered, and whether the exchange cancelled it for that."""

    at: datetime
    order: VenueOrder
    is_cancelled: bool


class Unkind:
    """An exchange that may cancel stops as they trigger, and remembers what happened.

    Attributes:
        triggered: Stops, oldest first.
        most_messages: Orders, changes and cancels in the fullest second.
    """

    def __init__(self, exchange: Exchange, *, cancels: bool) -> None:
        self.triggered: list[Triggered] = []
        self.most_messages = 0
        self._exchange = exchange
        self._cancels = cancels
        self._resting: dict[str, VenueOrder] = {}
        self._window: deque[datetime] = deque()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    def submit(self, at: datetime, new: NewOrder) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a new order."""
        self._count(at)
        order, updates = self._exchange.submit(at, new)
        return order, self._noted(updates)

    def modify(
        self, at: datetime, orderid: str, **terms: Any
    ) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take new terms."""
        self._count(at)
        order, updates = self._exchange.modify(at, orderid, **terms)
        return order, self._noted(updates)

    def cancel(self, at: datetime, orderid: str) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take the wish to cancel."""
        self._count(at)
        order, updates = self._exchange.cancel(at, orderid)
        return order, self._noted(updates)

    def advance(self, at: datetime) -> list[OrderUpdate]:
        """Let time pass."""
        return self._noted(self._exchange.advance(at))

    def on_tick(self, tick: Tick) -> list[OrderUpdate]:
        """Learn a tick; a stop that it triggers may be cancelled first."""
        updates: list[OrderUpdate] = []
        for orderid, order in [*self._resting.items()]:
            if order.symbol != tick.symbol or tick.price < order.trigger:
                continue
            live = self._exchange.order(orderid)
            if live is None or live.status is not VenueStatus.TRIGGER_PENDING:
                continue
            cancelled = self._cancels and len(self.triggered) % _CANCELLED == 0
            self.triggered.append(Triggered(tick.at, live, cancelled))
            if cancelled:
                gone = VenueStatus.CANCELLED
                updates += self._noted(self._exchange.expel(tick.at, orderid, gone, _PROTECTION))
        return updates + self._noted(self._exchange.on_tick(tick))

    def _count(self, at: datetime) -> None:
        self._window.append(at)
        while self._window[0] <= at - timedelta(seconds=1):
            self._window.popleft()
        self.most_messages = max(self.most_messages, len(self._window))

    def _noted(self, updates: list[OrderUpdate]) -> list[OrderUpdate]:
        for update in updates:
            order = update.order
            if order.side is Side.BUY and order.status is VenueStatus.TRIGGER_PENDING:
                self._resting[order.orderid] = order
            else:
                self._resting.pop(order.orderid, None)
        return updates


@dataclass(frozen=True, slots=True)
class Closed:
    """How a triggered stop ended.

    Attributes:
        took: From its trigger until nothing was open.
        slippage: Paid beyond the trigger, in planned risk.
    """

    took: timedelta
    slippage: float


@dataclass(slots=True)
class Tally:
    """Stops of one kind of day: left to themselves, and ours."""

    plain: list[Closed]
    ladder: list[Closed]
    gapped: int = 0
    most_messages: int = 0


def library(seed: int) -> Iterator[tuple[str, ArrayTape]]:
    """Yield the bad days of *seed*, with the name of their variant."""
    for regime in REGIMES:
        tape = generate_day(DaySpec(seed=seed, regime=regime, strikes=6))
        yield VARIANTS[0], tape
        dice = Random(f"{seed} {regime}")  # noqa: S311 - a simulation's seeded dice, no secret
        gapped = with_gaps(tape, dice)
        yield VARIANTS[1], gapped
        yield VARIANTS[2], thinned(gapped)
        yield VARIANTS[3], gapped


def with_gaps(tape: ArrayTape, dice: Random) -> ArrayTape:
    """Return *tape* with sudden jumps of all calls or all puts."""
    gaps = []
    for _ in range(_GAPS):
        starts = dice.randrange(20 * 60_000, (tape.session.minutes - 30) * 60_000)
        lasts = 1000 * dice.randint(*_GAP_S)
        gaps.append((starts, starts + lasts, dice.uniform(*_GAP_SHARE), dice.choice(["CE", "PE"])))
    columns = deepcopy(tape.columns)
    rights = [symbol[-2:] for symbol in tape.symbols]
    for row, (at, number) in enumerate(zip(columns.time_ms, columns.symbol, strict=True)):
        factor = 1.0
        for starts, ends, share, right in gaps:
            if starts <= at < ends and right == rights[number]:
                factor += share * (ends - at) / (ends - starts)
        if factor > 1.0:
            for prices in (columns.price, columns.bid, columns.ask):
                prices[row] = _TICK * round(prices[row] * factor / _TICK)
    return _like(tape, columns)


def thinned(tape: ArrayTape) -> ArrayTape:
    """Return *tape* with a lot on each side and a wide spread."""
    columns = deepcopy(tape.columns)
    for row, ask in enumerate(columns.ask):
        if ask:
            columns.bid[row] = max(_TICK, columns.bid[row] - _WIDE)
            columns.ask[row] = ask + _WIDE
            columns.bid_size[row] = columns.ask_size[row] = _LOT
    return _like(tape, columns)


def _like(tape: ArrayTape, columns: TapeColumns) -> ArrayTape:
    return ArrayTape(
        label=tape.label,
        synthetic=True,
        session=tape.session,
        underlying=tape.underlying,
        spot_symbol=tape.spot_symbol,
        contracts=tape.contracts,
        symbols=tape.symbols,
        columns=columns,
        cadence_s=tape.cadence_s,
        previous_closes={s: tape.previous_close(s) for s in tape.symbols},
    )


def trade(tape: ArrayTape, parameters: Parameters, tally: Tally, *, cancels: bool) -> None:
    """Trade the day, and try each stop that triggered again by itself."""
    day = CutDay(tape, parameters.bar_grace_ms)
    engine = Engine(tape.session, day.contracts, parameters)
    venue = Unkind(Exchange(day.contracts, tape.session), cancels=cancels)
    trader = Trader(engine, Forgetful(), Forgetful())  # type: ignore[arg-type]
    InProcessDay(day, trader, venue, parameters).run()  # type: ignore[arg-type]
    tally.most_messages = max(tally.most_messages, venue.most_messages)
    for done in engine.state.holdings.trades.values():
        stops = [one for one in venue.triggered if _is_of(one, done)]
        if stops:
            tally.ladder.append(_closed(done, stops[0].at, done.bought_value, done.closed_at))
            tally.plain.append(alone(day, done, stops[0]))
        else:
            tally.gapped += done.exit_reason in {"stop_gapped", "stop_lost"}


def alone(day: CutDay, done: Trade, stop: Triggered) -> Closed:
    """Return how the stop of the trade *done* fares when nobody touches it."""
    order, session = stop.order, day.tape.session
    exchange, symbol, since = Exchange(day.contracts, session), order.symbol, order.updated_at
    exchange.recall(since, day.recent(symbol, since, REFERENCE_WINDOW))
    ends = session.at(PARAMETERS.force_exit)
    new = NewOrder(symbol, Side.BUY, order.pending, PriceType.SL, order.price, order.trigger)
    exchange.submit(since, new)
    left, value, at = order.pending, 0, stop.at
    for tick in day.between((symbol,), since, ends):
        if not left or (stop.is_cancelled and tick.at >= stop.at):
            break
        for update in exchange.on_tick(tick):
            at, left, value = update.at, update.order.pending, update.order.value
    if left:
        last = day.last(symbol, ends)
        value += left * (0 if last is None else last.ask or last.price)
        at = ends
    return _closed(done, stop.at, value + (done.quantity - order.pending) * order.trigger, at)


def _is_of(stop: Triggered, done: Trade) -> bool:
    return stop.order.symbol == done.symbol and done.opened_at <= stop.at <= done.closed_at


def _closed(done: Trade, triggered: datetime, bought: Paise, at: datetime) -> Closed:
    beyond = bought - done.stop * done.quantity
    return Closed(at - triggered, beyond / (done.points * done.quantity))


def rows(name: str, closed: list[Closed]) -> str:
    """Return a row of the table."""
    count = len(closed) or 1
    unfilled = " ".join(
        f"{100 * sum(each.took > soon for each in closed) / count:7.1f}" for soon in SOON
    )
    slips = sorted(each.slippage for each in closed) or [0.0]
    figures = (sum(slips) / len(slips), slips[int(0.95 * len(slips))], slips[-1])
    return f"{name:<36} {len(closed):>5} {unfilled}  " + " ".join(f"{x:7.2f}" for x in figures)


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=6)
    arguments.add_argument("--chase-after", type=int, default=PARAMETERS.chase_after_s)
    asked = arguments.parse_args()
    parameters = replace(PARAMETERS, chase_after_s=asked.chase_after)
    tallies = {variant: Tally([], []) for variant in VARIANTS}
    for seed in range(1, asked.seeds + 1):
        for variant, tape in library(seed):
            trade(tape, parameters, tallies[variant], cancels=variant == VARIANTS[3])
    late = " ".join(f">{soon.seconds:>3} s %" for soon in SOON)
    print(f"{'triggered stops':<36} {'n':>5} {late}  {'mean R':>7} {'p95 R':>7} {'worst R':>7}")
    for variant, tally in tallies.items():
        print(rows(f"{variant}: left alone", tally.plain))
        print(rows(f"{variant}: ours", tally.ladder))
    most = max(tally.most_messages for tally in tallies.values())
    gapped = sum(tally.gapped for tally in tallies.values())
    print(f"positions that gapped beyond their stop before it rested: {gapped}")
    verdict = "within" if most <= MOST_MESSAGES else "BEYOND"
    print(f"most order messages in any second: {most}, {verdict} {MOST_MESSAGES}")


if __name__ == "__main__":
    main()
