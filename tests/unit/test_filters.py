from fractions import Fraction

import pytest

from swingbreak.domain.parameters import Parameters
from swingbreak.strategy.filters import dynamic_reason, static_reason

PARAMETERS = Parameters()
TICK = 5


@pytest.mark.parametrize(
    ("price", "vwap", "reason"),
    [
        pytest.param(175_00, (165_00, 1), "", id="worked-example-6.06-percent"),
        pytest.param(100_00, (90_00, 1), "", id="lowest-price-inclusive"),
        pytest.param(99_95, (90_00, 1), "price_low", id="one-tick-under"),
        pytest.param(300_00, (270_00, 1), "", id="highest-price-inclusive"),
        pytest.param(300_05, (270_00, 1), "price_high", id="one-tick-over"),
        pytest.param(104_00, (100_00, 1), "", id="four-percent-inclusive"),
        pytest.param(104_00, (100_01, 1), "vwap_premium_low", id="a-paisa-of-vwap-too-much"),
        pytest.param(104_00, (300_00, 3), "", id="ratio-not-in-lowest-terms"),
        pytest.param(103_95, (100_00, 1), "vwap_premium_low", id="one-tick-of-premium-short"),
        pytest.param(120_00, (125_00, 1), "vwap_premium_low", id="under-vwap"),
        pytest.param(120_00, (0, 1), "vwap_premium_low", id="vwap-zero-is-no-premium"),
        pytest.param(120_00, (0, 0), "no_data", id="no-vwap"),
        pytest.param(1_00, (0, 0), "no_data", id="no-vwap-comes-first"),
    ],
)
def test_static_filter(price: int, vwap: tuple[int, int], reason: str) -> None:
    assert static_reason(price, vwap, PARAMETERS) == reason


def test_a_vwap_of_zero_passes_when_no_premium_is_asked_for() -> None:
    assert static_reason(120_00, (0, 1), Parameters(vwap_premium_min_bp=0)) == ""


@pytest.mark.parametrize(
    ("price", "points", "reason"),
    [
        pytest.param(175_00, 10_00, "", id="worked-example-5.71-percent"),
        pytest.param(100_00, 2_00, "", id="two-percent-inclusive"),
        pytest.param(100_00, 1_95, "stop_too_near", id="one-tick-nearer"),
        pytest.param(102_50, 2_05, "", id="two-percent-where-floats-fail"),
        pytest.param(100_00, 10_00, "", id="ten-percent-inclusive"),
        pytest.param(100_00, 10_05, "stop_too_far", id="one-tick-farther"),
        pytest.param(101_50, 10_15, "", id="ten-percent-where-floats-fail"),
        pytest.param(100_00, -5_00, "stop_too_near", id="stop-under-the-swing"),
    ],
)
def test_dynamic_filter(price: int, points: int, reason: str) -> None:
    assert dynamic_reason(price, points, PARAMETERS) == reason


def test_four_percent_is_exact_at_every_price() -> None:
    for price in range(100_00, 300_00 + TICK, TICK):
        least = Fraction(price) / Fraction(104, 100)
        for vwap in (least, least + Fraction(1, 10**9), least - Fraction(1, 10**9)):
            passes = (price - vwap) / vwap >= Fraction(4, 100)
            assert (static_reason(price, vwap.as_integer_ratio(), PARAMETERS) == "") is passes


def test_two_and_ten_percent_are_exact_at_every_price() -> None:
    for price in range(100_00, 300_00 + TICK, TICK):
        for percent in (2, 10):
            edge = price * percent // 100
            for points in (edge - 1, edge, edge + 1):
                passes = Fraction(2, 100) <= Fraction(points, price) <= Fraction(10, 100)
                assert (dynamic_reason(price, points, PARAMETERS) == "") is passes
