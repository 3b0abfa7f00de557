from datetime import date
from itertools import pairwise

import pytest

from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.facts.spreads import SpreadBand, Spreads
from tests.charging import package_facts

DAY = date(2026, 11, 20)


def test_a_premium_has_the_spread_of_its_band() -> None:
    spreads = Spreads([SpreadBand(200_00, 35, 45), SpreadBand(100_00, 15, 25)])
    assert [spreads.usual(price) for price in (5, 100_00, 100_05, 200_00, 900_00)] == [
        *(15, 15),
        *(35, 35, 35),
    ]
    assert [spreads.wide(price) for price in (100_00, 100_05)] == [25, 45]


def test_the_package_knows_spreads_that_widen_with_the_premium() -> None:
    bands = Spreads.on(package_facts(), DAY).bands
    assert [band.up_to for band in bands] == sorted({band.up_to for band in bands})
    for narrow, wide in pairwise(bands):
        assert (narrow.usual, narrow.wide) < (wide.usual, wide.wide)
    assert all(0 < band.usual <= band.wide for band in bands)
    assert all(not spread % 5 for band in bands for spread in band[1:])


def test_a_day_without_spreads_is_unknown() -> None:
    with pytest.raises(UnknownFact, match="no option_spread is known for 2026-11-20"):
        Spreads.on(Facts({}, ()), DAY)
