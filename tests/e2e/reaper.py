"""Death at one durable write of this process, counted from 1.

A durable write is a commit of a state database, or a file that appears by renaming. In phase
``before`` all of it is prepared and nothing durable; in phase ``after`` it is durable, and nothing
that follows from it has happened: what it decided has not been sent. The program itself knows
nothing of this: its two ways of making something durable are wrapped here. The board is left out:
it is written by the wall's clock, and nothing reads it to go on.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from swingbreak.adapters.board import board_in
from swingbreak.adapters.sqlite.database import Database
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.records import Record

__all__ = ["PHASES", "TABLES", "Reaper", "watch"]

PHASES: Final = ("before", "after")
TABLES: Final = "tables"
_BOARD: Final = board_in(Path()).name


class Reaper:
    """Counts durable writes and ends the process at one of them.

    Args:
        number: Which one; 0 for none.
        phase: One of PHASES.
        trace: A file that each durable write adds a line to: the records of the ledger, or TABLES,
            or the name of the file.

    Attributes:
        records: What the next commit holds.
    """

    def __init__(self, number: int, phase: str, trace: Path) -> None:
        self.records = TABLES
        self._number = number
        self._phase = phase
        self._trace = trace
        self._reached = 0

    def before(self, what: str) -> None:
        """All is ready to be made durable."""
        self._reached += 1
        with self._trace.open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")
        self._end("before")

    def after(self) -> None:
        """It is durable."""
        self._end("after")

    def _end(self, phase: str) -> None:
        if (self._reached, phase) == (self._number, self._phase):
            os.kill(os.getpid(), signal.SIGKILL)


def watch(reaper: Reaper) -> None:
    """Let *reaper* see every durable write of this process."""
    write, append, rename = Database.write, SqliteLedger.append, Path.replace

    @contextmanager
    def writes(self: Database) -> Iterator[Connection]:
        with write(self) as connection:
            yield connection
            reaper.before(reaper.records)
        reaper.after()

    def appends(self: SqliteLedger, at: datetime, records: Sequence[Record]) -> None:
        reaper.records = "+".join(type(record).__name__ for record in records)
        append(self, at, records)
        reaper.records = TABLES

    def renames(self: Path, target: Path) -> Path:
        if target.name == _BOARD:
            return rename(self, target)
        reaper.before(f"file {target.name}")
        result = rename(self, target)
        reaper.after()
        return result

    Database.write = writes  # type: ignore[method-assign]
    SqliteLedger.append = appends  # type: ignore[method-assign]
    Path.replace = renames  # type: ignore[method-assign, assignment]
