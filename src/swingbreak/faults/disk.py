"""The ledger of a process that may die at it, on a disk that may fail."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.records import Record
from swingbreak.faults.process import Life
from swingbreak.faults.weather import Weather

__all__ = ["Disk", "FrailLedger"]

_FULL: Final = "database or disk is full: the disk is full; free some space, then start again"
_LOCKED: Final = "database is locked: another program is writing to it"


class Disk:
    """The disk under all processes of the day.

    Attributes:
        bad_until: Until when, in seconds of the day, nothing can be written.
        says: What is wrong with it until then.
    """

    def __init__(self, weather: Weather) -> None:
        self.bad_until = 0.0
        self.says = ""
        self._weather = weather

    def check(self, now: float, path: Path) -> None:
        """Let a write pass, or not.

        Raises:
            LedgerError: As SQLite's errors come out of the database's own code.
        """
        if self._weather.happens("disk.full"):
            self.bad_until, self.says = now + self._weather.outage(1, 30), _FULL
        if self._weather.happens("disk.locked"):
            self.bad_until, self.says = now + self._weather.outage(0.1, 5), _LOCKED
        if now < self.bad_until:
            raise LedgerError(f"{path.name}: {self.says}")


class FrailLedger:
    """A ``ports.Ledger`` that stands before the real one."""

    def __init__(
        self, ledger: SqliteLedger, path: Path, disk: Disk, weather: Weather, life: Life
    ) -> None:
        self._ledger = ledger
        self._path = path
        self._disk = disk
        self._weather = weather
        self._life = life

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        """Keep *records*, unless the disk fails or death comes before; it may come right after."""
        self._life.check()
        if self._weather.happens("kill.before_append"):
            self._life.end()
        self._disk.check(self._weather.seconds(), self._path)
        self._ledger.append(at, records)
        if self._weather.happens("kill.after_append"):
            self._life.end()

    def records(self, day: date) -> Iterator[tuple[datetime, Record]]:
        """Yield what was kept on *day*."""
        return self._ledger.records(day)
