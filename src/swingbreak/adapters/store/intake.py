"""A vendor's file as days of the store: read, checked row by row, cut by underlying and day.

Rules of this file:

1. Nothing is guessed that the file or the caller does not say; what is refused says where and why.
2. Rows outside the session are set aside and counted; a day without a session is refused.
3. A bar that is stamped with the last second of its minute (09:15:59) is of that minute. One that
   is stamped with the minute's end is only understood when the caller says so.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store import cells
from swingbreak.adapters.store.files import About, read_raw
from swingbreak.adapters.store.headers import kind_of, mapped
from swingbreak.adapters.store.layout import CONTRACT, KEYS, Kind, Place, columns_of
from swingbreak.adapters.store.names import Monthly, index_name, vendor_contract
from swingbreak.adapters.store.sieve import RAW, Sieve
from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.facts.expiries import Expiries
from swingbreak.market.day_bars import Origin

__all__ = ["Intake", "Portion", "Wanted", "monthly_of"]

_OHLC = ("open", "high", "low", "close")
_MINUTE_MS = 60_000
_LAST_SECOND = 59
_INDIA = "Asia/Kolkata"
_VIX = "INDIAVIX"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller says of the files.

    Attributes:
        underlying: Of a file that does not name it; empty to find out.
        source: Where they come from, for the label; empty for the file's name.
        origin: What they are.
        stamped_at_close: Whether a bar carries the instant its minute ended.
        drop_bad: Whether to go on without rows that cannot be right.
        replaces: Whether new values win over other ones that are stored.
    """

    underlying: str = ""
    source: str = ""
    origin: Origin = Origin.RECORDED
    stamped_at_close: bool = False
    drop_bad: bool = False
    replaces: bool = False


class Portion(NamedTuple):
    """Rows for one file of the store."""

    place: Place
    frame: Frame
    about: About


