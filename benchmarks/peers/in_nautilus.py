"""The outside half of ``bench_peers.py``: NautilusTrader trades stored days of minute bars.

    PYTHON in_nautilus.py [--idle] FILE...

Runs in the environment that has NautilusTrader and nothing of ours; each FILE is a day of bars as
our store keeps it. The strategy has the shape of ours and its default settings, so that the engine
has the same work: for every bar a session VWAP and swing lows by two votes; when a minute is over
the static filter, the distance of the stop, one resting stop-limit per right that goes to the level
whose stop is nearest to its target, a stop for whatever fills, the daily limits and the force-exit.
It is not our strategy rule by rule, and its trades are not compared. ``--idle`` takes bars only.

Timed is ``BacktestEngine.run`` alone, and the whole: the file read, its bars made by the peer's own
``BarDataWrangler``, the engine set up and run. Out goes JSON: CPU seconds of both, bars, orders and
fills.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, AssetClass, OmsType, OptionKind, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import OptionContract
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("NFO")
LOT, TICK = 65, 0.05
MINUTE = timedelta(minutes=1)
R_VALUE, DAILY_R, MAX_LOTS = 6500.0, 5, 10
LEAST, MOST, PREMIUM = 100.0, 300.0, 1.04
NEAR, FAR, TARGET, BUFFER, LIMIT = 0.02, 0.10, 10.0, 1.0, 3.0
VOTES = 2
FORCE_EXIT = timedelta(hours=9, minutes=45)  # 15:15 in India, UTC


@dataclass
class Watched:
    """One symbol: its VWAP, its bars since the last swing, its level."""

    instrument: Any
    turnover: float = 0.0
    units: float = 0.0
    last: float = 0.0
    window: list[list[float]] = field(default_factory=list)  # low, high, close, votes
    level: float = 0.0
    highest: float = 0.0

    def see(self, high: float, low: float, close: float, volume: float) -> None:
        """Take one bar."""
        self.turnover += (high + low + close) / 3 * volume
        self.units += volume
        self.last = close
        if self.level:
            self.highest = max(self.highest, high)
            if low < self.level:
                self.level = 0.0
        fired = False
        for bar in self.window:
            if high > bar[1] and close > bar[2]:
                bar[3] += 1
                fired = fired or bar[3] >= VOTES
        self.window.append([low, high, close, 0])
        if fired:
            self.confirm()

    def confirm(self) -> None:
        """Begin a new window after its low, and judge that."""
        place = min(range(len(self.window)), key=lambda at: self.window[at][0])
        price = self.window[place][0]
        later = self.window[place + 1 :]
        self.window = [[*bar[:3], 0] for bar in later]
        vwap = self.turnover / self.units if self.units else price
        fits = LEAST <= price <= MOST and price >= vwap * PREMIUM
        self.level = price if fits else 0.0
        self.highest = max((bar[1] for bar in later), default=price)

    @property
    def points(self) -> float:
        """Return what the stop would lie above the level."""
        return self.highest + BUFFER - self.level

    @property
    def qualifies(self) -> bool:
        """Say whether the level may be sold under."""
        return self.level > 0 and NEAR * self.level <= self.points <= FAR * self.level


class Seller(Strategy):
    """Sells the break of swing lows, one resting entry per right."""

    def __init__(self, instruments: list[Any], day: datetime) -> None:
        super().__init__()
        self.watched = {one.id: Watched(one) for one in instruments}
        self.day = day
        self.entries: dict[OptionKind, Any] = {}
        self.stops: dict[InstrumentId, Any] = {}
        self.held: dict[InstrumentId, tuple[float, float]] = {}  # units, price
        self.realised = 0.0
        self.is_over = False
        self.orders = self.fills = 0

    def on_start(self) -> None:
        """Ask for all bars and for every minute's end."""
        for one in self.watched:
            self.subscribe_bars(bars_of(one))
        first = self.day + timedelta(hours=3, minutes=46, seconds=1)
        self.clock.set_timer("minute", MINUTE, first, None, self.on_minute)

    def on_bar(self, bar: Bar) -> None:
        """Take one bar."""
        watched = self.watched[bar.bar_type.instrument_id]
        watched.see(float(bar.high), float(bar.low), float(bar.close), float(bar.volume))

    def on_minute(self, event: Any) -> None:
        """Decide once all bars of a minute are known."""
        if self.is_over:
            return
        now = datetime.fromtimestamp(event.ts_event / 1e9, UTC) - self.day
        if now >= FORCE_EXIT or abs(self.net()) >= DAILY_R * R_VALUE:
            self.leave()
            return
        for right in (OptionKind.CALL, OptionKind.PUT):
            self.look_after(right)

    def net(self) -> float:
        """Return where the day stands."""
        marks = (
            (price - self.watched[symbol].last) * units
            for symbol, (units, price) in self.held.items()
        )
        return self.realised + sum(marks)

    def leave(self) -> None:
        """End the day."""
        self.is_over = True
        for symbol in self.watched:
            self.cancel_all_orders(symbol)
            self.close_all_positions(symbol)

    def look_after(self, right: OptionKind) -> None:
        """Let the best level have the resting entry."""
        resting = self.entries.get(right)
        best = min(self.choices(right), key=lambda each: abs(each.points - TARGET), default=None)
        if resting is not None and resting.is_open:
            same = best is not None and resting.instrument_id == best.instrument.id
            if same and abs(float(resting.trigger_price) - (best.level - TICK)) < TICK / 2:
                return
            self.cancel_order(resting)
        if best is not None:
            self.entries[right] = self.rest(best)

    def choices(self, right: OptionKind) -> Iterator[Watched]:
        """Yield what may be sold under."""
        for symbol, watched in self.watched.items():
            if watched.instrument.option_kind != right or symbol in self.held:
                continue
            if watched.qualifies and watched.last > watched.level:
                yield watched

    def rest(self, best: Watched) -> Any:
        """Send an entry."""
        lots = max(1, min(MAX_LOTS, int(R_VALUE / (best.points * LOT))))
        trigger = best.level - TICK
        order = self.order_factory.stop_limit(
            best.instrument.id,
            OrderSide.SELL,
            Quantity.from_int(lots * LOT),
            price=Price(trigger - LIMIT, 2),
            trigger_price=Price(trigger, 2),
        )
        self.orders += 1
        self.submit_order(order)
        return order

    def on_order_filled(self, event: Any) -> None:
        """Book a fill; guard what it opened."""
        self.fills += 1
        symbol, price = event.instrument_id, float(event.last_px)
        units = float(event.last_qty)
        if event.order_side == OrderSide.SELL:
            before, paid = self.held.get(symbol, (0.0, 0.0))
            total = before + units
            self.held[symbol] = total, (before * paid + units * price) / total
            self.guard(symbol, units)
            return
        left, sold_at = self.held.get(symbol, (0.0, price))
        self.realised += (sold_at - price) * units
        if left > units:
            self.held[symbol] = left - units, sold_at
        else:
            self.held.pop(symbol, None)

    def guard(self, symbol: InstrumentId, units: float) -> None:
        """Send a stop."""
        watched = self.watched[symbol]
        stop = max(watched.highest, watched.last) + BUFFER
        order = self.order_factory.stop_limit(
            symbol,
            OrderSide.BUY,
            Quantity.from_int(int(units)),
            price=Price(stop + LIMIT, 2),
            trigger_price=Price(stop, 2),
            reduce_only=True,
        )
        self.orders += 1
        self.submit_order(order)


