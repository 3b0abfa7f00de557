from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from itertools import pairwise
from math import log
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Tick
from swingbreak.domain.session import Session
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.quoting import Quoter, median_size, median_spread, turnover_share
from swingbreak.simulation.spot_path import TRAITS, Regime, draw_regime, intraday_shape, walk
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.volatility import atm_path, smile

# Half an hour of five strikes: everything a day has, in a fraction of its time.
SHORT = DaySpec(
    session=Session.on(date(2026, 11, 20), time(9, 15), time(9, 45)),
    strikes=2,
    index_stands=None,
)
SPECS = st.builds(
    replace,
    st.just(SHORT),
    seed=st.integers(0, 2**32),
    regime=st.sampled_from([None, *Regime]),
    expiry=st.sampled_from([date(2026, 11, 20), date(2026, 11, 23), date(2026, 12, 29)]),
    spot=st.integers(5_000_00, 90_000_00),
    volatility=st.floats(0.05, 0.6),
    ticks_per_minute=st.floats(1, 30),
    vix=st.booleans(),
    index_stands=st.sampled_from([None, (time(9, 20), time(9, 40)), (time(9, 40), time(10, 0))]),
)


def dice(seed: object) -> Random:
    return Random(f"{seed}")  # noqa: S311 - no secret


def options(tape: ArrayTape) -> Iterator[Tick]:
    names = {contract.symbol for contract in tape.contracts}
    return (tick for tick in tape.ticks() if tick.symbol in names)


@settings(max_examples=8, deadline=None)
@given(SPECS)
def test_every_book_is_open_on_the_grid_and_in_whole_lots(spec: DaySpec) -> None:
    tape = generate_day(spec)
    lot, step = spec.terms.lot, spec.terms.tick
    for tick in options(tape):
        assert step <= tick.bid < tick.ask
        assert tick.bid % step == tick.ask % step == tick.price % step == 0
        assert min(tick.bid_size, tick.ask_size) >= lot
        assert tick.bid_size % lot == tick.ask_size % lot == tick.volume % lot == 0


@settings(max_examples=8, deadline=None)
@given(SPECS)
def test_trades_print_inside_the_book_and_volume_never_falls(spec: DaySpec) -> None:
    seen: dict[str, Tick] = {}
    for tick in options(generate_day(spec)):
        before = seen.get(tick.symbol)
        if before is None or tick.volume > before.volume:
            assert tick.price in {tick.bid, tick.ask}
        else:
            assert (tick.volume, tick.price) == (before.volume, before.price)
        seen[tick.symbol] = tick


@settings(max_examples=8, deadline=None)
@given(SPECS)
def test_ticks_come_in_order_within_the_session_and_no_contract_falls_silent(
    spec: DaySpec,
) -> None:
    tape = generate_day(spec)
    heard = dict.fromkeys(tape.symbols, tape.session.opens)
    for before, tick in pairwise(tape.ticks()):
        assert before.at <= tick.at
        assert (tick.at - heard[tick.symbol]).total_seconds() <= 20
        heard[tick.symbol] = tick.at
    assert all(tape.session.is_open(at) for at in heard.values())
    assert set(heard) == {tick.symbol for tick in tape.ticks()}


@settings(max_examples=4, deadline=None)
@given(st.integers())
def test_the_same_seed_is_the_same_day_and_another_is_another(seed: int) -> None:
    tape, again = generate_day(replace(SHORT, seed=seed)), generate_day(replace(SHORT, seed=seed))
    other = generate_day(replace(SHORT, seed=seed + 1))
    assert list(tape.ticks()) == list(again.ticks())
    assert list(tape.ticks()) != list(other.ticks())
    assert tape.previous_close("NIFTY") == again.previous_close("NIFTY")


def test_tick_rate_and_strikes_do_not_change_the_path() -> None:
    def index(spec: DaySpec) -> list[int]:
        return [tick.price for tick in generate_day(spec).ticks() if tick.symbol == "NIFTY"]

    assert index(SHORT) == index(replace(SHORT, ticks_per_minute=3, strikes=1))


def test_the_label_says_that_it_is_made_up_and_from_what() -> None:
    tape = generate_day(replace(SHORT, seed=3, regime=Regime.CRASH))
    assert tape.label == "synthetic NIFTY 2026-11-20 seed 3 regime crash"
    assert tape.synthetic