class Intake:
    """Reads files by the facts of their days."""

    def __init__(self, facts: Facts, wanted: Wanted) -> None:
        self._calendar = Calendar(facts)
        self._wanted = wanted
        self._indices = {*Contracts(facts).underlyings, _VIX}
        self._monthly = monthly_of(facts, self._calendar)

    def file(self, path: Path) -> list[Portion]:
        """Return the days in the CSV or Parquet file at *path*.

        Raises:
            DataError: It cannot be read or used; every reason with its first row.
        """
        frame = read_raw(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
        beside = path.parent.name if path.parent.name in self._indices else ""
        return self.frame(frame, str(path), beside)

    def frame(self, frame: Frame, where: str, beside: str = "") -> list[Portion]:
        """Return the days in *frame*, which came from *where*, by default of *beside*."""
        columns = mapped(frame.columns, where)
        kind = kind_of(columns, frame.columns, where)
        cut = frame.select(pl.col(name).alias(RAW + m) for m, name in columns.items())
        sieve = Sieve(where, cut.with_row_index("row", offset=1), columns)
        cells.read_instants(sieve)
        self._read_day(sieve, kind)
        if kind is Kind.SPOT:
            cells.read_levels(sieve, _OHLC)
            self._name_index(sieve, beside)
        else:
            self._read_contracts(sieve)
        if kind is Kind.BARS:
            _read_bars(sieve)
        elif kind is Kind.SNAPSHOTS:
            _read_snapshots(sieve)
        self._check(sieve, kind)
        dropped = sieve.settle(drop_bad=self._wanted.drop_bad)
        return list(self._portions(sieve.frame, kind, where, dropped))

    def _read_day(self, sieve: Sieve, kind: Kind) -> None:
        ts = pl.col("ts")
        if kind is not Kind.SNAPSHOTS:
            if len(sieve.frame) and (sieve.frame["ts"].dt.second() == _LAST_SECOND).all():
                ts = ts.dt.truncate("1m")
            if self._wanted.stamped_at_close:
                ts -= timedelta(minutes=1)
        day = ts.dt.convert_time_zone(_INDIA).dt.date()
        sieve.frame = sieve.frame.with_columns(ts.alias("ts"), day.alias("day"))

    def _name_index(self, sieve: Sieve, beside: str) -> None:
        name = self._wanted.underlying or beside
        if f"{RAW}underlying" in sieve.frame.columns:
            written = pl.col(f"{RAW}underlying").cast(pl.String)
            names = _names(sieve.frame, f"{RAW}underlying")
            sieve.frame = sieve.frame.with_columns(
                written.replace_strict(names, default=None).alias("underlying")
            )
        elif name:
            sieve.frame = sieve.frame.with_columns(pl.lit(name).alias("underlying"))
        else:
            raise DataError(f"{sieve.where}: which index is it? say it with --underlying NIFTY")
        unknown = ~pl.col("underlying").is_in(sorted(self._indices))
        known = ", ".join(sorted(self._indices))
        sieve.refuse(unknown, "underlying", "is no index known here", f"known: {known}")

    def _read_contracts(self, sieve: Sieve) -> None:
        if {RAW + name for name in CONTRACT} <= set(sieve.frame.columns):
            cells.read_days(sieve, "expiry")
            cells.read_prices(sieve, ("strike",))
            cells.read_rights(sieve)
            named = "underlying" if f"{RAW}underlying" in sieve.frame.columns else "symbol"
            names = _names(sieve.frame, RAW + named)
            written = pl.col(RAW + named).cast(pl.String)
            sieve.frame = sieve.frame.with_columns(
                written.replace_strict(names, default=None).alias("underlying")
            )
        else:
            self._read_symbols(sieve)
            named = "symbol"
        known = sorted(self._indices)
        sieve.refuse(
            ~pl.col("underlying").is_in(known).fill_null(value=False),
            named,
            "is of no underlying known here",
            f"known: {', '.join(known)}",
        )

    def _read_symbols(self, sieve: Sieve) -> None:
        """Read contracts out of names, each once a day."""
        pairs = sieve.frame.select(f"{RAW}symbol", "day").unique(maintain_order=True)
        rows: list[tuple[str | None, date, str | None, date | None, int | None, str | None]] = []
        for symbol, day in pairs.iter_rows():
            try:
                rows.append((symbol, day, *vendor_contract(str(symbol), day, self._monthly)))
            except DataError:
                rows.append((symbol, day, None, None, None, None))
        types: dict[str, Any] = {f"{RAW}symbol": pl.String, "day": pl.Date, "underlying": pl.String}
        contract: dict[str, Any] = {
            "expiry": pl.Date,
            "strike": pl.Int64,
            "right": pl.Enum(["CE", "PE"]),
        }
        known = pl.DataFrame(rows, schema={**types, **contract}, orient="row")
        frame = sieve.frame.with_columns(pl.col(f"{RAW}symbol").cast(pl.String))
        sieve.frame = frame.join(
            known, on=[f"{RAW}symbol", "day"], how="left", maintain_order="left"
        )
        sieve.refuse(
            pl.col("strike").is_null(),
            "symbol",
            "is no option's name",
            "NIFTY01DEC2624500PE, or as Kite, TrueData or GlobalDatafeeds write it",
        )

    def _check(self, sieve: Sieve, kind: Kind) -> None:
        self._check_hours(sieve)
        if kind is not Kind.SPOT:
            gone = pl.col("expiry") < pl.col("day")
            sieve.refuse(gone, "expiry", "is before the day of the row", "correct the expiry")
        keys = ["underlying", *KEYS[kind]]
        again = pl.struct(keys).is_duplicated() & ~pl.struct(keys).is_first_distinct()
        sieve.refuse(again, "ts", "is there before for the same contract", "keep one of the rows")
        if kind is not Kind.SNAPSHOTS:
            _need_minutes(sieve)

    def _check_hours(self, sieve: Sieve) -> None:
        hours: list[tuple[date, datetime, datetime]] = []
        for (day,) in sieve.frame.select("day").unique().sort("day").iter_rows():
            try:
                has_session, why = self._calendar.has_session(day), "which has no session"
            except UnknownFact as error:
                has_session, why = False, f"of which nothing is known: {error}"
            if has_session:
                session = self._calendar.session(day)
                hours.append((day, session.opens, session.closes))
            else:
                remedy = "day comes before month; give facts of special days"
                sieve.refuse(pl.col("day") == day, "ts", f"is of {day}, {why}", remedy)
        at = pl.Datetime("ms", "UTC")
        types: dict[str, Any] = {"day": pl.Date, "opens": at, "closes": at}
        known = pl.DataFrame(hours, schema=types, orient="row")
        sieve.frame = sieve.frame.join(known, on="day", how="left", maintain_order="left")
        is_open = (pl.col("ts") >= pl.col("opens")) & (pl.col("ts") < pl.col("closes"))
        sieve.set_aside(~is_open, "outside the session")

    def _portions(
        self, frame: Frame, kind: Kind, where: str, dropped: Counter[str]
    ) -> Iterator[Portion]:
        source = self._wanted.source or "/".join(Path(where).parts[-3:])
        wanted = columns_of(kind)
        for name in wanted:
            if name not in frame.columns:
                frame = frame.with_columns(pl.lit(_ABSENT.get(name)).alias(name))
        for (underlying, day), part in frame.group_by(["underlying", "day"]):
            label = f"{self._wanted.origin} {underlying} {day} from {source}"
            about = About(label, self._wanted.origin, (source,), dropped)
            ordered = part.select(pl.col(n).cast(t) for n, t in wanted.items()).sort(*KEYS[kind])
            yield Portion(Place(str(underlying), day, kind), ordered, about)


_ABSENT = {"ticks": 0, "oi": None, "bid": 0, "ask": 0, "bid_size": 0, "ask_size": 0, "spot": 0}


def monthly_of(facts: Facts, calendar: Calendar) -> Monthly:
    """Return what tells the monthly expiry of an underlying, year and month."""
    expiries = Expiries(facts, calendar)

    def monthly(underlying: str, year: int, month: int) -> date:
        return expiries.next_monthly(underlying, date(year, month, 1)).day

    return monthly


def _names(frame: Frame, column: str) -> dict[str, str]:
    written = frame[column].cast(pl.String).unique().drop_nulls().to_list()
    return {text: index_name(text) for text in written}


def _read_bars(sieve: Sieve) -> None:
    cells.read_prices(sieve, _OHLC)
    cells.read_units(sieve, ("volume",))
    for extra in ("oi", "ticks"):
        if RAW + extra in sieve.frame.columns:
            cells.read_units(sieve, (extra,), may_lack=True)
    _refuse_contradictions(sieve)


def _refuse_contradictions(sieve: Sieve) -> None:
    low, high = pl.col("low"), pl.col("high")
    sieve.refuse(low <= 0, "low", "is not above zero")
    sieve.refuse(high < low, "high", "is below the low")
    for name in ("open", "close"):
        price = pl.col(name)
        sieve.refuse((price < low) | (price > high), name, "is outside the bar's low and high")


def _read_snapshots(sieve: Sieve) -> None:
    cells.read_prices(sieve, ("ltp",), may_lack=True)
    cells.read_units(sieve, ("cumulative",), may_lack=True)
    given = set(sieve.frame.columns)
    for name, read in (
        ("bid", cells.read_prices),
        ("ask", cells.read_prices),
        ("bid_size", cells.read_units),
        ("ask_size", cells.read_units),
        ("oi", cells.read_units),
        ("spot", cells.read_levels),
    ):
        if RAW + name in given:
            read(sieve, (name,), may_lack=True)
    sieve.set_aside(pl.col("ltp") == 0, "without a last price")
    if {"bid", "ask"} <= set(sieve.frame.columns):
        crossed = (pl.col("bid") > pl.col("ask")) & (pl.col("ask") > 0)
        sieve.refuse(crossed, "bid", "is above the ask")
    sieve.frame = sieve.frame.with_columns(pl.col("cumulative").alias("volume"))


def _need_minutes(sieve: Sieve) -> None:
    off = pl.col("ts").dt.epoch("ms") % _MINUTE_MS != 0
    sieve.refuse(off, "ts", "is not the start of a minute", "give one-minute bars")
    times = sieve.frame["ts"].unique().sort()
    apart = times.diff().drop_nulls().min()
    if isinstance(apart, timedelta) and apart > timedelta(minutes=1):
        raise DataError(f"{sieve.where}: bars are {apart} apart; one-minute bars are needed")


def _read_csv(path: Path) -> Frame:
    try:
        return pl.read_csv(path, infer_schema=False, null_values=[""], encoding="utf8")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            f"{path}: not a readable CSV file: {error}; each row needs a cell per column, and the "
            "first line their names"
        ) from error
