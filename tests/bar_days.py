"""Short days of minute bars, and the tape that a run on bars amounts to."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise
from random import Random

from swingbreak.bootstrap.backtest.way import Way
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.facts.spreads import SpreadBand, Spreads
from swingbreak.market.day_bars import DayBars, IndexColumns, Origin
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.bar_day import BarDay, BarSheet
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.exchange import ExchangeRules
from swingbreak.simulation.fills import Passage
from swingbreak.simulation.foreseen import Foreseen
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from tests.charging import rates_of
from tests.made_up_days import SPOT, made_up_tape
from tests.naive_day import HEADROOM_BP, Forgetful

SPREADS = Spreads(
    [SpreadBand(100_00, 15, 25), SpreadBand(200_00, 35, 45), SpreadBand(1 << 40, 65, 85)]
)


def day_bars(
    contracts: Sequence[OptionContract],
    bars: Sequence[Sequence[Bar]],
    session: Session,
    index: IndexColumns | None = None,
) -> DayBars:
    """A stored day of these bars, one sequence per contract."""
    rows = [bar for each in bars for bar in each]
    starts = [0]
    for each in bars:
        starts.append(starts[-1] + len(each))
    columns = {name: array("q", [getattr(bar, name) for bar in rows]) for name in Bar._fields}
    return DayBars(
        label="made up for a test",
        origin=Origin.SYNTHETIC,
        session=session,
        underlying="NIFTY",
        spot_symbol=SPOT,
        contracts=tuple(contracts),
        starts=starts,
        index=index or IndexColumns(),
        **columns,
    )


def bars_of(tape: ArrayTape) -> DayBars:
    """The bars of a tape and of its index."""
    cut = CutDay(tape, 1500)
    bars = [
        [minute.bars[c.symbol] for minute in cut.minutes if c.symbol in minute.bars]
        for c in tape.contracts
    ]
    minutes = array("q", range(tape.session.minutes))
    spots = array("q", [cut.spot(tape.session.start_of(minute)) for minute in minutes])
    return day_bars(
        tape.contracts, bars, tape.session, IndexColumns(minutes, spots, spots, spots, spots)
    )


def made_up_bars(dice: Random) -> DayBars:
    """Bars of a day of walks that jump now and then, in a market of wide minutes, some without."""
    tape = made_up_tape(dice)
    cut = CutDay(tape, 1500)
    bars = [
        [minute.bars[c.symbol] for minute in cut.minutes if c.symbol in minute.bars]
        for c in tape.contracts
    ]
    if dice.random() < 0.5:
        # nothing traded in some minutes; where nothing trades all day, volumes are not known
        idle = dice.choice([0.1, 1.0])
        bars = [
            [b._replace(volume=0) if dice.random() < idle else b for b in each] for each in bars
        ]
    elif dice.random() < 0.3:
        bars = [[b._replace(volume=dice.randint(1, 3)) for b in each] for each in bars]
    if dice.random() < 0.3:
        bars = [[b for b in each if not b.minute or dice.random() < 0.8] for each in bars]
    minutes = range(tape.session.minutes)
    flat = array("q", [24500_00 + 5 * dice.randint(-400, 400) for _ in minutes])
    index = IndexColumns(array("q", minutes), flat, flat, flat, flat)
    index = index if dice.random() < 0.8 else None  # then it follows from parity
    return day_bars(tape.contracts, bars, tape.session, index)


def bars_until(bars: DayBars, minute: int) -> DayBars:
    """The same day as it was known when *minute* was over."""
    columns = {name: array("q") for name in Bar._fields}
    starts = [0]
    for begins, ends in pairwise(bars.starts):
        known = bisect_right(bars.minute, minute, begins, ends)
        for name, column in columns.items():
            column.extend(getattr(bars, name)[begins:known])
        starts.append(len(columns["minute"]))
    known = sum(each <= minute for each in bars.index.minute)
    index = (getattr(bars.index, each.name)[:known] for each in fields(IndexColumns))
    return replace(bars, starts=starts, index=IndexColumns(*index), **columns)


def tape_of(day: BarDay) -> ArrayTape:
    """Everything that *day* shows, as a tape, in the order of extremes that its run has chosen."""
    sheet = day.sheet
    symbols = (sheet.spot_symbol, *sheet.tracks)
    rows = [(ms, 0, price, 0, 0, 0) for ms, price in sheet.index]
    for number, symbol in enumerate(symbols[1:], 1):
        for minute in range(sheet.session.minutes):
            for tick in day.ticks(symbol, minute):
                ms = round((tick.at - sheet.session.opens).total_seconds() * 1000)
                rows.append((ms, number, tick.price, tick.volume, tick.bid, tick.ask))
    columns = TapeColumns()
    for row in sorted(rows, key=lambda row: row[:2]):
        columns.append(*row)
    return ArrayTape(
        label="what was run",
        synthetic=True,
        session=sheet.session,
        underlying="NIFTY",
        spot_symbol=sheet.spot_symbol,
        contracts=tuple(track.contract for track in sheet.tracks.values()),
        symbols=symbols,
        columns=columns,
        cadence_s=60,
        previous_closes={sheet.spot_symbol: sheet.previous_close(sheet.spot_symbol)},
    )


def sheet_of(day: DayBars) -> BarSheet:
    sheet = BarSheet(day)
    sheet.follow(day.contracts)
    return sheet


def quick_bars(
    seen: BarDay, parameters: Parameters, passage: Passage, way: Way | None = None
) -> tuple[Engine, DayRecord]:
    """Run a day of bars as a backtest does."""
    way = way or Way(seen.contracts)
    session = seen.session
    foreseen = Foreseen(seen.sheet.swings(parameters.swing_rule), parameters)
    charge = rates_of(session.day).charge
    engine = Engine(session, seen.contracts, parameters, charge, foreseen.past, window=way.window)
    record = DayRecord(engine)
    venue, cash = funded_exchange(seen.sheet, seen.spot, ExchangeRules(passage=passage))
    check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
    trader = Trader(engine, Forgetful(), record)
    InProcessDay(seen, trader, venue, parameters, check, foreseen, way.moves).run()
    return engine, record
