from datetime import date

import pytest

from swingbreak.reporting.wording import (
    closed_because,
    counted,
    day_text,
    ended_because,
    grouped,
    minute_clock,
    money,
    price,
    r_text,
    short,
    signed_money,
)
from tests.builders import SESSION


@pytest.mark.parametrize(
    ("whole", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1_000, "1,000"),
        (32_633, "32,633"),
        (1_00_000, "1,00,000"),
        (12_34_567, "12,34,567"),
        (1_00_00_000, "1,00,00,000"),
    ],
)
def test_digits_are_grouped_as_in_india(whole: int, text: str) -> None:
    assert grouped(whole) == text


@pytest.mark.parametrize(
    ("amount", "plain", "signed"),
    [
        pytest.param(32_633_25, "₹32,633.25", "+₹32,633.25", id="gain"),
        pytest.param(-1_32_633_05, "\u2212₹1,32,633.05", "\u2212₹1,32,633.05", id="loss"),
        pytest.param(0, "₹0.00", "₹0.00", id="nothing has no sign"),
        pytest.param(-5, "\u2212₹0.05", "\u2212₹0.05", id="five paise"),
    ],
)
def test_money(amount: int, plain: str, signed: str) -> None:
    assert (money(amount), signed_money(amount)) == (plain, signed)


@pytest.mark.parametrize(
    ("amount", "text"), [(174_95, "174.95"), (1_285_50, "1,285.50"), (-1, "\u22120.01")]
)
def test_prices_carry_paise_and_no_currency(amount: int, text: str) -> None:
    assert price(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        pytest.param(65_000_00, "65,000", id="whole rupees"),
        pytest.param(-6_500_50, "\u22126,500.50", id="with paise"),
        pytest.param(1_00_000_00, "1\u00a0L", id="a lakh"),
        pytest.param(1_30_000_00, "1.3\u00a0L", id="lakhs"),
        pytest.param(-10_00_000_00, "\u221210\u00a0L", id="a loss of ten"),
        pytest.param(2_60_00_000_00, "2.6\u00a0Cr", id="crores"),
    ],
)
def test_axes_have_short_amounts(amount: int, text: str) -> None:
    assert short(amount) == text


@pytest.mark.parametrize(
    ("amount", "risk", "text"),
    [
        pytest.param(32_633_25, 6_500_00, "+5.02\u00a0R", id="gain"),
        pytest.param(-6_500_00, 6_500_00, "\u22121.00\u00a0R", id="loss"),
        pytest.param(0, 6_500_00, "0.00\u00a0R", id="nothing"),
        pytest.param(-1, 6_500_00, "0.00\u00a0R", id="less than a hundredth has no sign"),
        pytest.param(650_000_000, 6_500_00, "+1,000.00\u00a0R", id="a thousand"),
        pytest.param(100, 0, "\u2013", id="nothing was at risk"),
    ],
)
def test_r(amount: int, risk: int, text: str) -> None:
    assert r_text(amount, risk) == text


def test_times_are_indian() -> None:
    assert minute_clock(SESSION, 0) == "09:15"
    assert minute_clock(SESSION, 105) == "11:00"
    assert day_text(date(2026, 11, 20)) == "Friday, 20 November 2026"


@pytest.mark.parametrize(
    ("reason", "ended", "closed"),
    [
        ("daily_target", "the daily target was reached", "the daily target was reached"),
        ("", "the session closed", "no reason was recorded"),
        ("stop", "stop", "its stop was hit"),
        ("operator_stop", "operator stop", "operator stop"),
    ],
)
def test_reasons_are_words(reason: str, ended: str, closed: str) -> None:
    assert (ended_because(reason), closed_because(reason)) == (ended, closed)


def test_counts() -> None:
    assert counted(1, "position") == "1 position"
    assert counted(1_234, "position") == "1,234 positions"
