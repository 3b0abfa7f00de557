from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.errors import DataError
from swingbreak.facts.contracts import (
    Contracts,
    ContractTerms,
    Listing,
    largest_order,
    nearest_strike,
    round_to_step,
)
from swingbreak.facts.dated import Confidence, Facts, Table, UnknownFact
from swingbreak.simulation.generator import NIFTY_2026
from tests.own_facts import one_row, with_own

CONTRACTS = Contracts(load_facts())
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("underlying", "expiry", "lot"),
    [
        ("NIFTY", date(2021, 7, 22), 75),
        ("NIFTY", date(2021, 7, 29), 50),
        ("NIFTY", date(2024, 4, 25), 50),
        ("NIFTY", date(2024, 5, 2), 25),
        ("NIFTY", date(2024, 12, 26), 25),
        ("NIFTY", date(2025, 1, 2), 75),
        ("NIFTY", date(2025, 1, 30), 25),  # a monthly listed at the old lot
        ("NIFTY", date(2025, 2, 6), 75),
        ("NIFTY", date(2026, 1, 6), 65),
        ("NIFTY", date(2026, 12, 29), 65),
        ("BANKNIFTY", date(2020, 7, 23), 20),
        ("BANKNIFTY", date(2020, 7, 30), 25),
        ("BANKNIFTY", date(2023, 7, 27), 15),
        ("BANKNIFTY", date(2025, 2, 27), 30),
        ("BANKNIFTY", date(2025, 7, 31), 35),
        ("BANKNIFTY", date(2026, 1, 27), 30),
        ("FINNIFTY", date(2024, 7, 23), 40),
        ("FINNIFTY", date(2024, 7, 30), 25),
        ("FINNIFTY", date(2025, 2, 27), 65),
        ("FINNIFTY", date(2026, 1, 27), 60),
        ("MIDCPNIFTY", date(2024, 7, 22), 75),
        ("MIDCPNIFTY", date(2024, 7, 29), 50),
        ("MIDCPNIFTY", date(2025, 6, 26), 120),
        ("MIDCPNIFTY", date(2025, 7, 31), 140),
        ("MIDCPNIFTY", date(2026, 1, 27), 120),
        ("SENSEX", date(2025, 1, 3), 10),
        ("SENSEX", date(2025, 1, 7), 20),
        ("SENSEX", date(2025, 1, 28), 10),
        ("BANKEX", date(2025, 1, 28), 15),
        ("BANKEX", date(2025, 2, 25), 30),
    ],
    ids=str,
)
def test_the_lot_is_a_fact_of_the_contract(underlying: str, expiry: date, lot: int) -> None:
    assert CONTRACTS.lot(underlying, expiry) == lot


@pytest.mark.parametrize(
    ("underlying", "day", "units"),
    [
        ("NIFTY", date(2021, 6, 11), 2800),  # not known: as in the stretch after
        ("NIFTY", date(2021, 8, 2), 2800),
        ("NIFTY", TODAY, 1800),
        ("BANKNIFTY", date(2025, 9, 30), 900),
        ("BANKNIFTY", date(2025, 10, 15), 600),  # not known: the fewer of 900 and 600
        ("BANKNIFTY", date(2026, 6, 30), 900),
        ("BANKNIFTY", date(2026, 7, 1), 600),
        ("FINNIFTY", date(2025, 10, 15), 1800),
        ("FINNIFTY", date(2026, 3, 2), 1200),
        ("MIDCPNIFTY", date(2022, 2, 1), 5500),
        ("MIDCPNIFTY", TODAY, 2800),
        ("SENSEX", date(2024, 1, 1), 1000),
        ("BANKEX", TODAY, 900),
    ],
    ids=str,
)
def test_the_freeze_quantity_is_a_fact_of_the_day(underlying: str, day: date, units: int) -> None:
    assert CONTRACTS.freeze(underlying, day) == units


def test_a_freeze_quantity_that_was_inferred_says_so() -> None:
    row = CONTRACTS.freeze_row("BANKNIFTY", date(2025, 10, 15))
    assert row.confidence is Confidence.LOW
    assert row.source == (
        "NSE/FAOP/70530 could not be read; as from 2025-11-03, the fewer of before and after"
    )
    assert CONTRACTS.freeze_row("NIFTY", TODAY).confidence is Confidence.HIGH


def test_a_freeze_quantity_without_neighbours_is_not_known() -> None:
    rows = load_facts().table("freeze").rows
    alone = [row for row in rows if row.values["underlying"] == "NIFTY"][:1]
    contracts = Contracts(Facts({"freeze": Table("freeze", alone)}, ()))
    with pytest.raises(UnknownFact, match="units from 2019-01-01 on is not known: not found"):
        contracts.freeze("NIFTY", date(2020, 1, 1))


