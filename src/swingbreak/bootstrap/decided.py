"""What was decided on which day, read from wherever a run has left it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.errors import DataError
from swingbreak.runtime.day_record import digest_of, lines_of
from swingbreak.runtime.differences import Parting, compared

__all__ = ["ComparedDay", "Decided", "compare_runs", "decided_in"]

_FILE: Final = re.compile(r"decisions_(\d{8})\.txt")


class Decided(Protocol):
    """What one run has decided."""

    def days(self) -> Sequence[date]:
        """Return the days that it has, oldest first."""

    def lines(self, day: date) -> Sequence[str]:
        """Return the decision lines of *day*, oldest first."""


class DecidedInLedger:
    """Of a state folder: the ledger decides what was decided."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def days(self) -> Sequence[date]:
        """Return the days with records."""
        with open_reader(self._database) as database:
            return SqliteLedger(database).days()

    def lines(self, day: date) -> Sequence[str]:
        """Return the lines of the day's records."""
        with open_reader(self._database) as database:
            return lines_of(SqliteLedger(database).records(day))


class DecidedInFiles:
    """Of a folder with a file of decision lines a day, ``decisions_20261120.txt``."""

    def __init__(self, files: Mapping[date, Path]) -> None:
        self._files = files

    def days(self) -> Sequence[date]:
        """Return the days with a file."""
        return sorted(self._files)

    def lines(self, day: date) -> Sequence[str]:
        """Return the file's lines."""
        path = self._files[day]
        try:
            return path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read ({error})") from error


def decided_in(path: Path) -> Decided:
    """Return what is decided in *path*: a state folder, a folder of decision files, or a file.

    Raises:
        DataError: There is nothing of the kind.
    """
    if path.is_dir():
        if database_in(path).exists():
            return DecidedInLedger(database_in(path))
        files = _files(path.iterdir())
    elif path.suffix == ".db" and path.exists():
        return DecidedInLedger(path)
    else:
        files = _files([path] if path.exists() else [])
    if not files:
        raise DataError(
            f"{path}: holds no decisions: give a state folder, a folder with files like "
            "decisions_20261120.txt, or one of these"
        )
    return DecidedInFiles(files)


def _files(paths: Iterable[Path]) -> dict[date, Path]:
    found = {}
    for path in paths:
        if match := _FILE.fullmatch(path.name):
            with suppress(ValueError):  # eight digits that are no date
                found[date.fromisoformat(match[1])] = path
    return found


@dataclass(frozen=True, slots=True)
class ComparedDay:
    """One day of two runs.

    Attributes:
        day: Which.
        digests: Of the decisions of each; empty where a run has no such day.
        counts: How many decisions each took.
        parting: Where they part; ``None`` where they are equal, or one has no such day.
    """

    day: date
    digests: tuple[str, str]
    counts: tuple[int, int]
    parting: Parting | None

    @property
    def is_equal(self) -> bool:
        """Whether both decided alike."""
        return self.digests[0] == self.digests[1]


def compare_runs(ours: Decided, theirs: Decided, day: date | None) -> list[ComparedDay]:
    """Return how each day of two runs compares, or *day* alone.

    Raises:
        DataError: Neither has any such day.
        LedgerError: A state database cannot be read.
    """
    has, have = set(ours.days()), set(theirs.days())
    wanted = {day} & (has | have) if day else has | have
    if not wanted:
        raise DataError(f"nothing was decided on {day or 'any day'} in either")
    return [
        _compared(
            each,
            ours.lines(each) if each in has else None,
            theirs.lines(each) if each in have else None,
        )
        for each in sorted(wanted)
    ]


def _compared(day: date, ours: Sequence[str] | None, theirs: Sequence[str] | None) -> ComparedDay:
    digests = tuple("" if lines is None else digest_of(lines) for lines in (ours, theirs))
    parting = None if ours is None or theirs is None else compared(ours, theirs)
    return ComparedDay(day, (digests[0], digests[1]), (len(ours or ()), len(theirs or ())), parting)
