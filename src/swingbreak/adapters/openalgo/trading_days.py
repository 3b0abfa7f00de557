"""When the market trades, as the gateway has it.

Source: OpenAlgo 2.0.2.1, ``market/holidays`` and ``market/timings``, recorded 2026-11-22: holidays
of 2025 and 2026 only, hours as instants that are reckoned in the server's own time zone.
"""

from datetime import UTC, date, datetime

import msgspec

from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import DataError

__all__ = ["holidays_of", "hours_on"]

_SPECIAL = "SPECIAL_SESSION"


class _Holiday(msgspec.Struct, gc=False):
    date: date
    description: str = ""
    holiday_type: str = ""
    closed_exchanges: list[str] = []


class _Holidays(msgspec.Struct, gc=False):
    data: list[_Holiday]


class _Opening(msgspec.Struct, gc=False):
    exchange: str
    start_time: int
    end_time: int


class _Timings(msgspec.Struct, gc=False):
    data: list[_Opening]


async def holidays_of(rest: OpenAlgoRest, year: int, exchange: str) -> dict[date, str]:
    """Return the days of *year* on which *exchange* has no ordinary session, by name.

    Raises:
        BrokerError: The gateway could not say.
        DataError: It said something that cannot be read.
    """
    reply = await rest.query("market/holidays", _Holidays, year=year)
    return {
        row.date: row.description or "a holiday"
        for row in reply.data
        if exchange in row.closed_exchanges or row.holiday_type == _SPECIAL
    }


async def hours_on(
    rest: OpenAlgoRest, day: date, exchange: str
) -> tuple[datetime, datetime] | None:
    """Return when *exchange* opens and closes on *day*, aware; ``None`` where it stays shut.

    Raises:
        BrokerError: The gateway could not say.
        DataError: It said something that cannot be read.
    """
    reply = await rest.query("market/timings", _Timings, date=day.isoformat())
    rows = [row for row in reply.data if row.exchange == exchange]
    if not rows:
        return None
    opens, closes = min(row.start_time for row in rows), max(row.end_time for row in rows)
    try:
        return datetime.fromtimestamp(opens / 1000, UTC), datetime.fromtimestamp(closes / 1000, UTC)
    except (OSError, OverflowError, ValueError) as error:
        raise DataError(f"market/timings: {exchange} from {opens} to {closes} ms") from error
