"""Replays a day: what the engine was told goes into a fresh one, and what that decides is compared
with what the ledger kept.

Rules of this file:

1. A process is replayed as it began: the records that the ledger had then, and nothing else.
2. What is told is kept before what comes of it: of a process that died, the last step may be on the
   tape and not in the ledger. That is no difference, even where the next process is told the same
   at the same instant and keeps it: what a process kept ends where the next one began.
3. The first difference ends the replay: what follows it follows from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeAlias

from swingbreak.domain.commands import Command, Tell
from swingbreak.domain.errors import InvalidTransition, Livelock
from swingbreak.domain.events import Event, OrderEvent
from swingbreak.domain.money import rupees
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import (
    DayTerms,
    LookAwaited,
    ProcessBegan,
    ProcessEnded,
    RowsKept,
    Told,
)
from swingbreak.runtime.day_record import decision_line, lines_of

__all__ = ["Kept", "Mismatch", "Replay", "Replayed", "Watch", "in_words"]

Kept: TypeAlias = tuple[datetime, Record]
Watch: TypeAlias = Callable[[Engine, Event, list[Command]], None]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first place at which replay and ledger differ.

    Attributes:
        row: Which of the day's records, counted from 1.
        process: Which process of the day, counted from 1.
        decided: When and what the replay comes to; ``None`` for nothing.
        kept: When and what the ledger has there; ``None`` for nothing.
    """

    row: int
    process: int
    decided: Kept | None
    kept: Kept | None


@dataclass(slots=True)
class Replayed:
    """How a replay went.

    Attributes:
        processes: How many the day had.
        events: How many were replayed.
        decisions: One line per decision, as the replay comes to it.
        mismatch: The first difference; ``None`` where there is none.
        unheard: Records whose cause is not on the tape, as first and last, counted from 1.
        undone: Steps that a process died before it could keep.
        gave_up: What ended a process from inside, as it did live.
        versions: Of swingbreak that decided.
    """

    processes: int = 0
    events: int = 0
    decisions: list[str] = field(default_factory=list)
    mismatch: Mismatch | None = None
    unheard: list[tuple[int, int]] = field(default_factory=list)
    undone: int = 0
    gave_up: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)


class Replay:
    """One day, once.

    Args:
        kept: The day's records.
        watch: Sees the engine after each step.

    Attributes:
        outcome: How it went so far.
        engine: That of the last process; ``None`` before the first, and of one that gave up.
        terms: What that process decided by.
    """

    def __init__(self, kept: Sequence[Kept], watch: Watch = lambda *_: None) -> None:
        self.outcome = Replayed()
        self.engine: Engine | None = None
        self.terms: DayTerms | None = None
        self._kept = kept
        self._watch = watch
        self._row = 0  # records accounted for
        self._ends: list[int] = []  # records that each process left, the first process last
        self._end = 0  # records that this process left
        self._is_whole = False  # the process ended with manners
        self._pending: list[Kept] | None = None  # decided, and not in the ledger

    def run(self, told: Sequence[Told], until: datetime | None = None) -> Replayed:
        """Replay what was *told*, to its end or as far as *until*.

        Raises:
            InvalidTransition: The records that a process began with contradict each other.
        """
        starts = [item.records for item in told if isinstance(item, ProcessBegan)]
        self._ends = [len(self._kept), *reversed(starts[1:])]
        for item in told:
            if until is not None and not isinstance(item, RowsKept) and item.at > until:
                return self.outcome
            self._take(item)
            if self.outcome.mismatch is not None:
                return self.outcome
        self._pass_to(len(self._kept))
        return self.outcome

    def _take(self, item: Told) -> None:
        match item:
            case ProcessBegan():
                self._begin(item)
            case RowsKept():
                pass
            case ProcessEnded():
                self._is_whole = True
            case _ if self.engine is None:
                pass  # it gave up: nothing that it was told mattered any more
            case LookAwaited(at):
                self.engine.await_look(at)
            case _:
                self._step(self.engine, item)

    def _begin(self, began: ProcessBegan) -> None:
        self._pass_to(began.records)
        if self.outcome.mismatch is not None:
            return
        self._end = self._ends.pop()
        self.outcome.processes += 1
        self.outcome.versions.add(began.version)
        self.terms, self.engine = began.terms, began.terms.engine()
        self.engine.restore(record for _, record in self._kept[: began.records])

    def _pass_to(self, row: int) -> None:
        """Account for the records up to *row*, which the ledger had when a process had ended."""
        pending, self._pending = self._pending, None
        is_whole, self._is_whole = self._is_whole, False
        if row == self._row and not (pending and is_whole):
            self.outcome.undone += pending is not None
        elif pending or is_whole or row < self._row or row > len(self._kept):
            self._differ(pending)
        else:
            self.outcome.unheard.append((self._row + 1, row))
            self.outcome.decisions += lines_of(self._kept[self._row : row])
            self._row = row

    def _step(self, engine: Engine, event: Event) -> None:
        if self._pending is not None:
            self._differ(self._pending)
            return
        self.outcome.events += 1
        try:
            commands = engine.step(event)
        except (InvalidTransition, Livelock) as error:
            self.outcome.gave_up.append(f"{type(error).__name__}: {error}")
            self.engine = None
            return
        self._compare(event, commands)
        self._watch(engine, event, commands)

    def _compare(self, event: Event, commands: list[Command]) -> None:
        decided: list[Record] = [event] if isinstance(event, OrderEvent) else []
        decided += [command for command in commands if not isinstance(command, Tell)]
        steps = [(event.at, record) for record in decided]
        found = list(self._kept[self._row : min(self._row + len(steps), self._end)])
        if steps != found:
            self._pending = steps
            return
        self._row += len(steps)
        self.outcome.decisions += lines_of(found)

    def _differ(self, decided: Sequence[Kept] | None) -> None:
        mine, theirs = list(decided or ()), list(self._kept[self._row :])
        same = 0
        while same < min(len(mine), len(theirs)) and mine[same] == theirs[same]:
            same += 1
        self.outcome.mismatch = Mismatch(
            row=self._row + same + 1,
            process=max(1, self.outcome.processes),
            decided=mine[same] if same < len(mine) else None,
            kept=theirs[same] if same < len(theirs) else None,
        )


def in_words(record: Record) -> str:
    """Return *record* in a line: a decision, or what was told of an order."""
    if not isinstance(record, OrderEvent):
        return decision_line(record)
    name = "".join(f" {c.lower()}" if c.isupper() else c for c in type(record).__name__).strip()
    rest = (
        f"{one.name} {rupees(value) if one.name == 'value' else value}"
        for one in fields(record)
        if one.name not in {"at", "order_id"} and (value := getattr(record, one.name)) != ""
    )
    return f"{name} {record.order_id}: {', '.join(rest)}".rstrip(": ")
