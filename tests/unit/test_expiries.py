from datetime import date
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import UnknownFact
from swingbreak.facts.expiries import Cycle, Expiries, Expiry, nearest_listed
from tests.own_facts import one_row, with_own

FACTS = load_facts()
EXPIRIES = Expiries(FACTS, Calendar(FACTS))


def days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split()]


@pytest.mark.parametrize(
    ("underlying", "coming", "monthly"),
    [
        (
            "NIFTY",
            "2026-11-23 2026-12-01 2026-12-08 2026-12-15 2026-12-22 2026-12-29",
            "2026-11-23 2026-12-29",
        ),
        ("BANKNIFTY", "2026-11-23 2026-12-29", "2026-11-23 2026-12-29"),
        ("FINNIFTY", "2026-11-23 2026-12-29", "2026-11-23 2026-12-29"),
        ("MIDCPNIFTY", "2026-11-23 2026-12-29", "2026-11-23 2026-12-29"),
        (
            "SENSEX",
            "2026-11-26 2026-12-03 2026-12-10 2026-12-17 2026-12-24 2026-12-31",
            "2026-11-26 2026-12-31",
        ),
        ("BANKEX", "2026-11-26 2026-12-31", "2026-11-26 2026-12-31"),
    ],
)
def test_the_expiries_to_come(underlying: str, coming: str, monthly: str) -> None:
    found = EXPIRIES.between(underlying, date(2026, 11, 22), date(2026, 12, 31))
    assert [expiry.day for expiry in found] == days(coming)
    assert [e.day for e in found if e.cycle is Cycle.MONTHLY] == days(monthly)


# Scheduled and actual day of what moved: from exchange notices and end-of-day files.
SHIFTED = {
    "NIFTY": """
        2019-03-21 2019-03-20  2019-08-15 2019-08-14  2020-04-02 2020-04-01  2021-03-11 2021-03-10
        2021-05-13 2021-05-12  2021-08-19 2021-08-18  2021-11-04 2021-11-03  2022-04-14 2022-04-13
        2023-01-26 2023-01-25  2023-03-30 2023-03-29  2023-06-29 2023-06-28  2024-04-11 2024-04-10
        2024-08-15 2024-08-14  2025-04-10 2025-04-09  2025-05-01 2025-04-30  2025-10-21 2025-10-20
        2026-03-03 2026-03-02  2026-03-31 2026-03-30  2026-04-14 2026-04-13  2026-10-20 2026-10-19
        2026-11-10 2026-11-09  2026-11-24 2026-11-23
    """,
    "SENSEX": """
        2024-01-26 2024-01-25  2024-03-08 2024-03-07  2024-03-29 2024-03-28  2024-11-01 2024-10-31
        2024-11-15 2024-11-14  2025-10-02 2025-10-01  2025-12-25 2025-12-24  2026-01-15 2026-01-14
        2026-03-26 2026-03-25  2026-05-28 2026-05-27
    """,
}


@pytest.mark.parametrize("underlying", SHIFTED)
def test_an_expiry_on_a_holiday_is_the_trading_day_before(underlying: str) -> None:
    listed = days(SHIFTED[underlying])
    first = date(2019, 1, 1) if underlying == "NIFTY" else date(2023, 5, 15)
    found = EXPIRIES.between(underlying, first, date(2026, 12, 31))
    moved = [(expiry.due, expiry.day) for expiry in found if expiry.due != expiry.day]
    assert moved == list(zip(listed[::2], listed[1::2], strict=True))


@pytest.mark.parametrize(
    ("underlying", "first", "last", "expected"),
    [
        ("NIFTY", "2019-01-28", "2019-02-28", "2019-01-31 2019-02-14 2019-02-21 2019-02-28"),
        ("NIFTY", "2025-08-21", "2025-09-09", "2025-08-21 2025-08-28 2025-09-02 2025-09-09"),
        (
            "BANKNIFTY",  # Wednesdays, but none in the week of the Thursday that is the monthly
            "2023-08-31",
            "2023-10-04",
            "2023-08-31 2023-09-06 2023-09-13 2023-09-20 2023-09-28 2023-10-04",
        ),
        (
            "BANKNIFTY",
            "2024-02-21",
            "2024-03-27",
            "2024-02-21 2024-02-29 2024-03-06 2024-03-13 2024-03-20 2024-03-27",
        ),
        (
            "BANKNIFTY",
            "2024-11-06",
            "2025-01-31",
            "2024-11-06 2024-11-13 2024-11-27 2024-12-24 2025-01-30",
        ),
        ("FINNIFTY", "2021-10-07", "2021-10-27", "2021-10-07 2021-10-14 2021-10-19 2021-10-26"),
        ("MIDCPNIFTY", "2023-04-25", "2023-05-04", "2023-04-25 2023-05-03"),
        ("MIDCPNIFTY", "2023-06-21", "2023-06-30", "2023-06-21 2023-06-28"),
        ("MIDCPNIFTY", "2023-08-16", "2023-08-29", "2023-08-16 2023-08-21 2023-08-28"),
        ("SENSEX", "2024-12-27", "2025-01-14", "2024-12-27 2025-01-03 2025-01-07 2025-01-14"),
        ("SENSEX", "2025-08-26", "2025-09-11", "2025-08-26 2025-09-04 2025-09-11"),
        (
            "BANKEX",
            "2023-10-06",
            "2023-10-31",
            "2023-10-06 2023-10-13 2023-10-16 2023-10-23 2023-10-30",
        ),
    ],
    ids=lambda value: value if len(value) < 12 else "",
)
def test_weekdays_change(underlying: str, first: str, last: str, expected: str) -> None:
    found = EXPIRIES.between(underlying, date.fromisoformat(first), date.fromisoformat(last))
    assert [expiry.day for expiry in found] == days(expected)


