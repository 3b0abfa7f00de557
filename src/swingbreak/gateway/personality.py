"""How the server behaves where OpenAlgo's sandbox and an honest exchange differ."""

from dataclasses import dataclass

from swingbreak.domain.money import Paise
from swingbreak.simulation.cash import CAPITAL

__all__ = ["EXCHANGE", "PERSONALITIES", "SANDBOX", "Personality"]


@dataclass(frozen=True, slots=True)
class Personality:
    """One way to behave.

    Attributes:
        name: As the command line spells it.
        capital: Cash the day starts with, paise.
        spares_stops: Whether "cancel all" leaves orders that wait for a trigger.
        smart_at_market: Whether smart orders ignore their price type.
        shy_updates: Whether order updates tell less than the book: nothing pending, nothing
            filled when cancelled, the execution price as the price.
        takes_market: Whether MARKET and SL-M orders reach the venue as they are.
    """

    name: str
    capital: Paise
    spares_stops: bool
    smart_at_market: bool
    shy_updates: bool
    takes_market: bool


# An honest market behind OpenAlgo.
EXCHANGE = Personality(
    name="exchange",
    capital=CAPITAL,
    spares_stops=False,
    smart_at_market=False,
    shy_updates=False,
    takes_market=False,
)

# OpenAlgo's own paper trading, faults included. Source: OpenAlgo 2.0.2.1, measured 2026-11-22.
SANDBOX = Personality(
    name="sandbox",
    capital=1_00_00_000_00,
    spares_stops=True,
    smart_at_market=True,
    shy_updates=True,
    takes_market=True,
)

PERSONALITIES = {one.name: one for one in (EXCHANGE, SANDBOX)}
