"""Recorded days in files: one-minute bars or chain snapshots, CSV or Parquet.

Columns of **bars**; prices in rupees, volume in units of the minute, ``ts`` the minute's start:

- ``ts, underlying, expiry, strike, right, open, high, low, close, volume``, or
- ``ts, symbol, open, high, low, close, volume`` with OpenAlgo's symbols.

Columns of **snapshots**: ``ts, underlying, expiry, strike, right, ltp, volume_cum`` and, where
known, ``bid, ask, bid_qty, ask_qty, spot``; ``volume_cum`` counts from the open.

Other columns are ignored. Times without a zone are India's. A file of the index beside the day,
``spot/<underlying>/<day>`` next to ``options/<underlying>/<day>``, with ``ts, open, high, low,
close``, is read too.

Rules of this file:

1. What contradicts itself is refused with its place: a high below the low, a second bar of the
   same contract and minute, two days in one file.
2. What merely says nothing is dropped and counted in the tape's notes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from swingbreak.adapters.tables import Row, Table, find_table, read_table
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right, option_symbol, parse_option_symbol
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.session import IST, MINUTE
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.simulation.recorded import (
    IndexBar,
    OptionBar,
    OptionQuote,
    RecordedDay,
    tape_of_bars,
    tape_of_quotes,
)
from swingbreak.simulation.tape import ArrayTape

__all__ = ["BarRow", "load_day", "read_bars"]

_OHLC = ("open", "high", "low", "close")
_BAR_COLUMNS = ("ts", *_OHLC, "volume")
_QUOTE_COLUMNS = ("ts", "ltp", "volume_cum")
_CONTRACT_COLUMNS = ("underlying", "expiry", "strike", "right")

_Value = TypeVar("_Value", OptionBar, OptionQuote)
_Contract: TypeAlias = tuple[str, date, Paise, Right]


class BarRow(NamedTuple):
    """One bar of a file.

    Attributes:
        day: Its day in India.
        symbol: OpenAlgo's symbol, or whatever the file's ``symbol`` column says.
        ts: Start of its minute, aware, UTC.
        open: Paise, like the other prices.
        volume: Units traded in the minute.
    """

    day: date
    symbol: str
    ts: datetime
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    volume: int


def read_bars(path: Path) -> list[BarRow]:
    """Return the bars of *path* in the file's order; several days and symbols are allowed.

    Raises:
        DataError: The file is missing, damaged or contradicts itself; says which row and column.
        NeedsExtra: It is Parquet and the data layer is not installed.
    """
    table = read_table(path)
    _need_bars(table)
    seen = _Seen(table.path)
    bars = []
    for row in table.rows:
        symbol = row.text("symbol") if "symbol" in table.columns else _symbol(row)
        bar = _bar_row(row, symbol)
        seen.check(row, (symbol, bar.ts), symbol)
        bars.append(bar)
    seen.refuse()
    return bars


def load_day(path: Path, facts: Facts, *, expiry: date | None = None) -> ArrayTape:
    """Return the tape of a recorded day.

    Args:
        path: A CSV or Parquet file, or its path without the ending.
        facts: Where contracts and hours come from.
        expiry: Of the contracts to play; the nearest one in the file by default.

    Raises:
        DataError: The file is missing, damaged or contradicts itself; says which row and column.
        NeedsExtra: It is Parquet and the data layer is not installed.
    """
    table = read_table(path)
    if "ltp" in table.columns:
        table.need(_QUOTE_COLUMNS)
        quotes = _collect(table, _quote)
        head, rows = _head(quotes, facts, expiry, "chain snapshots")
        return tape_of_quotes(head, rows)
    _need_bars(table)
    bars = _collect(table, _bar)
    _require_minutes(bars)
    head, minutes = _head(bars, facts, expiry, "1-minute bars")
    return tape_of_bars(head, minutes, _index_beside(table.path, bars.underlying))


def _need_bars(table: Table) -> None:
    found = set(table.columns)
    if not found & {*_OHLC, "volume"}:
        raise DataError(
            f"{table.path}: neither bars (open, high, low, close, volume) nor chain snapshots "
            f"(ltp, volume_cum); found: {', '.join(table.columns)}"
        )
    table.need(_BAR_COLUMNS)
    if "symbol" not in found:
        table.need(_CONTRACT_COLUMNS)


class _Seen:
    """Refuses a file that says something twice, once it is known how often it does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: set[object] = set()
        self._first: DataError | None = None
        self._count = 0

    def check(self, row: Row, key: object, symbol: str) -> None:
        """Note that *row* is about *key*."""
        if key in self._keys:
            self._count += 1
            self._first = self._first or row.wrong("ts", f"is there before for {symbol}")
        self._keys.add(key)

    def refuse(self) -> None:
        """Raise if anything was there twice.

        Raises:
            DataError: With the number of repeats and the first one's place.
        """
        if self._first:
            raise DataError(f"{self._first}; {self._count} such rows in all")


@dataclass(slots=True)
class _Collected(Generic[_Value]):
    """The rows of one day of one underlying."""

    path: Path
    day: date
    underlying: str
    values: dict[date, list[_Value]]
    dropped: dict[date, Counter[str]]


