"""One simulated day: far side, program, faults and referee, from its seed alone."""

import asyncio
import hashlib
import tempfile
import warnings
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec
import stamina

from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.commands import Command
from swingbreak.domain.control import Control
from swingbreak.domain.errors import InvalidTransition, Livelock, SwingbreakError
from swingbreak.domain.events import Event
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.faults.link import Link
from swingbreak.faults.murmur import Murmur
from swingbreak.faults.process import Killed, Life
from swingbreak.faults.program import Program
from swingbreak.faults.referee import Referee
from swingbreak.faults.report import DayReport
from swingbreak.faults.scene import QUIET_S, Scene, set_scene
from swingbreak.faults.trace import Trace
from swingbreak.faults.truth import Truth
from swingbreak.faults.virtual_time import run_virtually
from swingbreak.gateway.rest import Answered
from swingbreak.runtime.replay import Replay, in_words
from swingbreak.simulation.venue import OrderUpdate

__all__ = ["DayReport", "simulate_day"]

_AGAIN_S: Final = 6.0  # until a service manager starts the program again
_START_S: Final = 2.0  # until it is there
_FATE_S: Final = 5.0
_DEAF_S: Final = 120.0  # of market hours
_PAUSE_S: Final = (5, 90)
_JUMPS_S: Final = {"clock.forward": (2, 45), "clock.back": (-45, -2), "clock.far": (70, 300)}
_ABNORMAL, _GOING_AWAY = 1006, 1001
_FATAL = (InvalidTransition, Livelock)


def simulate_day(seed: int, day: int, faults: Iterable[str] = ()) -> DayReport:
    """Run day number *day* of the run with *seed*; the same arguments give the same day.

    Args:
        seed: Of the run.
        day: Number in it.
        faults: Faults the day has; by default some are drawn of all that are on.
    """
    stamina.instrumentation.set_on_retry_hooks([])
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="swingbreak-") as folder:
        # what a killed process had not begun yet never begins
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        return run_virtually(_simulate(seed, day, tuple(faults), Path(folder)))


async def _simulate(seed: int, day: int, faults: tuple[str, ...], folder: Path) -> DayReport:
    running = _Day(set_scene(f"{seed}:{day}", faults, folder / "live_state.db"))
    await running.live()
    return running.report(seed, day)


