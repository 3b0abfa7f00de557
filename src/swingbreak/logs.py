"""Structured logs: JSON lines in the day's file, short readable lines on the console.

Rules of this file:

1. An event has a dotted name and fields; nobody parses prose.
2. No secret reaches a line, however it got into a field.
3. A line that cannot be written is counted and never stops the program.
"""

import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import EventDict, WrappedLogger

from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import IST

__all__ = ["DayLog", "Redaction", "open_log"]

_HIDDEN = "[hidden]"
_OPENED = "log.opened"
_ONE_LINE = 4096  # bytes; more than the first line ever has
# Shorter texts would hide ordinary words with them; no key or token is this short.
_SHORTEST_SECRET = 6
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_.:/%[]")


class Redaction:
    """Hides secrets in whatever a log line is made of, in every spelling they take there."""

    def __init__(self, secrets: Iterable[str]) -> None:
        long_enough = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        spelled = {form for secret in long_enough for form in _spellings(secret)}
        # longest first: one spelling may contain another
        self._spelled = sorted(spelled, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return *text* without the secrets."""
        for spelled in self._spelled:
            text = text.replace(spelled, _HIDDEN)
        return text

    def __call__(self, value: object) -> object:
        """Return *value* as plain JSON data without the secrets."""
        match value:
            case None | bool():
                return value
            case int() | float():
                text = str(value)
                return (
                    value if self.text(text) == text and math.isfinite(value) else self.text(text)
                )
            case Mapping():
                return {self.text(str(key)): self(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self(item) for item in value]
            case datetime():
                return value.astimezone(IST).isoformat()
            case _:
                return self.text(str(value))


class DayLog:
    """Where lines go: a file, and a console if there is one. Close it.

    Attributes:
        lost: Lines that the file did not take: a full disk.
    """

    def __init__(self, file: TextIO, console: TextIO | None) -> None:
        self._file = file
        self._console = console
        self._bridge: logging.Handler | None = None
        self.lost = 0

    def write(self, machine: str, human: str | None) -> None:
        """Write one event to the file and, unless it is ``None``, to the console."""
        try:
            self._file.write(machine + "\n")
        except (OSError, ValueError):
            self.lost += 1
        if self._console is not None and human is not None:
            with suppress(OSError, ValueError):  # the other end of a pipe has gone
                print(human, file=self._console, flush=True)

    debug = info = warning = error = critical = write

    def bridge(self) -> None:
        """Take the warnings of libraries that use the standard library's logging, too."""
        self._bridge = _Bridge(logging.WARNING)
        logging.getLogger().addHandler(self._bridge)

    def close(self) -> None:
        """Close the file; what is logged later goes to the console only."""
        if self._bridge is not None:
            logging.getLogger().removeHandler(self._bridge)
        with suppress(OSError):  # what a full disk did not take has been counted
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Bridge(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING,
            "library.warned",
            library=record.name,
            text=record.getMessage(),
            exc_info=record.exc_info,
        )


def open_log(
    path: Path,
    *,
    now: Callable[[], datetime],
    secrets: Iterable[str],
    console: TextIO | None,
    console_level: str = "info",
) -> DayLog:
    """Send every structlog event of this process to *path* and *console*, and prove that it works.

    Args:
        path: The day's log; appended to, its folder is made.
        now: The market's time, which stamps the lines.
        secrets: Texts that must never appear.
        console: Usually standard error; ``None`` for no console.
        console_level: The least level shown there.

    Raises:
        ConfigError: A line written to *path* cannot be read back.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat().st_size if path.exists() else 0
        # a line is the system's to write when it ends: a crash of ours loses none
        file = path.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    log = DayLog(file, console)
    _configure(log, now, Redaction(secrets), console_level)
    log.bridge()
    structlog.get_logger().debug(_OPENED, path=str(path))
    if not _holds(path, before, _OPENED):
        log.close()
        raise _unusable(path, "a line written to it cannot be read back")
    return log


def _holds(path: Path, start: int, text: str) -> bool:
    with path.open("rb") as file:
        file.seek(start)
        return text.encode() in file.read(_ONE_LINE)


def _configure(
    log: DayLog, now: Callable[[], datetime], redact: Redaction, console_level: str
) -> None:
    shown = logging.getLevelNamesMapping()[console_level.upper()]

    def render(
        _: WrappedLogger, method: str, event: EventDict
    ) -> tuple[tuple[str, str | None], dict[str, object]]:
        level = "error" if method == "exception" else method
        fields = {"at": now(), "level": level, "event": event.pop("event"), **event}
        clean = {name: redact(value) for name, value in fields.items()}
        visible = logging.getLevelNamesMapping()[level.upper()] >= shown
        return (json.dumps(clean), _console_line(clean) if visible else None), {}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=lambda *_: log,
        cache_logger_on_first_use=False,
    )


def _console_line(fields: Mapping[str, object]) -> str:
    rest = {n: v for n, v in fields.items() if n not in {"at", "level", "event", "exception"}}
    clock = str(fields["at"])[11:19]
    words = [f"{clock} {fields['level']:<8}{fields['event']}"]
    words += [f"{name}={_console_value(value)}" for name, value in rest.items()]
    line = " ".join(words)
    if "exception" in fields:
        line += f"\n{fields['exception']}"
    # Windows consoles speak cp1252 or less
    return line.replace("\u20b9", "Rs").encode("ascii", "backslashreplace").decode()


def _console_value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if text and _BARE.issuperset(text) else json.dumps(text, ensure_ascii=False)


def _spellings(secret: str) -> tuple[str, ...]:
    return (
        secret,
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
    )


def _unusable(path: Path, why: str | None) -> ConfigError:
    return ConfigError(f"{path}: the log cannot be written ({why}); choose another state_dir")
