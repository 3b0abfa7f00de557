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
from swingbreak.bootstrap.run_decisions import DECISIONS_FILE, read_decisions
from swingbreak.bootstrap.run_folder import RUN_FILE, read_run
from swingbreak.domain.errors import DataError
from swingbreak.runtime.day_record import digest_of, lines_of
from swingbreak.runtime.differences import Parting, compared

__all__ = ["ComparedDay", "Decided", "compare_runs", "decided_in"]

_FILE: Final = re.compile(r"decisions_(\d{8})\.txt")


class Decided(Protocol):
    """What one run has decided."""

    def days(self) -> Sequence[date]:
        """Return the days that it has, oldest first."""

    def digest(self, day: date) -> str:
        """Return the decision hash of *day*."""

    def lines(self, day: date) -> Sequence[str] | None:
        """Return the decision lines of *day*, oldest first; ``None`` where none were kept."""


class DecidedInLedger:
    """Of a state folder: the ledger decides what was decided."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def days(self) -> Sequence[date]:
        """Return the days with records."""
        with open_reader(self._database) as database:
            return SqliteLedger(database).days()

    def digest(self, day: date) -> str:
        """Return the hash of the lines."""
        return digest_of(self.lines(day))

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

    def digest(self, day: date) -> str:
        """Return the hash of the lines."""
        return digest_of(self.lines(day))

    def lines(self, day: date) -> Sequence[str]:
        """Return the file's lines."""
        path = self._files[day]
        try:
            return path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read ({error})") from error


class DecidedInRun:
    """Of a run folder: what its headline's fill model decided."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines = read_decisions(folder)
        self._days = {each.day: each.decisions for each in read_run(folder).days}

    def days(self) -> Sequence[date]:
        """Return the run's days."""
        return sorted(self._days)

    def digest(self, day: date) -> str:
        """Return the hash that the run has."""
        return self._days[day]

    def lines(self, day: date) -> Sequence[str] | None:
        """Return the lines of *day*; ``None`` where the run kept none, as older ones do.

        Raises:
            DataError: They are not those that the day's hash is of.
        """
        if self._lines is None:
            return None
        lines = self._lines.get(day, [])
        if digest_of(lines) != self.digest(day):
            raise DataError(
                f"{self._folder / DECISIONS_FILE}: what it has of {day} is not what the run "
                "decided: take the folder from where it was whole, or make the run again"
            )
        return lines


def decided_in(path: Path) -> Decided:
    """Return what is decided in *path*: a state or run folder, decision files, or one of these.

    Raises:
        DataError: There is nothing of the kind, or a run folder is damaged.
    """
    if (path / RUN_FILE).exists():
        return DecidedInRun(path)
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
            f"{path}: holds no decisions: give a state folder, a run folder, a folder with files "
            "like decisions_20261120.txt, or one of these"
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
        counts: How many decisions each took; ``None`` where that was not kept.
        parting: Where they part; ``None`` where they are equal, or the lines of one were not kept.
    """

    day: date
    digests: tuple[str, str]
    counts: tuple[int | None, int | None]
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
        _compared(each, ours if each in has else None, theirs if each in have else None)
        for each in sorted(wanted)
    ]


def _compared(day: date, ours: Decided | None, theirs: Decided | None) -> ComparedDay:
    digests = [one.digest(day) if one else "" for one in (ours, theirs)]
    lines = [one.lines(day) if one else None for one in (ours, theirs)]
    mine, yours = lines
    parting = None if mine is None or yours is None else compared(mine, yours)
    counts = [None if each is None else len(each) for each in lines]
    return ComparedDay(day, (digests[0], digests[1]), (counts[0], counts[1]), parting)
