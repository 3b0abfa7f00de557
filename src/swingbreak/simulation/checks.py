"""Why an order is not taken: what the broker sees at the door, what the exchange sees on arrival.

Each check returns the text of the refusal, empty where there is none. The rules and their sources
are numbered in ``exchange.py``. How far prices may be apart is a fact of the traded day; all else
is as in November 2026 whatever the day.
"""

from datetime import datetime

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Side
from swingbreak.domain.session import Session, ist_clock
from swingbreak.facts.order_rules import PriceRules
from swingbreak.simulation.liquidity import reached
from swingbreak.simulation.venue import NewOrder, PriceType, VenueOrder

__all__ = ["broker_refusal", "exchange_refusal", "price_protection", "size_refusal"]

_PRODUCTS = frozenset({"MIS", "NRML"})


def broker_refusal(  # noqa: PLR0913, PLR0917 - all that a broker looks at
    at: datetime,
    new: NewOrder,
    session: Session,
    contract: OptionContract | None,
    last: Paise,
    rules: PriceRules,
) -> str:
    """Return why the broker turns *new* away; *last* is the last price, 0 where unknown."""
    if contract is None:
        return f"Symbol {new.symbol} not found"
    return (
        _hours(at, session)
        or _kind(new)
        or _quantity(new.quantity, contract)
        or _prices(new, contract.tick)
        or _stop(new, last, rules)
    )


def exchange_refusal(  # noqa: PLR0913, PLR0917 - all that an exchange looks at
    at: datetime,
    new: NewOrder,
    session: Session,
    last: Paise,
    reference: Paise,
    rules: PriceRules,
) -> str:
    """Return why the exchange refuses *new* on arrival; prices are 0 where unknown."""
    return (
        _hours(at, session)
        or _trigger_side(new, last)
        or price_protection(new.price, reference, rules)
    )


def price_protection(limit: Paise, reference: Paise, rules: PriceRules) -> str:
    """Return why *limit* is too far from *reference*, which is 0 where unknown."""
    band = rules.protection
    if band is None or not reference or band.allows(limit, reference):
        return ""
    return (
        "The order was cancelled by the exchange because the price is outside the current allowed "
        f"limit price protection range: {rupees(limit)} against a reference of {rupees(reference)}"
    )


def size_refusal(order: VenueOrder, quantity: int) -> str:
    """Return why *order* cannot be changed to *quantity* units in all."""
    if quantity > order.filled:
        return ""
    return f"Quantity {quantity} should be more than the {order.filled} already traded"


def _hours(at: datetime, session: Session) -> str:
    if session.is_open(at):
        return ""
    opens, closes = ist_clock(session.opens)[:5], ist_clock(session.closes)[:5]
    return f"Markets are closed right now. Options trade from {opens} to {closes} IST"


def _kind(new: NewOrder) -> str:
    if new.product not in _PRODUCTS:
        return f"Product {new.product} is not allowed for options. Use MIS or NRML"
    if new.pricetype is PriceType.SL_M:
        return "16052 : Function not available. SL-M orders are blocked for index options, use SL"
    if new.pricetype is PriceType.MARKET:
        return "17182 : Market orders without market protection are not allowed, use LIMIT"
    return ""


def _quantity(quantity: int, contract: OptionContract) -> str:
    if quantity <= 0 or quantity % contract.lot:
        return f"Invalid quantity {quantity}. It should be a multiple of lot size {contract.lot}"
    if quantity > contract.freeze:
        return f"Quantity {quantity} exceeds the freeze quantity {contract.freeze}. Slice the order"
    return ""


def _prices(new: NewOrder, tick: Paise) -> str:
    prices = (new.price, new.trigger) if new.pricetype.is_stop else (new.price,)
    for price in prices:
        if price <= 0:
            return f"Price and trigger price of a {new.pricetype} order should be above 0"
        if price % tick:
            return f"Price {rupees(price)} is not a multiple of the tick size {rupees(tick)}"
    return ""


def _stop(new: NewOrder, last: Paise, rules: PriceRules) -> str:
    if not new.pricetype.is_stop:
        return ""
    if reached(new.side, new.trigger, new.price):
        return _gap(new, rules) or _trigger_side(new, last)
    word = "higher" if new.side is Side.BUY else "lesser"
    return f"Trigger price can't be {word} than price"


def _gap(new: NewOrder, rules: PriceRules) -> str:
    if rules.stop_gap is None or rules.stop_gap.allows(new.price, new.trigger):
        return ""
    return (
        "16448 : The difference between limit price and trigger price is beyond the permitted range"
    )


def _trigger_side(new: NewOrder, last: Paise) -> str:
    if not last or not new.pricetype.is_stop or not reached(new.side, new.trigger, last):
        return ""
    side, word = ("buy", "higher") if new.side is Side.BUY else ("sell", "lower")
    return (
        f"Trigger price for stoploss {side} orders should be {word} than the last traded price "
        f"({rupees(last)})"
    )