class _Day:
    """The day as it passes: processes come and go, fate looks in, the referee watches."""

    def __init__(self, scene: Scene) -> None:
        self._dice = scene.dice
        self._far = scene.far
        self._mishaps = scene.mishaps
        self._assignment = scene.assignment
        self._clock = scene.assignment.clock
        self._weather = scene.assignment.weather
        self._trace = Trace()
        self._truth = Truth(self._far.venue)
        self._referee = Referee(self._assignment, self._truth, self._trace, self._stop)
        self._life = Life()
        self._link: Link | None = None
        self._murmur: Murmur | None = None
        self._program: Program | None = None
        self._task: asyncio.Task[None] | None = None
        self._starts = 0
        self._far.changed = self._changed
        self._far.flipped_back = lambda: self._referee.door.misrouted(still=False)

    async def live(self) -> None:
        """Let the day pass, and judge its end."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._crashed)
        self._far.start()
        loop.call_later(_FATE_S, self._fate)
        await asyncio.sleep(QUIET_S)
        await self._carry_on()

    async def _carry_on(self) -> None:
        """Start the program again until the day is over."""
        done = False
        while not done and self._referee.verdict.violation is None and not self._far.is_over:
            done = await self._process() and not self._starts_again()
            if not done:
                pause = _AGAIN_S + self._dice.random()
                self._weather.excuse(pause + _START_S)
                await asyncio.sleep(pause)
        if self._referee.verdict.violation is None:
            self._far.now()
            self._referee.books.finish()
            self._replay()
            if done:
                self._settle()
                self._judge_proof()

    def _starts_again(self) -> bool:
        return not self._weather.fired["start.again"] and self._weather.happens("start.again")

    async def _process(self) -> bool:
        """Run one process; return whether it finished the day."""
        self._starts += 1
        self._life = life = Life(self._died)
        self._murmur = murmur = Murmur(
            self._weather, self._weather.seconds, lambda: self._cut(_ABNORMAL)
        )
        self._link = link = Link(
            self._far,
            self._mishaps,
            murmur,
            life,
            self._referee.door.sent,
            self._placed,
            self._truth.requests.turn_away,
        )
        self._far.ping = link.ping
        self._far.cut = lambda: self._cut(_GOING_AWAY)
        self._recall()
        self._program = program = Program(self._assignment, link, life, self._onlooker)
        self._trace.say(self._weather.seconds(), f"process {self._starts} starts")
        self._task = task = asyncio.get_running_loop().create_task(program.run())
        ended = await asyncio.gather(task, return_exceptions=True)
        life.is_over = True
        self._murmur = None
        link.cut(_ABNORMAL)
        self._trace.say(self._weather.seconds(), f"process {self._starts} ends: {_brief(ended[0])}")
        self._judge_end(ended[0])
        return ended[0] is None and program.held is not None

    def _recall(self) -> None:
        """Let the referee know what the last process made durable and had no time to tell."""
        if self._assignment.database.exists():
            self._referee.recalled(self._kept())

    def _kept(self) -> list[Record]:
        a = self._assignment
        with open_reader(a.database) as database:
            return [record for _, record in SqliteLedger(database).records(a.session.day)]

    def _onlooker(self, engine: Engine) -> "_Onlooker":
        self._referee.began()
        return _Onlooker(self._referee, engine)

    def _placed(self, order_id: str, answered: Answered) -> None:
        body = msgspec.json.decode(answered.body)
        if answered.status == HTTPStatus.OK and body.get("orderid"):
            self._truth.place(order_id, body["orderid"])
            if self._far.is_misrouting:
                self._referee.door.misrouted()
            self._trace.say(self._weather.seconds(), f"{order_id} is {body['orderid']}")
            self._referee.look()

    def _changed(self, updates: Iterable[OrderUpdate]) -> None:
        for update in updates:
            o = update.order
            self._trace.say(
                self._weather.seconds(),
                f"   {o.orderid} {o.status} {o.side} {o.filled}/{o.quantity} {o.symbol} "
                f"{o.trigger}/{o.price} {o.reason}",
            )
        self._referee.look()

    def _cut(self, code: int) -> None:
        if self._link is not None:
            self._link.cut(code)

    def _died(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _stop(self) -> None:
        self._life.murder()

    def _crashed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not self._life.is_over and not isinstance(error, Killed):
            self._referee.verdict.fail(0, f"{context.get('message')}: {error!r}")

    def _fate(self) -> None:
        """Let fate look at the process and at its clock."""
        weather, loop = self._weather, asyncio.get_running_loop()
        if weather.happens("kill.any_time"):
            self._life.murder()
        if weather.happens("stop.signal") and self._program is not None:
            self._program.leave()
        for control in (Control.PAUSE, Control.FLATTEN, Control.KILL):
            if weather.happens(f"word.{control}"):
                self._say(control)
                if control is Control.PAUSE:
                    loop.call_later(weather.between(*_PAUSE_S), self._say, Control.RESUME)
        for name, (least, most) in _JUMPS_S.items():
            if weather.happens(name):
                self._clock.skew = timedelta(seconds=weather.between(least, most))
                loop.call_later(weather.outage(5, 60), self._reset_clock)
        if self._murmur is not None and self._murmur.deaf_for > _DEAF_S:
            self._referee.verdict.fail(
                14, f"no tick for {self._murmur.deaf_for:.0f} s, and no new feed"
            )
        self._referee.look()
        if not self._far.is_over:
            loop.call_later(_FATE_S, self._fate)

    def _say(self, control: Control) -> None:
        if self._program is not None:
            self._program.say(control)

    def _reset_clock(self) -> None:
        self._clock.skew = timedelta()

    def _judge_end(self, ended: BaseException | None) -> None:
        for error in _single(ended):
            if isinstance(error, Killed | asyncio.CancelledError):
                continue
            if isinstance(error, _FATAL) or not isinstance(error, SwingbreakError):
                self._referee.verdict.fail(0, f"the program gave up: {error!r}")

    def _settle(self) -> None:
        if self._program is not None:
            self._referee.settle(self._program.engine, self._replayed())

    def _judge_proof(self) -> None:
        """Judge what the last process said that the account held."""
        if any(name.startswith("positions.") for name in self._weather.fired):
            return  # the book that it looked at may have been wrong
        net = self._far.venue.net()
        true = {symbol: one.quantity for symbol, one in net.items() if one.quantity}
        held = self._program.held if self._program is not None else None
        if held != true:
            self._referee.verdict.fail(6, f"the account holds {true}, the program says {held}")

    def _replayed(self) -> Engine:
        engine = self._assignment.terms.engine()
        engine.restore(self._kept())
        return engine

    def _replay(self) -> None:
        """Judge whether what the engines were told leads to the journal again."""
        a = self._assignment
        with open_reader(a.database) as database:
            kept = list(SqliteLedger(database).records(a.session.day))
        seen = Replay(kept).run(a.heard.told)
        if (differs := seen.mismatch) is not None:
            said = [each and in_words(each[1]) for each in (differs.decided, differs.kept)]
            self._referee.verdict.fail(
                9, f"row {differs.row} of the day: a replay decides {said[0]}, kept was {said[1]}"
            )
        elif seen.unheard:
            self._referee.verdict.fail(9, f"rows {seen.unheard} of the day have no cause")

    def report(self, seed: int, day: int) -> DayReport:
        """Return how day *day* of the run with *seed* went."""
        referee = self._referee
        engine = self._program.engine if self._program is not None else None
        return DayReport(
            seed=seed,
            day=day,
            faults=self._weather.names,
            fired=dict(self._weather.fired),
            violation=referee.verdict.violation,
            tail=self._trace.tail if referee.verdict.violation else (),
            trace=self._trace.digest(),
            journal=self._journal(),
            starts=self._starts,
            orders=referee.door.orders,
            fills=referee.fills,
            trades=0 if engine is None else len(engine.state.holdings.trades),
            steps=referee.steps,
            messages=referee.door.messages,
            unprotected=tuple(referee.books.unprotected),
        )

    def _journal(self) -> str:
        with open_reader(self._assignment.database) as database:
            rows = database.read("SELECT seq, day, at, kind, order_id, body FROM ledger")
        digest = hashlib.blake2b(digest_size=8)
        for n, row in enumerate(rows, 1):
            if row["seq"] != n:
                self._referee.verdict.fail(9, f"row {n} of the journal is number {row['seq']}")
            digest.update(repr(tuple(row)).encode())
        return digest.hexdigest()


class _Onlooker:
    """Shows the referee every step."""

    def __init__(self, referee: Referee, engine: Engine) -> None:
        self._referee = referee
        self._engine = engine

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Look at one step."""
        del at
        self._referee.saw(self._engine, event, commands)


def _single(error: BaseException | None) -> Iterable[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _single(each)
    elif error is not None:
        yield error


def _brief(error: BaseException | None) -> str:
    return "; ".join(f"{type(e).__name__} {e}"[:200] for e in _single(error)) or "by itself"