class Idle(Strategy):
    """Takes bars and does nothing with them."""

    def __init__(self, instruments: list[Any]) -> None:
        super().__init__()
        self.ids = [one.id for one in instruments]
        self.orders = self.fills = 0

    def on_start(self) -> None:
        """Ask for all bars."""
        for one in self.ids:
            self.subscribe_bars(bars_of(one))

    def on_bar(self, bar: Bar) -> None:
        """Do nothing."""


def bars_of(one: InstrumentId) -> BarType:
    return BarType.from_str(f"{one}-1-MINUTE-LAST-EXTERNAL")


def instrument_of(strike: int, right: str, opens: int) -> OptionContract:
    symbol = f"NIFTY{strike // 100}{right}"
    return OptionContract(
        instrument_id=InstrumentId(Symbol(symbol), VENUE),
        raw_symbol=Symbol(symbol),
        asset_class=AssetClass.INDEX,
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.05"),
        multiplier=Quantity.from_int(1),
        lot_size=Quantity.from_int(1),
        underlying="NIFTY",
        option_kind=OptionKind.CALL if right == "CE" else OptionKind.PUT,
        strike_price=Price(strike / 100, 2),
        activation_ns=opens - 10**17,
        expiration_ns=opens + 10**17,
        ts_event=0,
        ts_init=0,
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
    )


def bars_in(rows: pd.DataFrame, one: OptionContract) -> list[Bar]:
    prices = rows[["open", "high", "low", "close"]] / 100
    table = prices.assign(volume=rows.volume.astype(float)).set_index(rows.ts + MINUTE)
    made: list[Bar] = BarDataWrangler(bars_of(one.id), one).process(table)
    return made


def run(path: str, *, is_idle: bool) -> tuple[float, float, int, int, int]:
    read = time.process_time()
    frame = pd.read_parquet(path)
    day = frame.ts.min().to_pydatetime().replace(hour=0, minute=0, second=0, microsecond=0)
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(10_000_000, USD)], USD, Decimal(1)
    )
    instruments, count = [], 0
    for (strike, right), rows in frame.groupby(["strike", "right"], observed=True):
        one = instrument_of(int(strike), str(right), int(rows.ts.iloc[0].value))
        engine.add_instrument(one)
        instruments.append(one)
        bars = bars_in(rows, one)
        engine.add_data(bars)
        count += len(bars)
    strategy = Idle(instruments) if is_idle else Seller(instruments, day)
    engine.add_strategy(strategy)
    began = time.process_time()
    engine.run()
    ended = time.process_time()
    engine.dispose()
    return ended - began, ended - read, count, strategy.orders, strategy.fills


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--idle", action="store_true")
    asked.add_argument("files", nargs="+")
    arguments = asked.parse_args()
    found = [run(path, is_idle=arguments.idle) for path in arguments.files]
    names = ("seconds", "whole", "bars", "orders", "fills")
    sums = (sum(column) for column in zip(*found, strict=True))
    json.dump(dict(zip(names, sums, strict=True)), sys.stdout)


if __name__ == "__main__":
    main()
