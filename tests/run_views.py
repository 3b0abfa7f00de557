"""Runs of many days, made up from a seed, as reports get them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from swingbreak.domain.instrument import OptionContract, Right, option_symbol
from swingbreak.domain.money import Paise
from swingbreak.domain.position import Trade
from swingbreak.domain.session import Session
from swingbreak.reporting.run_view import RunDay, RunTrade, RunView

R_VALUE = 6_500_00
FIRST = date(2026, 6, 1)
LOT = 65
# what the same trade loses to slippage, in ticks, and whether a doubtful one is lost
MODELS = {"pessimistic": (6, True), "calibrated": (3, True), "optimistic": (0, False)}


def trading_days(count: int, first: date = FIRST) -> list[date]:
    days = (first + timedelta(days=offset) for offset in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


def session(day: date) -> Session:
    return Session.on(day, time(9, 15), time(15, 40))


def option(day: date, strike: int = 24500, right: Right = Right.CE) -> OptionContract:
    expiry = day + timedelta(days=(1 - day.weekday()) % 7)  # the next Tuesday
    return OptionContract(
        underlying="NIFTY",
        expiry=expiry,
        strike=strike * 100,
        right=right,
        lot=LOT,
        freeze=1800,
        tick=5,
        exchange="NFO",
        symbol=option_symbol("NIFTY", expiry, strike * 100, right),
    )


@dataclass(frozen=True)
class Made:
    """One trade before a fill model has touched it."""

    number: int
    contract: OptionContract
    opened_at: datetime
    closed_at: datetime
    price: Paise
    points: Paise
    quantity: int
    rise: float  # of the result, in R
    reason: str
    doubtful: bool

    def filled(self, ticks: int, *, lost: bool) -> RunTrade:
        slip = 5 * ticks
        rise = -1.0 if self.doubtful and lost else self.rise
        bought = max(self.price - round(rise * self.points / 5) * 5 + slip, 5)
        trade = Trade(
            trade_id=f"o{self.number}",
            symbol=self.contract.symbol,
            level=f"{self.contract.symbol}-L{self.number}",
            quantity=self.quantity,
            sold_value=(self.price - slip) * self.quantity,
            bought_value=bought * self.quantity,
            points=self.points,
            stop=self.price + self.points,
            charges=60_00 + 15 * self.price * self.quantity // 10_000,
            orders=2,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            exit_reason="stop" if rise == -1.0 else self.reason,
        )
        stake = round((self.rise + 1) * self.points) * self.quantity if self.doubtful else 0
        return RunTrade(trade, self.contract, self.doubtful, stake, 2 * slip * self.quantity)


def made_trades(day: date, random: Random, edge: float) -> Iterator[Made]:
    hours, minute = session(day), random.randint(16, 45)
    for number in range(1, random.choice((0, 1, 2, 3, 3, 4, 4, 5, 6)) + 1):
        stay = min(random.randint(2, 90), 355 - minute)
        if stay < 2:
            return
        right = random.choice(tuple(Right))
        points = 5 * random.randint(80, 420)
        quantity = max(R_VALUE // (points * LOT), 1) * LOT
        is_stopped = random.random() < 0.52 - edge
        yield Made(
            number=number,
            contract=option(day, 24000 + 50 * random.randint(0, 20), right),
            opened_at=hours.start_of(minute) + timedelta(seconds=random.randint(0, 59)),
            closed_at=hours.start_of(minute + stay) + timedelta(seconds=random.randint(0, 59)),
            price=5 * random.randint(1200, 4600),
            points=points,
            quantity=quantity,
            rise=-1.0 if is_stopped else random.uniform(-0.7, 2.6),
            reason="stop" if is_stopped else "force_exit",
            doubtful=random.random() < 0.06,
        )
        minute += stay + random.randint(1, 40)


def curve_of(day: date, trades: tuple[RunTrade, ...], random: Random) -> tuple[Any, ...]:
    hours, points = session(day), []
    for minute in range(1, 361):
        at, value = hours.start_of(minute), 0.0
        for each in trades:
            stay = each.trade.closed_at - each.trade.opened_at
            share = min(max((at - each.trade.opened_at) / stay, 0.0), 1.0)
            noise = random.gauss(0, 900_00) * share * (1 - share) if 0 < share < 1 else 0
            value += each.trade.net * share + noise
        points.append((at, round(value)))
    return tuple(points)


def run_day(day: date, trades: tuple[RunTrade, ...] = (), **changes: Any) -> RunDay:
    net = sum(each.trade.net for each in trades)
    values: dict[str, Any] = {
        "day": day,
        "synthetic": False,
        "grade": "A",
        "trades": trades,
        "halted_reason": "daily_target" if net > 5 * R_VALUE else "force_exit",
        "curve": (),
        "decisions": f"{day.toordinal():016x}",
        "option_bars": 42 * 375,
    }
    return RunDay(**{**values, **changes})


def run_view(days: tuple[RunDay, ...], **changes: Any) -> RunView:
    values: dict[str, Any] = {
        "label": "NIFTY, made up",
        "kind": "backtest",
        "r_value": R_VALUE,
        "days": days,
        "others": {},
        "fills": "pessimistic",
        "settings": {"strategy": "baseline_v1", "r_value": "6500 rupees"},
        "notes": (),
    }
    return RunView(**{**values, **changes})


def made_run(
    count: int = 123, *, seed: int = 7, edge: float = 0.1, with_curves: bool = True, **changes: Any
) -> RunView:
    """A plausible backtest of *count* days under three fill models."""
    found: dict[str, list[RunDay]] = {name: [] for name in MODELS}
    for day in trading_days(count):
        random = Random(f"{seed} {day}")  # noqa: S311 - no secret
        made = tuple(made_trades(day, random, edge))
        grade = random.choice("AAAAAABBC")
        for name, (ticks, lost) in MODELS.items():
            trades = tuple(each.filled(ticks, lost=lost) for each in made)
            curve = curve_of(day, trades, random) if with_curves else ()
            found[name].append(run_day(day, trades, curve=curve, grade=grade))
    headline = tuple(found.pop("pessimistic"))
    others = {name: tuple(days) for name, days in found.items()}
    return run_view(headline, others=others, **changes)


def netting(day: date, net: Paise, **changes: Any) -> RunTrade:
    """A trade that made exactly *net*, with a risk of one R of the account."""
    whole = lone_trade(day, 0.0, **changes)
    trade = replace(whole.trade, charges=0, bought_value=whole.trade.sold_value - net)
    return replace(whole, trade=trade)


def netting_days(*nets: Paise, **changes: Any) -> tuple[RunDay, ...]:
    """A day per result, from the first one on; one of 0 has no trade."""
    days = zip(trading_days(len(nets)), nets, strict=True)
    return tuple(run_day(day, (netting(day, net),) if net else (), **changes) for day, net in days)


def lone_trade(day: date, rise: float, **changes: Any) -> RunTrade:
    """A trade of about *rise* R before costs, at noon."""
    opened = session(day).start_of(165)
    made = Made(
        number=1,
        contract=option(day),
        opened_at=opened,
        closed_at=opened + timedelta(minutes=20),
        price=150_00,
        points=10_00,
        quantity=650,
        rise=rise,
        reason="force_exit",
        doubtful=False,
    )
    return replace(made.filled(0, lost=False), **changes)
