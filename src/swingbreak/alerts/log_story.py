"""The log of a day, told as alerts: what the ledger does not keep.

Rules of this file:

1. Orders, positions and the day's end are told from the ledger, and from nowhere else.
2. What lasts, like a silent feed, is told when it begins and when it ends.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from swingbreak.alerts.alert import Alert, Severity

__all__ = ["LogStory", "alarm"]

_INFO, _WARNING, _CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
_OF_THE_LEDGER: Final = frozenset({"account.by_hand", "account.adopted"})
_AGREES: Final = frozenset({"account.agrees"})
_READ_AGAIN: Final = "can be read again"
_OF_WATCHDOG: Final = {"note": _INFO, "warning": _WARNING, "critical": _CRITICAL}
_CONNECTIONS: Final = {"feed": "connection", "standby": "standby"}
_WARNED: Final = frozenset({"facts.differ", "tape.incomplete"})


class LogStory:
    """What the lines of one day tell.

    Attributes:
        held: How many symbols may not be entered for now, by reason.
        refusals: What the risk gate last said, by slot.
    """

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self.refusals: dict[str, str] = {}
        self._is_silent = False
        self._lost: set[str] = set()  # connections
        self._stands_in = False  # a standby for the feed

    def hear(self, line: Mapping[str, Any], *, at_risk: bool) -> tuple[Alert, ...]:
        """Return what *line* tells; a feed that fails is graver while something is *at_risk*."""
        try:
            at = datetime.fromisoformat(str(line["at"]))
            event, level = str(line["event"]), str(line["level"])
        except (KeyError, ValueError):
            return ()  # no line of ours
        if event == "feed.turned":
            self._stands_in = line.get("subject") == "standby"
        return tuple(self._told(at, event, level, line, at_risk=at_risk))

    def _told(
        self, at: datetime, event: str, level: str, line: Mapping[str, Any], *, at_risk: bool
    ) -> Iterator[Alert]:
        text = _text(line)
        trouble = _CRITICAL if at_risk else _WARNING
        match event:
            case "log.opened":
                yield from self._began(at)
            case "symbols.held":
                yield from self._holds(at, line, trouble)
            case "feed.lost" | "standby.lost":
                subject = _CONNECTIONS[event.split(".", maxsplit=1)[0]]
                self._lost.add(subject)
                is_ours = event == "feed.lost" and not self._stands_in
                severity = trouble if is_ours else _WARNING
                yield Alert(at, severity, "feed", subject, f"lost: {text}")
            case "feed.restored" | "standby.restored":
                subject = _CONNECTIONS[event.split(".", maxsplit=1)[0]]
                if subject in self._lost:
                    yield Alert(at, _INFO, "feed", subject, "restored")
                self._lost.discard(subject)
            case "risk.refused":
                self.refusals[str(line.get("subject"))] = text
            case "stop.missing":
                yield Alert(at, _CRITICAL, event, str(line.get("subject")), text)
            case "control.given":
                said = f"{line.get('control')} by {line.get('by')}: {text or 'no reason given'}"
                yield Alert(at, _INFO, event, str(line.get("control")), said)
            case "day.given_up":
                yield Alert(at, _CRITICAL, event, "run", f"{line.get('error')}: {text}")
            case _:
                yield from _other(at, event, level, line)

    def _began(self, at: datetime) -> Iterator[Alert]:
        # a process begins with nothing held or lost
        self.held, self.refusals = {}, {}
        self._is_silent = False
        self._lost.clear()
        self._stands_in = False
        yield Alert(at, _INFO, "run.began", "run", "a process takes up the day")

    def _holds(self, at: datetime, line: Mapping[str, Any], trouble: Severity) -> Iterator[Alert]:
        self.held = {k: v for k, v in line.items() if isinstance(v, int)}
        is_silent = bool(self.held.get("feed_stale"))
        if is_silent and not self._is_silent:
            yield Alert(at, trouble, "feed", "ticks", "silent: nothing is entered, stops rest")
        elif self._is_silent and not is_silent:
            yield Alert(at, _INFO, "feed", "ticks", "ticks again")
        self._is_silent = is_silent


def alarm(line: Mapping[str, Any]) -> Iterator[Alert]:
    """Yield what the watchdog has said in *line*."""
    try:
        at = datetime.fromisoformat(str(line["at"]))
        severity = _OF_WATCHDOG[str(line["severity"])]
    except (KeyError, ValueError):
        return  # no line of its
    yield Alert(at, severity, "watchdog.says", "run", _text(line))


def _other(at: datetime, event: str, level: str, line: Mapping[str, Any]) -> Iterator[Alert]:
    text, subject = _text(line), str(line.get("subject", "run"))
    if event in _OF_THE_LEDGER:
        return
    if event.startswith("account."):
        is_well = event in _AGREES or text == _READ_AGAIN
        yield Alert(at, _INFO if is_well else _WARNING, event, subject, text)
    elif event == "feed.turned":
        yield Alert(at, _INFO if subject == "primary" else _WARNING, "feed", "lead", _led(line))
    elif level in {"error", "critical"} or event in _WARNED:
        yield Alert(at, _WARNING, event, subject, text)


def _led(line: Mapping[str, Any]) -> str:
    return f"the {line.get('subject')} is listened to: {_text(line)}"


def _text(line: Mapping[str, Any]) -> str:
    names = ("detail", "reason", "text", "line")
    return next((str(line[name]) for name in names if line.get(name)), "")
