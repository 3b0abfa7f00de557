"""The days that a state folder has recorded, as a run."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, TypeAlias

from swingbreak.adapters.dayfolder import DayFolder, database_in
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.views import day_of, recorded_days
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, parse_option_symbol
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Side
from swingbreak.domain.position import Trade
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Origin
from swingbreak.reporting.run_view import RunDay, RunTrade, RunView
from swingbreak.reporting.wording import counted
from swingbreak.simulation.chain import contract

__all__ = ["read_state"]

_Row: TypeAlias = Mapping[str, Any]
_Tables: TypeAlias = Mapping[str, Sequence[_Row]]

_MADE_UP: Final = (Origin.SYNTHETIC.value, Origin.REBUILT.value)
_LATE: Final = timedelta(minutes=1)  # that an order is heard of after its trade is closed
_NOTE: Final = (
    "Made of the state folder's tables: curves are of closed trades, and nobody graded the data."
)


def read_state(folder: Path, facts: Facts) -> RunView:
    """Return the days in the state database of *folder*, oldest first.

    Raises:
        LedgerError: The database cannot be read.
        DataError: It has no day, or traded a symbol that *facts* do not know.
    """
    with open_reader(database_in(folder)) as database:
        days = recorded_days(database)
        tables: dict[date, _Tables] = {day: day_of(database, day) for day in days}
    if not tables:
        raise DataError(f"{database_in(folder)}: no day is recorded there yet")
    summaries = [each["daily_summary"][0] for each in tables.values()]
    known = Contracts(facts)
    return RunView(
        label=_label([row["label"] for row in summaries]),
        kind=" and ".join(sorted({row["mode"] for row in summaries})),
        r_value=summaries[-1]["r_value_paise"],
        days=tuple(_day(folder, day, each, known) for day, each in tables.items()),
        others={},
        fills="",
        settings={},
        notes=(_NOTE, *_other_r(summaries)),
    )


def _label(labels: Sequence[str]) -> str:
    more = len(set(labels)) - 1
    return labels[-1] if not more else f"{labels[-1]} and {more} more"


def _other_r(summaries: Sequence[_Row]) -> Iterator[str]:
    last = summaries[-1]["r_value_paise"]
    others = Counter(row["r_value_paise"] for row in summaries if row["r_value_paise"] != last)
    for r_value, days in sorted(others.items()):
        yield (
            f"{counted(days, 'day')} had an R of {rupees(r_value)} rupees; here every R is "
            f"{rupees(last)}."
        )


def _day(folder: Path, day: date, tables: _Tables, known: Contracts) -> RunDay:
    (summary,) = tables["daily_summary"]
    trades = [_trade(row) for row in tables["trades"]]
    slippage = _slippage(trades, tables["orders"])
    nets = accumulate(trade.net for trade in trades)
    return RunDay(
        day=day,
        synthetic=summary["label"].startswith(_MADE_UP),
        grade="",
        trades=tuple(
            RunTrade(trade, _contract(trade.symbol, day, known), slippage=cost)
            for trade, cost in zip(trades, slippage, strict=True)
        ),
        halted_reason=summary["halted_reason"],
        curve=tuple((trade.closed_at, net) for trade, net in zip(trades, nets, strict=True)),
        decisions=_decisions(DayFolder(folder, day, "").decisions),
        option_bars=0,
        notes=tuple(_notes(summary, tables["positions"])),
    )


def _notes(summary: _Row, positions: Sequence[_Row]) -> Iterator[str]:
    if positions:
        yield "NOT FLAT when it was last recorded; open positions are in no result here."
    if not summary["halted_reason"]:
        yield "goes on, or was broken off."


def _trade(row: _Row) -> Trade:
    return Trade(
        trade_id=row["trade_id"],
        symbol=row["symbol"],
        level=row["level"],
        quantity=row["quantity"],
        sold_value=row["sold_value_paise"],
        bought_value=row["bought_value_paise"],
        points=row["points_paise"],
        stop=row["stop_paise"],
        charges=row["charges_paise"],
        orders=row["orders"],
        opened_at=_instant(row["opened_at"]),
        closed_at=_instant(row["closed_at"]),
        exit_reason=row["exit_reason"],
    )


def _contract(symbol: str, day: date, known: Contracts) -> OptionContract:
    underlying, expiry, strike, right = parse_option_symbol(symbol)
    return contract(known.terms(underlying, expiry, day), expiry, strike, right)


def _slippage(trades: Sequence[Trade], orders: Iterable[_Row]) -> list[Paise]:
    costs = [0] * len(trades)
    for order in orders:
        place = _trade_of(order, trades)
        if place is not None and order["trigger_paise"] is not None:
            at_trigger = order["trigger_paise"] * order["filled"]
            lost = at_trigger - order["value_paise"]
            costs[place] += lost if order["side"] == Side.SELL else -lost
    return costs


def _trade_of(order: _Row, trades: Sequence[Trade]) -> int | None:
    # the one of its symbol that was open when the order was last heard of, or had just closed
    heard = _instant(order["updated_at"])
    places = (
        place
        for place, trade in enumerate(trades)
        if order["filled"]
        and trade.symbol == order["symbol"]
        and trade.opened_at - _LATE <= heard <= trade.closed_at + _LATE
    )
    return min(places, key=lambda place: _apart(heard, trades[place]), default=None)


def _apart(at: datetime, trade: Trade) -> timedelta:
    return max(trade.opened_at - at, at - trade.closed_at, timedelta())


def _decisions(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(UTC)
