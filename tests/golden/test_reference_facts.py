"""The facts against others' records: end-of-day files, lists of expiries, a holiday calendar.

Exceptions stand in the tables below, each with its source or reason.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from math import gcd
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts, largest_order
from swingbreak.facts.dated import UnknownFact
from swingbreak.facts.expiries import Expiries
from swingbreak.facts.order_rules import OrderRules
from swingbreak.gateway.calendar_api import _open_on

SHARED = Path(__file__).parents[3] / "shared" / "data"
FACTS = load_facts()
CALENDAR = Calendar(FACTS)
EXPIRIES = Expiries(FACTS, CALENDAR)
CONTRACTS = Contracts(FACTS)
RULES = OrderRules(FACTS)

FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
LISTED_SINCE = {
    "NIFTY": FIRST,
    "BANKNIFTY": FIRST,
    "FINNIFTY": date(2021, 1, 11),
    "MIDCPNIFTY": date(2022, 1, 24),
    "SENSEX": date(2023, 5, 15),
    "BANKEX": date(2023, 5, 15),
}
# After the year's last expiry the next one is in 2027, whose calendar nobody had published.
YEAR_END = {date(2026, 12, 30), date(2026, 12, 31)}
UNRESOLVED = {
    "NIFTY": YEAR_END,
    "BANKNIFTY": YEAR_END,
    "FINNIFTY": YEAR_END,
    "MIDCPNIFTY": YEAR_END,
    "SENSEX": set(),
    "BANKEX": set(),
}

shared_data = pytest.mark.skipif(not SHARED.is_dir(), reason="reference data are not at hand")


@pytest.mark.parametrize("underlying", LISTED_SINCE)
def test_every_trading_day_resolves(underlying: str) -> None:
    unresolved = set()
    days = list(CALENDAR.days(LISTED_SINCE[underlying], LAST))
    for day in days:
        assert CALENDAR.session(day).minutes in {375, 385}
        assert CALENDAR.refusal(day) == ""
        try:
            expiry = EXPIRIES.next(underlying, day).day
        except UnknownFact:
            unresolved.add(day)
            continue
        assert timedelta() <= expiry - day < timedelta(days=36)
        assert CALENDAR.is_trading_day(expiry)
        terms = CONTRACTS.terms(underlying, expiry, day)
        assert largest_order(terms.freeze, terms.lot) >= 10 * terms.lot
        RULES.prices(terms.exchange, day)
        assert RULES.allows("SL", terms.exchange, day)
    assert unresolved == UNRESOLVED[underlying]
    assert len(days) > 500


# Sessions on weekends, which the library does not have; from the exchanges' circulars.
WEEKEND_SESSIONS = {
    date(2019, 10, 27): "muhurat",
    date(2020, 2, 1): "budget",
    date(2020, 11, 14): "muhurat",
    date(2023, 11, 12): "muhurat",
    date(2024, 1, 20): "disaster recovery",
    date(2024, 3, 2): "disaster recovery",
    date(2024, 5, 18): "disaster recovery",
    date(2025, 2, 1): "budget",
    date(2026, 2, 1): "budget",
    date(2026, 11, 8): "muhurat",
}
# Muhurat sessions in the evening of a weekday, by the same circulars: holidays in the library.
WEEKDAY_MUHURATS = {
    date(2021, 11, 4),
    date(2022, 10, 24),
    date(2024, 11, 1),
    date(2025, 10, 21),
}


@pytest.mark.filterwarnings("ignore:Series.values")  # of the library
@pytest.mark.skipif(find_spec("exchange_calendars") is None, reason="no exchange_calendars")
def test_trading_days_are_those_of_exchange_calendars() -> None:
    import exchange_calendars  # noqa: PLC0415 - slow, and only here

    library = exchange_calendars.get_calendar("XBOM", start=str(FIRST), end=str(LAST))
    theirs = [session.date() for session in library.sessions]
    assert list(CALENDAR.days(FIRST, LAST)) == theirs
    ours = {day for day in every_day() if CALENDAR.has_session(day)}
    assert ours - set(theirs) == WEEKEND_SESSIONS.keys() | WEEKDAY_MUHURATS
    for day, kind in WEEKEND_SESSIONS.items():
        special = CALENDAR.special(day)
        assert special is not None
        assert special.kind == kind


def test_three_days_that_are_known_for_certain() -> None:
    assert EXPIRIES.is_expiry("NIFTY", date(2026, 11, 23))
    assert CALENDAR.has_session(date(2026, 2, 1))
    assert not CALENDAR.has_session(date(2026, 1, 15))


def test_the_calendar_that_openalgo_ships_agrees_for_2026() -> None:
    for day in every_day(date(2026, 1, 1)):
        is_open = "NFO" in _open_on(day)
        # it does not have the budget's Sunday
        assert is_open == (CALENDAR.has_session(day) and day != date(2026, 2, 1)), day


# The list ends with August's weeklies, and names one monthly after that.
LIST_ENDS = date(2026, 8, 25)


@shared_data
def test_nifty_expiries_are_those_that_were_traded() -> None:
    path = SHARED / "reference" / "nifty_expiry_calendar_2021_2026.csv"
    with path.open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    until = {day for row in listed if (day := expiry_of(row)) <= LIST_ENDS}
    found = EXPIRIES.between("NIFTY", date(2021, 1, 1), LIST_ENDS)
    assert {expiry.day for expiry in found} == until
    ours = {expiry.day: expiry for expiry in (*found, EXPIRIES.next("NIFTY", date(2026, 9, 23)))}
    for row in listed:
        expiry = ours[expiry_of(row)]
        assert expiry.cycle.value == row["expiry_type"], row
        assert expiry.due == date.fromisoformat(row["original_scheduled_expiry"]), row
        assert CONTRACTS.lot("NIFTY", expiry.day) == int(row["contract_lot_size"]), row


# The evening of 2025-01-01 moved these to Thursday; the files of that day still show the old ones.
MOVED = {"BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"}
MOVED_AFTER = date(2025, 1, 1)
# Long-dated contracts had the old lot in January 2025 and were switched later: by the Fyers notice
# of 2025 (BANKNIFTY from July), by NSE/FAOP/70616 (all expiries of 2026).
SWITCHED_LATER = {"BANKNIFTY": date(2025, 7, 31), "NIFTY": date(2026, 1, 1)}
UNKNOWN_FROM = date(2027, 1, 1)


@shared_data
@pytest.mark.parametrize("underlying", ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"])
def test_lots_are_those_of_the_official_end_of_day_files(underlying: str) -> None:
    polars = pytest.importorskip("polars")
    table = polars.read_parquet(SHARED / "eod" / f"{underlying}.parquet")
    options = table.filter(polars.col("instrument") == "OPT")
    for day, expiry, lot in options.select("date", "expiry", "lot_size").unique().rows():
        if day.year == 2025 and expiry >= SWITCHED_LATER.get(underlying, date.max):
            continue
        if expiry >= UNKNOWN_FROM:
            with pytest.raises(UnknownFact):
                CONTRACTS.lot(underlying, expiry)
            continue
        assert CONTRACTS.lot(underlying, expiry) == lot, (day, expiry)


@shared_data
@pytest.mark.parametrize("underlying", ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"])
def test_next_expiries_are_those_of_the_official_end_of_day_files(underlying: str) -> None:
    polars = pytest.importorskip("polars")
    table = polars.read_parquet(SHARED / "eod" / f"{underlying}.parquet")
    options = table.filter(polars.col("instrument") == "OPT")
    nearest = options.group_by("date").agg(polars.col("expiry").min()).sort("date").rows()
    compared = [row for row in nearest if underlying not in MOVED or row[0] > MOVED_AFTER]
    assert compared == [(day, EXPIRIES.next(underlying, day).day) for day, _ in compared]
    assert len(compared) >= 65


@cache
def traded(path: str, volume: str) -> dict[tuple[date, int, str], int]:
    """Return the greatest common divisor of what each contract traded."""
    polars = pytest.importorskip("polars")
    table = polars.read_parquet(SHARED / path).drop_nulls(volume)
    found: dict[tuple[date, int, str], int] = {}
    for expiry, strike, right, units in table.select("expiry", "strike", "right", volume).rows():
        key = expiry, strike, right
        found[key] = gcd(found.get(key, 0), int(units))
    return {key: divisor for key, divisor in found.items() if divisor}


@shared_data
@pytest.mark.parametrize(
    ("underlying", "path", "volume"),
    [
        ("NIFTY", "options/NIFTY/2021-06-11.parquet", "volume"),
        ("NIFTY", "options/NIFTY/2021-06-14.parquet", "volume"),
        ("BANKNIFTY", "ticks/BANKNIFTY/2021-08-20.parquet", "volume_cum"),
        ("NIFTY", "chain_snapshots/NIFTY/2025-08-29.parquet", "volume_cum"),
        ("BANKNIFTY", "chain_snapshots/BANKNIFTY/2025-08-29.parquet", "volume_cum"),
        ("NIFTY", "chain_snapshots/NIFTY/2026-02-03.parquet", "volume_cum"),
        ("BANKNIFTY", "chain_snapshots/BANKNIFTY/2026-02-03.parquet", "volume_cum"),
    ],
    ids=lambda value: value.rpartition("/")[0] and value,
)
def test_lots_divide_what_was_traded(underlying: str, path: str, volume: str) -> None:
    divisors: dict[date, int] = {}
    for (expiry, _, _), divisor in traded(path, volume).items():
        assert divisor % CONTRACTS.lot(underlying, expiry) == 0, expiry
        divisors[expiry] = gcd(divisors.get(expiry, 0), divisor)
    nearest = min(divisors)
    assert divisors[nearest] == CONTRACTS.lot(underlying, nearest)


def expiry_of(row: dict[str, Any]) -> date:
    return date.fromisoformat(row["actual_expiry_date"])


def every_day(first: date = FIRST) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((LAST - first).days + 1))