def test_next_and_nth() -> None:
    day = date(2026, 11, 23)
    monthly = Expiry(day, date(2026, 11, 24), Cycle.MONTHLY)
    assert EXPIRIES.next("NIFTY", day) == monthly
    assert EXPIRIES.next("NIFTY", date(2026, 11, 24)).day == date(2026, 12, 1)
    assert EXPIRIES.next("NIFTY", day, 3).day == date(2026, 12, 8)
    assert EXPIRIES.next_monthly("NIFTY", day) == monthly
    assert EXPIRIES.next_monthly("NIFTY", day, 2).day == date(2026, 12, 29)
    with pytest.raises(UnknownFact, match="NIFTY"):
        EXPIRIES.next_monthly("NIFTY", date(2000, 1, 1))
    assert EXPIRIES.is_expiry("NIFTY", day)
    assert not EXPIRIES.is_expiry("NIFTY", date(2026, 11, 24))
    assert EXPIRIES.is_expiry("SENSEX", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("underlying", "day", "message"),
    [
        ("NIFTY", date(2026, 12, 30), "holidays from 2027-01-01 on is not known"),
        ("SENSEX", date(2023, 5, 14), "no weekly_expiry SENSEX is known for 2023-05-14"),
        ("DAX", date(2026, 11, 20), "no weekly_expiry DAX is known for 2026-11-20"),
        ("NIFTY", date(2018, 12, 27), "no calendar is known for 2018-12-27"),
    ],
    ids=["calendar", "before its listing", "underlying", "before the calendars"],
)
def test_what_cannot_be_told_is_refused(underlying: str, day: date, message: str) -> None:
    with pytest.raises(UnknownFact, match=message):
        EXPIRIES.next(underlying, day)


def test_an_expiry_moves_over_the_end_of_a_stretch() -> None:
    # the 24th is a holiday: due after the stretch, it falls into it
    found = EXPIRIES.between("NIFTY", date(2026, 11, 20), date(2026, 11, 23))
    assert [expiry.day for expiry in found] == [date(2026, 11, 23)]
    assert EXPIRIES.between("NIFTY", date(2026, 11, 24), date(2026, 11, 25)) == ()


def test_an_expiry_follows_the_user_s_calendar(tmp_path: Path) -> None:
    row = {"from_": "2026-12-01", "until": "2026-12-01"}
    facts = with_own(tmp_path, one_row("calendar", **row, holidays='{ 2026-12-01 = "Election" }'))
    expiry = Expiries(facts, Calendar(facts)).next("NIFTY", date(2026, 11, 25))
    assert expiry == Expiry(date(2026, 11, 30), date(2026, 12, 1), Cycle.WEEKLY)


def test_an_expiry_can_be_set_by_hand(tmp_path: Path) -> None:
    row = {"underlying": '"NIFTY"', "from_": "2026-12-08", "until": "2026-12-08"}
    facts = with_own(tmp_path, one_row("expiry_exception", **row, expiry="2026-12-07"))
    found = Expiries(facts, Calendar(facts)).between("NIFTY", date(2026, 12, 2), date(2026, 12, 9))
    assert [expiry.day for expiry in found] == [date(2026, 12, 7)]


def test_an_expiry_set_by_hand_is_not_later(tmp_path: Path) -> None:
    row = {"underlying": '"NIFTY"', "from_": "2026-12-08", "until": "2026-12-08"}
    facts = with_own(tmp_path, one_row("expiry_exception", **row, expiry="2026-12-09"))
    with pytest.raises(DataError, match="due on 2026-12-08 cannot be later, on 2026-12-09"):
        Expiries(facts, Calendar(facts)).next("NIFTY", date(2026, 12, 2))


def test_weeklies_stay_beside_the_monthly_where_the_rule_says_so(tmp_path: Path) -> None:
    rule = {"from_": "2024-01-01", "until": "2024-01-31", "monthly_replaces_weekly": "false"}
    text = one_row("expiry_rule", on_holiday='"previous trading day"', **rule)
    facts = with_own(tmp_path, text)
    found = Expiries(facts, Calendar(facts)).between(
        "BANKNIFTY", date(2024, 1, 22), date(2024, 1, 26)
    )
    assert [expiry.day for expiry in found] == days("2024-01-24 2024-01-25")


def test_a_weekday_that_is_none_is_refused(tmp_path: Path) -> None:
    row = {"underlying": '"NIFTY"', "from_": "2026-12-01", "weekday": '"Tuesday"'}
    facts = with_own(tmp_path, one_row("weekly_expiry", **row))
    with pytest.raises(DataError, match="'Tuesday' is no weekday of expiries: write MON to FRI"):
        Expiries(facts, Calendar(facts)).next("NIFTY", date(2026, 12, 1))


def test_what_the_broker_lists_decides_what_auto_means() -> None:
    listed = [date(2026, 12, 8), date(2026, 12, 1), date(2026, 11, 17)]
    assert nearest_listed(listed, date(2026, 11, 20)) == date(2026, 12, 1)
    assert nearest_listed(listed, date(2026, 12, 8)) == date(2026, 12, 8)
    with pytest.raises(DataError, match="no expiry is listed on or after 2026-12-09"):
        nearest_listed(listed, date(2026, 12, 9))
