from datetime import date, time
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.errors import DataError
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar, Outage, SpecialSession, outages_on
from swingbreak.facts.dated import UnknownFact
from tests.own_facts import one_row, with_own

FACTS = load_facts()
CALENDAR = Calendar(FACTS)


@pytest.mark.parametrize(
    ("day", "trades", "has_session", "refusal"),
    [
        (date(2026, 11, 20), True, True, ""),
        (date(2026, 11, 21), False, False, "2026-11-21 is a weekend"),
        (date(2026, 11, 24), False, False, "2026-11-24 is a holiday (Guru Nanak Jayanti)"),
        (date(2026, 1, 15), False, False, "2026-01-15 is a holiday (Municipal election)"),
        (date(2026, 2, 1), False, True, "2026-02-01 is a special session (budget)"),
        (date(2025, 10, 21), False, True, "2025-10-21 is a special session (muhurat)"),
        (date(2026, 11, 8), False, True, "2026-11-08 is a special session (muhurat)"),
        (date(2026, 2, 19), True, True, ""),  # banks rest, the exchange does not
        (date(2023, 6, 28), True, True, ""),  # Bakri Id was moved to the day after
        (date(2023, 6, 29), False, False, "2023-06-29 is a holiday (Bakri Id)"),
    ],
    ids=str,
)
def test_days(day: date, trades: bool, has_session: bool, refusal: str) -> None:
    assert CALENDAR.is_trading_day(day) is trades
    assert CALENDAR.has_session(day) is has_session
    assert CALENDAR.refusal(day) == refusal


@pytest.mark.parametrize(
    ("day", "opens", "closes", "minutes", "stands"),
    [
        (date(2026, 7, 31), time(9, 15), time(15, 30), 375, None),
        (date(2026, 8, 3), time(9, 15), time(15, 40), 385, (time(15, 15), time(15, 35))),
        (date(2026, 2, 1), time(9, 15), time(15, 30), 375, None),
        (date(2025, 10, 21), time(13, 45), time(14, 45), 60, None),
        (date(2027, 3, 1), time(9, 15), time(15, 40), 385, (time(15, 15), time(15, 35))),
    ],
    ids=str,
)
def test_hours_follow_their_era(
    day: date, opens: time, closes: time, minutes: int, stands: tuple[time, time] | None
) -> None:
    session = CALENDAR.session(day)
    assert session == Session.on(day, opens, closes)
    assert session.minutes == minutes
    assert CALENDAR.index_stands(day) == stands


def test_no_index_stands_in_a_special_session(tmp_path: Path) -> None:
    day = "2026-12-05"
    hours = {"opens": "09:15:00", "closes": "12:00:00", "kind": '"drill"', "trade": "false"}
    facts = with_own(tmp_path, one_row("special_session", from_=day, until=day, **hours))
    assert Calendar(facts).index_stands(date(2026, 12, 5)) is None
    assert Calendar(facts).session(date(2026, 12, 5)).minutes == 165


def test_a_special_session_says_what_is_known_of_it() -> None:
    day = date(2024, 11, 1)
    hours = Session.on(day, time(18), time(19))
    assert CALENDAR.special(day) == SpecialSession(day, "muhurat", hours, may_trade=False)
    drill = CALENDAR.special(date(2024, 3, 2))
    assert drill is not None
    assert (drill.kind, drill.session) == ("disaster recovery", None)
    assert CALENDAR.special(date(2026, 11, 20)) is None
    with pytest.raises(UnknownFact, match="opens from 2026-11-08 on is not known: the hours were"):
        CALENDAR.session(date(2026, 11, 8))


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2026, 11, 23), date(2026, 11, 20), date(2026, 11, 25)),
        (date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 25)),
        (date(2026, 2, 1), date(2026, 1, 30), date(2026, 2, 2)),  # a budget Sunday does not count
        (date(2021, 11, 4), date(2021, 11, 3), date(2021, 11, 8)),
    ],
    ids=str,
)
def test_neighbours(day: date, before: date, after: date) -> None:
    assert CALENDAR.preceding(day) == before
    assert CALENDAR.following(day) == after


