"""What the exchange keeps per symbol: the market as it last was, and our orders at work in it.

Reference price of the price protection: the simple average of the trades of a 30-second window,
fixed when the window ends and kept while nothing trades; the last price before the first window
of trades has ended. Source: NSE/FAOP/54242, 28 October 2022. The exchange's theoretical price, for
the open and after 15 minutes without a trade, is not modelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.simulation.liquidity import UNBOUNDED, Liquidity

__all__ = ["REFERENCE_WINDOW", "Desk", "Windows", "is_trade"]

REFERENCE_WINDOW = timedelta(seconds=30)


@dataclass(slots=True)
class Desk:
    """One symbol at the exchange.

    Attributes:
        lot: Units that change hands together: what is traded by less goes to others.
        last: The latest tick.
        prints: Prices of this window's trades.
        average: Average price of the last window that had trades; 0 before there is one.
        orders: Ids of the live orders that have arrived, oldest first.
        liquidity: What the latest tick offers, once an order has asked.
    """

    lot: int = 1
    last: Tick | None = None
    prints: list[Paise] = field(default_factory=list)
    average: Paise = 0
    orders: list[str] = field(default_factory=list)
    liquidity: Liquidity | None = None

    @property
    def price(self) -> Paise:
        """The last traded price; 0 where nothing has traded."""
        return self.last.price if self.last else 0

    @property
    def reference(self) -> Paise:
        """The reference price; 0 where nothing has traded."""
        return self.average or self.price

    def offer(self) -> Liquidity | None:
        """Return what an order that comes now may take."""
        if self.last and (self.liquidity is None or self.liquidity.tick is not self.last):
            self.liquidity = Liquidity(self.last)
        return self.liquidity

    def renew(self, before: Tick | None, tick: Tick) -> Liquidity:
        """Return what *tick*, the latest, offers to orders that rested since *before*."""
        self.liquidity = Liquidity(tick, _traded(tick, before) // self.lot * self.lot)
        return self.liquidity

    def recall(self, ticks: Sequence[Tick], starts: datetime) -> None:
        """Know the market from its recent *ticks*, oldest first, as if they had been followed.

        Args:
            ticks: From the last window with trades before the current one on; one more before
                them tells whether the first of these was a trade.
            starts: When the current window starts.
        """
        self.prints = []
        earlier: list[Paise] = []
        ago = 0
        for before, tick in pairwise((None, *ticks)):
            if tick is None or not is_trade(tick, before):
                continue
            if tick.at >= starts:
                self.prints.append(tick.price)
                continue
            windows_ago = -((tick.at - starts) // REFERENCE_WINDOW)
            earlier = [*(earlier if windows_ago == ago else []), tick.price]
            ago = windows_ago
        self.last = ticks[-1]
        if earlier:
            self.average = sum(earlier) // len(earlier)

    def end_window(self) -> None:
        """Fix the reference price from the trades of the window that ends; there are some."""
        self.average = sum(self.prints) // len(self.prints)
        self.prints.clear()


class Windows:
    """The clock of the reference prices' windows, one for all symbols.

    Attributes:
        ends: When the current window ends.
    """

    def __init__(self, opens: datetime, desks: Mapping[str, Desk]) -> None:
        """Count windows from *opens*."""
        self.ends = opens
        self._desks = desks

    def pass_time(self, at: datetime) -> None:
        """End the window if *at* is past it."""
        if at >= self.ends:
            for desk in self._desks.values():
                if desk.prints:
                    desk.end_window()
            self.ends += ((at - self.ends) // REFERENCE_WINDOW + 1) * REFERENCE_WINDOW


def is_trade(tick: Tick, before: Tick | None) -> bool:
    """Whether *tick* tells of a trade; *before* is the symbol's last one.

    A feed without volumes cannot tell a trade from a quote: every message counts.
    """
    return before is None or tick.volume != before.volume or not tick.volume


def _traded(tick: Tick, before: Tick | None) -> int:
    if not tick.volume:
        return UNBOUNDED
    return max(0, tick.volume - before.volume) if before else tick.volume
