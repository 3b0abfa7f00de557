"""One process at a time: a lock that the operating system drops when its holder dies.

Rules of this file:

1. The lock is the operating system's, never the presence of the file: a crash leaves no lock.
2. The file is never deleted: between deleting and making it anew two processes could both win.
"""

import hashlib
import os
import sys
import tempfile
import threading
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import IO, Self

from swingbreak.domain.errors import LedgerError, SessionLocked

__all__ = ["RunLock", "account_lock", "folder_lock", "locks_folder"]

_TRIES, _BETWEEN_S = 3, 0.02
# Windows locks ranges of bytes and hides them from readers: lock one far behind the text.
_LOCKED_BYTE = 1 << 30

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class RunLock:
    """A lock held on a file from ``with`` to the end of the block."""

    def __init__(self, path: Path, purpose: str) -> None:
        self.path = path
        self._purpose = purpose
        self._file: IO[str] | None = None

    def look(self) -> None:
        """See whether the lock could be taken; nothing is written.

        Raises:
            SessionLocked: Another process holds it.
            LedgerError: The file cannot be read.
        """
        try:
            file = self.path.open("r+", encoding="utf-8")
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error) from error
        self._take(file)
        file.close()

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            SessionLocked: Another process holds it.
            LedgerError: The file cannot be made or locked.
        """
        moment = threading.Event()
        for _ in range(_TRIES - 1):
            with suppress(SessionLocked):
                self._file = self._held()
                return self
            moment.wait(_BETWEEN_S)  # it may be somebody who only looks
        self._file = self._held()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go; closing the file is what unlocks it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def holder(self) -> str:
        """Return who holds the lock, a process number; empty where nobody does.

        Raises:
            LedgerError: The file cannot be read.
        """
        try:
            self.look()
        except SessionLocked:
            return self.path.read_text("utf-8").strip() or "unknown"
        return ""

    def _held(self) -> IO[str]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise self._unusable(error) from error
        self._take(file)
        _sign(file)
        return file

    def _take(self, file: IO[str]) -> None:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise self._taken(file) from error
        except OSError as error:
            file.close()
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> LedgerError:
        return LedgerError(f"{self.path}: cannot be locked ({error.strerror}); use another folder")

    def _taken(self, file: IO[str]) -> SessionLocked:
        with file:
            file.seek(0)
            holder = file.read().strip() or "unknown"
        return SessionLocked(
            f"{self.path}: process {holder} runs {self._purpose}; stop it first, or wait until it "
            "has ended"
        )


def _sign(file: IO[str]) -> None:
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()


def folder_lock(state_dir: Path) -> RunLock:
    """Return the lock that makes this process the one writer of *state_dir*."""
    return RunLock(state_dir / "run.lock", f"on {state_dir}")


def locks_folder() -> Path:
    """Return where all processes of this machine keep the locks of accounts."""
    return Path(tempfile.gettempdir()) / "swingbreak-locks"


def account_lock(folder: Path, host: str, api_key: str, day: date) -> RunLock:
    """Return the lock of one account's day, whatever state folder each process uses.

    Args:
        folder: Where all processes of this machine look, not the state folder; see
            :func:`locks_folder`.
        host: Gateway the account trades through.
        api_key: Its key; the file's name carries only a digest of both.
        day: Trading day in India.
    """
    account = hashlib.sha256(f"{host}\n{api_key}".encode()).hexdigest()[:12]
    name = f"{account}_{day:%Y%m%d}.lock"
    return RunLock(folder / name, f"this account on {day}")
