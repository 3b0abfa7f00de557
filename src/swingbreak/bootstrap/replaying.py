"""Replays a recorded day from its event tape and its ledger, and explains what happened on it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from swingbreak import __version__
from swingbreak.adapters.dayfolder import database_in, decisions_in, events_in
from swingbreak.adapters.event_tape import TapeRead, read_tape
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.errors import DataError
from swingbreak.domain.session import IST
from swingbreak.engine.told import ProcessBegan
from swingbreak.runtime.day_record import digest_of, lines_of
from swingbreak.runtime.differences import Parting, compared
from swingbreak.runtime.explaining import explain_moment, explain_order
from swingbreak.runtime.replay import Kept, Replay, Replayed
from swingbreak.runtime.sight import Line

__all__ = ["RecordedDay", "ReplayedDay", "explain", "recorded_day", "replay_day"]

_TRIES = 3


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """What is kept of a day.

    Attributes:
        day: The trading day.
        tape: All that the engine was told.
        kept: The ledger's records.
    """

    day: date
    tape: TapeRead
    kept: list[Kept]

    @property
    def label(self) -> str:
        """Where the market data came from."""
        return next((each.label for each in self.tape.items if isinstance(each, ProcessBegan)), "")


@dataclass(frozen=True, slots=True)
class ReplayedDay:
    """How the replay of a recorded day went.

    Attributes:
        recorded: What was replayed.
        outcome: What came of it.
        parting: Where the file of decision lines, if there is one, parts from the ledger's.
    """

    recorded: RecordedDay
    outcome: Replayed
    parting: Parting | None

    @property
    def digest(self) -> str:
        """The decision hash that the replay comes to."""
        return digest_of(self.outcome.decisions)

    @property
    def kept_digest(self) -> str:
        """The decision hash of what was kept."""
        return digest_of(lines_of(self.recorded.kept))

    @property
    def is_equal(self) -> bool:
        """Whether all that could be replayed is decided as it was."""
        return self.outcome.mismatch is None and self.parting is None

    @property
    def is_whole(self) -> bool:
        """Whether all that was kept could be replayed."""
        return not self.outcome.unheard and not self.recorded.tape.lost

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, a sentence each."""
        outcome, notes = self.outcome, []
        for first, last in outcome.unheard:
            rows = f"record {first} has" if first == last else f"records {first} to {last} have"
            notes.append(f"{rows} no cause on the tape and could not be replayed")
        if self.recorded.tape.lost:
            notes.append(f"{self.recorded.tape.lost} bytes at the end of the tape are torn")
        if outcome.undone:
            notes.append(f"a process died before it could keep its last step ({outcome.undone})")
        notes += [f"a process gave up, then and now: {why}" for why in outcome.gave_up]
        if others := outcome.versions - {__version__}:
            notes.append(f"decided by swingbreak {', '.join(sorted(others))}, replayed by ours")
        return tuple(notes)


def recorded_day(folder: Path, day: date | None) -> RecordedDay:
    """Return what is kept of *day*, by default the last one, in state folder *folder*.

    Raises:
        DataError: Nothing is kept of it, or the tape cannot be used.
        LedgerError: The database cannot be read.
    """
    path = database_in(folder)
    if not path.exists():
        raise DataError(f"no day is recorded in {folder}; give --state-dir")
    with open_reader(path) as database:
        ledger = SqliteLedger(database)
        days = ledger.days()
        wanted = day or max(days, default=None)
        if wanted is None or wanted not in days:
            there = f"{days[0]} to {days[-1]}" if days else "none"
            raise DataError(f"{wanted or 'no day'} is not recorded in {folder}; there: {there}")
        kept: list[Kept] = []
        tape, again = TapeRead([], 0), list(ledger.records(wanted))
        for _ in range(_TRIES):
            kept, tape = again, read_tape(events_in(folder, wanted))
            again = list(ledger.records(wanted))
            if again == kept:  # and not a running day that went on in between
                break
    return RecordedDay(wanted, tape, kept)


def explain(folder: Path, target: str, day: date | None) -> tuple[RecordedDay, list[Line]]:
    """Return what *target* came from: an order's or a trade's id, or ``SYMBOL@HH:MM[:SS]``.

    Raises:
        DataError: Nothing is kept of it, or the tape cannot be used.
        LedgerError: The database cannot be read.
    """
    recorded = recorded_day(folder, day)
    told, kept = recorded.tape.items, recorded.kept
    symbol, is_moment, clock = target.partition("@")
    if not is_moment:
        return recorded, explain_order(told, kept, target)
    try:
        at = datetime.combine(recorded.day, time.fromisoformat(clock), IST).astimezone(UTC)
    except ValueError as error:
        raise DataError(f"{clock!r} in {target!r} should be a time in India, like 10:31") from error
    return recorded, explain_moment(told, kept, symbol.upper(), at)


def replay_day(folder: Path, day: date | None) -> ReplayedDay:
    """Replay *day*, by default the last one, of state folder *folder*.

    Raises:
        DataError: Nothing is kept of it, or the tape cannot be used.
        LedgerError: The database cannot be read.
        InvalidTransition: The records contradict each other.
    """
    recorded = recorded_day(folder, day)
    outcome = Replay(recorded.kept).run(recorded.tape.items)
    path = decisions_in(folder, recorded.day)
    parting = None
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        parting = compared(lines_of(recorded.kept), lines)
    return ReplayedDay(recorded, outcome, parting)
