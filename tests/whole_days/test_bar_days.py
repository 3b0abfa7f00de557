"""A day of bars shows what the tape of these bars shows, and is decided as that is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.market import Bar
from swingbreak.domain.orders import Side
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.market.day_bars import DayBars
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.bar_day import BarDay
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.foreseen import Foreseen
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.generator import NIFTY_2026
from swingbreak.simulation.stored import tape_of_stored
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.venue import VenueTrade, Way
from tests.bar_days import SPREADS, made_up_bars, sheet_of, tape_of
from tests.charging import rates_of
from tests.made_up_days import made_up_parameters
from tests.naive_day import HEADROOM_BP, Forgetful, NaiveDay

# An order rests and trades later; something trades again as a minute without a bar in it closes.
TELLING = (1011, 1194, 1236, 1002, 1541)


def run(
    seen: BarDay | CutDay, day: ArrayTape | BarDay, parameters: Parameters, passage: Passage
) -> tuple[DayRecord, Exchange]:
    ground = day.sheet if isinstance(day, BarDay) else day
    session, foreseen = seen.session, None
    if isinstance(seen, BarDay):
        foreseen = Foreseen(seen.sheet.swings(parameters.swing_rule), parameters)
    past = foreseen.past if foreseen is not None else None
    engine = Engine(session, seen.contracts, parameters, rates_of(session.day).charge, past)
    record = DayRecord(engine)
    venue, cash = funded_exchange(ground, seen.spot, ExchangeRules(passage=passage))
    check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
    trader = Trader(engine, Forgetful(), record)
    InProcessDay(seen, trader, venue, parameters, check, foreseen).run()
    return record, venue


def compare_runs(seed: int, model: FillModel) -> Counter[str]:
    """Run a day of bars, and the tape that it came to with and without shortcuts."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    bars = made_up_bars(dice)
    parameters = made_up_parameters(dice, bars.session.minutes)
    passage = Passage(model, bars.session, SPREADS)
    day = BarDay(sheet_of(bars), passage)
    record, venue = run(day, day, parameters, passage)
    trades = venue.trades()
    check_fills(trades, venue, day)
    tape = tape_of(day)
    cut, cut_venue = run(CutDay(tape, parameters.bar_grace_ms), tape, parameters, passage)
    assert record.decisions == cut.decisions, seed
    assert record.curve == cut.curve, seed
    assert trades == cut_venue.trades(), seed
    naive = NaiveDay(tape, tape.contracts, parameters, rules=ExchangeRules(passage=passage))
    naive.run()
    closes = tape.session.closes.isoformat()
    given, expected = (
        [line for line in each.decisions if line < closes] for each in (record, naive.record)
    )
    assert given == expected, seed
    return Counter({"trades": len(trades) // 2, **Counter(trade.way.value for trade in trades)})


def check_fills(trades: Sequence[VenueTrade], venue: Exchange, day: BarDay) -> None:
    """Every fill lies inside its bar, or at the limit at which it rested, and after its order."""
    for trade in trades:
        order = venue.order(trade.orderid)
        assert order is not None
        assert order.placed_at < trade.at
        track = day.sheet.tracks[trade.symbol]
        row = track.row_at((trade.at - day.session.opens) // timedelta(milliseconds=1))
        beyond = trade.limit - trade.price if trade.side is Side.SELL else trade.price - trade.limit
        assert beyond <= 0  # never worse than its limit
        assert track.low[row] <= trade.price <= track.high[row] or trade.way is Way.RESTED
        assert beyond == 0 or trade.way is not Way.RESTED


def test_bars_are_decided_as_the_tape_that_they_came_to() -> None:
    seen: Counter[str] = Counter()
    for seed in (*range(22), *TELLING):
        for model in FillModel:
            seen += compare_runs(seed, model)
    assert min(seen[what] for what in ("trades", "book", "passed")) > 25
    assert seen["rested"] > 2


@settings(deadline=None, max_examples=15)
@given(st.integers(100, 2**32), st.sampled_from(list(FillModel)))
def test_bars_are_decided_as_the_tape_on_any_day(seed: int, model: FillModel) -> None:
    compare_runs(seed, model)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_bars_are_decided_as_the_tape_on_many_days(block: int) -> None:
    for seed in range(1000 * (block + 1), 1000 * (block + 1) + 100):
        compare_runs(seed, list(FillModel)[seed % 3])


def made_up(seed: int) -> tuple[Random, DayBars]:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    return dice, made_up_bars(dice)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32))
def test_the_calibrated_path_is_that_of_a_stored_tape(seed: int) -> None:
    _, bars = made_up(seed)
    day = BarDay(sheet_of(bars), Passage(FillModel.CALIBRATED, bars.session, SPREADS))
    ours, stored = tape_of(day), tape_of_stored(bars, NIFTY_2026)
    assert ours.symbols == stored.symbols
    for name in ("time_ms", "symbol", "price", "volume"):
        assert list(getattr(ours.columns, name)) == list(getattr(stored.columns, name)), name
    at = bars.session.opens + timedelta(seconds=seed % 600)
    assert day.spot(at) == CutDay(stored, 1500).spot(at)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(list(FillModel)))
def test_it_shows_what_its_tape_shows(seed: int, model: FillModel) -> None:
    dice, bars = made_up(seed)
    day = BarDay(sheet_of(bars), Passage(model, bars.session, SPREADS))
    for minute in range(bars.session.minutes):
        day.begin(minute, [c.symbol for c in bars.contracts if dice.random() < 0.3])
    cut = CutDay(tape_of(day), 1500)
    for ours, its in zip(day.minutes, cut.minutes, strict=True):
        assert shown(ours.bars) == shown(its.bars)
        assert shown(ours.forming) == shown(its.forming)
        for symbol in ours.bars:
            assert ours.marks(symbol) == its.marks(symbol)
            assert ours.reach(symbol) == its.reach(symbol)
    symbols = [contract.symbol for contract in bars.contracts]
    for _ in range(40):
        after = bars.session.opens + timedelta(milliseconds=500 * dice.randint(-100, 4000))
        until = after + timedelta(milliseconds=500 * dice.randint(0, 300))
        some = dice.sample(symbols, dice.randint(1, len(symbols)))
        assert day.between(some, after, until) == cut.between(some, after, until)
        low = dice.randrange(60_00, 300_00)
        band = low, low + dice.randrange(20_00)
        one = some[0]
        assert day.records(one, after, until, band) == cut.records(one, after, until, band)
        assert day.last(one, after) == cut.last(one, after)
        window = timedelta(seconds=30)
        assert day.recent(one, after, window) == cut.recent(one, after, window)


def shown(bars: Mapping[str, Bar]) -> dict[str, Bar]:
    """Without the number of messages, which repeated prices make smaller."""
    return {symbol: bar._replace(ticks=0) for symbol, bar in bars.items()}
