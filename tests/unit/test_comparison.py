"""What a gateway says of a day, against the facts: one right line for each disagreement."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.comparison import (
    Claims,
    Difference,
    Finding,
    Hours,
    NotCompared,
    Silence,
    Terms,
    agreed_session,
    compare,
)
from swingbreak.facts.dated import Facts
from tests.own_facts import one_row, with_own

FACTS = load_facts()
FRIDAY = date(2026, 11, 20)
SESSION = Session.on(FRIDAY, time(9, 15), time(15, 40))
NOW = SESSION.at(time(9))
HOLIDAYS = {date(2026, 11, 24): "Prakash Gurpurb", date(2026, 12, 25): "Christmas"}


def days(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in text.split())


CLAIMS = Claims(
    underlying="NIFTY",
    day=FRIDAY,
    lists_all=True,
    # weeklies without a gap, then some months only
    expiries=days("2026-11-17 2026-11-23 2026-12-01 2026-12-08 2026-12-15 2026-12-29"),
    expiry=date(2026, 11, 23),
    terms=Terms(65, 1800, 5),
    holidays=HOLIDAYS,
    hours=(SESSION.opens, SESSION.closes),
)


def found(claims: Claims = CLAIMS, facts: Facts = FACTS) -> tuple[Finding, ...]:
    return compare(facts, claims, NOW)


def hours(opens: str, closes: str, day: date = FRIDAY) -> Hours:
    session = Session.on(day, time.fromisoformat(opens), time.fromisoformat(closes))
    return session.opens, session.closes


def test_a_gateway_that_is_right_differs_in_nothing() -> None:
    assert found() == ()


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        pytest.param(
            {"terms": Terms(75, 1800, 5)},
            [("lot of NIFTY 23NOV26: ours 65 units (NSE/FAOP/70616 of 2025-10-03) / "
             "gateway 75 units: used 75 units, by the instrument list")],
            id="lot",
        ),
        pytest.param(
            {"terms": Terms(65, 1200, 5)},
            [("freeze of NIFTY: ours 1800 units (NSE/FAOP/75521) / gateway 1200 units: used "
             "1200 units, by the instrument list")],
            id="freeze",
        ),
        pytest.param(
            {"terms": Terms(65, 1800, 10)}, [("tick of NIFTY: ours Rs 0.05 (*) / gateway Rs 0.10: "
             "used Rs 0.10, by the instrument list")],
            id="tick",
        ),
        pytest.param(
            {"terms": Silence("no such symbol")},
            ["lot, freeze and tick of NIFTY: not compared: no such symbol"],
            id="no terms",
        ),
        pytest.param({"expiry": None}, [], id="no contract chosen"),
        pytest.param(
            {"expiries": days("2026-12-01 2026-12-08"), "expiry": date(2026, 12, 1)},
            [("expiry 2026-11-23 of NIFTY: ours monthly due 2026-11-24 (NSE/FAOP/68589 *) "
             "/ gateway not listed: used 2026-12-01, which is listed")],
            id="the nearest is missing",
        ),
        pytest.param(
            {"expiries": days("2026-11-23 2026-12-01 2026-12-15")},
            [("expiry 2026-12-08 of NIFTY: ours weekly due 2026-12-08 (*) / gateway not listed: "
             "used 2026-11-23, which is listed")],
            id="one between is missing",
        ),
        pytest.param(
            {"expiries": days("2026-11-24 2026-12-01"), "expiry": date(2026, 11, 24)},
            [("expiry 2026-11-24 of NIFTY: ours none due (*) / gateway listed: used it, the one to "
             "be traded"),
             ("expiry 2026-11-23 of NIFTY: ours monthly due 2026-11-24 (*) / gateway not listed: "
             "used 2026-11-24, which is listed"),
             ],
            id="not moved for the holiday",
        ),
        pytest.param(
            {"expiries": (*days("2026-11-23 2026-11-27"),)},
            [("expiry 2026-11-27 of NIFTY: ours none due (*) / gateway listed: used it only if "
             "asked for")],
            id="one too many",
        ),
        pytest.param(
            {"lists_all": False, "expiries": days("2026-12-01"), "expiry": date(2026, 12, 1)},
            [],
            id="a day served again has its own contracts",
        ),
        pytest.param(
            {"expiries": (*days("2026-11-23 2026-12-01 2027-01-26"),)},
            ["expiries of NIFTY after 2026-12-01: not compared: *2027*"],
            id="beyond the calendar",
        ),
        pytest.param(
            {"expiries": days("2026-11-17"), "expiry": None},
            ["expiries of NIFTY after 2026-11-20: not compared: all that are listed are past"],
            id="all past",
        ),
        pytest.param(
            {"expiries": Silence("no answer in 3 s")},
            ["expiries of NIFTY: not compared: no answer in 3 s"],
            id="no expiries",
        ),
        pytest.param(
            {"holidays": HOLIDAYS | {date(2026, 12, 2): "Election", date(2026, 11, 8): "Diwali"}},
            [("holiday 2026-12-02: ours a trading day (*) / gateway Election: used ours; where the "
             "gateway is right expiries move too")],
            id="another holiday",
        ),
        pytest.param(
            {"holidays": {FRIDAY: "Election", **HOLIDAYS}},
            [("holiday 2026-11-20: ours a trading day (*) / gateway Election: used ours; where the "
             "gateway is right no order of today can trade")],
            id="today",
        ),
        pytest.param(
            {"holidays": {date(2026, 12, 25): "Christmas"}},
            ["holiday 2026-11-24: ours Guru Nanak Jayanti (*) / gateway a trading day: used *"],
            id="a holiday less",
        ),
        pytest.param(
            {"holidays": {}}, ["holidays: not compared: the gateway: it lists none of 2026"],
            id="holidays of no year",
        ),
        pytest.param(
            {"holidays": Silence("Not found")},
            ["holidays: not compared: the gateway: Not found"],
            id="no holidays",
        ),
        pytest.param(
            {"hours": hours("09:15", "15:30")},
            [("session of 2026-11-20: ours 09:15 to 15:40 (NSE/FAOP/74467 *) / gateway 09:15 to "
             "15:30: used 09:15 to 15:30 (the gateway's close, the earlier one)")],
            id="closes earlier",
        ),
        pytest.param(
            {"hours": hours("09:15", "15:45")},
            ["session of 2026-11-20: * used 09:15 to 15:40 (ours, which closes no later)"],
            id="closes later",
        ),
        pytest.param(
            {"hours": hours("03:45", "10:10")},
            ["session of 2026-11-20: * used 09:15 to 15:40 (ours: shifted as a whole*"],
            id="another time zone",
        ),
        pytest.param(
            {"hours": hours("08:00", "08:59")},
            ["session of 2026-11-20: * used 09:15 to 15:40 (ours: by the gateway's the market *"],
            id="shut already",
        ),
        pytest.param(
            {"hours": None},
            ["session of 2026-11-20: ours 09:15 to 15:40 (*) / gateway no session: used ours; *"],
            id="closed",
        ),
        pytest.param(
            {"hours": Silence("Not found")},
            ["session of 2026-11-20: not compared: the gateway: Not found"],
            id="no timings",
        ),
    ],
)  # fmt: skip
def test_each_disagreement_is_one_line(changes: Mapping[str, object], lines: list[str]) -> None:
    said = [finding.line for finding in found(replace(CLAIMS, **changes))]  # type: ignore[arg-type]
    assert len(said) == len(lines)
    for line, pattern in zip(said, lines, strict=True):
        assert fnmatchcase(line, pattern)


def test_a_lot_that_nobody_knows_is_the_gateway_s() -> None:
    claims = replace(CLAIMS, expiry=date(2027, 1, 5))
    (difference,) = found(claims)
    assert isinstance(difference, Difference)
    assert (difference.thing, difference.ours) == ("lot of NIFTY 05JAN27", "not known")
    assert "facts end 2026-08-22" in difference.source
    assert difference.used == "65 units, by the instrument list"


def test_what_the_facts_do_not_know_is_not_compared() -> None:
    monday = date(2027, 1, 4)
    session = hours("09:15", "15:40", monday)
    claims = replace(
        CLAIMS, day=monday, expiries=days("2027-01-05"), terms=Silence("-"), hours=session
    )
    lines = [finding.line for finding in found(claims)]
    assert lines[0].startswith("expiries of NIFTY after 2027-01-04: not compared: ")
    assert lines[2].startswith("holidays from 2027-01-04 on: not compared: holidays from 2027")
    assert len(lines) == 3


def test_a_day_before_the_facts_has_no_session_to_compare() -> None:
    day = date(2009, 5, 14)
    claims = replace(CLAIMS, day=day, hours=hours("09:55", "15:30", day))
    assert isinstance(found(claims)[-1], NotCompared)


@pytest.mark.parametrize(
    ("theirs", "count"), [(None, 0), (("09:15", "15:40"), 1)], ids=["both shut", "ours shut"]
)
def test_a_holiday_of_ours(theirs: tuple[str, str] | None, count: int) -> None:
    day = date(2026, 11, 24)
    claims = replace(CLAIMS, day=day, expiries=days("2026-12-01"), expiry=date(2026, 12, 1))
    said = found(replace(claims, hours=theirs and hours(*theirs, day)))
    assert len(said) == count
    for each in said:
        assert "none, 2026-11-24 is a holiday (Guru Nanak Jayanti)" in each.line


def test_an_expiry_set_by_hand_has_its_own_source(tmp_path: Path) -> None:
    facts = with_own(
        tmp_path,
        one_row(
            "expiry_exception",
            underlying='"NIFTY"',
            from_="2026-12-08",
            until="2026-12-08",
            expiry="2026-12-07",
        ),
    )
    (_, missing) = found(facts=facts)
    assert isinstance(missing, Difference)
    assert (missing.thing, missing.source) == ("expiry 2026-12-07 of NIFTY", "my own eyes")


@pytest.mark.parametrize(
    ("theirs", "closes"),
    [
        pytest.param(hours("09:15", "15:30"), time(15, 30), id="earlier"),
        pytest.param(hours("09:15", "15:50"), time(15, 40), id="later"),
        pytest.param(hours("09:15", "15:40"), time(15, 40), id="the same"),
        pytest.param(None, time(15, 40), id="closed"),
        pytest.param(Silence("no answer"), time(15, 40), id="no answer"),
    ],
)
def test_the_earlier_close_is_used(theirs: Hours | Silence | None, closes: time) -> None:
    assert agreed_session(SESSION, theirs, NOW) == Session.on(FRIDAY, time(9, 15), closes)


def test_a_close_that_has_passed_is_not_believed() -> None:
    late = SESSION.at(time(15, 30))
    assert agreed_session(SESSION, hours("09:15", "15:30"), late) == SESSION
    just_before = late - timedelta(seconds=1)
    assert agreed_session(SESSION, hours("09:15", "15:30"), just_before).closes == late


@pytest.mark.parametrize("day", days("2021-06-11 2024-06-12 2026-07-31 2026-11-20"), ids=str)
def test_a_gateway_with_our_calendar_agrees(day: date) -> None:
    calendar = Calendar(FACTS)
    session = calendar.session(day)
    holidays = {
        d: calendar.holiday(d)
        for d in (date(day.year, 1, 1) + timedelta(days=n) for n in range(365))
        if calendar.holiday(d)
    }
    claims = replace(
        CLAIMS,
        day=day,
        expiries=(),
        expiry=None,
        holidays=holidays,
        hours=(session.opens, session.closes),
    )
    (past,) = compare(FACTS, claims, datetime.combine(day, time(9), session.opens.tzinfo))
    assert past.line.endswith("all that are listed are past")
