"""A check with its probe, what the probes share, and how all of them are run.

Rules of this file:

1. Checks run at once. One that needs others waits for them, and is not asked where one did not
   pass; one that comes ``after`` others waits, whatever they have come to.
2. Every check ends: what has not answered in its seconds is a transient failure.
3. A probe fills in what it found for those that need it, and nothing else changes a flight.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Final, TypeAlias, TypeVar

import aiohttp

from swingbreak.adapters.certification.asking import Said
from swingbreak.adapters.machine import Machine, this_machine
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.reference import OptionChain
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.bootstrap.accord import is_far
from swingbreak.bootstrap.preflight.hearing import TICKS_S, Heard
from swingbreak.bootstrap.preflight.verdicts import (
    Group,
    Judgement,
    Outcome,
    Report,
    Verdict,
    judged,
    not_applicable,
    transient,
)
from swingbreak.domain.errors import SwingbreakError
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.session import IST, Session
from swingbreak.facts.contracts import Listing
from swingbreak.facts.dated import Facts
from swingbreak.ports import Clock, Funds
from swingbreak.settings import Settings

__all__ = ["Check", "Flight", "Probe", "fly", "there"]

_T = TypeVar("_T")
_USUAL_S: Final = 5.0
_SERIOUS: Final = frozenset({Verdict.REMARK, Verdict.TRANSIENT, Verdict.PERMANENT})


@dataclass(slots=True)
class Flight:
    """What is known so far. A check finds filled in what the checks fill in that it needs.

    Attributes:
        config: The configuration file; ``None`` for the usual one.
        overrides: What the command line sets.
        http: Session for everything that is asked.
        wall: This machine's clock.
        environment: Variables; ``None`` for the process's own.
        locks: Where accounts are locked.
        ticks_s: Seconds that first ticks are waited for.
        gateway_now: The gateway's time; ``None`` where it did not say.
        said: Its first answer.
        has_tables: Whether the state database is there and up to date.
        own_orders: The gateway's ids of the orders that the state folder has of the day.
        own_held: The signed units it has of each symbol.
        planned: The contracts a plan is reckoned with: a call and a put at the money.
        planned_units: Units of one planned position.
    """

    config: Path | None
    overrides: Mapping[str, object]
    http: aiohttp.ClientSession
    wall: Clock
    locks: Path
    machine: Machine = field(default_factory=this_machine)
    environment: Mapping[str, str] | None = None
    ticks_s: float = TICKS_S
    settings: Settings | None = None
    profile: Capabilities = DOCUMENTED
    facts: Facts | None = None
    listing: Listing | None = None
    session: Session | None = None
    gateway_now: datetime | None = None
    said: Said | None = None
    rest: OpenAlgoRest | None = None
    expiries: Sequence[date] = ()
    expiry: date | None = None
    chain: OptionChain | None = None
    planned: tuple[OptionContract, ...] = ()
    planned_units: int = 0
    funds: Funds | None = None
    has_tables: bool = False
    own_orders: frozenset[str] = frozenset()
    own_held: Mapping[str, int] = field(default_factory=dict)
    heard: Heard | None = None

    @property
    def now(self) -> datetime:
        """The gateway's time, as a day would follow it; else this machine's."""
        return self.gateway_now or self.wall.now()

    @property
    def day(self) -> date:
        """The day in India."""
        return self.now.astimezone(IST).date()

    @property
    def is_today(self) -> bool:
        """Whether the gateway serves the present, and not another day."""
        return self.gateway_now is None or not is_far(self.gateway_now - self.wall.now())


Probe: TypeAlias = Callable[[Flight], Awaitable[Judgement]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question.

    Attributes:
        check_id: ``api-key``.
        asks: What is asked, as a statement that is hoped to be true.
        fails: What it may come to besides ``ok`` and ``not applicable``.
        remedy: What to do about a failure or a remark.
        guide: Page below ``docs`` and section.
        probe: Asks.
        needs: Checks that have to pass first.
        after: Checks that have to be done first.
        seconds: How long it may take.
        is_remote: Whether a gateway is asked.
        is_of_run: Whether `run` asks it too before it begins, and ends where it fails for good.
    """

    check_id: str
    group: Group
    asks: str
    fails: tuple[Verdict, ...]
    remedy: str
    guide: str
    probe: Probe
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    seconds: float = _USUAL_S
    is_remote: bool = False
    is_of_run: bool = False


async def fly(checks: Sequence[Check], flight: Flight) -> Report:
    """Run all *checks*; what they need has to be among them."""
    began = monotonic()
    tasks: dict[str, asyncio.Task[Outcome]] = {}
    async with asyncio.TaskGroup() as group:
        for check in checks:
            tasks[check.check_id] = group.create_task(_one(check, flight, tasks))
    outcomes = tuple(task.result() for task in tasks.values())
    return Report(outcomes, monotonic() - began)


def there(value: _T | None) -> _T:
    """Return what an earlier check filled in."""
    if value is None:
        raise AssertionError("a check ran before one that it needs")
    return value


async def _one(check: Check, flight: Flight, tasks: Mapping[str, asyncio.Task[Outcome]]) -> Outcome:
    for name in check.after:
        await tasks[name]
    needed = [await tasks[name] for name in check.needs]
    failed = next((one for one in needed if not one.passes), None)
    began = monotonic()
    if failed is not None:
        judgement = not_applicable(f"needs: {failed.asks}")
    else:
        judgement = await _asked(check, flight)
    serious = judgement.verdict in _SERIOUS
    return Outcome(
        check_id=check.check_id,
        group=check.group,
        asks=check.asks,
        judgement=judgement,
        remedy=(judgement.remedy or check.remedy) if serious else "",
        guide=check.guide if serious else "",
        milliseconds=round((monotonic() - began) * 1000),
    )


async def _asked(check: Check, flight: Flight) -> Judgement:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.probe(flight)
    except TimeoutError:
        return transient("no answer", f"nothing came in {check.seconds:g} s")
    except SwingbreakError as error:
        return judged(error, remote=check.is_remote)
