"""Days in one process with all that the engine was told, and all that was kept of it."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from swingbreak.domain.events import Event
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.told import DayTerms, LookAwaited, ProcessBegan, Told
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.tape import ArrayTape
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
        self, tape: ArrayTape, contracts: Sequence[OptionContract], parameters: Parameters
    ) -> None:
        rates = rates_of(tape.session.day, tape.contracts[0].exchange)
        self.terms = DayTerms(tape.session, tuple(contracts), parameters, rates)
        heard, ledger = MemoryTape(), MemoryLedger()
        engine = self.terms.engine()
        self.record = DayRecord(engine)
        day = CutDay(tape, parameters.bar_grace_ms, contracts)
        venue, cash = funded_exchange(tape, day.spot)
        check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
        trader = Trader(engine, ledger, self.record, heard)
        InProcessDay(day, trader, venue, parameters, check).run()
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


def short_day(seed: int, freeze_lots: int = 27) -> TapedDay:
    """A short day of a few contracts, hard on whoever shortens anything."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice, hole=seed % 5 == 3, freeze_lots=freeze_lots)
    return TapedDay(tape, tape.contracts, made_up_parameters(dice, tape.session.minutes))
