"""Money in whole paise.

Rules of this file:

1. A price, a premium, a P&L and a cost are ``int`` paise; nothing that is booked is a float.
2. Floats enter only through :func:`paise_of_wire`, which refuses what is not a whole paisa.
"""

from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from swingbreak.domain.errors import DataError

__all__ = ["Paise", "average", "ceil_to_tick", "floor_to_tick", "paise", "paise_of_wire", "rupees"]

Paise: TypeAlias = int

# More than the noise of a price up to 2,000 rupees in a float of 32 bits, which some brokers' feeds
# carry, less than any price step.
_NOISE = 1e-2


def paise(amount: Decimal | str | int) -> Paise:
    """Return *amount* rupees as paise.

    Raises:
        DataError: *amount* is no number or has a fraction of a paisa.
    """
    try:
        exact = Decimal(amount) * 100
    except InvalidOperation as error:
        raise DataError(f"{amount!r} is not an amount of rupees") from error
    whole = int(exact) if exact.is_finite() else None
    if whole is None or whole != exact:
        raise DataError(f"{amount!r} rupees is not a whole number of paise")
    return whole


def paise_of_wire(amount: float) -> Paise:
    """Return a JSON number of rupees as paise; 174.95 has no exact float, 17495 is what it means.

    Raises:
        DataError: *amount* is not within a hundredth of a whole paisa.
    """
    scaled = amount * 100
    try:
        whole = round(scaled)
    except (OverflowError, ValueError) as error:
        raise DataError(f"{amount!r} is not an amount of rupees") from error
    if abs(scaled - whole) > _NOISE:
        raise DataError(f"{amount!r} rupees is not a whole number of paise")
    return whole


def rupees(amount: Paise) -> str:
    """Return *amount* as fixed decimal text in rupees, ``17495`` as ``174.95``."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole}.{rest:02d}"


def average(value: Paise, quantity: int) -> Paise:
    """Return *value* over *quantity* to the nearest paisa, half up; 0 where there is none."""
    return (2 * value + quantity) // (2 * quantity) if quantity else 0


def floor_to_tick(price: Paise, tick: Paise) -> Paise:
    """Return the highest multiple of *tick* that is not above *price*."""
    return price - price % tick


def ceil_to_tick(price: Paise, tick: Paise) -> Paise:
    """Return the lowest multiple of *tick* that is not below *price*."""
    return price + -price % tick
