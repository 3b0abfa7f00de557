"""The tables of a run folder: days, trades and curves as rows of text, and back.

Rules of this file:

1. What is read equals what was written, to the paisa and the microsecond.
2. Averages, net and R are there for people; of these only net is compared when a row is read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from swingbreak.adapters.tables import Row, Table
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise, average, rupees
from swingbreak.domain.position import Trade
from swingbreak.domain.session import IST
from swingbreak.reporting.run_view import RunDay, RunTrade

__all__ = [
    "CURVE_COLUMNS",
    "DAY_COLUMNS",
    "TRADE_COLUMNS",
    "curve_rows",
    "day_rows",
    "read_days",
    "trade_rows",
]

_TRUTH: Final = {"yes": True, "no": False}
_SECOND: Final = timedelta(seconds=1)

# Column and meaning, in the order of the file; documentation is made from these.
DAY_COLUMNS: Final[Mapping[str, str]] = {
    "fills": "name of the fill model; empty where fills were the gateway's",
    "date": "trading day in India",
    "synthetic": "`yes` where its market data was made up",
    "grade": "of its market data, A to D; empty where nobody graded it",
    "trades": "closed round trips",
    "net_rupees": "P&L of these after costs",
    "r": "the same in R of the account",
    "halted_reason": "why the day ended; empty where it did not begin",
    "option_bars": "one-minute bars of options that the day has",
    "decisions": "hash of everything decided; equal for equal days",
    "notes": "JSON list of what a reader must know; empty where there is nothing",
}
TRADE_COLUMNS: Final[Mapping[str, str]] = {
    "fills": "name of the fill model; empty where fills were the gateway's",
    "date": "trading day in India",
    "trade_id": "order id of the entry",
    "symbol": "option sold",
    "underlying": "of the option",
    "expiry": "last trading day of the option",
    "strike_rupees": "of the option",
    "right": "`CE` or `PE`",
    "exchange": "where it trades",
    "lot": "units per lot",
    "freeze": "most units in one order",
    "tick_rupees": "price step",
    "level": "id of the level it was entered on",
    "quantity": "units sold and bought back",
    "entry_rupees": "average price sold at, rounded half up",
    "exit_rupees": "average price bought back at, rounded half up",
    "sold_rupees": "what the units were sold for",
    "bought_rupees": "what they were bought back for",
    "points_rupees": "stop points it was sized with",
    "stop_rupees": "trigger its protective stop had",
    "orders": "orders that began to trade in it",
    "charges_rupees": "costs of both sides",
    "net_rupees": "P&L after costs",
    "r": "net P&L over planned risk",
    "opened_ist": "first entry fill",
    "closed_ist": "last exit fill",
    "exit_reason": "reason of the order that closed it",
    "ambiguous": "`yes` where the outcome depends on the order of prices within a bar",
    "stake_rupees": "what hangs on that: the best outcome less the worst",
    "slippage_rupees": "what fills cost against the triggers of their orders",
}
CURVE_COLUMNS: Final[Mapping[str, str]] = {
    "fills": "name of the fill model; empty where fills were the gateway's",
    "date": "trading day in India",
    "from_ist": "moment of the first point",
    "seconds": "of every point after that moment, parted by blanks",
    "net_paise": "net P&L at every point, realised and open, parted by blanks",
}


def day_rows(fills: str, days: Iterable[RunDay], r_value: Paise) -> Iterable[tuple[str, ...]]:
    """Return the rows of DAY_COLUMNS."""
    for each in days:
        yield (
            fills,
            each.day.isoformat(),
            _yes(each.synthetic),
            each.grade,
            str(len(each.trades)),
            rupees(each.net),
            f"{each.net / r_value:.4f}",
            each.halted_reason,
            str(each.option_bars),
            each.decisions,
            json.dumps(each.notes, ensure_ascii=False) if each.notes else "",
        )


def trade_rows(fills: str, days: Iterable[RunDay]) -> Iterable[tuple[str, ...]]:
    """Return the rows of TRADE_COLUMNS."""
    return (_trade_row(fills, each.day, trade) for each in days for trade in each.trades)


def curve_rows(fills: str, days: Iterable[RunDay]) -> Iterable[tuple[str, ...]]:
    """Return the rows of CURVE_COLUMNS; a day without a curve has none."""
    for each in days:
        if each.curve:
            start = each.curve[0][0]
            seconds = " ".join(_seconds(at - start) for at, _ in each.curve)
            values = " ".join(str(value) for _, value in each.curve)
            yield fills, each.day.isoformat(), _stamp(start), seconds, values


def read_days(days: Table, trades: Table, curves: Table) -> dict[str, tuple[RunDay, ...]]:
    """Return the days of every fill model, in the order of the file.

    Raises:
        DataError: A cell is not what its column says, a day is there twice or out of order, or a
            trade or a curve belongs to no day; file, row and column are named.
    """
    for table, columns in ((days, DAY_COLUMNS), (trades, TRADE_COLUMNS), (curves, CURVE_COLUMNS)):
        table.need(tuple(columns))
    rows = {_key(row): row for row in _each_once(days)}
    read = {key: _day(row) for key, row in rows.items()}
    closed: dict[tuple[str, date], list[RunTrade]] = {}
    for row in trades.rows:
        closed.setdefault(_key_among(row, read), []).append(_trade(row))
    drawn = {_key_among(row, read): _curve(row) for row in _each_once(curves)}
    found: dict[str, list[RunDay]] = {}
    for key, day in read.items():
        whole = replace(day, trades=tuple(closed.get(key, ())), curve=drawn.get(key, ()))
        _check_sums(rows[key], whole)
        found.setdefault(key[0], []).append(whole)
    return {fills: tuple(each) for fills, each in found.items()}


def _each_once(table: Table) -> Iterable[Row]:
    seen: dict[str, date] = {}
    for row in table.rows:
        fills, day = _key(row)
        if fills in seen and day <= seen[fills]:
            raise row.wrong("date", f"does not come after {seen[fills]}")
        seen[fills] = day
        yield row


def _key(row: Row) -> tuple[str, date]:
    return row.cells["fills"], row.day("date")


def _key_among(row: Row, days: Mapping[tuple[str, date], RunDay]) -> tuple[str, date]:
    key = _key(row)
    if key not in days:
        raise row.wrong("date", f"is no day of fills {key[0]!r}")
    return key


def _check_sums(row: Row, day: RunDay) -> None:
    if row.units("trades") != len(day.trades):
        raise row.wrong("trades", f"but the trades file has {len(day.trades)} of that day")
    if row.amount("net_rupees") != day.net:
        raise row.wrong("net_rupees", f"but its trades come to {rupees(day.net)}")


def _day(row: Row) -> RunDay:
    return RunDay(
        day=row.day("date"),
        synthetic=_truth(row, "synthetic"),
        grade=row.cells["grade"],
        trades=(),
        halted_reason=row.cells["halted_reason"],
        curve=(),
        decisions=row.cells["decisions"],
        option_bars=row.units("option_bars"),
        notes=_notes(row),
    )


def _notes(row: Row) -> tuple[str, ...]:
    if not row.has("notes"):
        return ()
    try:
        notes = json.loads(row.cells["notes"])
    except ValueError as error:
        raise row.wrong("notes", "is no JSON list of texts") from error
    if not isinstance(notes, list) or not all(isinstance(each, str) for each in notes):
        raise row.wrong("notes", "is no JSON list of texts")
    return tuple(notes)


def _trade_row(fills: str, day: date, whole: RunTrade) -> tuple[str, ...]:
    trade, contract = whole.trade, whole.contract
    return (
        fills,
        day.isoformat(),
        trade.trade_id,
        trade.symbol,
        contract.underlying,
        contract.expiry.isoformat(),
        rupees(contract.strike),
        contract.right.value,
        contract.exchange,
        str(contract.lot),
        str(contract.freeze),
        rupees(contract.tick),
        trade.level,
        str(trade.quantity),
        rupees(average(trade.sold_value, trade.quantity)),
        rupees(average(trade.bought_value, trade.quantity)),
        rupees(trade.sold_value),
        rupees(trade.bought_value),
        rupees(trade.points),
        rupees(trade.stop),
        str(trade.orders),
        rupees(trade.charges),
        rupees(trade.net),
        f"{trade.r:.4f}",
        _stamp(trade.opened_at),
        _stamp(trade.closed_at),
        trade.exit_reason,
        _yes(whole.ambiguous),
        rupees(whole.stake),
        rupees(whole.slippage),
    )


def _trade(row: Row) -> RunTrade:
    trade = Trade(
        trade_id=row.text("trade_id"),
        symbol=row.text("symbol"),
        level=row.cells["level"],
        quantity=_above_zero(row, "quantity", row.units("quantity")),
        sold_value=row.amount("sold_rupees"),
        bought_value=row.amount("bought_rupees"),
        points=_above_zero(row, "points_rupees", row.price("points_rupees")),
        stop=row.price("stop_rupees"),
        charges=row.amount("charges_rupees"),
        orders=row.units("orders"),
        opened_at=row.instant("opened_ist"),
        closed_at=row.instant("closed_ist"),
        exit_reason=row.cells["exit_reason"],
    )
    if trade.closed_at < trade.opened_at:
        raise row.wrong("closed_ist", "is before the trade was opened")
    if row.amount("net_rupees") != trade.net:
        raise row.wrong("net_rupees", f"is not sold less bought less charges: {rupees(trade.net)}")
    return RunTrade(
        trade=trade,
        contract=_contract(row, trade.symbol),
        ambiguous=_truth(row, "ambiguous"),
        stake=row.amount("stake_rupees"),
        slippage=row.amount("slippage_rupees"),
    )


def _contract(row: Row, symbol: str) -> OptionContract:
    try:
        right = Right(row.cells["right"])
    except ValueError as error:
        raise row.wrong("right", "is neither CE nor PE") from error
    return OptionContract(
        underlying=row.text("underlying"),
        expiry=row.day("expiry"),
        strike=row.price("strike_rupees"),
        right=right,
        lot=row.units("lot"),
        freeze=row.units("freeze"),
        tick=row.price("tick_rupees"),
        exchange=row.text("exchange"),
        symbol=symbol,
    )


def _curve(row: Row) -> tuple[tuple[datetime, Paise], ...]:
    start = row.instant("from_ist")
    try:
        times = [start + _span(text) for text in row.cells["seconds"].split()]
        values = [int(text) for text in row.cells["net_paise"].split()]
    except (ValueError, OverflowError) as error:
        raise row.wrong("seconds", "or net_paise is not numbers parted by blanks") from error
    if len(times) != len(values):
        raise row.wrong("seconds", f"is {len(times)} points, net_paise {len(values)}")
    if any(late < early for early, late in pairwise(times)):
        raise row.wrong("seconds", "go back")
    return tuple(zip(times, values, strict=True))


def _above_zero(row: Row, column: str, value: int) -> int:
    if not value:
        raise row.wrong(column, "is not above zero")
    return value


def _truth(row: Row, column: str) -> bool:
    if row.cells[column] not in _TRUTH:
        raise row.wrong(column, "is neither yes nor no")
    return _TRUTH[row.cells[column]]


def _yes(truth: bool) -> str:  # noqa: FBT001 - the value to be written
    return "yes" if truth else "no"


def _stamp(at: datetime) -> str:
    return at.astimezone(IST).isoformat()


def _seconds(span: timedelta) -> str:
    whole, rest = divmod(span, _SECOND)
    return f"{whole}.{rest.microseconds:06d}".rstrip("0") if rest else str(whole)


def _span(text: str) -> timedelta:
    whole, _, rest = text.partition(".")
    return timedelta(seconds=int(whole), microseconds=int(f"{rest:0<6.6}"))
