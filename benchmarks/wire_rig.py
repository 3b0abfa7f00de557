"""The whole program against the simulated gateway in virtual time, over a link with a round trip.

What decides, sends, listens and remembers is the real thing, put together by ``faults.program``;
time jumps from one event to the next. Requests may go wrong in four ways, drawn from a seed.
"""

import asyncio
import random
import tempfile
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

import stamina

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.domain.commands import Command
from swingbreak.domain.events import Event
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.facts.charges import ChargeRates
from swingbreak.faults.disk import Disk
from swingbreak.faults.far_side import KEY, FarSide
from swingbreak.faults.link import Link
from swingbreak.faults.mishaps import Mishap
from swingbreak.faults.process import Life
from swingbreak.faults.program import Assignment, Program
from swingbreak.faults.virtual_time import VirtualClock, run_virtually
from swingbreak.faults.weather import Weather
from swingbreak.gateway.rest import Answered
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.venue import OrderUpdate

__all__ = ["MOST_MESSAGES", "Rig", "Trouble", "run_rig"]

MOST_MESSAGES = 10  # in any second. Source: SEBI's retail algo framework
_ORDER_PATHS = frozenset({"placeorder", "modifyorder", "cancelorder"})
_T = TypeVar("_T")


def _error(status: int, text: bytes) -> Answered:
    body = b'{"status":"error","message":"' + text + b'"}'
    return Answered(status, body, "application/json")


def _nobody(*_: object) -> None:
    """Be told and do nothing."""


class Trouble:
    """A link's round trip, and what goes wrong on it; stands where ``faults.Mishaps`` does.

    Attributes:
        share: Of the requests that go wrong, 0 to 1: a quarter each is answered 500 and not carried
            out; carried out and never answered; answered 429; cut, half of these carried out.
        struck: How often each did.
    """

    def __init__(self, dice: Random, round_trip_s: float) -> None:
        self.share = 0.0
        self.struck: Counter[str] = Counter()
        self._dice = dice
        self._way_s = round_trip_s / 2

    def latency(self, _least: float, _most: float) -> float:
        """Return the seconds of one way."""
        return self._way_s

    def request(self, path: str, _body: bytes) -> Mishap:
        """Return what becomes of a request."""
        back = self._way_s
        if self._dice.random() >= self.share:
            return Mishap(slow_s=back)
        name = self._dice.choice(["500 before", "silence after", "429", "reset"])
        self.struck[f"{'order' if path in _ORDER_PATHS else 'query'} {name}"] += 1
        match name:
            case "500 before":
                says = _error(500, b"Failed to place order due to internal error")
                return Mishap(arrives=False, says=says, slow_s=back)
            case "429":
                says = _error(429, b"10 per 1 second")
                return Mishap(arrives=False, says=says, slow_s=back)
            case "silence after":
                return Mishap(silent=True)
            case _:
                return Mishap(arrives=self._dice.random() < 0.5, cuts=True)  # noqa: PLR2004 - half


class _Way:
    """The stream's way to the client; stands where ``faults.Murmur`` does."""

    def __init__(self, way_s: float) -> None:
        self._way_s = way_s

    def told(self, payload: bytes) -> Iterable[tuple[float, bytes]]:
        """Return a frame, and after how many seconds it comes."""
        return ((self._way_s, payload),)

    def answer(self, _text: str) -> None:
        """Answer nothing in the gateway's place."""

    def asked(self, _text: str) -> None:
        """Take no notice."""

    def refuses_connection(self) -> bool:
        """Whether nobody listens."""
        return False


class _Onlooker:
    def saw(self, _at: object, _event: Event, _commands: list[Command]) -> None:
        """Look at nothing."""


class Rig:
    """One day: market, gateway, link and program.

    Attributes:
        far: The gateway; its venue is the truth.
        trouble: What goes wrong.
        changed: Called with what changes at the venue.
        most_messages: Order messages in the fullest second.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what differs between measurements
        self,
        tape: ArrayTape,
        parameters: Parameters,
        mode: Mode,
        seed: str,
        round_trip_s: float,
        starts_s: float,
        folder: Path,
    ) -> None:
        loop = asyncio.get_running_loop()
        dice = Random(seed)  # noqa: S311 - a simulation's seeded dice, no secret
        self.clock = VirtualClock(loop, tape.session.opens + timedelta(seconds=starts_s))
        weather = Weather(seed, (), loop.time, 0.0)
        self.far = FarSide(tape, dice.randrange(1 << 30), weather, self.clock, mode)
        self.far.changed = self._changed
        self.trouble = Trouble(dice, round_trip_s)
        self.changed: Callable[[Iterable[OrderUpdate]], None] = lambda _: None
        self.most_messages = 0
        self.database = folder / "live_state.db"
        self._window: deque[float] = deque()
        self._way = _Way(round_trip_s / 2)
        self._assignment = Assignment(
            session=tape.session,
            contracts=tape.contracts,
            spot_symbol=tape.spot_symbol,
            parameters=parameters,
            rates=ChargeRates("NFO", tape.session.day, (), ()),  # trading costs nothing
            key=KEY,
            database=self.database,
            mode=mode,
            clock=self.clock,
            disk=Disk(weather),
            weather=weather,
        )

    def program(self) -> Program:
        """Return a process, which is still to be run."""
        life = Life()
        way, trouble = self._way, self.trouble
        link = Link(self.far, trouble, way, life, self._sent, _nobody, _nobody)  # type: ignore[arg-type]
        return Program(self._assignment, link, life, self._onlooker)

    def _onlooker(self, engine: Engine) -> _Onlooker:
        del engine
        return _Onlooker()

    def _sent(self, path: str, *_: object) -> str:
        if path in _ORDER_PATHS:
            now, window = asyncio.get_running_loop().time(), self._window
            window.append(now)
            while window[0] <= now - 1.0:
                window.popleft()
            self.most_messages = max(self.most_messages, len(window))
        return ""

    def _changed(self, updates: Iterable[OrderUpdate]) -> None:
        self.changed(updates)


def run_rig(seed: str, work: Callable[[Path], Awaitable[_T]]) -> _T:
    """Run *work* in virtual time, with a folder that is gone afterwards."""
    random.seed(seed)  # the pauses between a client's retries are drawn from these
    stamina.instrumentation.set_on_retry_hooks([])

    async def run(folder: str) -> _T:
        return await work(Path(folder))

    with tempfile.TemporaryDirectory(prefix="swingbreak-") as folder:
        return run_virtually(run(folder))
