from datetime import date, time, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.session import Session
from swingbreak.facts.dated import UnknownFact
from swingbreak.facts.moments import Moment, moments_of
from swingbreak.facts.order_rules import (
    NSE_PRICES,
    CutOff,
    OrderRate,
    OrderRules,
    PriceBand,
    PriceRules,
)
from swingbreak.simulation.sandbox_checks import SQUARE_OFF
from tests.own_facts import one_row, with_own

RULES = OrderRules(load_facts())
TODAY = date(2026, 11, 20)
GAP = PriceBand(20, 10_00)


@pytest.mark.parametrize(
    ("exchange", "day", "expected"),
    [
        ("NFO", TODAY, NSE_PRICES),
        ("NFO", date(2022, 10, 31), NSE_PRICES),
        ("NFO", date(2022, 10, 28), PriceRules(None, GAP)),
        ("BFO", date(2023, 9, 8), PriceRules(None, None)),
        ("BFO", date(2025, 11, 28), PriceRules(PriceBand(60, 30_00), None)),
        ("BFO", date(2025, 12, 1), PriceRules(PriceBand(40, 20_00), None)),
        ("BFO", date(2026, 2, 9), PriceRules(PriceBand(40, 20_00), GAP)),
    ],
    ids=str,
)
def test_price_rules_are_those_of_exchange_and_day(
    exchange: str, day: date, expected: PriceRules
) -> None:
    assert RULES.prices(exchange, day) == expected


@pytest.mark.parametrize(
    ("other", "price", "allowed"),
    [
        (100_00, 140_00, True),
        (100_00, 140_05, False),
        (100_00, 60_00, True),
        (100_00, 59_95, False),
        (50_00, 70_00, True),
        (50_00, 70_05, False),
        (10_00, 30_00, True),
        (10_00, 30_05, False),
        (50_05, 70_05, True),  # 40 % of 50.05 is 20.02: one step of 0.05 is too much
        (50_05, 70_10, False),
    ],
)
def test_a_band_is_a_percentage_or_an_amount_whichever_is_more(
    other: int, price: int, allowed: bool
) -> None:
    assert PriceBand(40, 20_00).allows(price, other) is allowed


@pytest.mark.parametrize(
    ("pricetype", "exchange", "day", "allowed"),
    [
        ("SL", "NFO", TODAY, True),
        ("LIMIT", "BFO", TODAY, True),
        ("SL-M", "NFO", date(2021, 9, 24), True),
        ("SL-M", "NFO", date(2021, 9, 27), False),
        ("SL-M", "BFO", date(2023, 10, 6), True),
        ("SL-M", "BFO", date(2023, 10, 9), False),
        ("MARKET", "NFO", date(2026, 3, 30), True),
        ("MARKET", "NFO", date(2026, 4, 1), False),
    ],
    ids=str,
)
def test_order_types_end(pricetype: str, exchange: str, day: date, allowed: bool) -> None:
    assert RULES.allows(pricetype, exchange, day) is allowed


def test_rates() -> None:
    assert RULES.rate("exchange", TODAY) == OrderRate(10, None, None, None)
    assert RULES.rate("exchange", date(2026, 3, 31)) == OrderRate(None, None, None, None)
    assert RULES.rate("kite", TODAY) == OrderRate(10, 200, 5000, 25)
    assert RULES.rate("openalgo", TODAY).per_second == 10
    with pytest.raises(UnknownFact, match="no order rate of 'nobody' is known"):
        RULES.rate("nobody", TODAY)


def test_orders_near_the_price_do_not_count() -> None:
    assert RULES.uncounted(date(2026, 4, 5)) is None
    assert RULES.uncounted(date(2026, 4, 6)) == PriceBand(40, 20_00)


def test_cut_offs_know_that_they_are_older_than_the_close() -> None:
    before, after = date(2026, 7, 31), date(2026, 8, 3)
    assert RULES.cut_off("zerodha", before) == CutOff("zerodha", time(15, 25), 50_00, True)
    assert RULES.cut_off("zerodha", after) == CutOff("zerodha", time(15, 25), 50_00, False)
    assert RULES.cut_off("dhan", before).fee == 0
    documented = [one.broker for one in RULES.cut_offs(after) if one.is_documented]
    assert documented == ["openalgo sandbox"]
    assert len(RULES.cut_offs(after)) == 12
    with pytest.raises(UnknownFact, match="no cut_off nobody is known for 2026-11-20"):
        RULES.cut_off("nobody", TODAY)


def test_the_simulated_sandbox_closes_when_the_facts_say() -> None:
    assert RULES.cut_off("openalgo sandbox", TODAY).at == SQUARE_OFF


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownFact, match="no price_protection NFO is known for 2018-12-31"):
        RULES.prices("NFO", date(2018, 12, 31))
    with pytest.raises(UnknownFact, match="no price_protection MCX is known"):
        RULES.prices("MCX", TODAY)


def test_a_rule_and_a_cut_off_are_corrected_by_a_file(tmp_path: Path) -> None:
    text = one_row("price_protection", exchange='"NFO"', from_="2026-11-01", percent=30, least=1500)
    text += one_row("cut_off", broker='"zerodha"', from_="2026-11-01", at="15:35:00")
    rules = OrderRules(with_own(tmp_path, text))
    assert rules.prices("NFO", TODAY) == PriceRules(PriceBand(30, 15_00), GAP)
    assert rules.cut_off("zerodha", TODAY) == CutOff("zerodha", time(15, 35), 0, True)


def test_moments_of_a_day() -> None:
    session = Session.on(date(2026, 11, 23), time(9, 15), time(15, 40))
    cut_off = CutOff("fyers", time(15, 15), 0, False)
    found = moments_of(
        session,
        index_stands=(time(15, 15), time(15, 35)),
        cut_offs=(cut_off,),
        expiry=date(2026, 11, 23),
    )
    names = ["open", "cut-off fyers", "index stands", "index moves", "close", "expiry"]
    assert [moment.name for moment in found] == names
    assert found[0] == Moment(session.opens, "open")
    assert found[-1].at == session.closes
    assert [m.name for m in moments_of(session, expiry=date(2026, 12, 1))] == ["open", "close"]


def test_minutes_to_a_moment_are_rounded_down() -> None:
    session = Session.on(TODAY, time(9, 15), time(15, 40))
    closes = Moment(session.closes, "close")
    assert closes.minutes_from(session.at(time(15, 10))) == 30
    assert closes.minutes_from(session.at(time(15, 10)) + timedelta(seconds=1)) == 29
    assert closes.minutes_from(session.closes) == 0
    assert closes.minutes_from(session.closes + timedelta(seconds=1)) == -1
