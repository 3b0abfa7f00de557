"""Keeps the event tape of a running day, and notes in its log with what the ledger ends.

The log and the tape are two places besides the database that know the ledger's last row: rows that
are missing from its end are missed there.
"""

from datetime import datetime
from pathlib import Path

import structlog

from swingbreak.adapters.event_tape import EventTapeFile
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.engine.told import ProcessBegan, ProcessEnded

__all__ = ["HEAD_NOTED", "begin_tape", "end_tape", "event_tape"]

# The log's event that tells the ledger's last row: ``seq`` and ``link``.
HEAD_NOTED = "ledger.head"


def event_tape(path: Path, ledger: SqliteLedger) -> EventTapeFile:
    """Return the tape at *path* of a process that writes *ledger*; it is not opened yet."""

    def warn(text: str) -> None:
        structlog.get_logger().warning("tape.incomplete", reason=text)

    return EventTapeFile(path, lambda: ledger.head, warn)


def begin_tape(tape: EventTapeFile, ledger: SqliteLedger, began: ProcessBegan) -> None:
    """Note that a process takes up the day."""
    _note_head(ledger)
    tape.begin(began)


def end_tape(tape: EventTapeFile, ledger: SqliteLedger, at: datetime) -> None:
    """Note that the process ends with manners."""
    tape.end(ProcessEnded(at))
    _note_head(ledger)


def _note_head(ledger: SqliteLedger) -> None:
    structlog.get_logger().info(HEAD_NOTED, seq=ledger.head.seq, link=ledger.head.link)
