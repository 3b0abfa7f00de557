"""Watches a running day from outside: raises the alarm, and begins the day again if that is wished.

Rules of this file:

1. Nothing is sent to the gateway from here. Who exits positions is the engine, begun again: it
   finds out by evidence what is open and what has become of every order, so nothing is sent twice.
2. Two processes never trade: one that hangs is ended for good before the next begins, and only
   where it holds the folder's lock.
3. Who left on purpose, with stops resting, is told of and let be.
"""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.pulse import Pulse, Stage, pulse_in, read_pulse
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.control import Control
from swingbreak.domain.errors import InvalidTransition, LedgerError
from swingbreak.engine.state import State
from swingbreak.reporting.wording import counted
from swingbreak.risk.account import no_charge
from swingbreak.runtime.vigil import Condition, Sight, Vigil

__all__ = ["Alarm", "Policy", "Severity", "Watch", "what_is_open"]

_ENDS_WITHIN_S: Final = 5.0
_AGAIN_S, _SELDOM_S = 5.0, 60.0
_PARTED: Final = {Stage.LEFT: Condition.LEFT, Stage.OVER: Condition.OVER}
_HARDEST: Final = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows' SIGTERM ends as surely


class Policy(StrEnum):
    """What to do besides raising the alarm."""

    ALARM = "alarm"
    RESTART = "restart"  # begin the day again: it protects what is open, and goes on
    FLATTEN = "flatten"  # where anything is open begin the day again, to exit it


