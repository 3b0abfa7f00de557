"""A world in which sessions are waited for: its clock, its gateway, how its days end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.dayfolder import DayFolder
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.pulse import Stage, pulse_in, read_pulse
from swingbreak.bootstrap.attendance import Attendance
from swingbreak.bootstrap.day import DayOutcome
from swingbreak.bootstrap.presence import Presence
from swingbreak.domain.errors import ConfigError, GatewayUnreachable, SwingbreakError
from swingbreak.domain.session import IST
from tests.day_views import day_view

FACTS = load_facts()
FRIDAY, MONDAY, WEDNESDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 25)
SOON, TWO_MINUTES = time(9, 9), timedelta(minutes=2)
END = ConfigError("the test is over")
DOWN = GatewayUnreachable("nothing answers")


def ist(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), IST).astimezone(UTC)


@dataclass
class World:
    """A wall clock, a gateway, days that end as told, and a person who is told of everything.

    Attributes:
        now: The wall's clock; it moves while somebody waits, and while a day is traded.
        offset: What the gateway's clock is ahead; ``None`` while nothing answers.
        days: How each day ends, one after another: by itself after so many hours, or with an error.
        begun: When each day was begun.
        after: Called with every second that is waited.
        leap: How far time leaps at once while steps of a second would show nothing.
    """

    folder: Path
    now: datetime
    days: list[float | SwingbreakError | DayOutcome] = field(default_factory=list)
    offset: timedelta | None = timedelta(0)
    stays: bool = True
    follows: bool = True
    begun: list[datetime] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    waited: list[str] = field(default_factory=list)
    shown: list[DayOutcome] = field(default_factory=list)
    slept: float = 0.0
    after: Callable[["World"], None] = lambda _: None
    leap: timedelta = timedelta(0)

    def run(self) -> DayOutcome | None:
        return asyncio.run(self._run())

    async def _run(self) -> DayOutcome | None:
        return await Attendance(
            state_dir=self.folder,
            facts=lambda: FACTS,
            clock=_Clock(self),
            ask=self.ask,
            follows=self.follows,
            trade=self.trade,
            attendant=self,
            stays=self.stays,
            sleep=self.sleep,
        ).run()

    async def ask(self) -> datetime:
        if self.offset is None:
            raise DOWN
        return self.now + self.offset

    async def sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= 1
        self.slept += seconds
        clock = self.now.astimezone(IST).time()
        leaps = self.leap and not SOON <= clock < time(9, 10)
        self.now += self.leap if leaps else timedelta(seconds=seconds)
        self.after(self)
        await asyncio.sleep(0)

    async def trade(self, presence: Presence | None) -> DayOutcome:
        if not self.days:
            raise END
        ends = self.days.pop(0)
        self.begun.append(self.now)
        if presence is not None:
            presence.turns()
        if isinstance(ends, SwingbreakError):
            raise ends
        if isinstance(ends, DayOutcome):
            return ends
        self.now += timedelta(hours=ends)
        return self.ended()

    def ended(self, held: dict[str, int] | None = None, *, halted: str = "") -> DayOutcome:
        """A day that left nothing over, unless told so."""
        view = day_view(halted_reason=halted, open_positions=())
        return DayOutcome(view, held or {}, 0, DayFolder(self.folder, FRIDAY, "x"))

    def waits(self, why: str, left: timedelta) -> None:
        del left
        pulse = read_pulse(pulse_in(self.folder))
        assert pulse is not None
        assert pulse.stage is Stage.WAITS
        if why not in self.waited:
            self.waited.append(why)

    def notes(self, text: str) -> None:
        self.noted.append(text)

    def traded(self, outcome: DayOutcome) -> None:
        self.shown.append(outcome)


@dataclass
class _Clock:
    world: World

    def now(self) -> datetime:
        return self.world.now


def over(world: World) -> None:
    """Run until the test's days are used up."""
    with pytest.raises(ConfigError, match="the test is over"):
        world.run()
