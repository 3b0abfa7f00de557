"""What the live loop is handed, besides order events."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak.domain.account import AccountBooks
from swingbreak.domain.control import Control
from swingbreak.domain.market import Bar, Tick

__all__ = [
    "AccountRead",
    "Acted",
    "Beat",
    "BooksRead",
    "FeedBack",
    "FeedGone",
    "HistoryRead",
    "Item",
    "Leave",
    "Marked",
    "OrderTold",
    "Pulse",
    "QuotesRead",
    "TickIn",
    "Word",
]


@dataclass(frozen=True, slots=True)
class TickIn:
    """A tick, and when the feed sent it."""

    at: datetime
    tick: Tick


@dataclass(frozen=True, slots=True)
class Marked:
    """The gateway asks whether everything so far has been acted upon.

    Attributes:
        at: Market time, where the gateway says it.
        steps: Whether market time waits for the answer.
        pong: Gives it.
    """

    at: datetime | None
    steps: bool
    pong: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class OrderTold:
    """The order stream said something; ``learn`` lets the broker make order events of it."""

    learn: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Beat:
    """Time has passed, or something in flight has settled."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Asks for a sign of life, which whoever reads the inbox gives; nothing else happens."""

    felt: Callable[[], None]


@dataclass(frozen=True, slots=True)
class FeedGone:
    """The feed is lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class FeedBack:
    """The feed is there (again): authenticated and subscribed.

    Attributes:
        tells_orders: Whether it tells what becomes of orders, too.
    """

    tells_orders: bool


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """The day so far, of the symbols that could be read."""

    bars: Mapping[str, tuple[Bar, ...]]


@dataclass(frozen=True, slots=True)
class QuotesRead:
    """What is quoted where no tick comes; each tick has the time of asking."""

    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class BooksRead:
    """What the gateway's position book holds: signed units by symbol, flat ones left out."""

    held: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AccountRead:
    """One look at the account."""

    books: AccountBooks


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody ends the process before the day is over: entries go, resting stops stay.

    Attributes:
        at_once: Whether not to wait for that.
    """

    at_once: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A person's word to the day.

    Attributes:
        control: What to do.
        reason: Why.
        answer: Takes when it was carried out, whether it was, and what to tell the person.
    """

    control: Control
    reason: str
    answer: Callable[[datetime, bool, str], None]


Acted: TypeAlias = (
    TickIn
    | OrderTold
    | Marked
    | Beat
    | FeedGone
    | FeedBack
    | HistoryRead
    | QuotesRead
    | BooksRead
    | AccountRead
    | Leave
    | Word
)
Item: TypeAlias = Acted | Pulse
