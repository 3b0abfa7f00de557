"""A day of minute bars traded by the rules as they are written, and by nothing else.

Written from the strategy's rules and from ``docs/explanation/backtest.md``, without the program's
code: it imports none of it. It is slow, and looks at everything again whenever anything may have
changed. Prices are paise, times milliseconds since the open, ratios whole numbers multiplied out.

Left out are what the days it is asked about do not have: partial fills, refusals, price bands
that bind, stale symbols, margin that is short.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

MINUTE = 60_000
TICK = 5
SECONDS_OF_EXTREMES = (20_000, 40_000)
SECOND_OF_CLOSE = 59_000


class Bar(NamedTuple):
    minute: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class Contract(NamedTuple):
    symbol: str
    right: str
    strike: int
    lot: int
    freeze: int


class Traded(NamedTuple):
    symbol: str
    quantity: int
    sold_at: int
    sold_ms: int
    bought_at: int
    bought_ms: int
    reason: str


class Low(NamedTuple):
    price: int
    index: int
    vwap: Fraction


@dataclass
class Level:
    symbol: str
    low: Low
    minute: int  # of the swing's bar
    own_high: int
    confirmed: int
    broken: bool = False


@dataclass
class Order:
    symbol: str
    level: Level
    quantity: int
    trigger: int
    limit: int
    triggered: int | None = None


@dataclass
class Short:
    symbol: str
    quantity: int
    price: int
    since: int
    stop: Order


@dataclass
class Market:
    """One symbol: its bars, what has been seen of them, and the level in force."""

    contract: Contract
    bars: Sequence[Bar]
    lows: Sequence[Low | None]
    seen: list[tuple[int, int]] = field(default_factory=list)  # minute and price
    bar: Bar | None = None  # in which it traded last
    level: Level | None = None

    @property
    def price(self) -> int:
        return self.seen[-1][1] if self.seen else 0


def vwaps(bars: Sequence[Bar]) -> list[Fraction]:
    result, value, volume = [], 0, 0
    for bar in bars:
        typical = Fraction(bar.high + bar.low + bar.close, 3)
        value += typical * bar.volume
        volume += bar.volume
        result.append(value / volume if volume else typical)
    return result


def swing_lows(bars: Sequence[Bar]) -> list[Low | None]:
    """Return, for each bar, the low that it confirmed or moved."""
    average, result = vwaps(bars), []
    last: tuple[str, Low] | None = None
    votes: dict[tuple[str, int], int] = {}
    for i, bar in enumerate(bars):
        told = None
        start = last[1].index + 1 if last else 0
        for j in range(start, i):
            kind = _vote(bar, bars[j])
            if kind is None:
                continue
            votes[kind, j] = votes.get((kind, j), 0) + 1
            if votes[kind, j] < 2:
                continue
            window = range(start, i + 1)
            if kind == "low":
                at = min(window, key=lambda k: (bars[k].low, k))
                found = Low(bars[at].low, at, average[at])
                better = last is not None and found.price < last[1].price
            else:
                at = min(window, key=lambda k: (-bars[k].high, k))
                found = Low(bars[at].high, at, average[at])
                better = last is not None and found.price > last[1].price
            if last is None or last[0] != kind:
                last, told = (kind, found), kind
                votes.clear()
                break
            if better:
                last, told = (kind, found._replace(vwap=last[1].vwap)), kind
                break
        result.append(last[1] if last and told == "low" else None)
    return result


def _vote(bar: Bar, earlier: Bar) -> str | None:
    if bar.high > earlier.high and bar.close > earlier.close:
        return "low"
    if bar.low < earlier.low and bar.close < earlier.close:
        return "high"
    return None


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
        self.markets = {
            each.symbol: Market(each, bars[each.symbol], swing_lows(bars[each.symbol]))
            for each in contracts
        }
        self.rules, self.wide, self.charge = rules, wide, charge
        self.entries: dict[str, Order] = {}
        self.shorts: dict[str, Short] = {}
        self.trades: list[Traded] = []
        self.realised = 0
        self.halted = ""

    def run(self, minutes: int) -> list[Traded]:
        rules = self.rules
        moments = {0, rules["bar_grace_ms"], *SECONDS_OF_EXTREMES, SECOND_OF_CLOSE}
        moments |= {rules["chase_after_s"] * 1000, rules["entry_fill_s"] * 1000 % MINUTE}
        for minute in range(minutes):
            held: set[str] = set()
            for moment in sorted(moments):
                now = minute * MINUTE + moment
                if now >= rules["force_exit_ms"]:
                    self.halted = self.halted or "force_exit"
                fills: list[Callable[[], None]] = []
                for market in self.markets.values():
                    fills += self.move(market, minute, moment, held)
                    self.judge()  # by what is known: a fill is told after the prices
                closing = moment == rules["bar_grace_ms"]
                if closing:
                    self.close_bars(minute - 1, now)
                for fill in fills:
                    fill()
                    self.judge()
                self.look_after_stops(now)
                self.look_after_entries(now, closing=closing)
                if closing:
                    held = set(self.shorts)
        return self.trades

    # what the market does

    def move(
        self, market: Market, minute: int, moment: int, held: set[str]
    ) -> list[Callable[[], None]]:
        bar = next((bar for bar in market.bars if bar.minute == minute), None)
        if bar is None:
            return []
        extremes = (bar.low, bar.high)
        if market.contract.symbol in held:
            extremes = (bar.high, bar.low)
        path = dict(zip((0, *SECONDS_OF_EXTREMES, SECOND_OF_CLOSE),
                        (bar.open, *extremes, bar.close), strict=True))  # fmt: skip
        if moment not in path:
            return []
        price, jumped = path[moment], moment == 0
        market.seen.append((minute, price))
        market.bar = bar
        level = market.level
        if level is not None and price <= level.low.price - TICK:
            level.broken = True
        now = minute * MINUTE + moment
        traded = (
            self.trade_stop(market, price, now, jumped=jumped),
            self.trade_entry(market, price, now, jumped=jumped),
        )
        return [fill for fill in traded if fill is not None]

    def trade_entry(
        self, market: Market, price: int, now: int, *, jumped: bool
    ) -> Callable[[], None] | None:
        order = self.entries.get(market.contract.right)
        if order is None or order.symbol != market.contract.symbol:
            return None
        if order.triggered is not None:
            if price > order.limit or self.bid(market) >= order.limit:
                return partial(self.sell, market, order, order.limit, now)
        elif price <= order.trigger:
            order.triggered = now
            offered = self.bid(market) if jumped else max(price, order.limit)
            if offered >= order.limit:
                return partial(self.sell, market, order, offered, now)
        return None

    def trade_stop(
        self, market: Market, price: int, now: int, *, jumped: bool
    ) -> Callable[[], None] | None:
        short = self.shorts.get(market.contract.symbol)
        if short is None:
            return None
        stop = short.stop
        if stop.triggered is not None:
            if price < stop.limit or self.ask(market) <= stop.limit:
                return partial(self.buy_back, short, stop.limit, now)
        elif price >= stop.trigger:
            stop.triggered = now
            offered = self.ask(market) if jumped else min(price, stop.limit)
            if offered <= stop.limit:
                return partial(self.buy_back, short, offered, now)
        return None

    def bid(self, market: Market) -> int:
        assert market.bar is not None
        return max(market.price - 2 * self.wide(market.price), market.bar.low)

    def ask(self, market: Market) -> int:
        assert market.bar is not None
        return min(market.price + 2 * self.wide(market.price), market.bar.high)

    def close_bars(self, minute: int, now: int) -> None:
        for symbol, market in self.markets.items():
            for index, bar in enumerate(market.bars):
                low = market.lows[index]
                if bar.minute == minute and low is not None:
                    swing = market.bars[low.index]
                    market.level = Level(symbol, low, swing.minute, swing.high, now)

    # what is held

    def sell(self, market: Market, order: Order, price: int, now: int) -> None:
        del self.entries[market.contract.right]
        trigger = self.highest_since(market, order.level) + self.rules["stop_buffer"]
        limit = trigger + self.rules["stop_limit_buffer"]
        stop = Order(order.symbol, order.level, order.quantity, trigger, limit)
        self.shorts[order.symbol] = Short(order.symbol, order.quantity, price, now, stop)

    def buy_back(self, short: Short, price: int, now: int) -> None:
        del self.shorts[short.symbol]
        self.realised += self.net(short, price, closed=True)
        reason = self.halted or "stop"
        self.trades.append(
            Traded(short.symbol, short.quantity, short.price, short.since, price, now, reason)
        )

    def net(self, short: Short, price: int, *, closed: bool) -> int:
        sold, bought = short.quantity * short.price, short.quantity * price
        contract = self.markets[short.symbol].contract
        slices = -(-short.quantity // (contract.freeze // contract.lot * contract.lot))
        # what is open is reckoned to be closed by one order
        orders = slices + (slices if closed else 1)
        return sold - bought - self.charge(sold, bought, orders)

    def look_after_stops(self, now: int) -> None:
        for short in list(self.shorts.values()):
            triggered = short.stop.triggered
            late = triggered is not None and now - triggered >= self.rules["chase_after_s"] * 1000
            if self.halted or late:
                self.buy_back(short, self.ask(self.markets[short.symbol]), now)

    def judge(self) -> None:
        rules = self.rules
        if self.halted:
            return
        net = self.realised + sum(
            self.net(short, self.ask(self.markets[symbol]), closed=False)
            for symbol, short in self.shorts.items()
        )
        if net >= rules["daily_target_r"] * rules["r_value"]:
            self.halted = "daily_target"
        elif net <= rules["daily_stop_r"] * rules["r_value"]:
            self.halted = "daily_stop"

    # what is entered

    def highest_since(self, market: Market, level: Level) -> int:
        after = [price for minute, price in market.seen if minute > level.minute]
        return max(after, default=level.own_high)

    def wanted(self, market: Market) -> tuple[tuple[Any, ...], Order] | None:  # noqa: PLR0911 - one reason each
        """Return the order on the symbol's level and its rank; the least ranks best."""
        rules, level, contract = self.rules, market.level, market.contract
        if level is None or level.broken or contract.symbol in self.shorts:
            return None
        price, vwap = level.low.price, level.low.vwap
        if not rules["price_min"] <= price <= rules["price_max"]:
            return None
        if (price - vwap) * 10_000 < rules["vwap_premium_min_bp"] * vwap:
            return None
        points = self.highest_since(market, level) + rules["stop_buffer"] - price
        if not rules["stop_min_bp"] * price <= points * 10_000 <= rules["stop_max_bp"] * price:
            return None
        lots = min(rules["r_value"] // (points * contract.lot), rules["max_lots"])
        if lots < 1:
            return None
        odd = rules["prefer_round_strike"] and contract.strike % rules["round_strike"] != 0
        rank = (abs(points - rules["target_points"]), odd, -price, level.confirmed, contract.symbol)
        trigger = price - rules["entry_offset_ticks"] * TICK
        if market.price <= trigger:
            return None
        limit = trigger - rules["entry_limit_buffer"]
        return rank, Order(contract.symbol, level, lots * contract.lot, trigger, limit)

    def look_after_entries(self, now: int, *, closing: bool) -> None:
        rules = self.rules
        if self.halted or now >= rules["last_entry_ms"]:
            self.entries.clear()
            return
        places = []
        for right in ("CE", "PE"):
            resting = self.entries.get(right)
            if resting is not None and resting.triggered is not None:
                if now - resting.triggered < rules["entry_fill_s"] * 1000:
                    continue
                resting = None
            ranked = {
                symbol: found
                for symbol, market in self.markets.items()
                if market.contract.right == right and (found := self.wanted(market))
            }
            best = min(ranked, key=lambda symbol: ranked[symbol][0], default=None)
            if resting is not None and resting.symbol in ranked and not closing:
                best = resting.symbol
            self.entries.pop(right, None)
            if best is None:
                continue
            if resting is not None and resting.symbol == best:
                self.entries[right] = ranked[best][1]
            else:
                places.append((right, ranked[best][1]))
        for right, order in places:  # a place given up is free for both
            if self.permitted(right):
                self.entries[right] = order

    def permitted(self, right: str) -> bool:
        of_right = [s for s in self.shorts if self.markets[s].contract.right == right]
        live = len(self.shorts) + len(self.entries)
        return live < self.rules["max_positions"] and len(of_right) < self.rules["max_per_right"]
