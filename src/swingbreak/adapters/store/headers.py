"""Which column of a vendor's file means what, by the name in its header.

Rules of this file:

1. Case, blanks and punctuation of a name do not matter.
2. A column that nobody knows is left out; two columns for the same thing are refused.
3. Without the columns that a kind of file needs it is refused, and the error says which headers
   would do.
"""

import re
from collections.abc import Mapping, Sequence

from swingbreak.adapters.store.layout import Kind
from swingbreak.domain.errors import DataError

__all__ = ["NAMES", "kind_of", "mapped"]

# Meaning, and the headers that have it: of NSE's bhavcopy, Kite, Breeze, Dhan, TrueData,
# GlobalDatafeeds, Historify and of this program's own files.
NAMES: Mapping[str, tuple[str, ...]] = {
    "ts": ("ts", "timestamp", "datetime", "date time", "date and time", "candle time"),
    "date": ("date", "trade date", "trading date", "day"),
    "time": ("time", "trade time"),
    "symbol": ("symbol", "ticker", "trading symbol", "tradingsymbol", "instrument", "contract"),
    "underlying": ("underlying", "underlying symbol", "root", "index", "stock code", "name"),
    "expiry": ("expiry", "expiry date", "expiry dt", "expirydate"),
    "strike": ("strike", "strike price", "strikeprice", "strike pr"),
    "right": ("right", "option type", "optiontype", "option typ", "opttype", "call put"),
    "open": ("open", "o", "open price"),
    "high": ("high", "h", "high price"),
    "low": ("low", "l", "low price"),
    "close": ("close", "c", "close price"),
    "volume": ("volume", "vol", "v", "traded quantity"),
    "oi": ("oi", "open interest", "openinterest", "open int"),
    "ticks": ("ticks",),
    "ltp": ("ltp", "last price", "lastprice", "last traded price", "last"),
    "cumulative": ("volume cum", "cumulative volume", "total traded volume", "day volume"),
    "bid": ("bid", "bid price", "best bid", "bidprice"),
    "ask": ("ask", "ask price", "best ask", "askprice", "offer"),
    "bid_size": ("bid size", "bid qty", "bidqty", "bid quantity"),
    "ask_size": ("ask size", "ask qty", "askqty", "ask quantity"),
    "spot": ("spot", "underlying value", "underlying price", "underlyingvalue", "spot price"),
}

_OHLC = ("open", "high", "low", "close")
_MEANINGS = {name: meaning for meaning, names in NAMES.items() for name in names}
_CONTRACT = ("expiry", "strike", "right")


def mapped(headers: Sequence[str], where: object) -> dict[str, str]:
    """Return the header of each meaning that *headers* have.

    Raises:
        DataError: Two headers mean the same.
    """
    found: dict[str, str] = {}
    for header in headers:
        meaning = _MEANINGS.get(_plain(header))
        if meaning is None:
            continue
        if meaning in found:
            raise DataError(
                f"{where}: columns {found[meaning]!r} and {header!r} both mean {meaning}: "
                "leave one of them out"
            )
        found[meaning] = header
    return found


def kind_of(columns: Mapping[str, str], headers: Sequence[str], where: object) -> Kind:
    """Return what a file with *columns* holds.

    Raises:
        DataError: Columns are missing that every such file needs.
    """
    listed = ", ".join(map(repr, headers)) or "no column"
    if "ts" not in columns and "date" not in columns:
        raise DataError(f"{where}: no column with the time ({_would_do('ts')}); found: {listed}")
    if "ltp" in columns and not set(_OHLC) <= set(columns):
        _need(columns, ("cumulative",), where, listed)
        _need_contract(columns, where, listed)
        return Kind.SNAPSHOTS
    _need(columns, _OHLC, where, listed)
    if not {"symbol", *_CONTRACT} & set(columns):
        return Kind.SPOT
    _need(columns, ("volume",), where, listed)
    _need_contract(columns, where, listed)
    return Kind.BARS


def _need_contract(columns: Mapping[str, str], where: object, listed: str) -> None:
    if set(_CONTRACT) <= set(columns):
        # NSE writes the underlying under "symbol"
        if not {"underlying", "symbol"} & set(columns):
            _need(columns, ("underlying",), where, listed)
        return
    if "symbol" not in columns:
        _need(columns, ("underlying", *_CONTRACT), where, listed)


def _need(columns: Mapping[str, str], meanings: Sequence[str], where: object, listed: str) -> None:
    missing = [meaning for meaning in meanings if meaning not in columns]
    if missing:
        wanted = "; ".join(f"{meaning} ({_would_do(meaning)})" for meaning in missing)
        raise DataError(f"{where}: no column for {wanted}; found: {listed}")


def _would_do(meaning: str) -> str:
    return " or ".join(NAMES[meaning][:3])


def _plain(header: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", header.strip().lstrip("\ufeff").lower()))
