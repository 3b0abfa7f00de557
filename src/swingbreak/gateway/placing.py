"""From a request's words to an order at the venue.

An OpenAlgo adapter for a broker that takes neither MARKET nor SL-M on options sends a limit within
a band of the last price, or of the trigger, instead; the honest exchange is such a broker. The
sandbox takes both. Source: OpenAlgo 2.0.2.1 ``utils/mpp_slab``, read 2026-11-22.
"""

from dataclasses import replace

from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise, ceil_to_tick, floor_to_tick
from swingbreak.domain.orders import Side
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.envelope import refusal
from swingbreak.gateway.schema import (
    ORDER_EXCHANGE,
    Field,
    Fields,
    Invalid,
    Parse,
    choice,
    integer,
    number,
    text,
)
from swingbreak.simulation.venue import NewOrder, PriceType, VenueOrder

__all__ = ["LABEL", "TERMS", "banded", "paise_of", "place", "quantity", "slices"]

# Up to which price, in paise, which band, in per cent; above the last one 1 %.
_BANDS = ((10_00, 5), (100_00, 3), (500_00, 2))

LABEL = Field(text(), required=True)
_ACTIONS = ("BUY", "SELL", "buy", "sell")


def quantity(*, least: int = 1, refusal: str = "Quantity must be a positive number.") -> Parse:
    """Return a parser of whole units."""
    positive = number(least=least, refusal=refusal)

    def parse(value: object) -> int:
        units = float(positive(value))
        if not units.is_integer():
            words = f"Fractional quantity ({units}) is not allowed for non-crypto exchanges."
            raise Invalid([words])
        return int(units)

    return parse


_NOT_NEGATIVE = "must be a non-negative number."

# The fields that say what order it is, shared by everything that places one.
TERMS = {
    "exchange": ORDER_EXCHANGE,
    "symbol": LABEL,
    "action": Field(choice(*_ACTIONS), required=True),
    "quantity": Field(quantity(), required=True),
    "pricetype": Field(choice(*(one.value for one in PriceType)), default="MARKET"),
    "product": Field(choice("MIS", "NRML", "CNC"), default="MIS"),
    "price": Field(number(least=0, refusal=f"Price {_NOT_NEGATIVE}"), default=0.0),
    "trigger_price": Field(number(least=0, refusal=f"Trigger price {_NOT_NEGATIVE}"), default=0.0),
    "disclosed_quantity": Field(
        integer(least=0, refusal="Disclosed quantity must be a non-negative integer."), default=0
    ),
}


def place(desk: Desk, fields: Fields) -> VenueOrder:
    """Send the order that *fields* describe.

    Raises:
        Refused: It was turned away; the message is the venue's.
    """
    symbol, exchange, product = fields["symbol"], fields["exchange"], fields["product"]
    instrument = desk.instruments.find(symbol, exchange)
    if instrument is None:
        raise desk.marked(refusal(400, f"Symbol {symbol} not found on {exchange}"))
    if product == "CNC":
        remedy = "Use NRML for carryforward or MIS for intraday."
        why = f"CNC product not allowed for {exchange} derivatives segment. {remedy}"
        raise desk.marked(refusal(400, why))
    new = NewOrder(
        symbol=symbol,
        side=Side(fields["action"].upper()),
        quantity=fields["quantity"],
        pricetype=PriceType(fields["pricetype"]),
        price=paise_of(fields["price"]),
        trigger=paise_of(fields["trigger_price"]),
        product=product,
        strategy=fields["strategy"],
    )
    if instrument.contract and not desk.personality.takes_market:
        new = banded(new, instrument.contract, desk.quote(instrument).price)
    try:
        return desk.submit(new)
    except OrderRefused as refused:
        raise desk.marked(refusal(400, str(refused))) from refused


def paise_of(amount: float) -> Paise:
    """Return a price of the wire as paise; parts of a paisa are rounded away."""
    return round(amount * 100)


def banded(new: NewOrder, contract: OptionContract, last: Paise) -> NewOrder:
    """Return MARKET as a limit in a band of *last*, SL-M as a stop-limit in one of its trigger."""
    if new.pricetype is PriceType.MARKET:
        limit = _band(new.side, last, contract.tick)
        return replace(new, pricetype=PriceType.LIMIT, price=limit, trigger=0)
    if new.pricetype is PriceType.SL_M:
        limit = _band(new.side, new.trigger, contract.tick)
        return replace(new, pricetype=PriceType.SL, price=limit)
    return new


def _band(side: Side, price: Paise, tick: Paise) -> Paise:
    percent = next((percent for most, percent in _BANDS if price <= most), 1)
    if side is Side.BUY:
        return ceil_to_tick(price + price * percent // 100, tick)
    return max(tick, floor_to_tick(price - price * percent // 100, tick))


def slices(units: int, most: int) -> list[int]:
    """Return *units* in parts of at most *most*."""
    whole, rest = divmod(units, most)
    return [most] * whole + ([rest] if rest else [])
