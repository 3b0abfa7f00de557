"""Why OpenAlgo's analyzer turns an order away. The texts are its own, read 2026-11-22.

Each check returns the text of the refusal, empty where there is none.
"""

from datetime import datetime, time

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import Side
from swingbreak.domain.session import IST
from swingbreak.simulation.venue import (
    NewOrder,
    PriceType,
    VenueOrder,
    VenuePosition,
)

__all__ = ["SQUARE_OFF", "lot_refusal", "place_refusal", "status_refusal", "terms_refusal"]

SQUARE_OFF = time(15, 15)
_MIS_RESUMES = time(9)


def place_refusal(
    at: datetime,
    new: NewOrder,
    contracts: dict[str, OptionContract],
    position: VenuePosition | None,
    *,
    quoted: bool,
) -> str:
    """Return why *new* is turned away; *position* is the row of its symbol and product."""
    contract = contracts.get(new.symbol)
    exchange = next((one.exchange for one in contracts.values()), "NFO")
    why = _product(new, exchange) or _quantity(new) or _prices(new)
    if why:
        return why
    if contract is None:
        return f"Symbol {new.symbol} not found on {exchange}"
    return (
        lot_refusal(new.quantity, contract)
        or _square_off(at, new, position)
        or _quote(new, quoted=quoted or position is not None)
    )


def status_refusal(order: VenueOrder | None, orderid: str, verb: str) -> str:
    """Return why *order* cannot be changed at all."""
    if order is None:
        return f"Order {orderid} not found"
    return "" if order.status.is_live else f"Cannot {verb} order in {order.status} status"


def _product(new: NewOrder, exchange: str) -> str:
    if new.product != "CNC":
        return ""
    return (
        f"CNC product not allowed for {exchange} derivatives segment. "
        "Use NRML for carryforward or MIS for intraday."
    )


def _quantity(new: NewOrder) -> str:
    return "" if new.quantity > 0 else "Quantity must be positive"


def _prices(new: NewOrder) -> str:
    kind = new.pricetype
    if kind in {PriceType.LIMIT, PriceType.SL} and new.price <= 0:
        return "Price must be positive" if new.price else f"{kind} orders require price"
    if kind.is_stop and new.trigger <= 0:
        text = f"{kind} orders require trigger_price"
        return "Trigger price must be positive" if new.trigger else text
    return ""


def lot_refusal(quantity: int, contract: OptionContract) -> str:
    """Return why *quantity* is not one of *contract*."""
    if quantity % contract.lot:
        return f"Quantity must be in multiples of lot size {contract.lot}"
    return ""


def _square_off(at: datetime, new: NewOrder, position: VenuePosition | None) -> str:
    clock = at.astimezone(IST).time()
    if new.product != "MIS" or _MIS_RESUMES <= clock < SQUARE_OFF:
        return ""
    held = position.quantity if position else 0
    if held < 0 if new.side is Side.BUY else held > 0:
        return ""
    return (
        f"MIS orders cannot be placed after square-off time ({SQUARE_OFF:%H:%M} IST). "
        f"Trading resumes at {_MIS_RESUMES:%H:%M} AM IST."
    )


def _quote(new: NewOrder, *, quoted: bool) -> str:
    if quoted or new.pricetype is not PriceType.MARKET:
        return ""
    return (
        f"Cannot place MARKET order for {new.symbol} - unable to fetch current price. "
        "Please try again later or use LIMIT order with a specific price."
    )


def terms_refusal(order: VenueOrder, *, price: int, trigger: int) -> str:
    """Return why *order*, judged by its own price type, does not take these terms."""
    if order.pricetype is PriceType.LIMIT and trigger:
        return "LIMIT orders do not accept a trigger_price"
    if order.pricetype is PriceType.SL_M and price:
        return "SL-M orders do not accept a price"
    return ""