class Severity(StrEnum):
    """How bad it is."""

    NOTE = "note"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person should know."""

    at: datetime
    severity: Severity
    text: str


@dataclass(slots=True)
class Watch:
    """One folder, looked at again and again.

    Attributes:
        state_dir: Of the day.
        policy: What to do.
        run_arguments: Of ``swingbreak run``, to begin the day again.
        vigil: Judges.
        tell: Takes every alarm.
    """

    state_dir: Path
    policy: Policy
    run_arguments: Sequence[str]
    vigil: Vigil
    tell: Callable[[Alarm], None]
    clock: Callable[[], float] = time.monotonic
    _condition: Condition = Condition.ABSENT
    _child: subprocess.Popen[bytes] | None = None
    _next_s: float = 0.0
    _pause_s: float = _AGAIN_S
    _fed: Pulse | None = field(default=None, repr=False)

    def look(self) -> Condition:
        """Look once, raise the alarm where the condition has changed, and act by the policy."""
        now = self.clock()
        condition = self.vigil.see(now, self._sight())
        if condition is not self._condition:
            self._condition = condition
            self._say(condition)
        if condition in {Condition.WELL, Condition.WAITS}:
            self._next_s, self._pause_s = 0.0, _AGAIN_S
        elif condition in {Condition.HUNG, Condition.DEAD} and now >= self._next_s:
            self._act(condition, now)
        return condition

    def _sight(self) -> Sight:
        pulse = read_pulse(pulse_in(self.state_dir)) or self._fed
        moves, self._fed = pulse != self._fed is not None, pulse
        if pulse is None:
            return Sight(None, begins=False, parted=None, holds_lock=False)
        return Sight(
            pulse,
            begins=pulse.stage is Stage.BEGINS,
            parted=_PARTED.get(pulse.stage),
            # to look at the lock is to take it for a moment: not while there are signs of life
            holds_lock=(moves and pulse.stage not in _PARTED) or bool(self._holder()),
            waits=pulse.stage is Stage.WAITS,
        )

    def _say(self, condition: Condition) -> None:
        left = what_is_open(self.state_dir)
        seconds = f"no sign of life for {self.vigil.silent_s:.1f} s"
        match condition:
            case Condition.WELL:
                self._tell(Severity.NOTE, "the day is running")
            case Condition.WAITS:
                severity = Severity.CRITICAL if left else Severity.NOTE
                self._tell(severity, f"it waits; {left or 'nothing is open'}")
            case Condition.SILENT:
                self._tell(_severity(left), f"{seconds}; {left or 'nothing is open'}")
            case Condition.HUNG:
                self._tell(_severity(left), f"it hangs: {seconds}; {left or 'nothing is open'}")
            case Condition.DEAD:
                self._tell(_severity(left), f"the process is gone; {left or 'nothing is open'}")
            case Condition.LEFT:
                rest = f"{left}: start `run` again to go on" if left else "nothing is open"
                severity = Severity.WARNING if left else Severity.NOTE
                self._tell(severity, f"somebody ended the process; {rest}")
            case Condition.OVER:
                self._tell(Severity.NOTE, "the day is over")
            case Condition.ABSENT:
                pass

    def _act(self, condition: Condition, now: float) -> None:
        self._next_s = now + self._pause_s
        self._pause_s = min(2 * self._pause_s, _SELDOM_S)
        left = what_is_open(self.state_dir)
        if self.policy is Policy.ALARM or (self.policy is Policy.FLATTEN and not left):
            return
        if self._child is not None and self._child.poll() is None and condition is Condition.DEAD:
            return  # it has begun and has not taken the folder yet
        if condition is Condition.HUNG and not self._end_for_good():
            return
        self._begin(left)

    def _end_for_good(self) -> bool:
        holder = self._holder()
        if not holder.isdigit():
            return not holder
        self._tell(Severity.CRITICAL, f"process {holder} is ended for good")
        try:
            os.kill(int(holder), _HARDEST)
        except OSError as error:
            self._tell(Severity.CRITICAL, f"process {holder} cannot be ended: {error.strerror}")
            return False
        until, moment = self.clock() + _ENDS_WITHIN_S, threading.Event()
        while self._holder() == holder:
            if self._child is not None:
                self._child.poll()  # one of ours stays until it is asked for
            if self.clock() > until:
                self._tell(Severity.CRITICAL, f"process {holder} does not end")
                return False
            moment.wait(0.02)
        return True

    def _begin(self, left: str) -> None:
        if self._child is not None and (code := self._child.poll()):
            self._tell(Severity.CRITICAL, f"`run` ended with code {code}: {_last_line(self._log)}")
        flattens = self.policy is Policy.FLATTEN
        if flattens:
            at = WallClock().now()
            try:
                controls = Controls(self.state_dir)
                if not any(each.control is Control.FLATTEN for each in controls.waiting()):
                    controls.give(Control.FLATTEN, "no sign of life", by="watchdog", at=at)
            except LedgerError as error:
                self._tell(Severity.CRITICAL, str(error))
                return
        command = [sys.executable, "-m", "swingbreak", "run", *self.run_arguments]
        with self._log.open("wb") as said:
            self._child = subprocess.Popen(  # noqa: S603 - ourselves
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # it outlives us, and our Ctrl-C
            )
        doing = f"`{shlex.join(['swingbreak', *command[3:]])}` is begun, process {self._child.pid}"
        why = f", to exit what is open ({left})" if flattens else ""
        self._tell(Severity.CRITICAL, doing + why)

    @property
    def _log(self) -> Path:
        return self.state_dir / "watchdog_run.log"

    def _holder(self) -> str:
        try:
            return folder_lock(self.state_dir).holder()
        except LedgerError:
            return "unknown"

    def _tell(self, severity: Severity, text: str) -> None:
        self.tell(Alarm(WallClock().now(), severity, text))


def what_is_open(state_dir: Path) -> str:
    """Return in words what the ledger's last day leaves open; empty where that is nothing."""
    path = database_in(state_dir)
    if not path.exists():
        return ""
    try:
        with open_reader(path) as database:
            ledger = SqliteLedger(database)
            days = ledger.days()
            records = [record for _, record in ledger.records(days[-1])] if days else []
        state = State.empty(no_charge)
        state.restore(records, lambda _: 0)
    except (LedgerError, InvalidTransition) as error:
        return f"what is open is not known: {error}"
    held = [f"{each.quantity:+d} {each.symbol}" for each in state.holdings.positions.values()]
    orders = len(state.book.live)
    return ", ".join([*held, *([counted(orders, "live order")] if orders else [])])


def _severity(left: str) -> Severity:
    return Severity.CRITICAL if left else Severity.WARNING


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return "it left no word"
    return lines[-1] if lines else "it left no word"
