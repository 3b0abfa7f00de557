"""Endpoints about trading days. Like OpenAlgo's, they accept any key.

Source: the calendar that OpenAlgo 2.0.2.1 ships for 2026, recorded 2026-11-22; its list agrees with
NSE/FAOP/71777 and NSE/FAOP/72262. For another year it knows nothing, and neither do we. It has one
set of hours for all years; the day that is served has its own here.
"""

from datetime import date, datetime, time
from typing import Any

from swingbreak.domain.session import IST
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Reply, refusal
from swingbreak.gateway.schema import Field, Fields, integer, text

__all__ = ["ENDPOINTS"]

_DOMESTIC = ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD")
_SERVED = ("NFO", "BFO")  # on the day that is served these trade as it was recorded or made up
_EVENING = (time(17), time(23, 55))  # MCX on a day when the others rest

# Day, what it is, and whether MCX opens in the evening.
_HOLIDAYS_2026 = (
    (date(2026, 1, 15), "Municipal Corporation Election - Maharashtra", True),
    (date(2026, 1, 26), "Republic Day", False),
    (date(2026, 3, 3), "Holi", True),
    (date(2026, 3, 26), "Shri Ram Navami", True),
    (date(2026, 3, 31), "Shri Mahavir Jayanti", True),
    (date(2026, 4, 3), "Good Friday", False),
    (date(2026, 4, 14), "Dr. Baba Saheb Ambedkar Jayanti", True),
    (date(2026, 5, 1), "Maharashtra Day", True),
    (date(2026, 5, 28), "Bakri Id", True),
    (date(2026, 6, 26), "Muharram", True),
    (date(2026, 9, 14), "Ganesh Chaturthi", True),
    (date(2026, 10, 2), "Mahatma Gandhi Jayanti", False),
    (date(2026, 10, 20), "Dussehra", True),
    (date(2026, 11, 10), "Diwali Balipratipada", True),
    (date(2026, 11, 24), "Prakash Gurpurb Sri Guru Nanak Dev", True),
    (date(2026, 12, 25), "Christmas", False),
)
_MUHURAT = date(2026, 11, 8)
_MUHURAT_HOURS = (time(18), time(19, 15))
_MUHURAT_MCX = (time(18), time(23, 15))

_CASH, _OPTIONS = (time(9, 15), time(15, 30)), (time(9, 15), time(15, 40))
_CURRENCY, _COMMODITY = (time(9), time(17)), (time(9), time(23, 55))
_CRYPTO = (time(0), time(23, 59, 59))
_SATURDAY = 5

_Hours = tuple[time, time]


def _holidays(desk: Desk, fields: Fields) -> Reply:
    year = fields["year"] or desk.tape.session.day.year
    rows = [_holiday(*holiday) for holiday in _HOLIDAYS_2026 if holiday[0].year == year]
    if year == _MUHURAT.year:
        rows.append(
            {
                "date": str(_MUHURAT),
                "description": "Diwali Laxmi Pujan (Muhurat Trading)",
                "holiday_type": "SPECIAL_SESSION",
                "closed_exchanges": [],
                "open_exchanges": _hours(_MUHURAT, _muhurat()),
            }
        )
    rows.sort(key=lambda row: str(row["date"]))
    calendar = {"year": year, "timezone": "Asia/Kolkata"}
    return Reply({"status": "success", "data": rows, **calendar})


def _holiday(day: date, description: str, evening: bool) -> dict[str, Any]:  # noqa: FBT001 - a row of the table above
    return {
        "date": str(day),
        "description": description,
        "holiday_type": "TRADING_HOLIDAY",
        "closed_exchanges": [*_DOMESTIC, *([] if evening else ["MCX"])],
        "open_exchanges": _hours(day, {"MCX": _EVENING} if evening else {}),
    }


def _timings(desk: Desk, fields: Fields) -> Reply:
    try:
        day = date.fromisoformat(fields["date"]) if fields["date"] else desk.tape.session.day
    except ValueError:
        raise refusal(400, "Invalid date format. Use YYYY-MM-DD") from None
    rows = _hours(day, _open_on(day))
    served = desk.tape.session
    if day == served.day:
        rows = [row for row in rows if row["exchange"] not in _SERVED]
        rows += [_opening(name, served.opens, served.closes) for name in _SERVED]
    return Reply({"status": "success", "data": rows})


def _open_on(day: date) -> dict[str, _Hours]:
    if day == _MUHURAT:
        return _muhurat()
    evening = {holiday: open_ for holiday, _, open_ in _HOLIDAYS_2026}
    if day in evening:
        return {"MCX": _EVENING} if evening[day] else {}
    if day.weekday() >= _SATURDAY:
        return {"CRYPTO": _CRYPTO}
    return {
        **dict.fromkeys(("NSE", "BSE"), _CASH),
        **dict.fromkeys(("NFO", "BFO"), _OPTIONS),
        "MCX": _COMMODITY,
        **dict.fromkeys(("BCD", "CDS"), _CURRENCY),
        "NCO": _COMMODITY,
        "CRYPTO": _CRYPTO,
    }


def _muhurat() -> dict[str, _Hours]:
    return {**dict.fromkeys(_DOMESTIC, _MUHURAT_HOURS), "MCX": _MUHURAT_MCX}


def _hours(day: date, hours: dict[str, _Hours]) -> list[dict[str, Any]]:
    return [
        _opening(exchange, *(datetime.combine(day, clock, IST) for clock in pair))
        for exchange, pair in hours.items()
    ]


def _opening(exchange: str, opens: datetime, closes: datetime) -> dict[str, Any]:
    start, end = (round(instant.timestamp() * 1000) for instant in (opens, closes))
    return {"exchange": exchange, "start_time": start, "end_time": end}


_YEAR = integer(least=2020, most=2050, refusal="Year must be between 2020 and 2050.")

ENDPOINTS = (
    Endpoint(
        "market/holidays",
        {"apikey": KEY, "year": Field(_YEAR, nullable=True)},
        _holidays,
        bad_key=None,
    ),
    Endpoint(
        "market/timings",
        {"apikey": KEY, "date": Field(text(), nullable=True)},
        _timings,
        bad_key=None,
    ),
)
