"""The displayed ladder: what is shown is what fills."""

from itertools import pairwise

import pytest

from swingbreak.domain.market import Tick
from swingbreak.domain.orders import Side
from swingbreak.simulation.book import LEVELS, PRICE_STEP, ladder
from tests.venue_builders import LOT, START, quoted, tick

SIDES = [Side.BUY, Side.SELL]


def test_the_first_level_is_the_touch():
    one = tick(0, 200_00, bid=199_50, ask=200_40, bid_size=LOT, ask_size=2 * LOT)
    assert ladder(one, Side.BUY)[0] == (199_50, LOT)
    assert ladder(one, Side.SELL)[0] == (200_40, 2 * LOT)


def test_levels_step_away_by_half_the_spread():
    one = quoted(0, 200_00, 199_50, 200_50)
    assert [price for price, _ in ladder(one, Side.BUY)] == [199_50, 199_00, 198_50, 198_00, 197_50]
    assert [price for price, _ in ladder(one, Side.SELL)] == [
        200_50,
        201_00,
        201_50,
        202_00,
        202_50,
    ]


@pytest.mark.parametrize(
    ("bid", "ask", "gap"),
    [(199_95, 200_00, 5), (199_95, 200_05, 5), (199_80, 200_00, 10), (199_85, 200_00, 5)],
    ids=["one step", "two steps", "twenty paise", "rounded down to a step"],
)
def test_the_gap_is_at_least_a_step_and_on_the_grid(bid, ask, gap):
    prices = [price for price, _ in ladder(quoted(0, bid, bid, ask), Side.SELL)]
    assert [b - a for a, b in pairwise(prices)] == [gap] * 4


@pytest.mark.parametrize("side", SIDES)
def test_sizes_are_whole_lots_of_one_to_three_touches(side):
    for price in range(100_00, 101_00, PRICE_STEP):
        sizes = [size for _, size in ladder(quoted(0, price, price, price + 20, 3 * LOT), side)]
        assert sizes[0] == 3 * LOT
        assert set(sizes[1:]) <= {3 * LOT, 6 * LOT, 9 * LOT}


def test_sizes_differ_from_level_to_level():
    many = [ladder(quoted(0, p, p, p + 20, 3 * LOT), Side.BUY) for p in range(100_00, 101_00, 5)]
    assert len({tuple(size for _, size in one) for one in many}) > 1


@pytest.mark.parametrize("side", SIDES)
def test_an_unknown_side_shows_nothing(side):
    assert ladder(tick(0, 200_00), side) == ((0, 0),) * LEVELS


def test_with_one_side_known_levels_are_one_step_apart():
    one = tick(0, 200_00, bid=199_50, bid_size=LOT)
    assert [price for price, _ in ladder(one, Side.BUY)] == [199_50, 199_45, 199_40, 199_35, 199_30]
    assert ladder(one, Side.SELL) == ((0, 0),) * LEVELS


def test_bids_stop_above_zero():
    prices = [price for price, _ in ladder(quoted(0, 10, 10, 15), Side.BUY)]
    assert prices == [10, 5, 0, 0, 0]


def test_a_touch_without_a_size_stands_alone():
    one = tick(0, 200_00, bid=199_50, ask=200_50)
    assert ladder(one, Side.SELL) == ((200_50, 0), *((0, 0),) * (LEVELS - 1))


def test_the_same_tick_gives_the_same_book():
    one = quoted(0, 200_00, 199_50, 200_50)
    same = Tick(one.symbol, START, *one[2:])
    assert ladder(one, Side.SELL) == ladder(same, Side.SELL)
