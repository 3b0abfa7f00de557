"""One step of the engine, made durable before anything leaves the process."""

from datetime import datetime
from typing import Protocol

from swingbreak.domain.commands import (
    CancelOrder,
    CancelStray,
    Command,
    Outgoing,
    Tell,
)
from swingbreak.domain.events import Event, MarketEvent, OrderEvent
from swingbreak.domain.orders import Purpose
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import LookAwaited
from swingbreak.ports import EventTape, Ledger

__all__ = ["Onlooker", "Trader"]


class Onlooker(Protocol):
    """Sees every step after it is durable; nothing depends on what it makes of it."""

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Look at one step of the engine."""


class _NoTape:
    def hear(self, told: Event | LookAwaited) -> None:
        pass

    def settle(self) -> None:
        pass


class Trader:
    """The engine with its memory.

    Args:
        tape: Told everything that the engine is told, before what came of it is durable: a replay
            may lack the end of what happened, never the reason for something that did.

    Attributes:
        engine: Decides.
        onlooker: Sees every step.
    """

    def __init__(
        self, engine: Engine, ledger: Ledger, onlooker: Onlooker, tape: EventTape | None = None
    ) -> None:
        self.engine = engine
        self._ledger = ledger
        self.onlooker = onlooker
        self._tape = tape or _NoTape()

    def await_look(self, at: datetime) -> None:
        """Let the engine enter nothing before the account has been looked at; *at* is now."""
        self._tape.hear(LookAwaited(at))
        self.engine.await_look(at)

    def act(self, event: Event) -> list[Outgoing]:
        """Take one event; return the order commands to send, durable together with their cause.

        Raises:
            LedgerError: Nothing of this is safe; nothing of it may be sent.
            InvalidTransition: The gateway reported something impossible.
            Livelock: The engine keeps changing its mind.
        """
        self._tape.hear(event)
        commands = self.engine.step(event)
        if commands or not isinstance(event, MarketEvent):
            self._keep(event, commands)
        self.onlooker.saw(event.at, event, commands)
        return [command for command in commands if isinstance(command, Outgoing)]

    def _keep(self, event: Event, commands: list[Command]) -> None:
        kept: list[Record] = [event] if isinstance(event, OrderEvent) else []
        kept.extend(command for command in commands if not isinstance(command, Tell))
        if kept:
            self._tape.settle()
            self._ledger.append(event.at, kept)

    def closes(self, command: Outgoing) -> bool:
        """Whether *command* is urgent: it closes a position, or takes an order from the market."""
        if isinstance(command, CancelStray | CancelOrder):
            return True
        order = self.engine.state.book.orders[command.order_id]
        return order.intent.slot.purpose is Purpose.CLOSE
