"""Contracts and indices as vendors name them.

Rules of this file:

1. A name that fits two grammars means the contract that expires first on or after the bar's day:
   ``NIFTY2111115800CE`` of January 2021 is the weekly of 11 January, not November's 5800.
2. A name that fits none is refused, never guessed.

Sources: OpenAlgo 2.0.2.1's grammar; Kite Connect 3's weekly and monthly names; TrueData's
``YYMMDD``; GlobalDatafeeds' suffixes; as seen in files, read 2026-11-22.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple, TypeAlias

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right
from swingbreak.domain.money import Paise, paise

__all__ = ["Monthly", "Named", "index_name", "right_of", "vendor_contract"]

# Underlying, year and month to the monthly expiry: names of monthlies leave the day out.
Monthly: TypeAlias = Callable[[str, int, int], date]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TAIL = r"(?P<strike>\d+(?:\.\d+)?)(?P<right>CE|PE)"
_DAY_MONTH_YEAR = re.compile(rf"(?P<base>[A-Z]+)(?P<d>\d\d)(?P<m>[A-Z]{{3}})(?P<y>\d\d){_TAIL}")
_NUMBERS = re.compile(rf"(?P<base>[A-Z]+)(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d){_TAIL}")
_WEEKLY = re.compile(rf"(?P<base>[A-Z]+)(?P<y>\d\d)(?P<m>[1-9OND])(?P<d>\d\d){_TAIL}")
_MONTHLY = re.compile(rf"(?P<base>[A-Z]+)(?P<y>\d\d)(?P<m>[A-Z]{{3}}){_TAIL}")
_WEEKLY_MONTHS = "123456789OND"

_INDICES = {
    "NIFTY 50": "NIFTY",
    "NIFTY50": "NIFTY",
    "NIFTY BANK": "BANKNIFTY",
    "BANK NIFTY": "BANKNIFTY",
    "CNXBAN": "BANKNIFTY",
    "NIFTY FIN SERVICE": "FINNIFTY",
    "NIFTY MID SELECT": "MIDCPNIFTY",
    "INDIA VIX": "INDIAVIX",
}
_RIGHTS = {
    "CE": Right.CE,
    "C": Right.CE,
    "CALL": Right.CE,
    "PE": Right.PE,
    "P": Right.PE,
    "PUT": Right.PE,
}


class Named(NamedTuple):
    """What a contract's name says."""

    underlying: str
    expiry: date
    strike: Paise
    right: Right


def vendor_contract(name: str, day: date, monthly: Monthly) -> Named:
    """Return the contract that *name* means in a bar of *day*.

    Raises:
        DataError: It is no option's name.
    """
    plain = name.strip().upper().rpartition(":")[2].partition(".N")[0].partition(".B")[0]
    plain = plain.replace(" ", "").replace("-", "")
    found = list(_readings(plain, monthly))
    coming = [named for named in found if named.expiry >= day]
    if not found:
        raise DataError("is no option's name like NIFTY01DEC2624500PE, nor a name of Kite's")
    # one that has expired may be wrong data, but it is what the name says: the checks tell
    return min(coming or found, key=lambda named: (named.expiry, named.strike))


def index_name(name: str) -> str:
    """Return OpenAlgo's name of an index that a vendor calls *name*."""
    plain = " ".join(name.strip().upper().rpartition(":")[2].split())
    return _INDICES.get(plain, plain.replace(" ", ""))


def right_of(text: str) -> Right | None:
    """Return the right that a vendor writes as *text*; ``None`` where it is none."""
    return _RIGHTS.get(text.strip().upper())


def _readings(name: str, monthly: Monthly) -> Iterator[Named]:
    for grammar in (_DAY_MONTH_YEAR, _NUMBERS, _WEEKLY, _MONTHLY):
        match = grammar.fullmatch(name)
        expiry = match and _expiry(match, monthly)
        if match and expiry:
            yield Named(match["base"], expiry, paise(match["strike"]), Right(match["right"]))


def _expiry(match: "re.Match[str]", monthly: Monthly) -> date | None:
    parts = match.groupdict()
    month = _month(parts["m"])
    if not month:
        return None
    year = 2000 + int(parts["y"])
    if "d" not in parts:
        try:
            return monthly(parts["base"], year, month)
        except DataError:
            return None
    try:
        return date(year, month, int(parts["d"]))
    except ValueError:
        return None


def _month(text: str) -> int:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    if len(text) == 1:
        return _WEEKLY_MONTHS.index(text) + 1
    return int(text) if text.isdigit() else 0
