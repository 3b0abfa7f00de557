"""What an engine was told on a day, process by process: the items of an event tape.

With the ledger's records these are all that the day's decisions came from.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak.domain.events import Event
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.facts.charges import ChargeRates
from swingbreak.market.window import Window

__all__ = ["DayTerms", "LookAwaited", "ProcessBegan", "ProcessEnded", "RowsKept", "Told"]


@dataclass(frozen=True, slots=True)
class DayTerms:
    """What a day is decided by besides what happens on it.

    Attributes:
        session: Hours.
        contracts: The options that are followed, or may be in the course of the day.
        parameters: Settings of strategy and risk.
        rates: What trading costs.
        window: Where the strikes that are followed begin; ``None`` where all of them are.
    """

    session: Session
    contracts: tuple[OptionContract, ...]
    parameters: Parameters
    rates: ChargeRates
    window: Window | None = None

    def engine(self) -> Engine:
        """Return an engine at the start of the day."""
        charge, window = self.rates.charge, self.window
        return Engine(self.session, self.contracts, self.parameters, charge, window=window)


@dataclass(frozen=True, slots=True)
class ProcessBegan:
    """A process takes up the day where the ledger ends.

    Attributes:
        at: When, market time.
        version: Of swingbreak.
        label: Where the market data came from.
        terms: What it decides by.
        records: How many records of the day the ledger had.
        lost: Bytes at the end of the tape that were no whole item and were cut off.
    """

    at: datetime
    version: str
    label: str
    terms: DayTerms
    records: int
    lost: int = 0


@dataclass(frozen=True, slots=True)
class LookAwaited:
    """From now on nothing is entered until the account has been looked at."""

    at: datetime


@dataclass(frozen=True, slots=True)
class RowsKept:
    """The ledger's last row, and its link, before what follows."""

    seq: int
    link: str


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """The process ended with manners: nothing that it was told is missing."""

    at: datetime


Told: TypeAlias = ProcessBegan | LookAwaited | Event | RowsKept | ProcessEnded
