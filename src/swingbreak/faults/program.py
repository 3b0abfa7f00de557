"""The program: one process of it, from its start to its end, on a made-up machine.

It is put together of the pieces of ``bootstrap/wiring``, as ``bootstrap/day`` is, without what only
people look at: no log, no tables, no pages. Everything that decides, sends, listens or remembers is
the real thing.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import aiohttp

from swingbreak import __version__
from swingbreak.adapters.openalgo.account import OpenAlgoAccount
from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.adapters.openalgo.feed import OpenAlgoFeed
from swingbreak.adapters.openalgo.history import OpenAlgoHistory
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.bootstrap.abandoning import entries_withdrawn
from swingbreak.bootstrap.wiring import beat, hand_over, heard_by, instruments, run_beside
from swingbreak.domain.control import Control
from swingbreak.domain.errors import ModeMismatch
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms, ProcessBegan, ProcessEnded
from swingbreak.facts.charges import ChargeRates
from swingbreak.faults.disk import Disk, FrailLedger
from swingbreak.faults.heard import Heard
from swingbreak.faults.link import HOST, WS_URL, Link
from swingbreak.faults.process import Life
from swingbreak.faults.virtual_time import VirtualClock
from swingbreak.faults.weather import Weather
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inbox import Leave, Word
from swingbreak.runtime.live import LiveDay
from swingbreak.runtime.margin_check import CheckedBroker
from swingbreak.runtime.recovery import recover
from swingbreak.runtime.trader import Onlooker, Trader

__all__ = ["Assignment", "Program"]

_BEAT_S = 1.0
_MARGIN_PER_UNIT = 1_800_00
_HEADROOM_BP = 500


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is traded, and what every process of the day shares.

    Attributes:
        key: The gateway's.
        rates: What trading costs.
        database: The state database.
        heard: What the engines of all its processes were told.
    """

    session: Session
    contracts: tuple[OptionContract, ...]
    spot_symbol: str
    parameters: Parameters
    rates: ChargeRates
    key: str
    database: Path
    mode: Mode
    clock: VirtualClock
    disk: Disk
    weather: Weather
    heard: Heard = field(default_factory=Heard)

    @property
    def terms(self) -> DayTerms:
        """What the day is decided by."""
        return DayTerms(self.session, self.contracts, self.parameters, self.rates)


class Program:
    """One process.

    Attributes:
        engine: Decides; ``recovered`` records of earlier processes are in it once it runs.
        live: Its loop.
        sender: Where its orders go.
    """

    def __init__(
        self, assignment: Assignment, link: Link, life: Life, onlooker: Callable[[Engine], Onlooker]
    ) -> None:
        a = self._assignment = assignment
        self._link = link
        self._life = life
        self.engine = a.terms.engine()
        self._onlooker = onlooker(self.engine)
        self.recovered = 0
        self.held: Mapping[str, int] | None = None
        self.live: LiveDay | None = None

    async def run(self) -> None:
        """Run to the end of the day, or until something ends it.

        Raises:
            SwingbreakError: It cannot go on.
            Killed: It was killed.
        """
        a = self._assignment
        session = cast(aiohttp.ClientSession, self._link)
        rest = OpenAlgoRest(HOST, a.key, session)
        if await rest.analyzer() is not a.mode:
            raise ModeMismatch("the gateway is in the other mode; nothing has been sent")
        self._life.check()
        with open_writer(a.database, busy_seconds=0.0) as database:
            database.read("PRAGMA synchronous = OFF")  # no power cuts here, and much faster
            live = self.engine.state.book.live
            async with entries_withdrawn(rest, live, "swingbreak", lambda *_: None):
                await self._trade(rest, session, SqliteLedger(database))

    async def _trade(
        self, rest: OpenAlgoRest, session: aiohttp.ClientSession, kept: SqliteLedger
    ) -> None:
        a, engine = self._assignment, self.engine
        ledger = FrailLedger(kept, a.database, a.disk, a.weather, self._life)
        desk = Desk(a.session, tuple(engine.contracts), a.parameters, engine)
        tape = a.heard.of(self._life)
        live = LiveDay(a.session, Trader(engine, ledger, self._onlooker, tape), desk, a.clock)
        margins = EntryMargin.of(engine, _HEADROOM_BP)
        broker = OpenAlgoBroker(
            rest,
            a.clock,
            heard_by(margins, live),
            a.contracts,
            strategy="swingbreak",
            expected_mode=a.mode,
            too_late=margins.too_late,
        )
        self.recovered = recover(engine, broker, ledger.records(a.session.day))
        tape.hear(ProcessBegan(a.clock.now(), __version__, "simulated", a.terms, self.recovered))
        desk.started(a.clock.now())
        exchanges = {symbol: c.exchange for symbol, c in engine.contracts.items()}
        history = OpenAlgoHistory(rest, a.session, exchanges)
        account = OpenAlgoAccount(rest, a.contracts, _estimate, a.mode)
        sender = CheckedBroker(broker, account, margins, a.clock, live.learn)
        feed = OpenAlgoFeed(
            WS_URL,
            a.key,
            session,
            lambda item: hand_over(item, live, broker),
            instruments(a.contracts, a.spot_symbol, "NSE_INDEX"),
            clock=a.clock,
        )
        self.live = live
        try:
            await run_beside(live.run(sender, history, feed), feed.run(), beat(live, _BEAT_S))
            tape.hear(ProcessEnded(a.clock.now()))
            self.held = live.held
        finally:
            self.live = None

    def say(self, control: Control) -> None:
        """Give it a person's word."""
        if self.live is not None:
            self.live.inbox.put_nowait(Word(control, "said on a made-up day", lambda *_: None))

    def leave(self) -> None:
        """Ask it to end, as a signal does."""
        if self.live is not None:
            self.live.inbox.put_nowait(Leave(at_once=False))
            asyncio.get_running_loop().call_later(3.0, self._leave_at_once)

    def _leave_at_once(self) -> None:
        if self.live is not None:
            self.live.inbox.put_nowait(Leave(at_once=True))


def _estimate(contract: OptionContract, units: int) -> Paise:
    del contract
    return units * _MARGIN_PER_UNIT
