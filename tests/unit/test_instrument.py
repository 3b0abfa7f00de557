from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import (
    Right,
    expiry_text,
    option_symbol,
    parse_expiry,
    parse_option_symbol,
)


@pytest.mark.parametrize(
    ("symbol", "parts"),
    [
        ("NIFTY28MAR2420800CE", ("NIFTY", date(2024, 3, 28), 20800_00, Right.CE)),
        ("NIFTY01DEC2624500PE", ("NIFTY", date(2026, 12, 1), 24500_00, Right.PE)),
        ("VEDL25APR24292.5CE", ("VEDL", date(2024, 4, 25), 292_50, Right.CE)),
        ("BANKNIFTY30DEC2552000PE", ("BANKNIFTY", date(2025, 12, 30), 52000_00, Right.PE)),
    ],
)
def test_symbols_of_the_field_round_trip(symbol: str, parts: tuple[str, date, int, Right]) -> None:
    assert parse_option_symbol(symbol) == parts
    assert option_symbol(*parts) == symbol


@given(
    st.sampled_from(["NIFTY", "BANKNIFTY", "M&M", "NIFTYNXT50"]),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 10**7).map(lambda n: n * 5),
    st.sampled_from(list(Right)),
)
def test_every_symbol_round_trips(underlying: str, expiry: date, strike: int, right: Right) -> None:
    symbol = option_symbol(underlying, expiry, strike, right)
    assert parse_option_symbol(symbol) == (underlying, expiry, strike, right)


@pytest.mark.parametrize("symbol", ["NIFTY", "NIFTY24NOV26FUT", "", "NIFTY01DEC26CE", "RELIANCE"])
def test_what_is_no_option_is_refused_by_name(symbol: str) -> None:
    with pytest.raises(DataError, match="is not an option symbol"):
        parse_option_symbol(symbol)


@pytest.mark.parametrize("text", ["26DEC24", "26-DEC-24", " 26dec24 "])
def test_both_spellings_of_an_expiry(text: str) -> None:
    assert parse_expiry(text) == date(2024, 12, 26)
    assert expiry_text(date(2024, 12, 26)) == "26DEC24"


@pytest.mark.parametrize("text", ["31FEB26", "26DEZ24", "2024-12-26", "00JAN26"])
def test_a_wrong_expiry_is_refused_by_name(text: str) -> None:
    with pytest.raises(DataError, match=text):
        parse_expiry(text)
