"""Builders for the venue tests, with defaults: a test states only what it is about."""

from datetime import date, datetime, time, timedelta

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import Side
from swingbreak.domain.session import Session
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.venue import NewOrder, PriceType, Venue, VenueOrder, VenueStatus

BUY, SELL = Side.BUY, Side.SELL
OPEN, PENDING = VenueStatus.OPEN, VenueStatus.TRIGGER_PENDING
COMPLETE, CANCELLED = VenueStatus.COMPLETE, VenueStatus.CANCELLED
REJECTED = VenueStatus.REJECTED

LOT = 65
CE = "NIFTY01DEC2624500CE"
PE = "NIFTY01DEC2624500PE"
SESSION = Session.on(date(2026, 11, 23), time(9, 15), time(15, 40))
START = SESSION.opens + timedelta(minutes=10)
PROMPT = ExchangeRules(latency_ms=(0, 0))


def contract(symbol: str = CE, **changes: int) -> OptionContract:
    values = {"lot": LOT, "freeze": 1800, "tick": 5} | changes
    return OptionContract(
        underlying="NIFTY",
        expiry=date(2026, 12, 1),
        strike=24500_00,
        right=Right(symbol[-2:]),
        exchange="NFO",
        symbol=symbol,
        **values,
    )


CONTRACTS = (contract(CE), contract(PE))


def at(seconds: float = 0.0) -> datetime:
    """An instant in continuous trading, *seconds* after the start of the test."""
    return START + timedelta(seconds=seconds)


def tick(seconds: float, price: int, symbol: str = CE, **quote: int) -> Tick:
    """A tick without quotes or volume unless given."""
    return Tick(symbol, at(seconds), price, **quote)


def quoted(seconds: float, price: int, bid: int, ask: int, size: int = 10 * LOT) -> Tick:
    """A tick with both sides displayed at one size."""
    return tick(seconds, price, bid=bid, ask=ask, bid_size=size, ask_size=size)


def limit(side: Side, price: int, quantity: int = LOT, symbol: str = CE) -> NewOrder:
    return NewOrder(symbol, side, quantity, PriceType.LIMIT, price, 0)


def stop(side: Side, trigger: int, price: int, quantity: int = LOT, symbol: str = CE) -> NewOrder:
    return NewOrder(symbol, side, quantity, PriceType.SL, price, trigger)


def prompt_exchange(*ticks: Tick) -> Exchange:
    """An exchange without latency that has seen *ticks*."""
    exchange = Exchange(CONTRACTS, SESSION, PROMPT)
    for one in ticks:
        exchange.on_tick(one)
    return exchange


def now(venue: Venue, orderid: str) -> VenueOrder:
    """The order as the book shows it."""
    order = venue.order(orderid)
    assert order is not None
    return order


def fills(venue: Venue) -> list[tuple[int, int]]:
    """Quantity and price of every trade, oldest first."""
    return [(trade.quantity, trade.price) for trade in venue.trades()]
