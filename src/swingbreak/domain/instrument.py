"""Option contracts and OpenAlgo's symbol grammar.

Source: OpenAlgo 2.0.2.1 symbol format, ``BASE DDMMMYY STRIKE CE|PE``, read 2026-11-22.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise, paise, rupees

__all__ = [
    "OptionContract",
    "Right",
    "expiry_text",
    "option_symbol",
    "parse_expiry",
    "parse_option_symbol",
    "strike_text",
]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SYMBOL = re.compile(
    r"(?P<base>.+?)(?P<expiry>\d{2}[A-Z]{3}\d{2})(?P<strike>\d+(?:\.\d+)?)(?P<right>CE|PE)"
)
_EXPIRY = re.compile(r"(\d{2})-?([A-Z]{3})-?(\d{2})")


class Right(StrEnum):
    """Call or put, as Indian exchanges write them."""

    CE = "CE"
    PE = "PE"


@dataclass(frozen=True, slots=True)
class OptionContract:
    """One listed option.

    Attributes:
        underlying: ``NIFTY``.
        expiry: Last trading day.
        strike: Paise.
        right: Call or put.
        exchange: Where it trades, ``NFO``.
        lot: Units per lot; a dated fact of this contract.
        tick: Price step, paise.
        freeze: Most units in one order; a dated fact of this contract.
        symbol: OpenAlgo's name.
    """

    underlying: str
    expiry: date
    strike: Paise
    right: Right
    lot: int
    freeze: int
    tick: Paise
    exchange: str
    symbol: str


def option_symbol(underlying: str, expiry: date, strike: Paise, right: Right) -> str:
    """Return OpenAlgo's symbol; a strike that is whole rupees is written without decimals."""
    return f"{underlying}{expiry_text(expiry)}{strike_text(strike)}{right}"


def strike_text(strike: Paise) -> str:
    """Return *strike* in rupees as symbols have it, ``24200`` or ``24212.5``."""
    return str(strike // 100) if strike % 100 == 0 else rupees(strike).rstrip("0")


def parse_option_symbol(symbol: str) -> tuple[str, date, Paise, Right]:
    """Return underlying, expiry, strike in paise and right of *symbol*.

    Raises:
        DataError: *symbol* is not an option symbol.
    """
    match = _SYMBOL.fullmatch(symbol)
    if match is None:
        raise DataError(f"{symbol!r} is not an option symbol like NIFTY01DEC2624500PE")
    return (
        match["base"],
        parse_expiry(match["expiry"]),
        paise(match["strike"]),
        Right(match["right"]),
    )


def expiry_text(expiry: date) -> str:
    """Return *expiry* as ``01DEC26``; month names do not depend on the machine's locale."""
    return f"{expiry.day:02d}{_MONTHS[expiry.month - 1]}{expiry.year % 100:02d}"


def parse_expiry(text: str) -> date:
    """Return the date of ``26DEC24`` or ``26-DEC-24``, in either case.

    Raises:
        DataError: *text* is no such date.
    """
    match = _EXPIRY.fullmatch(text.strip().upper())
    if match is None or match[2] not in _MONTHS:
        raise DataError(f"{text!r} is not an expiry like 26DEC24")
    try:
        return datetime(2000 + int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1])).date()  # noqa: DTZ001 - a calendar day, no instant
    except ValueError as error:
        raise DataError(f"{text!r} is not a day of the calendar") from error