def test_the_chain_lies_around_the_money() -> None:
    tape = generate_day(SHORT)
    strikes = sorted({contract.strike for contract in tape.contracts})
    assert strikes == [24_100_00, 24_150_00, 24_200_00, 24_250_00, 24_300_00]
    assert [c.right for c in tape.contracts[:2]] == [Right.CE, Right.PE]
    assert tape.contracts[0].symbol == "NIFTY01DEC2624100CE"
    assert tape.contracts[0].lot == 65
    assert tape.symbols == ("NIFTY", *(c.symbol for c in tape.contracts))


def test_the_index_is_not_republished_during_the_closing_auction() -> None:
    spec = replace(SHORT, index_stands=(time(9, 20), time(9, 40)))
    tape = generate_day(spec)
    levels = [tick.price for tick in tape.ticks() if tick.symbol == "NIFTY"]
    assert len(levels) == 1800
    assert len(set(levels[:300])) > 100
    assert set(levels[300:1500]) == {levels[300]}
    assert set(levels[1500:]) == {levels[1500]} != {levels[300]}


def test_india_vix_ticks_when_asked_for() -> None:
    tape = generate_day(replace(SHORT, vix=True))
    vix = [tick.price for tick in tape.ticks() if tick.symbol == "INDIAVIX"]
    assert len(vix) == 360
    assert all(8_00 < level < 20_00 for level in vix)


def test_yesterday_closed_near_today_on_the_grid() -> None:
    tape = generate_day(SHORT)
    assert abs(tape.previous_close("NIFTY") / SHORT.spot - 1) < 0.02
    for contract in tape.contracts:
        close = tape.previous_close(contract.symbol)
        assert close > 0
        assert close % contract.tick == 0
    assert tape.previous_close("UNKNOWN") == 0


@pytest.mark.parametrize(
    ("regime", "low", "high"),
    [
        (Regime.TREND_UP, 0.001, 0.03),
        (Regime.TREND_DOWN, -0.03, -0.001),
        (Regime.CRASH, -0.06, -0.004),
        (Regime.SPIKE, 0.002, 0.05),
    ],
)
def test_a_regime_sends_the_median_day_its_way(regime: Regime, low: float, high: float) -> None:
    moves = []
    for seed in range(9):
        price = walk(dice(seed), 22_500, 24_200_00.0, regime).price
        moves.append(log(price[-1] / price[0]))
    assert low < sorted(moves)[4] < high


def test_every_regime_is_drawn_in_proportion() -> None:
    drawn = [draw_regime(dice(seed)) for seed in range(2000)]
    total = sum(traits.weight for traits in TRAITS.values())
    for regime, traits in TRAITS.items():
        assert drawn.count(regime) / 2000 == pytest.approx(traits.weight / total, abs=0.03)


def test_the_intraday_shape_is_a_u_of_mean_square_one() -> None:
    shape = intraday_shape(22_500, 2.0, 0.75)
    assert sum(x * x for x in shape) / len(shape) == pytest.approx(1)
    assert shape[0] > shape[-1] > min(shape)


def test_news_widens_quotes_and_raises_volatility() -> None:
    spot = walk(dice(5), 22_500, 24_200_00.0, Regime.CRASH)
    (shock,) = [jump for jump in spot.jumps if abs(jump.size) > 0.01]
    after, before = spot.stress[shock.second + 1], spot.stress[shock.second - 1]
    assert after > before + 3
    assert spot.stress[0] > 2
    atm = atm_path(dice(5), spot, 0.12)
    assert atm[shock.second + shock.duration] > atm[shock.second - 1] * 1.1


def test_the_smile_rises_to_both_sides_and_is_flat_far_out() -> None:
    assert smile(0) == 1
    assert smile(-2) > smile(2) > 1
    assert smile(50) == smile(4)


def test_spreads_widen_and_sizes_shrink_with_the_premium() -> None:
    premiums = [0, 2_000, 7_500, 15_000, 25_000, 60_000, 500_000]
    spreads = [median_spread(premium) for premium in premiums]
    sizes = [median_size(premium) for premium in premiums]
    assert spreads == sorted(spreads)
    assert sizes == sorted(sizes, reverse=True)


def test_turnover_is_at_and_out_of_the_money() -> None:
    shares = [turnover_share(z) for z in (0, 1, 2, -1, -2)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1


def test_a_contract_nobody_trades_still_opens_with_a_print_and_keeps_it() -> None:
    quoter = Quoter(dice(1), lot=65, tick=5)
    quoter.update(fair=15_000, stress=1, lots=0)
    first = quoter.price
    assert (first > 0, quoter.volume) == (True, 65)
    quoter.update(fair=20_000, stress=1, lots=0)
    assert (quoter.price, quoter.volume) == (first, 65)
    assert quoter.bid > first
