import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.reporting.resampling import (
    bands_of,
    expectancy_interval,
    sum_interval,
)
from tests.run_views import R_VALUE, made_run, netting_days, run_day, trading_days

R = R_VALUE


def test_same_days_and_seed_give_the_same_bands() -> None:
    days = made_run(40, with_curves=False).days
    assert bands_of(days) == bands_of(days, seed=1)
    assert bands_of(days) != bands_of(days, seed=2)
    assert expectancy_interval(days) == expectancy_interval(days, seed=1)


def test_days_that_are_all_alike_leave_no_luck() -> None:
    bands = bands_of(netting_days(*[R] * 10))
    assert bands is not None
    assert bands.places == tuple(range(11))
    assert bands.equity == tuple((place * R,) * 5 for place in range(11))
    assert (set(bands.depths), bands.losing, bands.deeper) == ({0}, 0.0, 0.0)
    assert sum_interval([R] * 10) == (10 * R, 10 * R)


def test_one_day_can_be_drawn_in_one_way_only() -> None:
    assert bands_of(netting_days(R)) is None
    assert expectancy_interval(netting_days(R)) is None
    assert sum_interval([R]) is None
    assert expectancy_interval((run_day(trading_days(1)[0]),) * 3) is None


def test_a_coin_loses_as_often_as_it_wins() -> None:
    bands = bands_of(netting_days(*[R, -R] * 50))
    assert bands is not None
    assert 0.4 < bands.losing < 0.55
    low, high = sum_interval([R, -R] * 50) or (0, 0)
    # of 100 fair throws the sum lies within two standard deviations of 10 R
    assert -24 * R < low < -14 * R
    assert 14 * R < high < 24 * R


def test_blocks_keep_neighbours_together() -> None:
    # after every gain a loss: whole blocks of two never come to anything
    days = netting_days(*[R, -R] * 20)
    single, paired = bands_of(days), bands_of(days, block=2)
    assert single is not None
    assert paired is not None
    assert max(map(abs, paired.equity[-1])) <= R
    assert max(map(abs, single.equity[-1])) > 3 * R
    assert paired.depths[-1] < single.depths[-1]


@pytest.mark.parametrize(("days", "paths"), [(2, 2_000), (5_000, 200)])
def test_long_runs_are_drawn_less_often(days: int, paths: int) -> None:
    nets = netting_days(*[R, -R]) * (days // 2)
    bands = bands_of(nets)
    assert bands is not None
    assert bands.paths == paths
    assert len(bands.places) <= 61
    assert bands.places[-1] == days


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=15), st.integers(1, 5))
def test_bands_are_ordered_and_hold_what_the_days_allow(nets: list[int], block: int) -> None:
    bands = bands_of(netting_days(*(net * R for net in nets)), block=block)
    assert bands is not None
    count = len(nets)
    for place, values in zip(bands.places, bands.equity, strict=True):
        assert list(values) == sorted(values)
        assert place * min(nets) * R <= values[0]
        assert values[-1] <= place * max(nets) * R
    assert list(bands.depths) == sorted(bands.depths)
    assert bands.depths[0] >= 0
    assert bands.depths[-1] <= max(0, -count * min(nets) * R)


def test_expectancy_lies_in_its_interval() -> None:
    days = made_run(60, with_curves=False).days
    low, high = expectancy_interval(days) or (0, 0)
    results = [each.trade.r for day in days for each in day.trades]
    assert low < sum(results) / len(results) < high
