"""Reads the state folder of a running day as it grows, and makes alerts of what is new.

Nothing here writes where the day writes: the database is opened read-only for each look, the log is
read as a file, and the lock is only looked at while somebody is known to hold it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.log_lines import (
    LogPlace,
    grown,
    last_place,
    lines_after,
    lines_before,
    size_of,
)
from swingbreak.adapters.notify_file import Memory
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.binding import mode_of
from swingbreak.adapters.sqlite.database import Database, open_reader
from swingbreak.adapters.sqlite.following import (
    Kept,
    day_before,
    head_of,
    is_there,
    rows_after,
)
from swingbreak.adapters.sqlite.ledger import Head
from swingbreak.adapters.sqlite.views import day_of, recorded_days
from swingbreak.alerts.alert import Alert, Severity
from swingbreak.alerts.day_story import DayStory
from swingbreak.alerts.log_story import LogStory, alarm
from swingbreak.bootstrap.charging import charge_rates
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import DataError, LedgerError, SessionLocked
from swingbreak.facts.contracts import Contracts
from swingbreak.ports import Clock
from swingbreak.risk.account import Charge
from swingbreak.settings import Settings

__all__ = ["Watcher"]

_BEGAN = "run.began"


class Watcher:
    """Sees what is new in a state folder.

    Args:
        memory: How far an earlier process has read; moved on.
        is_first: Whether there was none: what happened so far is history, and nobody is told.

    Attributes:
        story: The day that the ledger tells of; ``None`` before the first.
        log: What the log says beside it.
    """

    def __init__(
        self, settings: Settings, clock: Clock, memory: Memory, *, is_first: bool = False
    ) -> None:
        self.story: DayStory | None = None
        self.log = LogStory()
        self._settings = settings
        self._clock = clock
        self._memory = memory
        self._path = database_in(settings.state_dir)
        self._logs = settings.state_dir / "logs"
        self._alarms = settings.state_dir / "watchdog.jsonl"
        self._is_caught_up = False
        if is_first:
            self._begin_here()
        for line in lines_before(self._logs, LogPlace(memory.log, memory.offset)):
            self.log.hear(line, at_risk=False)

    def news(self) -> list[Alert]:
        """Return what is new, in the order in which it happened."""
        # looked at before what it left is read: nothing comes after that
        has_ended = self._memory.runs and not self._is_locked()
        told = [*self._of_ledger(), *self._of_log(), *self._of_watchdog()]
        found = sorted(told, key=lambda alert: alert.at)
        if has_ended and not any(alert.kind == _BEGAN for alert in found):
            self._memory.runs = False
            found.append(self._ended())
        return found

    def tables(self) -> Mapping[str, list[dict[str, Any]]]:
        """Return what the running day last published; empty where it has not.

        Raises:
            LedgerError: The database cannot be read.
        """
        if not self._path.exists():
            return {}
        with open_reader(self._path) as database:
            newest = max(recorded_days(database), default=None)
            return {} if newest is None else day_of(database, newest)

    def _begin_here(self) -> None:
        memory = self._memory
        memory.log, memory.offset = last_place(self._logs, self._settings.log_name)
        memory.alarms = size_of(self._alarms)
        memory.runs = self._is_locked()
        if self._path.exists():
            with open_reader(self._path) as database:
                memory.seq, memory.link = head_of(database)

    def _of_ledger(self) -> Iterator[Alert]:
        if not self._path.exists():
            return
        try:
            with open_reader(self._path) as database:
                if not self._is_caught_up:
                    yield from self._caught_up(database)
                last = head_of(database).seq
                for kept in rows_after(database, self._memory.seq, last):
                    alerts = self._heard(database, kept)
                    self._memory.seq, self._memory.link = kept.head
                    yield from alerts
        except LedgerError as error:
            yield self._unreadable("ledger", str(error))

    def _caught_up(self, database: Database) -> Iterator[Alert]:
        memory = self._memory
        if not is_there(database, Head(memory.seq, memory.link)):
            head = head_of(database)
            memory.seq, memory.link = day_before(database, head.seq), ""
            text = "the state database is another one: its last day is told from the beginning"
            yield Alert(self._clock.now(), Severity.WARNING, "ledger.replaced", "ledger", text)
        else:
            self.story = None
            for kept in rows_after(database, day_before(database, memory.seq), memory.seq):
                self._heard(database, kept)  # told by an earlier process, or before the first one
        self._is_caught_up = True

    def _heard(self, database: Database, kept: Kept) -> tuple[Alert, ...]:
        day = kept.day
        if self.story is None or self.story.day != day:
            r_value = self._settings.parameters.r_value
            self.story = DayStory(day, r_value, self._charge(day), mode_of(database, day))
        return self.story.hear(kept.at, kept.record)

    def _of_log(self) -> Iterator[Alert]:
        memory = self._memory
        place = LogPlace(memory.log, memory.offset)
        try:
            for behind, line in lines_after(self._logs, self._settings.log_name, place):
                memory.log, memory.offset = behind
                at_risk = self.story is not None and bool(self.story.state.holdings.positions)
                for alert in self.log.hear(line, at_risk=at_risk):
                    memory.runs = memory.runs or alert.kind == _BEGAN
                    yield alert
        except DataError as error:
            yield self._unreadable("log", str(error))

    def _of_watchdog(self) -> Iterator[Alert]:
        try:
            for behind, line in grown(self._alarms, self._memory.alarms):
                self._memory.alarms = behind
                yield from alarm(line)
        except DataError as error:
            yield self._unreadable("watchdog", str(error))

    def _charge(self, day: date) -> Charge | None:
        try:
            exchange = Contracts(facts_of(self._settings)).exchange(self._settings.underlying, day)
            return charge_rates(self._settings, exchange, day).charge
        except DataError:
            return None  # the story says that its results are before charges

    def _ended(self) -> Alert:
        at, story = self._clock.now(), self.story
        text = "no process runs the day any more"
        if story is not None and story.at_risk:
            held, live = len(story.state.holdings.positions), len(story.state.book.live)
            text += (
                f", with {held} positions open and {live} orders live: start `run` again, or look "
                "at the account"
            )
            return Alert(at, Severity.CRITICAL, "run.ended", "run", text)
        if story is not None and story.is_over:
            return Alert(at, Severity.INFO, "run.ended", "run", text)
        text += ", and the day is not over; nothing is open"
        return Alert(at, Severity.WARNING, "run.ended", "run", text)

    def _unreadable(self, what: str, why: str) -> Alert:
        return Alert(self._clock.now(), Severity.WARNING, "notify.unreadable", what, why)

    def _is_locked(self) -> bool:
        try:
            folder_lock(self._settings.state_dir).look()
        except SessionLocked:
            return True
        except LedgerError:
            return self._memory.runs  # not known: as it was
        return False
