"""Minute candles of past days from OpenAlgo's history, as the gateway writes them.

Source: OpenAlgo 2.0.2.1, POST /history, 60 days of minutes at most in one answer of its brokers,
read 2026-11-22.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from swingbreak.adapters.openalgo.rest import OpenAlgoRest

__all__ = ["Candle", "past_candles"]

_DAYS_A_CALL = timedelta(days=30)


class Candle(NamedTuple):
    """One minute; prices in rupees as they came, ``timestamp`` epoch seconds of its start."""

    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    oi: int


class _Row(msgspec.Struct, gc=False):
    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: int = 0
    oi: int | None = None


class _Rows(msgspec.Struct, gc=False):
    data: list[_Row]


async def past_candles(
    rest: OpenAlgoRest, symbol: str, exchange: str, first: date, last: date
) -> list[Candle]:
    """Return the candles of *symbol* from *first* to *last*, both included, oldest first.

    A minute without trades that a broker fills in, with no volume, is left out where others have
    one, as the live day does.

    Raises:
        BrokerError: The gateway could not say.
        DataError: It said something that cannot be read.
    """
    found = []
    for since, until in _stretches(first, last):
        reply = await rest.query(
            "history",
            _Rows,
            seconds=rest.timeouts.history_s,
            symbol=symbol,
            exchange=exchange,
            interval="1m",
            start_date=since.isoformat(),
            end_date=until.isoformat(),
        )
        found += [
            Candle(r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.oi or 0)
            for r in reply.data
        ]
    traded = [candle for candle in found if candle.volume] or found
    return sorted({candle.timestamp: candle for candle in traded}.values())


def _stretches(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        until = min(first + _DAYS_A_CALL - timedelta(days=1), last)
        yield first, until
        first = until + timedelta(days=1)
