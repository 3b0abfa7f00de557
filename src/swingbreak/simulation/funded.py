"""An account for a day of market data, and the exchange that asks it before it takes an order."""

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.risk.margin import MarginModel, MarginRates
from swingbreak.simulation.cash import CAPITAL, Cash, Market
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.venue import Books, NewOrder

__all__ = ["account_for", "funded_exchange", "yesterdays_volatility"]

_LEAST, _MOST = 0.08, 1.0
_UNKNOWN = 0.15  # a year, about the long-run mean of India VIX
_YEAR_DAYS = 365
# A straddle at the money is worth this share of forward x deviation. Source: Brenner and
# Subrahmanyam, "A simple formula to compute the implied standard deviation" (1988).
_STRADDLE = math.sqrt(2 / math.pi)


class Day(Protocol):
    """What is known of a day before it opens."""

    session: Session
    spot_symbol: str
    contracts: tuple[OptionContract, ...]

    def previous_close(self, symbol: str) -> Paise:
        """Return yesterday's close of *symbol*, paise; 0 where unknown."""


def account_for(  # noqa: PLR0913 - what an account hangs on, from several layers
    day: Day,
    books: Books,
    *,
    spot: Callable[[datetime], Paise],
    price: Callable[[str], Paise],
    rates: MarginRates | None = None,
    capital: Paise = CAPITAL,
) -> Cash:
    """Return the account of *books*.

    Args:
        day: The day that is traded.
        books: What has been traded and rests.
        spot: Gives the index at an instant, paise.
        price: Gives an option's last price, paise.
        rates: Of the margin; the newest by default.
        capital: What the day starts with, paise.
    """
    model = MarginModel(day.session.day, rates)
    market = Market(spot, price, yesterdays_volatility(day))
    return Cash(books, day.contracts, model, market, capital)


def funded_exchange(
    day: Day,
    spot: Callable[[datetime], Paise],
    rules: ExchangeRules | None = None,
    *,
    rates: MarginRates | None = None,
    capital: Paise = CAPITAL,
) -> tuple[Exchange, Cash]:
    """Return an exchange behind a broker who blocks margin, and the account there."""

    def margin(at: datetime, new: NewOrder) -> str:
        return cash.refusal(at, new)

    def price(symbol: str) -> Paise:
        return desks[symbol].price

    venue = Exchange(day.contracts, day.session, rules or ExchangeRules(), margin=margin)
    # the exchange asks the account: were it to ask back, only a collector could throw both away
    desks, books = venue.desks, venue.books
    cash = account_for(day, books, spot=spot, price=price, rates=rates, capital=capital)
    return venue, cash


def yesterdays_volatility(day: Day) -> float:
    """Return what yesterday's nearest straddle implied, a fraction a year.

    Within bounds, and a long-run mean where the closes are not known: the margin of options near
    their expiry depends little on it until it widens the scan range.
    """
    spot = day.previous_close(day.spot_symbol)
    first = min(day.contracts, key=lambda c: (c.expiry, abs(c.strike - spot)), default=None)
    if first is None or not spot:
        return _UNKNOWN
    pair = {c.right: c for c in day.contracts if _place(c) == _place(first)}
    closes = [day.previous_close(contract.symbol) for contract in pair.values()]
    if len(pair) < len(Right) or not all(closes):
        return _UNKNOWN
    # a close has a day more to run than this morning's price
    years = ((first.expiry - day.session.day).days + 1) / _YEAR_DAYS
    implied = sum(closes) / (_STRADDLE * spot * math.sqrt(years))
    return min(max(implied, _LEAST), _MOST)


def _place(contract: OptionContract) -> tuple[date, Paise]:
    return contract.expiry, contract.strike
