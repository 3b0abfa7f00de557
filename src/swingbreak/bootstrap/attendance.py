"""Waits for the session to trade, and as a service trades day after day.

Rules of this file:

1. The wall's clock says when to begin. A gateway that serves another time, as a simulated one does
   on paper, is believed instead: its day is begun as soon as it shows one, and while it is away
   nobody knows what time it is.
2. What is waited for is decided anew every second, so a clock that is set neither skips a session
   nor doubles one; a day that has been traded is never begun again.
3. What may pass, a gateway that is down or has no broker session, is tried again with growing
   pauses until the session closes. What a person has to mend ends the process.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from swingbreak.adapters.controls import Controls
from swingbreak.adapters.pulse import Stage
from swingbreak.bootstrap.day import DayOutcome
from swingbreak.bootstrap.obeying import told_to_stop
from swingbreak.bootstrap.presence import Presence
from swingbreak.domain.errors import (
    ConfigError,
    DataError,
    DayOver,
    GatewayRefused,
    GatewayUnreachable,
    NothingListed,
    RequestNotSent,
    SwingbreakError,
)
from swingbreak.domain.session import IST, Session, ist_stamp
from swingbreak.facts.agenda import Awaited, next_session
from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.ports import Clock

__all__ = ["Attendance", "Attendant"]

_STEP_S: Final = 1.0
_OFF: Final = timedelta(hours=1)  # no clock goes so wrong: what is further off serves another time
_REREAD_STEPS: Final = 3600  # facts are read again at least that often
_LOOK_S: Final = 2.0  # between two looks at a gateway with a time of its own
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_BEGINS_WITHIN: Final = 300  # seconds in which systemd is told that all is well; as TimeoutStartSec
_MAY_PASS: Final = (GatewayUnreachable, GatewayRefused, RequestNotSent, NothingListed, DataError)


class Attendant(Protocol):
    """Tells a person what goes on between days."""

    def waits(self, why: str, left: timedelta) -> None:
        """Show what is waited for, and how long still; called every second."""

    def notes(self, text: str) -> None:
        """Say something that is to stay."""

    def traded(self, outcome: DayOutcome) -> None:
        """Show how a day has ended."""


@dataclass(slots=True)
class Attendance:
    """One process's days.

    Attributes:
        state_dir: Whose lock is held, and where the process shows that it lives, while it waits.
        facts: Reads the dated facts.
        ask: Asks for the gateway's time.
        follows: Whether a gateway with a time of its own is believed, as on paper.
        trade: Runs a day from its start to its end.
        stays: Whether to wait for the next session after a day, and for one that is not today's.
    """

    state_dir: Path
    facts: Callable[[], Facts]
    clock: Clock
    ask: Callable[[], Awaitable[datetime]]
    follows: bool
    trade: Callable[[Presence | None], Awaitable[DayOutcome]]
    attendant: Attendant
    stays: bool
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _stack: ExitStack = field(default_factory=ExitStack)
    _presence: Presence | None = None
    _is_served: bool = False
    _traded: date | None = None
    _trouble: str = ""
    _pause_s: float = _FIRST_PAUSE_S
    _stops: bool = False  # a person's word ends the process

    async def run(self) -> DayOutcome | None:
        """Wait and trade until a day is the last: the first one, or one that a person ended.

        ``None`` is returned where a person's word ended the process while no day ran.

        Raises:
            SwingbreakError: A person has to mend something first.
            CancelledError: Somebody ended the process while it waited.
        """
        with self._stack:
            try:
                return await self._rounds()
            except asyncio.CancelledError:
                if self._presence is not None:
                    self._presence.ends(Stage.LEFT)
                raise

    async def _rounds(self) -> DayOutcome | None:
        while not self._stops:
            if (outcome := await self._round()) is not None:
                return outcome
        self._present().ends(Stage.LEFT)
        return None

    async def _round(self) -> DayOutcome | None:
        """Wait for a while, or trade a day; return it where it is the last."""
        if not self.stays:
            return await self._once()
        facts = self.facts()
        try:
            now = await self._time()
            coming = next_session(facts, now, self._traded)
            if isinstance(coming, Awaited) and not self._is_shown(coming, now):
                await self._wait(facts, coming)
                return None
            return await self._day(coming.session)
        except _MAY_PASS as error:
            if isinstance(error, UnknownFact):
                raise
            await self._try_again(error)
            return None

    async def _once(self) -> DayOutcome | None:
        """Trade today, which may have yet to open; the day itself says what speaks against it."""
        with suppress(ConfigError, DataError, GatewayUnreachable):
            facts, now = self.facts(), await self._time()
            coming = next_session(facts, now)
            if isinstance(coming, Awaited) and coming.session.day == _day(now):
                await self._opening(facts, coming)
        if self._stops:
            return None
        outcome = await self._begun(self._presence)
        self.attendant.traded(outcome)
        return outcome

    async def _opening(self, facts: Facts, coming: Awaited) -> None:
        """Wait until today's session is to be begun, which a gateway that serves it decides."""
        while not self._is_served and not self._stops:
            await self._until(facts, coming)
            decided = next_session(facts, self.clock.now())
            if not isinstance(decided, Awaited) or decided.session != coming.session:
                return

    async def _time(self) -> datetime:
        now = self.clock.now()
        try:
            theirs = await self.ask()
        except GatewayUnreachable:
            if self._is_served or not self.stays:
                raise
            return now  # it is asked again before the day begins
        self._is_served = self.follows and abs(theirs - now) > _OFF
        return theirs if self._is_served else now

    def _is_shown(self, coming: Awaited, now: datetime) -> bool:
        """Whether a gateway with a time of its own is about to show that day."""
        return self._is_served and coming.session.day == _day(now)

    async def _wait(self, facts: Facts, coming: Awaited) -> None:
        if self._trouble:
            self.attendant.notes(
                f"no further today: {coming.why}; the last trouble: {self._trouble}"
            )
            self._settle()
        if self._is_served:
            await self._pass(
                _LOOK_S, f"{coming.why}; waiting for another day of the gateway", between_days=True
            )
        else:
            await self._until(facts, coming)

    async def _until(self, facts: Facts, coming: Awaited) -> None:
        """Wait for the session that *coming* was, or for another if the clock is set."""
        for _ in range(_REREAD_STEPS):
            left = coming.begins - self.clock.now()
            if await self._step(_waiting_for(coming), left, between_days=True):
                return
            decided = next_session(facts, self.clock.now(), self._traded)
            if not isinstance(decided, Awaited):
                return
            coming = decided

    async def _day(self, session: Session) -> DayOutcome | None:
        if not self._trouble:
            self.attendant.notes(f"{session.day}: the day begins")
        try:
            outcome = await self._begun(self._present())
        except DayOver as over:
            self.attendant.notes(str(over))
            self._traded = session.day
            return None
        self._settle()
        self._traded = session.day
        self.attendant.traded(outcome)
        return outcome if _is_last(outcome) else None

    async def _begun(self, presence: Presence | None) -> DayOutcome:
        if presence is None:
            return await self.trade(None)
        presence.begins()
        assurance = asyncio.ensure_future(self._assure(presence))
        try:
            return await self.trade(presence)
        finally:
            assurance.cancel()

    async def _assure(self, presence: Presence) -> None:
        """Tell systemd that all is well until the day's own loop turns."""
        for _ in range(_BEGINS_WITHIN):
            if presence.turned:
                return
            presence.well()
            await self.sleep(_STEP_S)

    async def _try_again(self, error: SwingbreakError) -> None:
        if str(error) != self._trouble:
            self.attendant.notes(f"{ist_stamp(self.clock.now())} IST: {error}")
        self._trouble = str(error)
        if self._presence is not None and self._presence.turned:
            self._pause_s = _FIRST_PAUSE_S  # it was well for a while
        seconds, self._pause_s = self._pause_s, min(2 * self._pause_s, _LONGEST_PAUSE_S)
        await self._pass(seconds, "tried again", between_days=False)

    def _settle(self) -> None:
        self._trouble, self._pause_s = "", _FIRST_PAUSE_S

    async def _pass(self, seconds: float, why: str, *, between_days: bool) -> None:
        while seconds > 0 and not self._stops:
            await self._step(why, timedelta(seconds=seconds), between_days=between_days)
            seconds -= _STEP_S

    async def _step(self, why: str, left: timedelta, *, between_days: bool) -> bool:
        """Wait for a second at most; return whether a person's word ends the process."""
        self._present().waits()
        self.attendant.waits(why, left)
        controls = Controls(self.state_dir)
        self._stops = told_to_stop(controls, self.clock.now(), between_days=between_days)
        if not self._stops:
            await self.sleep(min(_STEP_S, max(left.total_seconds(), 0.0)))
        return self._stops

    def _present(self) -> Presence:
        if self._presence is None:
            presence = Presence(self.state_dir, stays=self.stays)
            self._presence = self._stack.enter_context(presence)
        return self._presence


def _is_last(outcome: DayOutcome) -> bool:
    """Whether a person has ended the day, or has to look before another one."""
    left = outcome.held is None or outcome.held or outcome.view.open_positions
    return bool(left) or outcome.view.halted_reason == "kill"


def _waiting_for(coming: Awaited) -> str:
    return (
        f"{coming.why}: waiting for {coming.session.day:%a %Y-%m-%d}, {_clock(coming.begins)} IST"
    )


def _clock(at: datetime) -> str:
    return ist_stamp(at)[11:16]


def _day(at: datetime) -> date:
    return at.astimezone(IST).date()
