"""Which trades hang on the order of prices within a bar, what is at stake, what fills cost."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from swingbreak.bootstrap.backtest.trips import Trip, ambiguity, slippage, trips_of
from swingbreak.domain.orders import Side
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Trade
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.track import Track
from swingbreak.simulation.venue import VenueTrade, Way
from tests.bar_days import SPREADS, day_bars
from tests.builders import CE, PE, SESSION, at, bar

PARAMETERS = Parameters()
UNITS = 650
# sold under 175.00 at 174.95, sized with a stop at 185.00
TRIGGER, LIMIT, STOP = 174_95, 171_95, 185_00


def fill(
    side: Side,
    when: datetime,
    price: int,
    *,
    trigger: int = 0,
    limit: int = 0,
    way: Way = Way.PASSED,
    symbol: str = CE.symbol,
    quantity: int = UNITS,
) -> VenueTrade:
    return VenueTrade("T", "1", symbol, side, quantity, price, when, way, trigger, limit, price)


def sold(when: datetime, price: int = TRIGGER) -> VenueTrade:
    return fill(Side.SELL, when, price, trigger=TRIGGER, limit=LIMIT)


def stopped(when: datetime, price: int = STOP) -> VenueTrade:
    return fill(Side.BUY, when, price, trigger=STOP, limit=STOP + 3_00)


def trip(entry: VenueTrade, last: VenueTrade, why: str = "stop", stop: int = STOP) -> Trip:
    trade = Trade(
        trade_id="1",
        symbol=entry.symbol,
        level="L1",
        quantity=entry.quantity,
        sold_value=entry.price * entry.quantity,
        bought_value=last.price * last.quantity,
        points=10_00,
        stop=stop,
        charges=0,
        orders=2,
        opened_at=entry.at,
        closed_at=last.at,
        exit_reason=why,
    )
    return Trip(trade, (entry, last))


def track(*bars: tuple[int, int, int, int]) -> Track:
    rows = [bar(minute, *(price * 100 for price in prices)) for minute, prices in enumerate(bars)]
    return Track(day_bars([CE], [rows], SESSION), 0)


def stake(one: Trip, bars: Track, net: int = 0, parameters: Parameters = PARAMETERS) -> int:
    return ambiguity(one, bars, SESSION, parameters, [(at(0), 0), (at(1), net)])


WIDE = (178, 186, 170, 176)  # reaches both the entry and its stop


def test_an_entry_stopped_in_its_own_bar_is_what_it_would_have_become() -> None:
    one = trip(sold(at(0, 20)), stopped(at(0, 40)))
    # with the high first the stop would have been at 187.00, which the third bar reaches
    bars = track(WIDE, (176, 180, 175, 179), (179, 188, 178, 187))
    assert stake(one, bars) == (187_00 - 185_00) * UNITS
    # or opens above
    assert stake(one, track(WIDE, (190, 191, 189, 190))) == (190_00 - 185_00) * UNITS


def test_an_entry_stopped_in_its_own_bar_might_have_lasted_to_the_force_exit() -> None:
    one = trip(sold(at(0, 20)), stopped(at(0, 40)))
    calm = [(176, 177, 150, 160)] * 3
    early = replace(PARAMETERS, force_exit=time(9, 17))
    assert stake(one, track(WIDE, *calm), parameters=early) == (185_00 - 176_00) * UNITS
    assert stake(one, track(WIDE, *calm)) == (185_00 - 160_00) * UNITS  # the last close there is


def test_a_stop_in_the_bar_of_an_entry_at_its_open_is_certain() -> None:
    assert stake(trip(sold(at(0, 0), 170_00), stopped(at(0, 40))), track(WIDE)) == 0


def test_an_entry_that_was_kept_although_its_bar_reached_the_stop() -> None:
    one = trip(sold(at(0, 40)), fill(Side.BUY, at(5), 150_00), "force_exit", stop=187_00)
    bars = track(WIDE, *[(176, 177, 150, 160)] * 5)
    assert stake(one, bars) == (185_00 - 150_00) * UNITS
    assert stake(one, track((178, 184, 170, 176), *[(176, 177, 150, 160)] * 5)) == 0


@pytest.mark.parametrize(
    ("why", "last", "expected"),
    [
        ("stop", stopped(at(2, 20)), 185_00 - 140_00),
        ("daily_target", fill(Side.BUY, at(2, 20), 141_00), 185_00 - 141_00),
        ("force_exit", fill(Side.BUY, at(2, 20), 141_00), 0),
        ("daily_target", fill(Side.BUY, at(2, 0), 141_00), 0),  # at the open: nothing came before
    ],
)
def test_a_bar_that_reaches_the_stop_and_the_days_target(
    why: str, last: VenueTrade, expected: int
) -> None:
    bars = track((178, 179, 170, 172), (172, 176, 170, 175), (175, 186, 140, 160))
    one = trip(sold(at(0, 20)), last, why)
    ten = 10_000_00  # short of the target of 32,500 by less than 35 points
    assert stake(one, bars, ten) == expected * UNITS
    assert stake(one, bars, ten - 1) == expected * UNITS
    assert stake(one, bars, -50_000_00) == 0


@pytest.mark.parametrize("why", ["daily_target", "daily_stop", "stop_gapped", "force_exit"])
def test_a_minute_without_a_bar_of_the_contract_hides_nothing(why: str) -> None:
    # closed in minute 2, by what other contracts did: its own last bar is before
    last = fill(Side.BUY, at(2, 20), 171_00, way=Way.BOOK)
    calm = (178, 179, 170, 172), (172, 176, 170, 175)
    assert stake(trip(sold(at(0, 20)), last, why), track(*calm), 32_500_00) == 0
    # and what the next bar reaches, long after, is nothing of that minute's
    rows = [bar(minute, 172_00, 186_00, 140_00, 160_00) for minute in (0, 1, 7)]
    later = Track(day_bars([CE], [rows], SESSION), 0)
    one = trip(sold(at(0, 0)), last, why)
    assert stake(one, later, 32_500_00) == 0


def test_an_entry_in_a_minute_without_a_bar_hides_nothing() -> None:
    rows = [bar(minute, 172_00, 190_00, 170_00, 175_00) for minute in (0, 7)]
    bars = Track(day_bars([CE], [rows], SESSION), 0)
    for last in (stopped(at(3, 30)), fill(Side.BUY, at(5), 150_00)):
        assert stake(trip(sold(at(3, 20)), last), bars) == 0


def test_slippage_is_measured_against_triggers() -> None:
    assert slippage(trip(sold(at(0, 20), 174_50), stopped(at(1), 185_35))) == (45 + 35) * UNITS
    gapped = fill(Side.BUY, at(1), 189_00, way=Way.BOOK)
    assert slippage(trip(sold(at(0, 20)), gapped, "stop_gapped")) == 4_00 * UNITS
    assert slippage(trip(sold(at(0, 20)), gapped, "force_exit")) == 0


def test_fills_go_to_the_trades_they_made() -> None:
    rows = [
        sold(at(0, 20)),
        fill(Side.SELL, at(0, 30), 100_00, symbol=PE.symbol),
        fill(Side.BUY, at(1), 180_00, quantity=65),
        fill(Side.BUY, at(2), 181_00, quantity=585),
        sold(at(3)),
        stopped(at(4)),
    ]
    trades = [trip(rows[0], rows[3]).trade, trip(rows[4], rows[5]).trade]
    first, second = trips_of(rows, trades)
    assert first.fills == (rows[0], rows[2], rows[3])
    assert second.fills == (rows[4], rows[5])


def test_the_same_orders_under_another_model() -> None:
    bars = track((178, 186, 170, 176), (176, 180, 175, 179))
    exit_ = replace(fill(Side.BUY, at(1, 21), 175_90, limit=176_00, way=Way.BOOK), reached=175_00)
    one = trip(replace(sold(at(0, 20), 171_95), reached=170_00), exit_, "force_exit")
    made = {model: one.values(bars, Passage(model, SESSION, SPREADS)) for model in FillModel}
    assert made == {
        FillModel.PESSIMISTIC: (171_95 * UNITS, 175_90 * UNITS),
        FillModel.CALIBRATED: (174_60 * UNITS, 175_35 * UNITS),
        FillModel.OPTIMISTIC: (174_95 * UNITS, 175_00 * UNITS),
    }
    rested = fill(Side.BUY, at(1, 21), 176_00, limit=176_00, way=Way.RESTED)
    assert trip(one.entry, rested).values(
        bars, Passage(FillModel.OPTIMISTIC, SESSION, SPREADS)
    ) == (
        174_95 * UNITS,
        176_00 * UNITS,
    )
