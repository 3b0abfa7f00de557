"""How many alerts become messages, and when: repeats are counted, a flood is summed up.

Rules of this file:

1. Every alert is in a message that went out, or counted in one, or counted in what waits.
2. What is graver than what was last said of a subject is never held for being a repeat.
3. Time comes from the caller. A clock that goes back refills nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from swingbreak.alerts.alert import Alert, Severity, short

__all__ = ["Message", "Pace", "Thread"]

# Telegram takes about one message a second to a chat and 20 a minute to a group (core.telegram.org/
# bots/faq, read 2026-11-29).
_MOST_TOKENS: Final = 10.0
_TOKENS_PER_S: Final = 20 / 60
_FOR_CRITICAL: Final = 3.0  # which no other may use
_MOST_AT_ONCE: Final = 5  # what is more is one digest
_DIGEST_LINES: Final = 18
_DIGEST_WIDTH: Final = 210  # so many such lines fit into one message
_WIDTH: Final = 1000

_LONGEST_S: Final = 3600


class _Quiet(NamedTuple):
    """How long repeats are held, and how many that say something else pass meanwhile."""

    seconds: int
    passes: int


_USUAL: Final = _Quiet(300, 3)
_QUIET: Final = {
    # parts of one fill: the last one tells it all
    "entry.filled": _Quiet(5, 1),
    "exit.filled": _Quiet(5, 1),
    "stop.rests": _Quiet(5, 1),
    "stop.moved": _Quiet(60, 1),
    "trade.closed": _Quiet(5, 3),
    "watchdog.says": _Quiet(300, 10),
    "telegram.stranger": _Quiet(3600, 1),
}


class Message(NamedTuple):
    """What is to be sent.

    Attributes:
        alerts: How many alerts it stands for.
    """

    text: str
    alerts: int


@dataclass(slots=True)
class Thread:
    """What was said of one subject, and what waits.

    Attributes:
        until: When what was said is no longer news.
        quiet_s: How long that is.
        passed: Messages since.
        said: The text of the last of them.
        severity: Of the gravest of them.
        waiting: The last alert that was not sent.
        count: How many it stands for.
        worst: The gravest among those.
    """

    until: datetime
    quiet_s: int
    passed: int = 0
    said: str = ""
    severity: Severity = Severity.INFO
    waiting: Alert | None = None
    count: int = 0
    worst: Severity = Severity.INFO

    def is_due(self, now: datetime) -> bool:
        """Whether what waits may be said."""
        if self.waiting is None:
            return False
        if not self.passed or now >= self.until or self.worst > self.severity:
            return True
        return self.waiting.text != self.said and self.passed < _quiet(self.waiting).passes

    def say(self, now: datetime, longest: int = _WIDTH) -> Message:
        """Return what waits, in at most *longest* characters; it has been said."""
        if self.waiting is None:
            raise AssertionError("nothing waits")
        if now >= self.until:
            again = self.passed > 0  # it went on all the time
            self.quiet_s = min(2 * self.quiet_s, _LONGEST_S) if again else self.quiet_s
            self.until, self.passed = now + timedelta(seconds=self.quiet_s), 0
            self.severity = Severity.INFO
        line, count = self.waiting.line, self.count
        self.said, self.passed = self.waiting.text, self.passed + 1
        self.severity = max(self.severity, self.worst)
        self.waiting, self.count, self.worst = None, 0, Severity.INFO
        times = f" (x{count})" if count > 1 else ""
        return Message(f"{short(line, longest - len(times))}{times}", count)


@dataclass(slots=True)
class Pace:
    """Decides which alerts are said now.

    Attributes:
        threads: By key of the alert.
        tokens: How many messages may go at once.
        refilled: When they were counted.
    """

    threads: dict[str, Thread] = field(default_factory=dict)
    tokens: float = _MOST_TOKENS
    refilled: datetime | None = None

    @property
    def waiting(self) -> int:
        """How many alerts have not been said."""
        return sum(thread.count for thread in self.threads.values())

    def offer(self, alert: Alert, now: datetime) -> None:
        """Take *alert*; :meth:`release` says when it is said."""
        thread = self.threads.get(alert.key)
        if thread is None:
            thread = self.threads[alert.key] = Thread(now, _quiet(alert).seconds)
        thread.waiting = alert
        thread.count += 1
        thread.worst = max(thread.worst, alert.severity)

    def release(self, now: datetime) -> tuple[Message, ...]:
        """Return what is to be sent at *now*, the gravest first."""
        self._refill(now)
        self._forget(now)
        due = [thread for thread in self.threads.values() if thread.is_due(now)]
        grave = [thread for thread in due if thread.worst is Severity.CRITICAL]
        others = [thread for thread in due if thread.worst is not Severity.CRITICAL]
        room = int(self.tokens)
        messages = [self._single(thread, now) for thread in grave[:room]]
        messages += self._rest(grave[room:] + others, now)
        return tuple(messages)

    def _rest(self, due: list[Thread], now: datetime) -> Iterable[Message]:
        room = int(self.tokens - _FOR_CRITICAL)
        if room < 1 or not due:
            return []
        due.sort(key=_order)
        if len(due) <= min(room, _MOST_AT_ONCE):
            return [self._single(thread, now) for thread in due]
        return [self._digest(due[:_DIGEST_LINES], now)]

    def _single(self, thread: Thread, now: datetime) -> Message:
        self.tokens -= 1
        return thread.say(now)

    def _digest(self, due: list[Thread], now: datetime) -> Message:
        self.tokens -= 1
        said = [thread.say(now, _DIGEST_WIDTH) for thread in due]
        count = sum(message.alerts for message in said)
        lines = [message.text for message in said]
        return Message("\n".join([f"{count} alerts together:", *lines]), count)

    def _refill(self, now: datetime) -> None:
        passed = (now - self.refilled).total_seconds() if self.refilled else 0.0
        self.tokens = min(_MOST_TOKENS, self.tokens + max(passed, 0.0) * _TOKENS_PER_S)
        self.refilled = now

    def _forget(self, now: datetime) -> None:
        old = [k for k, thread in self.threads.items() if not thread.count and now >= thread.until]
        for key in old:
            del self.threads[key]


def _quiet(alert: Alert) -> _Quiet:
    return _QUIET.get(alert.kind, _USUAL)


def _order(thread: Thread) -> tuple[int, str]:
    at = thread.waiting.at.isoformat() if thread.waiting else ""
    return -thread.worst, at
