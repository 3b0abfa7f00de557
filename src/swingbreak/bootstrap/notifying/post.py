"""What has been read, paced and not yet delivered, kept on the disk at every step."""

import asyncio
from collections.abc import Sequence

import structlog

from swingbreak.adapters.notify_file import Memory, NotifyFile
from swingbreak.alerts.alert import Alert, Severity
from swingbreak.alerts.delivery import Outcome, pause_s
from swingbreak.domain.errors import DataError
from swingbreak.ports import Clock, Notifier

__all__ = ["Post"]

_FAILING = 3  # attempts in a row


class Post:
    """Alerts in, deliveries out.

    Args:
        file: Where everything is kept.
        memory: What is kept, as an earlier process left it.
        receivers: Who gets messages.
    """

    def __init__(
        self, file: NotifyFile, memory: Memory, receivers: Sequence[Notifier], clock: Clock
    ) -> None:
        self.memory = memory
        self._file = file
        self._receivers = {receiver.name: receiver for receiver in receivers}
        self._clock = clock
        self._news = {name: asyncio.Event() for name in self._receivers}
        self._log = structlog.get_logger()
        memory.undelivered.known(self._receivers)

    def take(self, alerts: Sequence[Alert]) -> None:
        """Pace *alerts*, put what is to be said among the undelivered, and keep all of it."""
        now = self._clock.now()
        for alert in alerts:
            self._log.info("alert.seen", kind=alert.kind, subject=alert.subject, text=alert.text)
            self.memory.pace.offer(alert, now)
        if self.memory.undelivered.room(self._receivers):
            for message in self.memory.pace.release(now):
                self.put(message.text, list(self._receivers))
        self.save()

    def put(self, text: str, receivers: Sequence[str]) -> None:
        """Have *text* delivered to *receivers*."""
        self.memory.undelivered.put(text, receivers)
        for name in receivers:
            self._news[name].set()

    def save(self) -> None:
        """Keep everything; what the disk does not take is kept at the next chance."""
        try:
            self._file.save(self.memory)
        except DataError as error:
            self._log.error("notify.not_kept", reason=str(error))

    async def deliver(self, name: str) -> None:
        """Deliver to the receiver *name* until cancelled."""
        failures = 0
        while True:
            if self.memory.undelivered.next_of(name) is None:
                self._news[name].clear()
                await self._news[name].wait()
            pause = await self._attempt(name, failures)
            failures = failures + 1 if pause else 0
            if pause:
                await asyncio.sleep(pause)

    async def _attempt(self, name: str, failures: int) -> float:
        """Send what is next; return how long to wait before the next attempt, 0 for no time."""
        waiting = self.memory.undelivered
        parcel = waiting.next_of(name)
        if parcel is None:
            return 0.0
        text = waiting.begin(parcel, name)
        self.save()
        delivery = await self._receivers[name].send(text)
        match delivery.outcome:
            case Outcome.DELIVERED:
                waiting.done(parcel, name)
            case Outcome.REFUSED:
                waiting.refused(parcel, name)
                self._log.error("message.refused", receiver=name, reason=delivery.why, text=text)
            case Outcome.NOT_SENT | Outcome.BARRED:
                waiting.not_sent(parcel, name)
            case Outcome.UNSURE:
                pass  # it stays tried: the next attempt says that it may be a repeat
        self.save()
        if delivery.outcome in {Outcome.DELIVERED, Outcome.REFUSED}:
            return 0.0
        self._log.warning("message.delayed", receiver=name, reason=delivery.why)
        if failures + 1 == _FAILING:
            why = f"{_FAILING} messages in a row have failed: {delivery.why}"
            at = self._clock.now()
            self.take([Alert(at, Severity.WARNING, "notify.failing", name, why)])
        return pause_s(failures + 1, delivery)
