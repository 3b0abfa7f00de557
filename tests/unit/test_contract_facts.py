import tomllib
from datetime import date, time
from importlib.resources import files

import pytest

from swingbreak.adapters.contract_facts import ContractFacts, load_facts, read_facts
from swingbreak.domain.errors import DataError
from swingbreak.domain.session import Session
from swingbreak.simulation.generator import DaySpec

FACTS = load_facts()
TEXT = (files("swingbreak") / "data" / "facts.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("expiry", "lot"),
    [
        (date(2021, 6, 17), 75),
        (date(2021, 7, 29), 50),
        (date(2024, 12, 26), 25),
        (date(2025, 1, 2), 75),
        (date(2025, 1, 30), 25),
        (date(2025, 9, 2), 75),
        (date(2026, 1, 6), 65),
        (date(2026, 12, 1), 65),
    ],
    ids=str,
)
def test_the_lot_is_a_fact_of_the_contract(expiry: date, lot: int) -> None:
    assert FACTS.terms("NIFTY", expiry, date(2026, 8, 3)).lot == lot


@pytest.mark.parametrize(
    ("day", "units"),
    [(date(2021, 6, 11), 2800), (date(2021, 8, 2), 2800), (date(2026, 11, 20), 1800)],
    ids=str,
)
def test_the_freeze_quantity_is_a_fact_of_the_day(day: date, units: int) -> None:
    assert FACTS.terms("NIFTY", date(2026, 12, 1), day).freeze == units


@pytest.mark.parametrize(
    ("day", "closes", "minutes", "stands"),
    [
        (date(2026, 7, 31), time(15, 30), 375, None),
        (date(2026, 8, 3), time(15, 40), 385, (time(15, 15), time(15, 35))),
    ],
    ids=str,
)
def test_the_session_follows_its_era(
    day: date, closes: time, minutes: int, stands: tuple[time, time] | None
) -> None:
    assert FACTS.session(day) == Session.on(day, time(9, 15), closes)
    assert FACTS.session(day).minutes == minutes
    assert FACTS.index_stands(day) == stands


@pytest.mark.parametrize(
    ("day", "trades"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 11, 24), False),
        (date(2026, 1, 15), False),
    ],
    ids=str,
)
def test_trading_days(day: date, trades: bool) -> None:
    assert FACTS.is_trading_day(day) is trades


def test_expiries_move_to_the_day_before_a_holiday() -> None:
    assert FACTS.expiries("NIFTY", date(2026, 11, 20)) == (
        date(2026, 11, 23),  # the 24th is a holiday
        date(2026, 12, 1),
        date(2026, 12, 8),
        date(2026, 12, 15),
    )
    assert FACTS.expiries("NIFTY", date(2026, 3, 30), 1) == (date(2026, 3, 30),)
    assert FACTS.expiries("NIFTY", date(2026, 11, 24), 1) == (date(2026, 12, 1),)


def test_expiries_end_with_the_known_calendar() -> None:
    assert FACTS.expiries("NIFTY", date(2026, 12, 23), 9) == (date(2026, 12, 29),)


def test_the_default_generated_day_is_what_the_facts_say() -> None:
    assert FACTS.day_spec(date(2026, 11, 20), "NIFTY") == DaySpec()


def test_a_generated_day_of_another_era_has_its_facts() -> None:
    spec = FACTS.day_spec(date(2026, 7, 31), "NIFTY", expiry=date(2026, 8, 4))
    assert (spec.session.minutes, spec.index_stands) == (375, None)
    assert FACTS.day_spec(date(2026, 7, 31), "NIFTY").expiry == date(2026, 8, 4)


@pytest.mark.parametrize(
    ("day", "underlying", "expiry", "message"),
    [
        (date(2026, 11, 24), "NIFTY", None, "2026-11-24 is a holiday or a weekend"),
        (date(2026, 12, 28), "NIFTY", None, "no NIFTY expiry is known after 2026-12-28"),
        (date(2026, 11, 20), "NIFTY", date(2026, 11, 17), "no NIFTY expiry is known after"),
        (date(2026, 11, 20), "DAX", date(2026, 12, 1), "underlying 'DAX'; known: NIFTY"),
        (date(2027, 1, 4), "NIFTY", None, "no holiday calendar of 2027; known: 2026"),
        (date(2026, 12, 28), "NIFTY", date(2027, 1, 5), "no lot of NIFTY is known for 2027-01-05"),
    ],
    ids=["holiday", "year end", "expired", "underlying", "calendar", "lot"],
)
def test_what_is_not_known_is_refused_by_name(
    day: date, underlying: str, expiry: date | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        FACTS.day_spec(day, underlying, expiry=expiry)


def test_a_session_before_the_facts_begin_is_refused() -> None:
    with pytest.raises(DataError, match="no session is known for 2001-01-01; facts end 2026-08-22"):
        FACTS.session(date(2001, 1, 1))


def test_every_row_has_a_source_and_a_confidence() -> None:
    tables = tomllib.loads(TEXT)
    for rows in tables.values():
        for row in rows if isinstance(rows, list) else ():
            assert len(row["source"]) > 10
            assert row["confidence"] in {"H", "M", "L", "U"}
    row = FACTS.fact("freeze", date(2021, 6, 11), "NIFTY")
    assert (row.since, row.until, row.confidence) == (date(2019, 1, 1), date(2021, 8, 1), "U")
    assert "not found" in row.source


def test_facts_know_their_age_and_their_names() -> None:
    assert (FACTS.known_until, FACTS.stale_after_days) == (date(2026, 8, 22), 45)
    assert FACTS.underlyings == ("NIFTY",)
    assert FACTS.holidays[2026][date(2026, 11, 24)] == "Guru Nanak Jayanti"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema = 1", "schema = ", "not TOML"),
        ("known_until", "known", "lack the table or key 'known_until'"),
        ("[[lot]]", "[[lots]]", "lack the table or key 'lot'"),
        ("from = 2019-01-01", "since = 2019-01-01", "lack the table or key 'from'"),
        ("2026-01-15 = ", "someday = ", "value of the wrong kind"),
    ],
    ids=["syntax", "key", "table", "row", "day"],
)
def test_a_damaged_file_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_facts(TEXT.replace(old, new))


def test_facts_can_be_read_from_any_text() -> None:
    assert isinstance(read_facts(TEXT), ContractFacts)
