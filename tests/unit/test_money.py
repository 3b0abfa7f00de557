import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import (
    average,
    ceil_to_tick,
    floor_to_tick,
    paise,
    paise_of_wire,
    rupees,
)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("174.95", 17495), (Decimal("0.05"), 5), (6500, 650000), ("-3.00", -300), ("1e2", 10000)],
    ids=str,
)
def test_rupees_become_whole_paise(amount: Decimal | str | int, expected: int) -> None:
    assert paise(amount) == expected


@pytest.mark.parametrize("amount", ["174.955", "abc", "", "NaN", "Infinity"])
def test_what_is_no_whole_paisa_is_refused_by_name(amount: str) -> None:
    with pytest.raises(DataError, match=repr(amount)):
        paise(amount)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 174.955, 0.001])
def test_a_wire_number_that_is_no_price_is_refused(amount: float) -> None:
    with pytest.raises(DataError, match="rupees"):
        paise_of_wire(amount)


@given(st.integers(-(10**9), 10**9))
def test_every_price_survives_the_wire_and_text(amount: int) -> None:
    assert paise_of_wire(amount / 100) == amount
    assert paise(rupees(amount)) == amount


@pytest.mark.parametrize(
    ("value", "quantity", "expected"),
    [(1299, 3, 433), (1300, 3, 433), (1301, 3, 434), (5, 2, 3), (-5, 2, -2), (0, 7, 0), (5, 0, 0)],
)
def test_an_average_is_to_the_nearest_paisa_half_up(
    value: int, quantity: int, expected: int
) -> None:
    assert average(value, quantity) == expected


@given(st.integers(0, 2_000_00))
def test_every_price_of_an_option_survives_a_float_of_32_bits(amount: int) -> None:
    (carried,) = struct.unpack("<f", struct.pack("<f", amount / 100))
    assert paise_of_wire(carried) == amount


@given(st.integers(0, 10**7), st.sampled_from([1, 5, 10]))
def test_ticks_enclose_the_price(price: int, tick: int) -> None:
    low, high = floor_to_tick(price, tick), ceil_to_tick(price, tick)
    assert low <= price <= high
    assert high - low in {0, tick}
    assert low % tick == high % tick == 0


def test_a_number_on_the_wire_is_the_paise_that_it_means() -> None:
    assert paise_of_wire(174.95) == 17495
    assert paise_of_wire(149.99999) == 15000
    assert paise_of_wire(700.0499877929688) == 70005
    assert paise_of_wire(-0.0) == 0
