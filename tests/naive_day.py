"""A day in one process without any shortcut: what the quick runner and the wire must equal.

The gateway's own floor lets the market pass, second by second; every tick goes through the live
desk to the engine, and what is decided reaches the venue when the second, or the step, is over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial

from swingbreak.bootstrap.backtest.way import Followed, Way, index_of, way_of
from swingbreak.bootstrap.wiring import desk_of
from swingbreak.domain.commands import OrderCommand
from swingbreak.domain.events import Event
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms
from swingbreak.facts.charges import ChargeRates
from swingbreak.gateway.floor import Floor
from swingbreak.gateway.quotes import Quote
from swingbreak.market.window import Window
from swingbreak.risk.account import Charge
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_broker import LocalBroker
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.runtime.waiting import Waiting
from swingbreak.simulation.cash import CAPITAL
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.exchange import ExchangeRules
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.venue import OrderUpdate
from tests.charging import rates_of

SECOND = timedelta(seconds=1)
HEADROOM_BP = 1000  # the setting's default


class Forgetful:
    """A ledger that keeps nothing."""

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        pass


class NaiveDay:
    """The slow reference."""

    def __init__(
        self,
        tape: ArrayTape,
        contracts: Sequence[OptionContract],
        parameters: Parameters,
        capital: int = CAPITAL,
        rules: ExchangeRules | None = None,
        window: Window | None = None,
    ) -> None:
        terms = DayTerms(tape.session, tuple(contracts), parameters, rates_on(tape), window)
        self.engine = terms.engine()
        self.record = DayRecord(self.engine)
        self.venue, cash = funded_exchange(
            tape, lambda _: self.floor.quotes[tape.spot_symbol].price, rules, capital=capital
        )
        self.margins = EntryMargin.of(self.engine, HEADROOM_BP)
        self.floor = Floor(tape, self.venue, tape.symbols)
        self._tape = tape
        self._grace_ms = parameters.bar_grace_ms
        self.desk = desk_of(terms, self.engine, tape.spot_symbol)
        self._trader = Trader(self.engine, Forgetful(), self.record)
        self._broker = LocalBroker(self.venue, LocalCheck(cash, self.margins))
        self._waiting = Waiting()

    def run(self, until: datetime | None = None) -> None:
        """Run to the end of the day, or to *until*."""
        beat = self.floor.now
        self.desk.started(beat)
        self._act(self.desk.repaired(beat, dict.fromkeys(self.desk.followed, ())))
        while not (self.floor.is_over or self._is_done() or (until and beat >= until)):
            if self.floor.now >= beat:
                beat += SECOND
            self._step(beat)

    @cached_property
    def _shown(self) -> dict[str, list[Bar]]:
        """Every bar of the day by symbol; the desk takes those of closed minutes."""
        bars: dict[str, list[Bar]] = {}
        for minute in CutDay(self._tape, self._grace_ms).minutes:
            for symbol, bar in minute.bars.items():
                bars.setdefault(symbol, []).append(bar)
        return bars

    def _is_done(self) -> bool:
        state = self.engine.state
        return bool(state.halted) and not state.holdings.positions and not state.book.live

    def _step(self, until: datetime) -> None:
        told: list[OrderUpdate] = []
        for happening in self.floor.advance(until):
            if not isinstance(happening, Quote):
                told.append(happening)
            elif happening.tick is not None:
                self._act(self.desk.tick(happening.tick.at, happening.tick))
        now = self.floor.now
        self._act(self.desk.advance(now))
        if self.desk.wants_history and self.desk.incomplete:
            shown = {s: self._shown.get(s, ()) for s in self.desk.incomplete}
            self._act(self.desk.repaired(now, shown))
        self._act(self._broker.learn(now, told))
        for command in self._waiting.admitted(now):
            self._execute(now, command)

    def _execute(self, now: datetime, command: OrderCommand) -> None:
        self._act(self._broker.execute(now, command))

    def _act(self, events: Iterable[Event]) -> None:
        for event in events:
            for command in self._trader.act(event):
                self._waiting.put(command, closes=self._trader.closes(command))


def quick(
    tape: ArrayTape,
    contracts: Sequence[OptionContract],
    parameters: Parameters,
    capital: int = CAPITAL,
    way: Way | None = None,
    rules: ExchangeRules | None = None,
) -> tuple[Engine, DayRecord]:
    """Run the same day with the runner that skips what cannot matter."""
    way = way or Way(tuple(contracts))
    engine = Engine(tape.session, contracts, parameters, charge_on(tape), window=way.window)
    record = DayRecord(engine)
    day = CutDay(tape, parameters.bar_grace_ms, contracts)
    venue, cash = funded_exchange(tape, day.spot, rules, capital=capital)
    check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
    trader = Trader(engine, Forgetful(), record)
    InProcessDay(day, trader, venue, parameters, check, moves=way.moves).run()
    return engine, record


def charge_on(tape: ArrayTape) -> Charge:
    """Return what trading *tape* costs."""
    return rates_on(tape).charge


def rates_on(tape: ArrayTape) -> ChargeRates:
    """Return the rates that it costs by."""
    return rates_of(tape.session.day, tape.contracts[0].exchange)


def around_the_money(tape: ArrayTape, each_side: int = 10) -> tuple[OptionContract, ...]:
    """Return the contracts that the client chooses before the open."""
    strikes = sorted({contract.strike for contract in tape.contracts})
    spot = tape.previous_close(tape.spot_symbol)
    middle = strikes.index(min(strikes, key=lambda strike: (abs(strike - spot), -strike)))
    kept = strikes[max(0, middle - each_side) : middle + each_side + 1]
    return tuple(contract for contract in tape.contracts if contract.strike in kept)


def way_through(tape: ArrayTape, each_side: int = 10, recentre_after: int = 4) -> Way:
    """Return what the client follows in the course of the day."""
    followed = Followed(each_side, None, None, 0, 0, 0, recentre_after)
    spot = tape.previous_close(tape.spot_symbol)
    return way_of(followed, tape.contracts, spot, partial(index_of, tape), tape.session)
