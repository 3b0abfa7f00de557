"""Reads files of JSON lines as they grow, whole lines only: a day's log, a watchdog's alarms."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from swingbreak.domain.errors import DataError

__all__ = ["LogPlace", "decoded", "grown", "last_place", "lines_after", "lines_before", "size_of"]


class LogPlace(NamedTuple):
    """How far a log was read: its name, empty for none, and bytes from its beginning."""

    name: str
    offset: int


def last_place(folder: Path, log_name: str) -> LogPlace:
    """Return the end of the newest log in *folder*."""
    newest = max(_logs(folder, log_name), default=None)
    return LogPlace("", 0) if newest is None else LogPlace(newest.name, size_of(newest))


def lines_before(folder: Path, place: LogPlace) -> Iterator[Mapping[str, Any]]:
    """Yield the lines that come before *place* in its file.

    Raises:
        DataError: The file cannot be read.
    """
    if place.name and (folder / place.name).exists():
        content, _ = _whole_lines(folder / place.name, 0)
        yield from decoded(content[: place.offset])


def lines_after(
    folder: Path, log_name: str, place: LogPlace
) -> Iterator[tuple[LogPlace, Mapping[str, Any]]]:
    """Yield the lines that were written after *place*, each with the place behind it.

    Raises:
        DataError: A file cannot be read.
    """
    for path in sorted(_logs(folder, log_name)):
        if path.name < place.name:
            continue
        start = place.offset if path.name == place.name else 0
        for behind, line in grown(path, start):
            yield LogPlace(path.name, behind), line


def grown(path: Path, start: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the lines of *path* from byte *start* on, each with the byte behind it.

    Raises:
        DataError: The file cannot be read.
    """
    if not path.exists():
        return
    # a file that is shorter than it was is another one
    content, at = _whole_lines(path, start if start <= size_of(path) else 0)
    for line in content.splitlines(keepends=True):
        at += len(line)
        for found in decoded(line):
            yield at, found


def decoded(content: bytes) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of *content* but for those that were torn by a crash, or are none of ours."""
    for line in content.splitlines():
        try:
            found = msgspec.json.decode(line)
        except ValueError:  # no JSON, or no UTF-8
            continue
        if isinstance(found, dict):
            yield found


def size_of(path: Path) -> int:
    """Return how many bytes *path* has, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _logs(folder: Path, log_name: str) -> Iterator[Path]:
    return folder.glob(f"{log_name}_{'[0-9]' * 8}.log")


def _whole_lines(path: Path, start: int) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            content = file.read()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return content[: content.rfind(b"\n") + 1], start
