from datetime import date

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.errors import DataError
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import DaySpec

FACTS = load_facts()


def test_the_default_generated_day_is_what_the_facts_say() -> None:
    assert day_spec(FACTS, date(2026, 11, 20), "NIFTY") == DaySpec()


def test_a_generated_day_of_another_era_has_its_facts() -> None:
    spec = day_spec(FACTS, date(2026, 7, 31), "NIFTY", expiry=date(2026, 8, 4))
    assert (spec.session.minutes, spec.index_stands) == (375, None)
    assert day_spec(FACTS, date(2026, 7, 31), "NIFTY").expiry == date(2026, 8, 4)
    old = day_spec(FACTS, date(2021, 6, 11), "NIFTY")
    assert (old.expiry, old.terms.lot) == (date(2021, 6, 17), 75)


def test_a_generated_day_of_another_index_has_its_contracts() -> None:
    spec = day_spec(FACTS, date(2026, 11, 20), "SENSEX")
    assert (spec.expiry, spec.terms.exchange, spec.terms.lot) == (date(2026, 11, 26), "BFO", 20)


@pytest.mark.parametrize(
    ("underlying", "expiry"),
    [
        ("BANKNIFTY", date(2026, 11, 23)),
        ("FINNIFTY", date(2026, 12, 29)),
        ("MIDCPNIFTY", date(2026, 12, 29)),
        ("BANKEX", date(2026, 11, 26)),
    ],
)
def test_options_of_a_generated_day_are_worth_selling(underlying: str, expiry: date) -> None:
    spec = day_spec(FACTS, date(2026, 11, 20), underlying)
    assert spec.expiry == expiry
    days_left = (expiry - spec.session.day).days
    assert 0.4 * spec.spot * spec.volatility * (days_left / 365) ** 0.5 >= 100_00
    # what NSE allows in one order follows from the level; BSE's rule is not known
    by_level = {8500: 5750, 2800: 17250, 1800: 27500, 600: 10**6}
    if spec.terms.exchange == "NFO":
        assert spec.spot <= by_level[spec.terms.freeze] * 100


@pytest.mark.parametrize(
    ("day", "underlying", "expiry", "message"),
    [
        (date(2026, 11, 24), "NIFTY", None, r"2026-11-24 is a holiday \(Guru Nanak Jayanti\): no"),
        (date(2026, 11, 21), "NIFTY", None, "2026-11-21 is a weekend: no session to make up"),
        (date(2026, 2, 1), "NIFTY", None, r"2026-02-01 is a special session \(budget\)"),
        (date(2026, 12, 28), "NIFTY", None, "holidays from 2027-01-01 on is not known"),
        (date(2026, 11, 20), "NIFTY", date(2026, 11, 17), "2026-11-17 have expired before"),
        (date(2026, 11, 20), "DAX", date(2026, 12, 1), "underlying 'DAX'; known: NIFTY"),
        (date(2027, 1, 4), "NIFTY", None, "holidays from 2027-01-01 on is not known"),
        (date(2026, 12, 28), "NIFTY", date(2027, 1, 5), "no lot NIFTY is known for 2027-01-05"),
    ],
    ids=[
        "holiday", "weekend", "special", "year end", "expired", "underlying", "calendar", "lot",
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_name(
    day: date, underlying: str, expiry: date | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        day_spec(FACTS, day, underlying, expiry=expiry)