def test_the_terms_of_a_contract() -> None:
    assert CONTRACTS.terms("NIFTY", date(2026, 12, 1), TODAY) == NIFTY_2026
    assert CONTRACTS.terms("SENSEX", date(2026, 11, 26), TODAY) == ContractTerms(
        "SENSEX", "BFO", "SENSEX", "BSE_INDEX", 20, 1000, 5, 100_00
    )
    assert CONTRACTS.exchange("BANKEX", TODAY) == "BFO"
    listed = Listing("MIDCPNIFTY", "NFO", "MIDCPNIFTY", "NSE_INDEX", 5, 25_00)
    assert CONTRACTS.listing("MIDCPNIFTY", TODAY) == listed


def test_the_six_underlyings() -> None:
    six = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX")
    assert CONTRACTS.underlyings == six


@pytest.mark.parametrize(
    ("underlying", "expiry", "day", "message"),
    [
        ("DAX", date(2026, 12, 1), TODAY, "no contract facts of underlying 'DAX'; known: NIFTY, B"),
        ("NIFTY", date(2027, 1, 5), TODAY, "no lot NIFTY is known for 2027-01-05; facts end 2026"),
        ("SENSEX", date(2023, 5, 19), date(2023, 5, 12), "no contract SENSEX is known for 2023-05"),
        ("NIFTY", date(2018, 12, 27), TODAY, "no lot NIFTY is known for 2018-12-27"),
        ("NIFTY", date(2019, 1, 31), date(2018, 12, 31), "no freeze NIFTY is known for 2018-12-31"),
    ],
    ids=["underlying", "lot to come", "before its listing", "lot of old", "freeze of old"],
)
def test_what_is_not_known_is_refused_by_name(
    underlying: str, expiry: date, day: date, message: str
) -> None:
    with pytest.raises(UnknownFact, match=message):
        CONTRACTS.terms(underlying, expiry, day)


def test_a_lot_is_corrected_by_a_file(tmp_path: Path) -> None:
    row = {"underlying": '"NIFTY"', "from_": "2027-01-01", "until": "2027-06-30"}
    contracts = Contracts(with_own(tmp_path, one_row("lot", **row, units=60)))
    assert contracts.lot("NIFTY", date(2027, 1, 5)) == 60
    assert contracts.lot_row("NIFTY", date(2027, 1, 5)).source == "my own eyes"
    assert contracts.lot("NIFTY", date(2026, 12, 29)) == 65
    one = {**row, "from_": "2026-12-29", "until": "2026-12-29"}
    contracts = Contracts(with_own(tmp_path, one_row("lot", **one, units=75)))
    assert contracts.lot("NIFTY", date(2026, 12, 29)) == 75
    assert contracts.lot("NIFTY", date(2026, 12, 22)) == 65


def test_a_lot_that_is_no_number_is_refused(tmp_path: Path) -> None:
    row = {"underlying": '"NIFTY"', "from_": "2027-01-01", "units": '"60"'}
    contracts = Contracts(with_own(tmp_path, one_row("lot", **row)))
    with pytest.raises(DataError, match=r"mine.toml: units = '60' .* should be of the kind int"):
        contracts.lot("NIFTY", date(2027, 1, 5))


@pytest.mark.parametrize(
    ("spot", "step", "money"),
    [
        (24_224_99, 50_00, 24_200_00),
        (24_225_00, 50_00, 24_250_00),  # half-way: away from zero, never to the even one
        (24_275_00, 50_00, 24_300_00),
        (24_225_01, 50_00, 24_250_00),
        (-24_225_00, 50_00, -24_250_00),
        (81_250_00, 100_00, 81_300_00),
        (12_512_50, 25_00, 12_525_00),
        (0, 50_00, 0),
    ],
)
def test_half_way_is_rounded_away_from_zero(spot: int, step: int, money: int) -> None:
    assert round_to_step(spot, step) == money


@given(st.integers(-(10**8), 10**8), st.sampled_from([25_00, 50_00, 100_00]))
def test_rounding_is_symmetric_and_nearest(spot: int, step: int) -> None:
    money = round_to_step(spot, step)
    assert money % step == 0
    assert 2 * abs(money - spot) <= step
    assert round_to_step(-spot, step) == -money


def test_a_strike_is_one_that_is_listed() -> None:
    listed = [24_000_00, 24_100_00, 24_200_00, 24_500_00]
    assert nearest_strike(listed, 24_149_99) == 24_100_00
    assert nearest_strike(listed, 24_150_00) == 24_200_00
    assert nearest_strike(listed, 24_330_00) == 24_200_00  # arithmetic would say 24350
    assert nearest_strike(reversed(listed), 24_350_00) == 24_500_00
    with pytest.raises(DataError, match="no strike is listed"):
        nearest_strike([], 24_000_00)


@pytest.mark.parametrize(
    ("freeze", "lot", "most"), [(1800, 65, 1755), (900, 30, 900), (50, 65, 0)], ids=str
)
def test_the_largest_order_is_whole_lots(freeze: int, lot: int, most: int) -> None:
    assert largest_order(freeze, lot) == most
