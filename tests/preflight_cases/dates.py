"""Facts and clocks that fail a check."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from tests.preflight_cases.case import NO, REMARK, Case, on
from tests.preflight_cases.folders import facts
from tests.preflight_rig import SESSION, Scene, Socket, candles, data, utc

SPECIAL = """
[[special_session]]
from = 2026-11-20
until = 2026-11-20
kind = "muhurat"
opens = 09:15:00
closes = 15:40:00
trade = {}
source = "circular"
confidence = "H"
"""

LOCAL_HOLIDAY = """
[[calendar]]
from = 2026-11-20
until = 2026-11-20
holidays = { 2026-11-20 = "Election" }
source = "circular"
confidence = "H"
"""

MINE = {"facts_files": "mine.toml"}


def late(clock: str) -> Scene:
    at = SESSION.at(time.fromisoformat(clock))
    minutes = SESSION.minute_of(at)
    return replace(on(history=(200, data(candles(minutes + 1)))), wall=at, socket=Socket(now=at))


def day_at(text: str, **socket: Any) -> Scene:
    """Another instant, UTC, on both clocks."""
    return Scene(wall=utc(text), socket=Socket(now=utc(text), **socket))


DATES = {
    "facts that cannot be read": Case(
        "facts-files", NO, ("gone.toml", "facts_files"), files={"facts_files": "gone.toml"}
    ),
    "facts of last summer": Case("facts-age", REMARK, ("known until 2026-08-22", "contracts")),
    "an unknown index": Case(
        "underlying", NO, ("PEARLS", "known: NIFTY"), Scene(config={"underlying": "PEARLS"})
    ),
    "a holiday": Case(
        "session",
        NO,
        ("Election", "next trading day"),
        Scene(prepare=facts(LOCAL_HOLIDAY)),
        files=MINE,
        more=("agreement",),
    ),
    "the evening": Case("session", NO, ("closed at",), late("15:45")),
    "a special session that is not traded": Case(
        "special-session",
        NO,
        ("muhurat", "trade = true"),
        Scene(prepare=facts(SPECIAL.format("false"))),
        files=MINE,
        more=("session", "agreement"),
    ),
    "a special session that is": Case(
        "special-session",
        REMARK,
        ("hours and prices of its own",),
        Scene(prepare=facts(SPECIAL.format("true"))),
        files=MINE,
    ),
    "the last minutes": Case("time-left", REMARK, ("10 minutes are left",), late("15:05")),
    "too late to enter": Case(
        "time-left", REMARK, ("nothing is entered after 15:15",), late("15:20")
    ),
    "a clock that is wrong, on paper": Case(
        "clock", REMARK, ("another time", "NTP"), Scene(socket=Socket(ahead=timedelta(seconds=7)))
    ),
    "a clock that is wrong, live": Case(
        "clock",
        NO,
        ("differ by 7.0 s", "NTP"),
        replace(
            on(
                analyzer=(200, data({"analyze_mode": False})),
                funds=(200, data({"availablecash": 15_000_000.0})),
            ),
            socket=Socket(ahead=timedelta(seconds=7)),
            config={"mode": "live"},
        ),
    ),
    "years ago": Case(
        "underlying",
        REMARK,
        ("list alone says the freeze quantity",),
        day_at("2018-06-01 04:30"),
        more=("charges", "session", "agreement", "history", "margin"),
    ),
    "charges of years ago": Case(
        "charges",
        NO,
        ("no charge transaction NFO", "charges"),
        day_at("2018-06-01 04:30"),
        more=("underlying", "session", "agreement", "history", "margin"),
    ),
    "charges that are assumed": Case(
        "charges",
        REMARK,
        ("is assumed",),
        day_at("2019-06-03 04:30"),
        more=("agreement", "history"),
    ),
    "next year": Case(
        "session",
        REMARK,
        ("is not known", "correct"),
        day_at("2027-01-04 04:30"),
        more=("agreement", "history", "expiry"),
    ),
    "before the open": Case(
        "history",
        REMARK,
        ("not now",),
        day_at("2026-11-20 03:25", silent=frozenset({"*"})),
        more=("index-ticks", "option-ticks"),
    ),
    "an index before the open": Case(
        "index-ticks",
        REMARK,
        ("not now",),
        day_at("2026-11-20 03:25", silent=frozenset({"NIFTY"})),
        more=("history",),
    ),
}
