"""How a person's word reaches a running day: files in its state folder.

Rules of this file:

1. A word is a file that appears whole, by renaming; so it is never read half-written, and it waits
   for a process that is not looking.
2. What has been carried out gets an answer beside it; the answer is what the giver waits for.
3. The kill lock is a file too. It outlives processes and days; only :meth:`Controls.unlock` with a
   reason takes it away, and what it said is kept.

A file and not a socket, because it works the same on Linux and Windows, needs no port and survives
a restart of either side.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from swingbreak.domain.control import Control
from swingbreak.domain.errors import DataError, LedgerError

__all__ = ["Answer", "Controls", "Given", "KillLock"]

_T = TypeVar("_T")


class Given(msgspec.Struct, frozen=True):
    """A word that was given.

    Attributes:
        word_id: Names it; words are carried out in this order.
        control: What to do.
        reason: Why, in a person's words.
        by: Where it came from: ``cli``, ``telegram``, ``dashboard``.
        at: When, by the giver's clock.
    """

    word_id: str
    control: Control
    reason: str
    by: str
    at: datetime


class Answer(msgspec.Struct, frozen=True):
    """What became of a word.

    Attributes:
        at: When it was carried out, by the day's clock.
        done: Whether it was.
        text: What happened, or why nothing did.
    """

    at: datetime
    done: bool
    text: str


class KillLock(msgspec.Struct, frozen=True):
    """Why no day may begin."""

    at: datetime
    reason: str
    by: str


class Controls:
    """The words given to whoever runs in *state_dir*."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "controls"
        self._lock = state_dir / "KILLED.json"

    def give(self, control: Control, reason: str, *, by: str, at: datetime) -> Given:
        """Leave a word for the running day.

        Raises:
            LedgerError: It could not be written; nothing was given.
        """
        given = Given(f"{at:%Y%m%dT%H%M%S.%f}-{os.getpid()}", control, reason, by, at)
        _write(self._path(given.word_id, "given"), msgspec.json.encode(given))
        return given

    def waiting(self) -> Iterator[Given]:
        """Yield the words without an answer, the oldest first.

        Raises:
            DataError: When all others have been yielded: a file is not what :meth:`give` writes.
        """
        unreadable: DataError | None = None
        for path in sorted(self._folder.glob("*.given.json")):
            word_id = path.name.removesuffix(".given.json")
            if self._path(word_id, "answer").exists():
                continue
            try:
                given = _read(path, Given)
            except DataError as error:
                unreadable = error
            else:
                yield given
        if unreadable is not None:
            raise unreadable

    def answer(self, given: Given, answer: Answer) -> None:
        """Say what became of *given*.

        Raises:
            LedgerError: It could not be written; the word will be seen again.
        """
        _write(self._path(given.word_id, "answer"), msgspec.json.encode(answer))

    def answered(self, given: Given) -> Answer | None:
        """Return what became of *given*, ``None`` while nobody has said."""
        path = self._path(given.word_id, "answer")
        return _read(path, Answer) if path.exists() else None

    def withdraw(self, given: Given) -> None:
        """Take back a word that nobody has answered."""
        self._path(given.word_id, "given").unlink(missing_ok=True)

    def lock(self, lock: KillLock) -> None:
        """Let no day begin from now on.

        Raises:
            LedgerError: The lock could not be written.
        """
        _write(self._lock, msgspec.json.encode(lock))

    def locked(self) -> KillLock | None:
        """Return the lock, ``None`` where there is none.

        Raises:
            DataError: The file says nothing that can be read; it counts as a lock until removed.
        """
        return _read(self._lock, KillLock) if self._lock.exists() else None

    def unlock(self, reason: str, at: datetime) -> None:
        """Take the lock away and keep it beside, with the *reason* for taking it away.

        Raises:
            LedgerError: The file could not be moved; the lock holds.
        """
        lock = self.locked()
        kept = {"lock": lock, "taken_away_at": at, "reason": reason}
        _write(self._folder / f"{at:%Y%m%dT%H%M%S.%f}.unlocked.json", msgspec.json.encode(kept))
        self._lock.unlink(missing_ok=True)

    def _path(self, word_id: str, kind: str) -> Path:
        return self._folder / f"{word_id}.{kind}.json"


def _write(path: Path, content: bytes) -> None:
    aside = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be written: {error.strerror}") from error


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError) as error:  # no JSON, or no UTF-8
        raise DataError(f"{path}: cannot be read: {error}; remove it if it is not ours") from error
