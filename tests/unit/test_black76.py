from math import exp, pi, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.instrument import Right
from swingbreak.market.black76 import delta, premium, vega

FORWARDS = st.floats(10_000, 40_000)
STRIKES = st.floats(10_000, 40_000)
YEARS = st.floats(0.001, 0.5)
VOLATILITIES = st.floats(0.05, 1.0)


def integrated(right: Right, forward: float, strike: float, years: float, sigma: float) -> float:
    """Return the expected pay-off by Simpson's rule over twelve deviations."""
    steps, deviation = 20_000, sigma * sqrt(years)
    width = 24 / steps
    total = 0.0
    for i in range(steps + 1):
        x = -12 + i * width
        price = forward * exp(deviation * x - deviation * deviation / 2)
        gain = price - strike if right is Right.CE else strike - price
        weight = 1 if i in (0, steps) else 4 if i % 2 else 2
        total += weight * max(gain, 0.0) * exp(-x * x / 2)
    return total * width / 3 / sqrt(2 * pi)


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize(
    ("forward", "strike", "years", "sigma"),
    [(24200, 24200, 6 / 365, 0.11), (24200, 23600, 11 / 365, 0.12), (24200, 24900, 0.3, 0.25)],
    ids=["at-the-money", "near", "far"],
)
def test_the_premium_is_the_expected_pay_off(
    right: Right, forward: float, strike: float, years: float, sigma: float
) -> None:
    expected = integrated(right, forward, strike, years, sigma)
    assert premium(right, forward, strike, years, sigma) == pytest.approx(expected, abs=1e-3)


def test_known_values() -> None:
    # every textbook's first example: 100, 100, one year, 20 %
    assert premium(Right.CE, 100, 100, 1, 0.2) == pytest.approx(7.965567, abs=1e-6)
    # Hull, Options, Futures and Other Derivatives, European put on a futures price: 1.12
    assert exp(-0.03) * premium(Right.PE, 20, 20, 4 / 12, 0.25) == pytest.approx(1.12, abs=0.005)


@pytest.mark.parametrize(
    ("days", "sigma", "at_money", "per_point"),
    [(1, 0.11, 58, 5.1), (2, 0.11, 83, 7.1), (4, 0.11, 119, 10.1), (6, 0.14, 185, 12.4)],
)
def test_premiums_and_vegas_of_a_nifty_weekly(
    days: int, sigma: float, at_money: float, per_point: float
) -> None:
    # a table computed elsewhere with spot 24,200 and a carry of 6 %
    years = days / 365
    forward = 24_200 * exp(0.06 * years)
    assert premium(Right.CE, forward, 24_200, years, sigma) == pytest.approx(at_money, abs=1)
    assert vega(forward, 24_200, years, sigma) / 100 == pytest.approx(per_point, abs=0.1)
    assert 0.5 < delta(Right.CE, forward, 24_200, years, sigma) < 0.54


@given(FORWARDS, STRIKES, YEARS, VOLATILITIES)
def test_call_minus_put_is_forward_minus_strike(
    forward: float, strike: float, years: float, sigma: float
) -> None:
    call = premium(Right.CE, forward, strike, years, sigma)
    put = premium(Right.PE, forward, strike, years, sigma)
    assert call - put == pytest.approx(forward - strike, abs=1e-6)
    assert max(forward - strike, 0) - 1e-6 <= call <= forward


@given(FORWARDS, STRIKES, YEARS, VOLATILITIES, st.sampled_from(Right))
def test_delta_and_vega_are_slopes_of_the_premium(
    forward: float, strike: float, years: float, sigma: float, right: Right
) -> None:
    def at(shift: float, bump: float) -> float:
        return premium(right, forward + shift, strike, years, sigma + bump)

    by_price = (at(1, 0) - at(-1, 0)) / 2
    by_volatility = (at(0, 1e-5) - at(0, -1e-5)) / 2e-5
    assert delta(right, forward, strike, years, sigma) == pytest.approx(by_price, abs=1e-3)
    assert vega(forward, strike, years, sigma) == pytest.approx(by_volatility, abs=0.5)


@pytest.mark.parametrize(("years", "sigma"), [(0.0, 0.2), (0.1, 0.0), (-0.1, 0.2)])
def test_without_time_or_volatility_only_intrinsic_value_is_left(
    years: float, sigma: float
) -> None:
    assert premium(Right.CE, 110, 100, years, sigma) == 10
    assert premium(Right.PE, 110, 100, years, sigma) == 0
    assert premium(Right.PE, 90, 100, years, sigma) == 10
