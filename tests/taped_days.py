"""Days in one process with all that the engine was told, and all that was kept of it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from swingbreak import __version__
from swingbreak.adapters.dayfolder import DayFolder
from swingbreak.adapters.event_tape import EventTapeFile
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.bootstrap.backtest.way import Way
from swingbreak.domain.events import Event
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.told import DayTerms, LookAwaited, ProcessBegan, ProcessEnded, Told
from swingbreak.ports import EventTape, Ledger
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.tape import ArrayTape
from tests.builders import DAY
from tests.charging import rates_of
from tests.made_up_days import made_up_parameters, made_up_tape
from tests.naive_day import HEADROOM_BP
from tests.runtime_fakes import MemoryLedger


class MemoryTape:
    """An event tape in memory."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def hear(self, told: Event | LookAwaited) -> None:
        self.told.append(told)

    def settle(self) -> None:
        pass


class TapedDay:
    """A day that was run, with its terms, what was told and what was kept."""

    def __init__(
        self,
        tape: ArrayTape,
        contracts: Sequence[OptionContract],
        parameters: Parameters,
        keeps: tuple[Ledger, EventTape] | None = None,
        way: Way | None = None,
    ) -> None:
        way = way or Way(tuple(contracts))
        rates = rates_of(tape.session.day, tape.contracts[0].exchange)
        self.terms = DayTerms(tape.session, way.contracts, parameters, rates, way.window)
        heard, ledger = MemoryTape(), MemoryLedger()
        engine = self.terms.engine()
        self.record = DayRecord(engine)
        day = CutDay(tape, parameters.bar_grace_ms, contracts)
        venue, cash = funded_exchange(tape, day.spot)
        check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
        kept, told = keeps or (ledger, heard)
        trader = Trader(engine, kept, self.record, told)
        InProcessDay(day, trader, venue, parameters, check, moves=way.moves).run()
        self.engine = engine
        self.kept = ledger.kept
        self.heard = heard.told

    @property
    def told(self) -> list[Told]:
        """All that a tape of one process holds of it."""
        return [self.began(self.terms.session.opens, 0), *self.heard]

    def began(self, at: datetime, records: int) -> ProcessBegan:
        """A process that takes the day up."""
        return ProcessBegan(at, "0.1.0", "made up", self.terms, records)


def short_day(
    seed: int, freeze_lots: int = 27, keeps: tuple[Ledger, EventTape] | None = None
) -> TapedDay:
    """A short day of a few contracts, hard on whoever shortens anything."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice, hole=seed % 5 == 3, freeze_lots=freeze_lots)
    parameters = made_up_parameters(dice, tape.session.minutes)
    return TapedDay(tape, tape.contracts, parameters, keeps)


def state_of(folder: Path, seed: int) -> TapedDay:
    """A short day as a running one leaves it in its state folder."""
    day = DayFolder(folder, DAY, "swingbreak")
    with open_writer(day.database) as database:
        ledger = SqliteLedger(database)
        tape = EventTapeFile(day.events, lambda: ledger.head, pytest.fail)
        with tape:
            terms = short_day(seed).terms
            tape.begin(ProcessBegan(terms.session.opens, __version__, "made up", terms, 0))
            run = short_day(seed, keeps=(ledger, tape))
            tape.end(ProcessEnded(terms.session.closes))
    day.write_decisions(run.record.decisions)
    return run
