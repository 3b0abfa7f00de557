"""A day of minute bars traded by the rules as they are written, and by nothing else.

Written from the strategy's rules and from ``docs/explanation/backtest.md``, without the program's
code: it imports none of it. It is slow, and looks at everything again whenever anything may have
changed. Prices are paise, times milliseconds since the open, ratios whole numbers multiplied out.

Left out is what its days do not have: fills in parts, orders in slices, refusals, price bands that
bind, silence that makes a symbol stale, margin that is short.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from tests.oracle.values import STEP, Bar, Contract, Traded

MINUTE = 60_000
PATH = (0, 20_000, 40_000, 59_000)  # when open, extremes and close of a bar are seen
SELL, BUY = -1, 1


class Swing(NamedTuple):
    kind: str
    index: int
    price: int
    vwap: Fraction


@dataclass
class Level:
    swing: Swing
    bar: Bar
    confirmed: int
    broken: bool = False


@dataclass
class Order:
    level: Level
    quantity: int
    trigger: int
    limit: int
    triggered: int | None = None


@dataclass
class Market:
    """One symbol: its bars, what has been seen of them, and what is wanted or held of it."""

    contract: Contract
    bars: Sequence[Bar]
    lows: Sequence[Swing | None]
    bar: Bar | None = None  # that it traded in last
    price: int = 0
    highest: dict[int, int] = field(default_factory=dict)  # of each minute, as far as seen
    level: Level | None = None
    entry: Order | None = None
    stop: Order | None = None
    sold_at: int = 0
    sold_ms: int = 0


def vwaps(bars: Sequence[Bar]) -> Iterator[Fraction]:
    value, volume = Fraction(0), 0
    for bar in bars:
        typical = Fraction(bar.high + bar.low + bar.close, 3)
        value, volume = value + typical * bar.volume, volume + bar.volume
        yield value / volume if volume else typical


def swing_lows(bars: Sequence[Bar]) -> Iterator[Swing | None]:
    """Yield, for each bar, the low that it confirmed or moved."""
    average, votes = list(vwaps(bars)), dict[tuple[str, int], int]()
    last: Swing | None = None
    for i, bar in enumerate(bars):
        told, start = None, last.index + 1 if last else 0
        for j in range(start, i):
            if bar.high > bars[j].high and bar.close > bars[j].close:
                kind = "low"
            elif bar.low < bars[j].low and bar.close < bars[j].close:
                kind = "high"
            else:
                continue
            votes[kind, j] = votes.get((kind, j), 0) + 1
            if votes[kind, j] < 2:
                continue
            prices = [each.low if kind == "low" else -each.high for each in bars[start : i + 1]]
            price = min(prices)
            at = start + prices.index(price)
            found = Swing(kind, at, abs(price), average[at])
            if last is None or last.kind != kind:
                votes.clear()
                last = told = found
                break
            if price < (last.price if kind == "low" else -last.price):
                last = told = found._replace(vwap=last.vwap)
                break
        yield told if told is not None and told.kind == "low" else None


class NaiveDay:
    """Trade the day of *bars* by *rules*, the settings by name.

    *wide* is the wide spread at a premium; *charge* costs of premium sold, bought, and orders.
    """

    def __init__(
        self,
        contracts: Sequence[Contract],
        bars: Mapping[str, Sequence[Bar]],
        rules: Mapping[str, Any],
        wide: Callable[[int], int],
        charge: Callable[[int, int, int], int],
    ) -> None:
        self.markets = [
            Market(each, bars[each.symbol], list(swing_lows(bars[each.symbol])))
            for each in contracts
        ]
        self.rules, self.wide, self.charge = rules, wide, charge
        self.trades: list[Traded] = []
        self.realised, self.halted = 0, ""

    def run(self, minutes: int) -> list[Traded]:
        rules, grace = self.rules, self.rules["bar_grace_ms"]
        timers = {rules["chase_after_s"] * 1000, rules["entry_fill_s"] * 1000 % MINUTE}
        for minute in range(minutes):
            held: list[Market] = []
            for moment in sorted({*PATH, grace, *timers}):
                now = minute * MINUTE + moment
                if now >= rules["force_exit_ms"]:
                    self.halted = self.halted or "force_exit"
                if moment in PATH:
                    self.see_prices(minute, PATH.index(moment), now, held)
                if moment == grace:
                    self.close_bars(minute - 1, now)
                self.look_after_stops(now)
                self.look_after_entries(now, closing=moment == grace)
                if moment == grace:  # from now on the two extremes of this minute have their order
                    held = [market for market in self.markets if market.stop]
        return self.trades

    # what the market does

    def see_prices(self, minute: int, step: int, now: int, held: Sequence[Market]) -> None:
        """Trade at the exchange first, then tell each price, then each fill; decide on each."""
        seen, fills = [], []
        for market in self.markets:
            bar = next((bar for bar in market.bars if bar.minute == minute), None)
            if bar is None:
                continue
            extremes = (bar.high, bar.low) if market in held else (bar.low, bar.high)
            price = (bar.open, *extremes, bar.close)[step]
            seen.append((market, bar, price))
            for order, side in ((market.entry, SELL), (market.stop, BUY)):
                if order and (traded := self.fill(order, side, bar, price, now, step)):
                    fills.append((market, order, traded))
        for market, bar, price in seen:
            market.bar, market.price = bar, price
            market.highest[minute] = max(price, market.highest.get(minute, 0))
            if market.level and price <= market.level.swing.price - STEP:
                market.level.broken = True
            self.judge()
            self.look_after_entries(now, closing=False)
        for market, order, price in fills:
            if order is market.stop:
                self.buy_back(market, price, now)
            else:
                self.sell(market, order, price, now)
            self.judge()
            self.look_after_entries(now, closing=False)

    def fill(self, order: Order, side: int, bar: Bar, price: int, now: int, step: int) -> int:
        """Return what *order* trades at as *price* comes, else 0; a seller's are turned round."""
        quote, limit = side * self.quote(bar, price, side), side * order.limit
        rested = order.triggered is not None
        reached = side * price < limit or quote <= limit  # where it rests
        if not (reached if rested else side * price >= side * order.trigger):
            return 0
        order.triggered = now
        worst = limit if rested else quote if step == 0 else min(side * price, limit)
        return side * worst if worst <= limit else 0

    def quote(self, bar: Bar | None, price: int, side: int) -> int:
        assert bar is not None
        return min(max(price + side * 2 * self.wide(price), bar.low), bar.high)

    def close_bars(self, minute: int, now: int) -> None:
        for market in self.markets:
            for bar, low in zip(market.bars, market.lows, strict=True):
                if bar.minute == minute and low is not None:
                    market.level = Level(low, market.bars[low.index], now)
                    # seen after the bar, though before it was known what the bar confirms
                    is_later = market.bar is not None and market.bar.minute > minute
                    market.level.broken = is_later and market.price <= low.price - STEP

    # what is held

    def sell(self, market: Market, order: Order, price: int, now: int) -> None:
        market.entry = None
        trigger = self.highest_since(market, order.level) + self.rules["stop_buffer"]
        limit = trigger + self.rules["stop_limit_buffer"]
        market.stop = Order(order.level, order.quantity, trigger, limit)
        market.sold_at, market.sold_ms = price, now

    def buy_back(self, market: Market, price: int, now: int) -> None:
        self.realised += self.net(market, price)
        stop, market.stop = market.stop, None
        assert stop is not None
        deal = market.sold_at, market.sold_ms, price, now, self.halted or "stop"
        self.trades.append(Traded(market.contract.symbol, stop.quantity, *deal))

    def net(self, market: Market, price: int) -> int:
        if market.stop is None:
            return 0
        sold, bought = market.stop.quantity * market.sold_at, market.stop.quantity * price
        return sold - bought - self.charge(sold, bought, 2)

    def look_after_stops(self, now: int) -> None:
        patience = self.rules["chase_after_s"] * 1000
        for market in self.markets:
            if market.stop is None:
                continue
            triggered = market.stop.triggered
            if self.halted or (triggered is not None and now - triggered >= patience):
                self.buy_back(market, self.quote(market.bar, market.price, BUY), now)

    def judge(self) -> None:
        one = self.rules["r_value"]
        short = [market for market in self.markets if market.stop]
        opened = sum(self.net(each, self.quote(each.bar, each.price, BUY)) for each in short)
        if self.halted:
            return
        if self.realised + opened >= self.rules["daily_target_r"] * one:
            self.halted = "daily_target"
        elif self.realised + opened <= self.rules["daily_stop_r"] * one:
            self.halted = "daily_stop"

    # what is entered

    def highest_since(self, market: Market, level: Level) -> int:
        later = [high for minute, high in market.highest.items() if minute > level.bar.minute]
        return max(later, default=level.bar.high)

    def wanted(self, market: Market) -> tuple[tuple[Any, ...], Order] | None:
        """Return the order on the symbol's level and its rank; the least ranks best."""
        rules, level, contract = self.rules, market.level, market.contract
        if level is None or level.broken or market.stop is not None:
            return None
        price, vwap = level.swing.price, level.swing.vwap
        points = self.highest_since(market, level) + rules["stop_buffer"] - price
        lots = min(rules["r_value"] // (max(points, 1) * contract.lot), rules["max_lots"])
        trigger = price - rules["entry_offset_ticks"] * STEP
        qualifies = (
            rules["price_min"] <= price <= rules["price_max"]
            and (price - vwap) * 10_000 >= rules["vwap_premium_min_bp"] * vwap
            and rules["stop_min_bp"] * price <= points * 10_000 <= rules["stop_max_bp"] * price
            and lots >= 1
            and market.price > trigger
        )
        odd = rules["prefer_round_strike"] and contract.strike % rules["round_strike"] != 0
        rank = (abs(points - rules["target_points"]), odd, -price, level.confirmed, contract.symbol)
        order = Order(level, lots * contract.lot, trigger, trigger - rules["entry_limit_buffer"])
        return (rank, order) if qualifies else None

    def look_after_entries(self, now: int, *, closing: bool) -> None:
        places = []
        barred = bool(self.halted) or now >= self.rules["last_entry_ms"]
        for right in ("CE", "PE"):
            of_right = [market for market in self.markets if market.contract.right == right]
            resting = next((market for market in of_right if market.entry), None)
            order = resting.entry if resting else None
            if order is not None and order.triggered is not None and not barred:
                if now - order.triggered < self.rules["entry_fill_s"] * 1000:
                    continue
                order = None
            found = [(*ranked, each) for each in of_right if (ranked := self.wanted(each))]
            found = [] if barred else sorted(found, key=lambda ranked: ranked[0])
            if order is not None and not closing:  # nothing else takes its place between closes
                found.sort(key=lambda ranked: ranked[2] is not resting)
            if resting is not None:
                resting.entry = None
            if found and found[0][2] is resting and order is not None:
                resting.entry = found[0][1]
            elif found:
                places.append(found[0])
        for _, order, market in places:  # a place given up is free for both rights
            if self.permits(market):
                market.entry = order

    def permits(self, market: Market) -> bool:
        shorts = [each.contract.right for each in self.markets if each.stop]
        live = len(shorts) + sum(1 for each in self.markets if each.entry)
        is_free = shorts.count(market.contract.right) < self.rules["max_per_right"]
        return is_free and live < self.rules["max_positions"]