def _collect(
    table: Table, parse: Callable[[Row, Paise, Right], _Value | str]
) -> _Collected[_Value]:
    """Read every row; *parse* returns what it says, or why it says nothing."""
    if "symbol" not in table.columns:
        table.need(_CONTRACT_COLUMNS)
    seen = _Seen(table.path)
    found: _Collected[_Value] | None = None
    dropped: dict[date, Counter[str]] = defaultdict(Counter)
    for row in table.rows:
        underlying, expiry, strike, right = _contract(row)
        value = parse(row, strike, right)
        if isinstance(value, str):
            dropped[expiry][value] += 1
            continue
        day = value.at.astimezone(IST).date()
        if found is None:
            found = _Collected(table.path, day, underlying, defaultdict(list), dropped)
        if day != found.day:
            raise row.wrong("ts", f"is not of {found.day}: a tape is one day")
        if underlying != found.underlying:
            raise row.wrong("underlying", f"is not {found.underlying}: a tape is one underlying")
        seen.check(row, (expiry, strike, right, value.at), f"{expiry} {rupees(strike)} {right}")
        found.values[expiry].append(value)
    seen.refuse()
    if found is None:
        raise DataError(f"{table.path}: no row with a price and a volume")
    return found


def _head(
    found: _Collected[_Value], facts: Facts, expiry: date | None, kind: str
) -> tuple[RecordedDay, list[_Value]]:
    """Choose the expiry; return the day's facts and the expiry's rows."""
    expiries = sorted(found.values)
    chosen = expiry or expiries[0]
    if chosen not in found.values:
        listed = ", ".join(map(str, expiries))
        raise DataError(f"{found.path}: no contract expires on {chosen}; found: {listed}")
    name = "/".join(found.path.with_suffix("").parts[-3:])
    head = RecordedDay(
        label=f"recorded {name} ({kind})",
        session=Calendar(facts).session(found.day),
        terms=Contracts(facts).terms(found.underlying, chosen, found.day),
        expiry=chosen,
        notes=tuple(f"dropped {n} rows {why}" for why, n in found.dropped[chosen].items()),
    )
    return head, found.values[chosen]


def _contract(row: Row) -> _Contract:
    column = "symbol" if "symbol" in row.cells else "right"
    try:
        if column == "symbol":
            return parse_option_symbol(row.text(column))
        right = Right(row.text(column))
    except (DataError, ValueError) as error:
        raise row.wrong(
            column, "is no option: CE or PE, or a symbol like NIFTY01DEC2624500PE"
        ) from error
    return row.text("underlying"), row.day("expiry"), row.price("strike"), right


def _symbol(row: Row) -> str:
    return option_symbol(*_contract(row))


def _bar_row(row: Row, symbol: str) -> BarRow:
    at = _minute(row)
    open_, high, low, close = _ohlc(row, row.price)
    return BarRow(
        at.astimezone(IST).date(), symbol, at, open_, high, low, close, row.units("volume")
    )


def _bar(row: Row, strike: Paise, right: Right) -> OptionBar:
    return OptionBar(_minute(row), strike, right, *_ohlc(row, row.price), row.units("volume"))


def _quote(row: Row, strike: Paise, right: Right) -> OptionQuote | str:
    last = row.price("ltp") if row.has("ltp") else 0
    volume = row.units("volume_cum") if row.has("volume_cum") else 0
    if not last:
        return "without a last price"
    if not volume:
        return "of contracts that had not traded"
    bid, ask = _optional(row, "bid", row.price), _optional(row, "ask", row.price)
    if bid and ask and bid > ask:
        raise row.wrong("bid", f"is above the ask of {rupees(ask)}")
    return OptionQuote(
        at=row.instant("ts"),
        strike=strike,
        right=right,
        last=last,
        volume=volume,
        bid=bid,
        ask=ask,
        bid_size=_optional(row, "bid_qty", row.units),
        ask_size=_optional(row, "ask_qty", row.units),
        spot=_optional(row, "spot", row.level),
    )


def _optional(row: Row, column: str, read: Callable[[str], int]) -> int:
    return read(column) if row.has(column) else 0


def _minute(row: Row) -> datetime:
    at = row.instant("ts")
    if at.second or at.microsecond:
        raise row.wrong("ts", "is not the start of a minute")
    return at


def _ohlc(row: Row, read: Callable[[str], Paise]) -> tuple[Paise, Paise, Paise, Paise]:
    open_, high, low, close = (read(column) for column in _OHLC)
    if high < low:
        raise row.wrong("high", f"is below the low of {rupees(low)}")
    if not low:
        raise row.wrong("low", "is not above zero")
    for column, price in (("open", open_), ("close", close)):
        if not low <= price <= high:
            raise row.wrong(column, f"is outside the bar's {rupees(low)} to {rupees(high)}")
    return open_, high, low, close


def _require_minutes(found: _Collected[OptionBar]) -> None:
    times = sorted({bar.at for bars in found.values.values() for bar in bars})
    apart = min((late - early for early, late in pairwise(times)), default=MINUTE)
    if apart > MINUTE:
        raise DataError(f"{found.path}: bars are {apart} apart; one-minute bars are needed")


def _index_beside(path: Path, underlying: str) -> list[IndexBar]:
    """Read ``spot/<underlying>/<day>`` of the same collection, if there is one."""
    beside = path.parent.parent.parent / "spot" / underlying / path.stem
    try:
        found = find_table(beside)
    except DataError:
        return []
    table = read_table(found)
    table.need(("ts", *_OHLC))
    return [IndexBar(_minute(row), *_ohlc(row, row.level)) for row in table.rows]
