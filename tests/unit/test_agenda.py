"""Which session comes next: weekends, holidays, special sessions, unknown years, clocks set."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import IST
from swingbreak.facts.agenda import LEAD, Awaited, Due, next_session
from swingbreak.facts.calendar import Calendar
from tests.own_facts import one_row, with_own

FACTS = load_facts()
CALENDAR = Calendar(FACTS)
FRIDAY, MONDAY, WEDNESDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 25)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 1)


def ist(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), IST).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "traded", "day", "begins", "why"),
    [
        (ist(FRIDAY, "00:00"), None, FRIDAY, "09:10", "2026-11-20 has not opened yet"),
        (ist(FRIDAY, "09:09:59"), None, FRIDAY, "09:10", "2026-11-20 has not opened yet"),
        (ist(FRIDAY, "15:40"), None, MONDAY, "09:10", "the session of 2026-11-20 closed at 15:40"),
        (ist(FRIDAY, "11:00"), FRIDAY, MONDAY, "09:10", "2026-11-20 has been traded"),
        (ist(date(2026, 11, 21), "11:00"), None, MONDAY, "09:10", "2026-11-21 is a weekend"),
        (ist(date(2026, 11, 22), "11:00"), FRIDAY, MONDAY, "09:10", "2026-11-22 is a weekend"),
        (
            ist(date(2026, 11, 24), "11:00"),
            None,
            WEDNESDAY,
            "09:10",
            "2026-11-24 is a holiday (Guru Nanak Jayanti)",
        ),
        (
            ist(date(2026, 2, 1), "11:00"),
            None,
            date(2026, 2, 2),
            "09:10",
            "2026-02-01 is a special session (budget)",
        ),
        (ist(date(2026, 12, 31), "20:00"), None, date(2027, 1, 1), "09:10", "the session of 2026"),
        (ist(FRIDAY, "04:00"), MONDAY, WEDNESDAY, "09:10", "2026-11-20 has been traded"),
    ],
    ids=[
        *("midnight", "a second early", "closed", "ended early", "Saturday", "Sunday"),
        *("holiday", "special session", "a year that nobody knows", "a clock set back by days"),
    ],
)
def test_what_is_waited_for(
    now: datetime, traded: date | None, day: date, begins: str, why: str
) -> None:
    found = next_session(FACTS, now, traded)
    assert isinstance(found, Awaited)
    assert (found.session.day, found.begins) == (day, ist(day, begins))
    assert found.why.startswith(why)


@pytest.mark.parametrize("clock", ["09:10", "09:15", "12:00", "15:39:59"])
def test_what_is_begun_at_once(clock: str) -> None:
    assert next_session(FACTS, ist(FRIDAY, clock)) == Due(CALENDAR.session(FRIDAY))


def test_a_special_session_is_traded_where_people_say_so(tmp_path: Path) -> None:
    row = one_row(
        "special_session",
        from_="2026-11-22",
        until="2026-11-22",
        kind='"muhurat"',
        opens="18:00:00",
        closes="19:00:00",
        trade="true",
    )
    facts = with_own(tmp_path, row)
    sunday = date(2026, 11, 22)
    found = next_session(facts, ist(sunday, "11:00"), FRIDAY)
    assert isinstance(found, Awaited)
    assert found.begins == ist(sunday, "17:55")
    assert next_session(facts, found.begins) == Due(Calendar(facts).session(sunday))


def test_a_clock_that_is_a_year_off_is_told() -> None:
    with pytest.raises(ConfigError, match="no session to trade within 30 days of 2025-11-20 11:00"):
        next_session(FACTS, ist(date(2025, 11, 20), "11:00"), FRIDAY)


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30)).map(  # noqa: DTZ001 - made aware here
    lambda at: at.replace(tzinfo=UTC)
)


@given(INSTANTS, st.none() | st.dates(FIRST, LAST))
def test_it_is_the_first_trading_day_that_is_left(now: datetime, traded: date | None) -> None:
    today = now.astimezone(IST).date()
    days = CALENDAR.days(today, today + timedelta(days=29))
    left = (
        session
        for session in map(CALENDAR.session, days)
        if session.closes > now and (traded is None or session.day > traded)
    )
    expected = next(left, None)
    if expected is None:
        with pytest.raises(ConfigError, match="no session to trade within 30 days"):
            next_session(FACTS, now, traded)
        return
    found = next_session(FACTS, now, traded)
    assert found.session == expected
    assert isinstance(found, Due) == (now >= expected.opens - LEAD)
    if isinstance(found, Awaited):
        assert now < found.begins == expected.opens - LEAD
        assert next_session(FACTS, found.begins, traded) == Due(expected)


@given(st.lists(st.tuples(st.integers(-7200, 14_400), st.booleans()), max_size=60), INSTANTS)
def test_a_clock_that_is_set_doubles_no_session(
    steps: list[tuple[int, bool]], start: datetime
) -> None:
    """Time goes on and is set back and forth by hours; what is due is traded once, in order."""
    now, traded, begun = start, None, list[date]()
    for seconds, is_patient in steps:
        found = next_session(FACTS, now, traded)
        if isinstance(found, Due):
            traded = found.session.day
            begun.append(traded)
        elif is_patient:
            now = found.begins
        now += timedelta(seconds=seconds)
    assert begun == sorted(set(begun))
