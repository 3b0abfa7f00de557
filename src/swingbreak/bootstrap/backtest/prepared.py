"""One stored day made ready once, and run as often as wanted: the ground of backtests and sweeps.

    prepared = Preparer(store, facts, plan).prepare(choice)
    for parameters in many:
        ran = run_prepared(prepared, parameters, FillModel.PESSIMISTIC)

Rules of this file:

1. The engine, the exchange, margin and charges are those of a paper day; only the wire is missing.
2. Preparing depends on the data and on what is followed, running on nothing else but the
   parameters and the fill model: the same three give the same day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from swingbreak.adapters.store.files import read_about
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.adapters.store.tapes import load_tape
from swingbreak.bootstrap.backtest.trips import Trip, ambiguity, slippage, trips_of
from swingbreak.bootstrap.backtest.way import Followed, Way, index_of, way_of
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.facts.charges import ChargeRates
from swingbreak.facts.dated import Facts
from swingbreak.facts.order_rules import OrderRules, PriceRules
from swingbreak.facts.spreads import Spreads
from swingbreak.market.day_bars import Origin
from swingbreak.market.window import Window
from swingbreak.ports import Record
from swingbreak.reporting.run_view import RunDay, RunTrade
from swingbreak.risk.margin import MarginRates
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay, SeenDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.bar_day import LATEST_CLOSE_MS, BarDay, BarSheet
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.foreseen import Foreseen
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.tape import ArrayTape

__all__ = ["Followed", "Prepared", "Preparer", "RanDay", "Repriced", "run_prepared"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A day that can be run.

    Attributes:
        day: Trading day in India.
        kind: What of it is read: bars, snapshots or ticks.
        source: The day's bars, or its tape cut into minutes.
        contracts: What is followed in the course of the day.
        option_bars: One-minute bars of these.
        grade: Of the data, empty where nobody graded it.
        notes: What a reader must know.
        window: Which of the contracts are followed at first; ``None`` for all, all day.
        moves: Its new centres, paise, by the minute with whose close they begin.
    """

    day: date
    kind: Kind
    source: BarSheet | CutDay
    contracts: tuple[OptionContract, ...]
    option_bars: int
    synthetic: bool
    grade: str
    notes: tuple[str, ...]
    charges: ChargeRates
    margin: MarginRates
    prices: PriceRules
    spreads: Spreads
    headroom_bp: int
    window: Window | None = None
    moves: Mapping[int, Paise] = field(default_factory=dict)

    @property
    def has_path(self) -> bool:
        """Whether the data says what happened within a minute: fill models are then all one."""
        return isinstance(self.source, CutDay)


@dataclass(frozen=True, slots=True)
class Repriced:
    """One trade of the headline, its same orders filled by each model.

    Attributes:
        trade_id: Which.
        nets: Net P&L by fill model, paise.
    """

    trade_id: str
    nets: Mapping[str, Paise]


@dataclass(frozen=True, slots=True)
class RanDay:
    """A day that has run under one fill model.

    Attributes:
        run: What reports need.
        repriced: Its trades under every model, in the order of ``run.trades``.
        decisions: Its decision lines, oldest first.
    """

    run: RunDay
    repriced: tuple[Repriced, ...]
    decisions: tuple[str, ...]


class Preparer:
    """Makes stored days ready."""

    def __init__(self, store: Store, facts: Facts, followed: Followed) -> None:
        self._store = store
        self._facts = facts
        self._followed = followed
        self._reader = DayReader(store, facts)

    def prepare(self, place: Place) -> Prepared:
        """Return the day of *place*.

        Raises:
            DataError: It cannot be read, holds nothing to trade, or the facts do not cover it.
        """
        followed, facts, day = self._followed, self._facts, place.day
        about = read_about(self._store.path(place))
        source, way, notes = self._read(place)
        contracts = source.contracts
        exchange = contracts[0].exchange
        return Prepared(
            day=day,
            kind=place.kind,
            source=source,
            contracts=contracts,
            window=way.window,
            moves=way.moves,
            option_bars=_bars(source),
            synthetic=about.origin is not Origin.RECORDED,
            grade=about.grade,
            notes=notes,
            charges=ChargeRates.on(facts, exchange, day, followed.brokerage),
            margin=MarginRates.of(facts, day),
            prices=OrderRules(facts).prices(exchange, day),
            spreads=Spreads.on(facts, day),
            headroom_bp=followed.headroom_bp,
        )

    def _read(self, place: Place) -> tuple[BarSheet | CutDay, Way, tuple[str, ...]]:
        followed = self._followed
        if place.kind is Kind.BARS and followed.grace_ms <= LATEST_CLOSE_MS:
            bars = self._reader.day(place.underlying, place.day, expiry=followed.expiry)
            sheet = BarSheet(bars)
            opens = sheet.previous_close(sheet.spot_symbol)
            way = way_of(followed, bars.contracts, opens, sheet.index_by_minute, sheet.session)
            sheet.follow(way.contracts)
            return sheet, way, (*bars.notes, *way.notes)
        tape = load_tape(self._store, self._facts, place, expiry=followed.expiry)
        index, opens = partial(index_of, tape), _opening(tape)
        way = way_of(followed, tape.contracts, opens, index, tape.session)
        return CutDay(tape, followed.grace_ms, way.contracts), way, (*tape.notes, *way.notes)


