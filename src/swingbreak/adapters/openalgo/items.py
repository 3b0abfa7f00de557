"""What the feed hands over, in the order it happened."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.domain.events import TickReceived

__all__ = ["FeedItem", "FeedLost", "FeedRestored", "Marked"]


@dataclass(frozen=True, slots=True)
class Marked:
    """The gateway asks whether everything before this has been acted upon.

    Attributes:
        at: Its market time; ``None`` from a real gateway, which only asks whether we live.
        payload: What the gateway wrote into the ping.
        pong: Answers yes; awaiting it again, or after the connection has gone, does nothing.
    """

    at: datetime | None
    payload: bytes
    pong: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FeedLost:
    """The connection has gone, or could not be made; the feed tries again by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class FeedRestored:
    """Connected, logged in and subscribed, also for the first time: read what was missed.

    Attributes:
        missing: Why symbols that were wanted were refused.
        order_updates: Whether the gateway streams order updates; if not, poll the books.
    """

    missing: Mapping[str, str]
    order_updates: bool


FeedItem: TypeAlias = TickReceived | OrderUpdate | Marked | FeedLost | FeedRestored
