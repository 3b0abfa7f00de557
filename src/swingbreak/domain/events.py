"""What happened. Facts, in the past tense, never changed once made.

``at`` is when this process learned of the fact; it is the only clock the core knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak.domain.account import Discrepancy
from swingbreak.domain.control import Control
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise

__all__ = [
    "AccountSeen",
    "ControlGiven",
    "Event",
    "HistoryLoaded",
    "MarketEvent",
    "MinuteClosed",
    "OrderAccepted",
    "OrderCancelRefused",
    "OrderCanceled",
    "OrderEvent",
    "OrderFilled",
    "OrderPriced",
    "OrderRejected",
    "OrderReplaceRefused",
    "OrderReplaced",
    "OrderUnconfirmed",
    "SymbolsHeld",
    "TickReceived",
    "TimerFired",
    "WindowMoved",
]


@dataclass(frozen=True, slots=True)
class TickReceived:
    """The feed delivered a tick of a symbol that the engine watches."""

    at: datetime
    tick: Tick


@dataclass(frozen=True, slots=True)
class MinuteClosed:
    """A minute is over for every symbol at once: the unit of market work.

    Attributes:
        minute: Minutes since the open. Slices come in order; a minute may be missing only if
            no symbol traded in it.
        bars: The minute's bar of each symbol that traded in it.
        forming: What has already been seen of the next minute, of each symbol that traded.
    """

    at: datetime
    minute: int
    bars: Mapping[str, Bar]
    forming: Mapping[str, Bar]


@dataclass(frozen=True, slots=True)
class HistoryLoaded:
    """The day so far was read from history: these symbols' market state starts afresh from it.

    Attributes:
        bars: Closed bars, oldest first, of each symbol the history covers; an empty tuple says
            that it has not traded today.
    """

    at: datetime
    bars: Mapping[str, tuple[Bar, ...]]


@dataclass(frozen=True, slots=True)
class SymbolsHeld:
    """These symbols may not be entered, and why; a symbol not named is free. Replaces the last.

    Attributes:
        reasons: Reason by symbol: ``stale``, ``incomplete``, ``feed_stale``,
            ``no_tick``, ``leaving``.
    """

    at: datetime
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A second passed."""

    at: datetime


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The gateway took the order."""

    at: datetime
    order_id: str
    broker_order_id: str


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The gateway, the broker or the exchange refused the order; none of it is working.

    Attributes:
        sent: False when the order certainly never left us: it may simply be sent again.
        proof: False when nobody has refused it: the books do not show it, and it may turn up yet.
    """

    at: datetime
    order_id: str
    reason: str
    sent: bool = True
    proof: bool = True


@dataclass(frozen=True, slots=True)
class OrderUnconfirmed:
    """The submit was sent and no answer settles it: it may be working."""

    at: datetime
    order_id: str


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """Part or all of the order traded.

    Attributes:
        fill_id: Unique; the same fill seen twice carries the same one.
        quantity: Units of this fill.
        value: What they traded for in all, paise; price is ``value / quantity``.
    """

    at: datetime
    order_id: str
    fill_id: str
    quantity: int
    value: Paise


@dataclass(frozen=True, slots=True)
class OrderPriced:
    """The trade book gave the exact worth of what has filled, where fills only gave an average.

    Attributes:
        filled: Units the value covers; ignored unless these are all that have filled.
        value: What they traded for in all, paise.
    """

    at: datetime
    order_id: str
    filled: int
    value: Paise


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """The order is no longer working. ``reason`` is empty when we asked for it."""

    at: datetime
    order_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderCancelRefused:
    """The cancel failed; as far as is known the order is working still.

    Attributes:
        sent: False when the request certainly never left us.
    """

    at: datetime
    order_id: str
    reason: str
    sent: bool = True


@dataclass(frozen=True, slots=True)
class OrderReplaced:
    """The order now works with its new terms."""

    at: datetime
    order_id: str


@dataclass(frozen=True, slots=True)
class OrderReplaceRefused:
    """The change failed or was ignored; the order works with its old terms.

    Attributes:
        sent: False when the change certainly never left us: it may simply be sent again.
    """

    at: datetime
    order_id: str
    reason: str
    sent: bool = True


@dataclass(frozen=True, slots=True)
class ControlGiven:
    """A person told the day what to do. ``reason`` is theirs."""

    at: datetime
    control: Control
    reason: str


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """The account was looked at.

    Attributes:
        discrepancies: All that we believe now; empty when its books and ours agree.
        unread: Why it has not been possible to look for long; empty where it was.
    """

    at: datetime
    discrepancies: tuple[Discrepancy, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class WindowMoved:
    """The strikes that may be entered are those around another centre from now on.

    Attributes:
        centre: Its strike, paise; the first time it may be where it was.
    """

    at: datetime
    centre: Paise


OrderEvent: TypeAlias = (
    OrderAccepted
    | OrderRejected
    | OrderUnconfirmed
    | OrderFilled
    | OrderPriced
    | OrderCanceled
    | OrderCancelRefused
    | OrderReplaced
    | OrderReplaceRefused
)

MarketEvent: TypeAlias = TickReceived | MinuteClosed | HistoryLoaded | SymbolsHeld | TimerFired
Event: TypeAlias = MarketEvent | OrderEvent | ControlGiven | AccountSeen | WindowMoved