def run_prepared(
    prepared: Prepared, parameters: Parameters, model: FillModel = FillModel.PESSIMISTIC
) -> RanDay:
    """Trade *prepared* from its open to its end and return what came of it.

    Raises:
        SwingbreakError: The engine gave up.
    """
    session, seen = prepared.source.session, _seen(prepared, model)
    charge = prepared.charges.charge
    foreseen = _foreseen(prepared, parameters)
    past = foreseen.past if foreseen is not None else None
    engine = Engine(session, prepared.contracts, parameters, charge, past, window=prepared.window)
    record = DayRecord(engine)
    venue = _trade(prepared, parameters, model, engine, record, seen, foreseen)
    trades = tuple(engine.state.holdings.trades.values())
    trips = trips_of(venue.trades(), trades)
    return RanDay(
        RunDay(
            day=prepared.day,
            synthetic=prepared.synthetic,
            grade=prepared.grade,
            trades=tuple(_run_trades(prepared, parameters, trips, record)),
            halted_reason=engine.state.halted,
            curve=tuple(_turns(record.curve)),
            decisions=record.digest(),
            option_bars=prepared.option_bars,
            notes=(*prepared.notes, *_left_open(engine)),
        ),
        tuple(_repriced(prepared, trip) for trip in trips),
        tuple(record.decisions),
    )


class _Forgetful:
    """A ledger that keeps nothing: a backtest is run again, not resumed within a day."""

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        """Forget *records*."""

    def records(self, day: date) -> Iterator[tuple[datetime, Record]]:
        """Yield nothing of *day*."""
        del day
        yield from ()


def _foreseen(prepared: Prepared, parameters: Parameters) -> Foreseen | None:
    source = prepared.source
    if isinstance(source, CutDay):
        return None
    return Foreseen(source.swings(parameters.swing_rule), parameters)


def _seen(prepared: Prepared, model: FillModel) -> SeenDay:
    source = prepared.source
    if isinstance(source, CutDay):
        return source
    return BarDay(source, Passage(model, source.session, prepared.spreads))


def _trade(  # noqa: PLR0913, PLR0917 - the parts of a day
    prepared: Prepared,
    parameters: Parameters,
    model: FillModel,
    engine: Engine,
    record: DayRecord,
    seen: SeenDay,
    foreseen: Foreseen | None,
) -> Exchange:
    source = prepared.source
    passage = None if prepared.has_path else Passage(model, source.session, prepared.spreads)
    day = source.tape if isinstance(source, CutDay) else source
    rules = ExchangeRules(prices=prepared.prices, passage=passage)
    venue, cash = funded_exchange(day, source.spot, rules, rates=prepared.margin)
    check = LocalCheck(cash, EntryMargin.of(engine, prepared.headroom_bp))
    trader = Trader(engine, _Forgetful(), record)
    InProcessDay(seen, trader, venue, parameters, check, foreseen, prepared.moves).run()
    return venue


def _run_trades(
    prepared: Prepared,
    parameters: Parameters,
    trips: Sequence[Trip],
    record: DayRecord,
) -> Iterator[RunTrade]:
    contracts = {contract.symbol: contract for contract in prepared.contracts}
    for trip in trips:
        stake = 0
        if isinstance(prepared.source, BarSheet):
            track = prepared.source.tracks[trip.trade.symbol]
            stake = ambiguity(trip, track, prepared.source.session, parameters, record.curve)
        yield RunTrade(
            trade=trip.trade,
            contract=contracts[trip.trade.symbol],
            ambiguous=stake > 0,
            stake=stake,
            slippage=slippage(trip),
        )


def _repriced(prepared: Prepared, trip: Trip) -> Repriced:
    trade = trip.trade
    if not isinstance(prepared.source, BarSheet):
        return Repriced(trade.trade_id, {model.value: trade.net for model in FillModel})
    track, session = prepared.source.tracks[trade.symbol], prepared.source.session
    nets = {}
    for model in FillModel:
        passage = Passage(model, session, prepared.spreads)
        sold, bought = trip.values(track, passage)
        nets[model.value] = sold - bought - prepared.charges.charge(sold, bought, trade.orders)
    return Repriced(trade.trade_id, nets)


def _left_open(engine: Engine) -> Iterator[str]:
    for symbol, position in engine.state.holdings.positions.items():
        yield f"{-position.quantity} {symbol} were still open at the close and are in no trade"


def _turns(curve: Sequence[tuple[datetime, Paise]]) -> Iterator[tuple[datetime, Paise]]:
    """Yield the points of *curve* between which it stands still."""
    last = len(curve) - 1
    for place, (at, net) in enumerate(curve):
        stood = 0 < place < last and curve[place - 1][1] == net == curve[place + 1][1]
        if not stood:
            yield at, net


def _opening(tape: ArrayTape) -> Paise:
    return tape.previous_close(tape.spot_symbol) or next(
        (tick.price for tick in tape.ticks() if tick.symbol == tape.spot_symbol), 0
    )


def _bars(source: BarSheet | CutDay) -> int:
    if isinstance(source, CutDay):
        return sum(len(minute.bars) for minute in source.minutes)
    return len(source)
