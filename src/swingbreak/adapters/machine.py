"""What this machine is like: its Python, its packages, its disk. Standard library only."""

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["PACKAGES", "Machine", "missing_packages", "this_machine"]

# What pyproject.toml asks for, by the names they are imported by; a test keeps them equal.
PACKAGES: Final = (*("aiohttp", "msgspec", "pydantic", "stamina", "structlog", "typer", "tzdata"),)
_PROOF: Final = b"written by swingbreak check\n"


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine.

    Attributes:
        python: Version, major first.
        encoding: Of standard output; empty where there is none.
        india: How far Indian time is ahead by the time-zone data; ``None`` where there are none.
        missing: Returns the packages that cannot be imported.
        free_bytes: Returns what the disk under a folder, which need not exist, has free.
        unwritable: Returns why a folder, which need not exist, cannot be written; else empty.
        unusable: Returns why nobody could listen on a port of the loopback now; else empty.
    """

    python: tuple[int, int, int]
    encoding: str
    india: timedelta | None
    missing: Callable[[], tuple[str, ...]]
    free_bytes: Callable[[Path], int]
    unwritable: Callable[[Path], str]
    unusable: Callable[[int], str]


def this_machine() -> Machine:
    """Return what this machine is like."""
    return Machine(
        python=sys.version_info[:3],
        encoding=sys.stdout.encoding or "",
        india=_india(),
        missing=missing_packages,
        free_bytes=lambda folder: shutil.disk_usage(_existing(folder)).free,
        unwritable=_unwritable,
        unusable=_unusable,
    )


def missing_packages(names: Iterable[str] = PACKAGES) -> tuple[str, ...]:
    """Return which of *names* cannot be imported."""
    return tuple(name for name in names if not _is_there(name))


def _is_there(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _india() -> timedelta | None:
    try:
        return datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Kolkata")).utcoffset()
    except (KeyError, OSError):
        return None


def _existing(folder: Path) -> Path:
    """Return *folder*, or the folder above that exists."""
    return next(one for one in (folder, *folder.absolute().parents) if one.exists())


def _unwritable(folder: Path) -> str:
    """Write a file, read it back and take it away; a folder that is not there is not made."""
    try:
        number, name = tempfile.mkstemp(prefix=".check-", dir=_existing(folder))
        try:
            with os.fdopen(number, "w+b") as file:
                file.write(_PROOF)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                is_kept = file.read() == _PROOF
        finally:
            with suppress(OSError):
                Path(name).unlink()
    except OSError as error:
        return error.strerror or str(error)
    return "" if is_kept else "what was written is not what is read"


def _unusable(port: int) -> str:
    """Listen for no longer than it takes to know, as a server would."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
            if os.name == "posix":  # elsewhere it would share the port with who has it
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            tried.listen(1)
    except OSError as error:
        return error.strerror or str(error)
    return ""