def test_days_are_counted_with_both_ends() -> None:
    week = CALENDAR.days(date(2026, 11, 20), date(2026, 11, 25))
    assert list(week) == [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 25)]


def test_the_calendar_of_2027_is_not_known() -> None:
    assert not CALENDAR.is_trading_day(date(2027, 1, 2))  # a Saturday needs no list
    for ask in (CALENDAR.is_trading_day, CALENDAR.has_session, CALENDAR.refusal, CALENDAR.holiday):
        with pytest.raises(UnknownFact, match="holidays from 2027-01-01 on is not known"):
            ask(date(2027, 1, 4))
    with pytest.raises(UnknownFact, match="2027"):
        CALENDAR.following(date(2026, 12, 31))
    with pytest.raises(UnknownFact, match="no calendar is known for 2018-12-31; facts begin 2019"):
        CALENDAR.holiday(date(2018, 12, 31))
    with pytest.raises(UnknownFact, match="no session is known for 2001-01-01"):
        CALENDAR.session(date(2001, 1, 1))


def test_outages_are_known() -> None:
    day = date(2021, 2, 24)
    at = CALENDAR.session(day).at
    halted = Outage("NFO", at(time(11, 40)), at(time(15, 45)), at(time(17)))
    assert outages_on(FACTS, day) == (halted,)
    assert outages_on(FACTS, date(2021, 2, 25)) == ()


def test_a_late_holiday_and_one_that_was_called_off_are_corrected_by_a_file(tmp_path: Path) -> None:
    text = """
[[calendar]]
from = 2026-12-01
until = 2026-12-01
holidays = { 2026-12-01 = "Assembly election" }
source = "circular of yesterday"
confidence = "H"

[[calendar]]
from = 2026-11-24
until = 2026-11-24
holidays = {}
source = "the holiday was moved"
confidence = "H"
"""
    calendar = Calendar(with_own(tmp_path, text))
    assert calendar.refusal(date(2026, 12, 1)) == "2026-12-01 is a holiday (Assembly election)"
    assert calendar.is_trading_day(date(2026, 11, 24))
    assert calendar.holiday(date(2026, 12, 25)) == "Christmas"


def test_a_year_that_was_not_known_is_given_by_a_file(tmp_path: Path) -> None:
    year = {"from_": "2027-01-01", "until": "2027-12-31"}
    text = one_row("calendar", **year, holidays='{ 2027-01-26 = "Republic Day" }')
    calendar = Calendar(with_own(tmp_path, text))
    assert calendar.is_trading_day(date(2027, 1, 4))
    assert not calendar.is_trading_day(date(2027, 1, 26))


def test_a_special_session_is_traded_when_a_file_says_so(tmp_path: Path) -> None:
    row = {"kind": '"budget"', "trade": "true", "opens": "09:15:00", "closes": "15:40:00"}
    text = one_row("special_session", from_="2027-02-01", until="2027-02-01", **row)
    calendar = Calendar(with_own(tmp_path, text))
    assert calendar.refusal(date(2027, 2, 1)) == ""
    assert calendar.session(date(2027, 2, 1)).minutes == 385


@pytest.mark.parametrize("day", ["2026-13-01", "2025-12-01", "Christmas"])
def test_a_holiday_that_could_never_be_found_is_refused(tmp_path: Path, day: str) -> None:
    year = {"from_": "2026-01-01", "until": "2026-12-31"}
    facts = with_own(tmp_path, one_row("calendar", **year, holidays=f'{{ {day} = "?" }}'))
    with pytest.raises(DataError, match=f"holiday '{day}' is no day from 2026-01-01 to 2026-12-31"):
        Calendar(facts)
