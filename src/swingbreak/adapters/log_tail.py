"""The end of a day's log, for people to look at while it is being written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from swingbreak.adapters.log_lines import decoded

__all__ = ["LogLine", "tail"]

_MOST_BYTES: Final = 256 * 1024
_OWN: Final = frozenset({"at", "level", "event", "market_time", "exception"})
_TROUBLE: Final = frozenset({"warning", "error", "critical"})


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event of the log.

    Attributes:
        clock: Market time in India, ``09:31:05``.
        level: ``info``, ``warning``, ``error``.
        text: Its fields in words.
    """

    clock: str
    level: str
    event: str
    text: str

    @property
    def is_trouble(self) -> bool:
        """Whether it is a warning or worse."""
        return self.level in _TROUBLE


def tail(path: Path, most: int) -> tuple[LogLine, ...]:
    """Return the last *most* events of *path* but for those of level debug, oldest first.

    Looks at the end of the file only; there is nothing where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MOST_BYTES))
            whole, _, _ = file.read().rpartition(b"\n")
    except OSError:
        return ()
    found: list[LogLine] = []
    for line in reversed(whole.splitlines()):
        if len(found) == most:
            break
        found += (_line(fields) for fields in decoded(line) if _is_told(fields))
    return tuple(reversed(found))


def _is_told(fields: Mapping[str, Any]) -> bool:
    return "event" in fields and fields.get("level") != "debug"


def _line(fields: Mapping[str, Any]) -> LogLine:
    said = {name: value for name, value in fields.items() if name not in _OWN and value != ""}
    if said.keys() <= {"subject", "detail"}:
        text = " ".join(map(str, said.values()))
    else:
        text = " ".join(f"{name}={value}" for name, value in said.items())
    clock = str(fields.get("at", ""))[11:19]
    return LogLine(clock, str(fields.get("level", "")), str(fields["event"]), text)
