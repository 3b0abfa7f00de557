"""Market data values."""

from datetime import datetime
from typing import NamedTuple

from swingbreak.domain.money import Paise

__all__ = ["Bar", "Tick"]

# Named tuples, not dataclasses: a day has a million of these and they cost a quarter to make.


class Tick(NamedTuple):
    """One message of a feed about one instrument.

    Attributes:
        symbol: The instrument.
        at: Exchange time of the last trade where the feed gives one, else when it was received.
        price: Last traded price, paise.
        volume: Units traded since the open, cumulative; 0 where the feed does not say.
        bid: Best bid, paise; 0 where unknown.
        ask: Best offer, paise; 0 where unknown.
        bid_size: Units displayed at the bid.
        ask_size: Units displayed at the offer.
    """

    symbol: str
    at: datetime
    price: Paise
    volume: int = 0
    bid: Paise = 0
    ask: Paise = 0
    bid_size: int = 0
    ask_size: int = 0


class Bar(NamedTuple):
    """One minute of one instrument in which it traded.

    Attributes:
        minute: Minutes since the open; 0 is 09:15.
        open: First traded price, paise; ``high``, ``low`` and ``close`` likewise.
        volume: Units traded in the minute.
        ticks: Messages that made it; 0 for a bar that came from history.
    """

    minute: int
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    volume: int
    ticks: int = 0
