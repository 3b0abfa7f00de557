"""What the runtime needs from the outside. Adapters fulfil these; nothing here does I/O."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from swingbreak.alerts.delivery import Delivery
from swingbreak.domain.account import AccountBooks
from swingbreak.domain.commands import Outgoing
from swingbreak.domain.events import Event
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.records import Record
from swingbreak.domain.session import Session
from swingbreak.engine.told import LookAwaited

__all__ = [
    "Account",
    "Broker",
    "Clock",
    "DayTape",
    "EventTape",
    "Feed",
    "Funds",
    "History",
    "Ledger",
    "Notifier",
    "Record",
]


class Clock(Protocol):
    """The market's time: the wall clock live, the feed's own time in a simulation."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""


class Notifier(Protocol):
    """Takes messages to a person; what a service does is an answer and never an error."""

    @property
    def name(self) -> str:
        """What files and logs call the receiver; it tells nothing of who that is."""

    async def send(self, text: str) -> Delivery:
        """Send *text* once and say what came of it."""


class Broker(Protocol):
    """Carries out order commands. What became of them comes back as order events."""

    @property
    def needs_poll(self) -> bool:
        """Whether something is open that only the books can settle."""

    @property
    def needs_look(self) -> bool:
        """Whether something was heard that only a look at the account can explain."""

    async def execute(self, command: Outgoing) -> None:
        """Send one command; return when its outcome, if only "unknown", has been emitted."""

    async def poll(self) -> None:
        """Read the gateway's books and emit whatever they know that the stream did not say."""

    async def look(self) -> AccountBooks:
        """Read all the books, emit what they say of our orders, and return what they show."""

    async def positions(self) -> Mapping[str, int]:
        """Return the signed units the gateway holds by symbol, flat ones left out.

        Raises:
            BrokerError: The gateway could not say; that is not the same as flat.
        """


@dataclass(frozen=True, slots=True)
class Funds:
    """The broker's own count of money.

    Attributes:
        free: What may be blocked still, paise.
        used: What is blocked, paise.
    """

    free: Paise
    used: Paise


class Account(Protocol):
    """Asks the broker about money."""

    async def margin(self, intent: OrderIntent, units: int) -> Paise:
        """Return what *units* of *intent* would block if they were all there is, paise.

        Raises:
            BrokerError: The gateway could not say.
            DataError: It said something that cannot be right.
        """

    async def funds(self) -> Funds:
        """Return what is free and what is blocked; raises as :meth:`margin` does."""


class Feed(Protocol):
    """Brings ticks; may be connected and mute."""

    async def reconnect(self, reason: str) -> None:
        """Drop the connection and make a new one."""

    async def follow(self, symbols: AbstractSet[str]) -> None:
        """Bring ticks of the options named *symbols*, and of no other option any more."""


class History(Protocol):
    """Reads the market where no feed brings it: the day so far, and what is quoted now."""

    async def bars(self, symbol: str) -> tuple[Bar, ...]:
        """Return today's bars, oldest first; the last one may still be forming.

        Raises:
            BrokerError: The gateway could not say; an empty tuple means "no trade today".
        """

    async def quotes(self, symbols: Collection[str], asked: datetime) -> tuple[Tick, ...]:
        """Return what those of *symbols* that are quoted last traded and are offered at.

        Quotes carry no time: the ticks have that of asking.

        Raises:
            BrokerError: The gateway could not say.
            DataError: It said something that cannot be right.
        """


class Ledger(Protocol):
    """The durable memory of the day. One writer."""

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        """Keep *records*; when this returns they survive a power cut.

        Raises:
            LedgerError: They are not safe; the commands among them must not be sent.
        """

    def records(self, day: date) -> Iterator[tuple[datetime, Record]]:
        """Yield what was kept on *day*, oldest first."""


class EventTape(Protocol):
    """Keeps what the engine is told, for a replay; the day itself never needs it."""

    def hear(self, told: Event | LookAwaited) -> None:
        """Keep *told*, in its order; what cannot be kept never stops the day."""

    def settle(self) -> None:
        """Hand what was heard to the operating system: what came of it is about to be durable."""


class DayTape(Protocol):
    """One day of market data, generated or recorded: what the simulated exchange trades on.

    Attributes:
        label: What it is, for every output: ``synthetic NIFTY seed 7``.
        synthetic: Whether it was made up.
        session: Its trading session.
        underlying: ``NIFTY``.
        spot_symbol: OpenAlgo's symbol of the index, ``NIFTY`` on ``NSE_INDEX``.
        contracts: Its options, by expiry, strike, right.
        cadence_s: Longest ordinary silence of the whole tape, seconds.
    """

    label: str
    synthetic: bool
    session: Session
    underlying: str
    spot_symbol: str
    contracts: tuple[OptionContract, ...]
    cadence_s: int

    def previous_close(self, symbol: str) -> int:
        """Return yesterday's close of *symbol*, paise; 0 where unknown."""

    def ticks(self) -> Iterator[Tick]:
        """Yield every tick of the day, options and spot, in order of time."""
