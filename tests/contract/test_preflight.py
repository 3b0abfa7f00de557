"""Every check against a gateway, a machine and a state folder that fail it."""

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.adapters.machine import this_machine
from swingbreak.adapters.openalgo.capabilities import Capabilities, write_profile
from swingbreak.adapters.pulse import PulseWriter, Stage, pulse_in
from swingbreak.adapters.runlock import account_lock, folder_lock
from swingbreak.adapters.sqlite.binding import bind
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.bootstrap.checking import without_secrets
from swingbreak.bootstrap.preflight.checks import CHECKS
from swingbreak.bootstrap.preflight.verdicts import FAILURES, Outcome, Verdict
from swingbreak.dashboard.server import Dashboard
from swingbreak.domain.control import Control
from swingbreak.domain.errors import SessionLocked
from tests.openalgo_fakes import KEY, feed_server, order_row, rest_server
from tests.own_facts import own_file
from tests.preflight_rig import (
    DAY,
    NOW,
    OPTIONS,
    SESSION,
    Prepare,
    Scene,
    Socket,
    by_id,
    candles,
    chain,
    data,
    flown,
    machine,
    opening,
    refusal,
    utc,
)

OK, REMARK, NA = Verdict.OK, Verdict.REMARK, Verdict.NOT_APPLICABLE
WAIT, NO = Verdict.TRANSIENT, Verdict.PERMANENT
BY_ID = {check.check_id: check for check in CHECKS}
BAD_KEY = (403, refusal("Invalid openalgo apikey"))
NOWHERE = "127.0.0.1:1"


def database(change: str) -> Prepare:
    """A state database with a *change*."""

    def prepare(folder: Path) -> None:
        open_writer(folder / "state" / "live_state.db").close()
        with closing(sqlite3.connect(folder / "state" / "live_state.db")) as connection:
            connection.executescript(change)

    return prepare


def bound(mode: str, key: str) -> Prepare:
    def prepare(folder: Path) -> None:
        with open_writer(folder / "state" / "live_state.db") as database_:
            bind(database_, DAY, mode=mode, api_key=key)

    return prepare


def damaged(folder: Path) -> None:
    database("INSERT INTO bindings VALUES ('2026-11-19', 'paper', 'x')")(folder)
    path = folder / "state" / "live_state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'bindings'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(path.read_bytes())
    content[size * (page - 1) + 3 : size * (page - 1) + 5] = b"\xff\xff"  # its number of cells
    path.write_bytes(bytes(content))


def killed(folder: Path) -> None:
    Controls(folder / "state").lock(KillLock(NOW, "runaway", "cli"))


def told(control: Control) -> Prepare:
    def prepare(folder: Path) -> None:
        Controls(folder / "state").give(control, "", by="cli", at=NOW)

    return prepare


def profile(**changes: object) -> Prepare:
    good = {
        "broker": "zerodha",
        "mode": "analyze",
        "examined_at": "2026-11-19 10:00:00",
        "with_orders": True,
        "orders_per_s": 4,
    }

    def prepare(folder: Path) -> None:
        write_profile(folder / "profile.json", Capabilities(**(good | changes)))  # type: ignore[arg-type]

    return prepare


def facts(text: str) -> Prepare:
    def prepare(folder: Path) -> None:
        own_file(folder, text)

    return prepare


def junk(name: str) -> Prepare:
    def prepare(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("junk" * 2000)

    return prepare


def both(*steps: Prepare) -> Prepare:
    def prepare(folder: Path) -> None:
        for step in steps:
            step(folder)

    return prepare


@dataclass
class Case:
    """What is wrong, and what is made of it.

    Attributes:
        check_id: Whose failure it is.
        says: What cause and remedy have to name.
        more: What else is no plain yes, by check; those that were not asked are left out.
        files: Settings that name a file of the test's folder.
    """

    check_id: str
    verdict: Verdict
    says: tuple[str, ...]
    scene: Scene = field(default_factory=Scene)
    more: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)


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
PROFILE = {"gateway_profile": "profile.json"}
MINE = {"facts_files": "mine.toml"}
ENDED = """
INSERT INTO daily_summary (date, mode, label, trades, wins, gross_paise, charges_paise,
    r_value_paise, halted_reason, updated_at)
VALUES ('2026-11-20', 'paper', 'x', 1, 1, 0, 0, 650000, 'daily_target', '2026-11-20T11:00:00');
"""


def on(**answers: object) -> Scene:
    """Answers of the gateway by path, ``/`` written ``__``."""
    return Scene(answers={path.replace("__", "/"): answer for path, answer in answers.items()})


def late(clock: str) -> Scene:
    at = SESSION.at(time.fromisoformat(clock))
    minutes = SESSION.minute_of(at)
    return replace(on(history=(200, data(candles(minutes + 1)))), wall=at, socket=Socket(now=at))


def day_at(text: str, **socket: Any) -> Scene:
    """Another instant, UTC, on both clocks."""
    return Scene(wall=utc(text), socket=Socket(now=utc(text), **socket))


def gone(_: Path) -> int:
    raise OSError(5, "Input/output error")


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise web.HTTPGone


CASES = {
    "old python": Case(
        "python", NO, ("3.11 or newer", "install"), Scene(machine=machine(python=(3, 10, 4)))
    ),
    "a package missing": Case(
        "packages", NO, ("tzdata", ".venv"), Scene(machine=machine(missing=lambda: ("tzdata",)))
    ),
    "a console of 1990": Case(
        "console", REMARK, ("Rs", "PYTHONIOENCODING"), Scene(machine=machine(encoding="cp1252"))
    ),
    "no time zones": Case(
        "time-zone", REMARK, ("no time-zone",), Scene(machine=machine(india=None))
    ),
    "wrong time zones": Case(
        "time-zone", REMARK, ("wrong",), Scene(machine=machine(india=timedelta(hours=5)))
    ),
    "a folder that is read only": Case(
        "state-folder",
        NO,
        ("Permission denied", "write access"),
        Scene(machine=machine(unwritable=lambda _: "Permission denied")),
    ),
    "a folder that is a file": Case(
        "state-folder", NO, ("it is a file",), Scene(prepare=junk("state"))
    ),
    "a log folder that is a file": Case(
        "state-folder", NO, ("logs is a file",), Scene(prepare=junk("state/logs"))
    ),
    "a full disk": Case(
        "disk", WAIT, ("100 MB", "free some"), Scene(machine=machine(free_bytes=lambda _: 10**7))
    ),
    "a disk that is gone": Case(
        "disk", WAIT, ("Input/output error",), Scene(machine=machine(free_bytes=gone))
    ),
    "a disk that fills": Case(
        "disk", REMARK, ("some days",), Scene(machine=machine(free_bytes=lambda _: 5 * 10**8))
    ),
    "a port that somebody has": Case(
        "dashboard-port",
        REMARK,
        ("1 cannot be used", "Address already in use", "another dashboard_port"),
        Scene(
            machine=machine(unusable=lambda _: "Address already in use"),
            config={"dashboard_port": 1},
        ),
    ),
    "a key nothing knows": Case(
        "settings",
        NO,
        ("max_position", "did you mean max_positions", "config show"),
        Scene(config={"max_position": 2}),
    ),
    "no key": Case("api-key", NO, ("OPENALGO_API_KEY is not set",), Scene(key="")),
    "limits that contradict": Case(
        "limits",
        REMARK,
        ("lose more than daily_stop_r", "limits nothing", "exited at once"),
        Scene(
            config={
                "max_positions": 4,
                "max_per_right": 5,
                "daily_stop_r": -3,
                "last_entry_ist": "15:00",
                "force_exit_ist": "14:45",
            }
        ),
    ),
    "no profile": Case("profile", REMARK, ("documents are believed", "certify"), Scene()),
    "a profile of other days": Case(
        "profile",
        REMARK,
        ("live mode", "no orders", "50 days old"),
        Scene(prepare=profile(mode="live", with_orders=False, examined_at="2026-10-01 09:00:00")),
        files=PROFILE,
    ),
    "a profile without a date": Case(
        "profile",
        REMARK,
        ("when it was made",),
        Scene(prepare=profile(examined_at="")),
        files=PROFILE,
    ),
    "a profile that is none": Case(
        "profile", NO, ("certify",), Scene(prepare=junk("profile.json")), files=PROFILE
    ),
    "a gateway that alters stops": Case(
        "profile", NO, ("alters stop",), Scene(prepare=profile(keeps_stops=False)), files=PROFILE
    ),
    "a gateway that is slow to take orders": Case(
        "order-rate",
        REMARK,
        ("2 of 4", "ORDER_RATE_LIMIT"),
        Scene(prepare=profile(orders_per_s=2)),
        files=PROFILE,
    ),
    "messages that nobody sends": Case(
        "telegram", REMARK, ("is not used",), Scene(config={"telegram_chat_id": "7"})
    ),
    "a token that nobody uses": Case(
        "telegram", REMARK, ("status",), Scene(environment={"TELEGRAM_BOT_TOKEN": "1:x"})
    ),
    "messages without a token": Case(
        "telegram",
        REMARK,
        ("TELEGRAM_BOT_TOKEN", "notify --test"),
        Scene(config={"telegram_chat_id": "7", "telegram_enabled": True}),
    ),
    "no database": Case(
        "database", NO, ("not a SQLite database",), Scene(prepare=junk("state/live_state.db"))
    ),
    "a newer database": Case(
        "database-version",
        NO,
        ("create_future", "newer"),
        Scene(prepare=database("INSERT INTO migrations VALUES (99, 'create_future', '9.9')")),
    ),
    "an older database": Case(
        "database-version",
        REMARK,
        ("older swingbreak", "`run` updates it"),
        Scene(
            prepare=database(
                "DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)"
            )
        ),
    ),
    "another's database": Case(
        "database-version",
        NO,
        ("songs", "another program"),
        Scene(prepare=database("CREATE TABLE songs (a); DROP TABLE migrations")),
    ),
    "a damaged database": Case(
        "database-integrity", NO, ("damaged", "restore"), Scene(prepare=damaged)
    ),
    "a day in another mode": Case(
        "binding", NO, ("recorded in live mode",), Scene(prepare=bound("live", KEY))
    ),
    "a day of another account": Case(
        "binding", NO, ("another API key", "--state-dir"), Scene(prepare=bound("paper", "other"))
    ),
    "a day that has ended": Case("day", NO, ("daily_target",), Scene(prepare=database(ENDED))),
    "a kill": Case("kill-lock", NO, ("'runaway'", "kill --reset"), Scene(prepare=killed)),
    "a kill that cannot be read": Case(
        "kill-lock", NO, ("cannot be read",), Scene(prepare=junk("state/KILLED.json"))
    ),
    "a word that waits": Case(
        "words", REMARK, ("begin with flatten", "controls"), Scene(prepare=told(Control.FLATTEN))
    ),
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
    "holidays that hang": Case(
        "agreement",
        WAIT,
        ("nothing came",),
        replace(
            on(market__holidays=hang),
            checks=tuple(
                replace(check, seconds=0.1) if check.check_id == "agreement" else check
                for check in CHECKS
            ),
        ),
    ),
    "expiries that are refused": Case(
        "expiry", WAIT, ("HTTP 500",), on(expiry=(500, refusal("no")))
    ),
    "no gateway": Case(
        "gateway",
        WAIT,
        ("no answer", "start OpenAlgo"),
        Scene(config={"openalgo_host": f"http://{NOWHERE}"}),
    ),
    "something else at its port": Case(
        "answers", NO, ("no OpenAlgo", "openalgo_host"), on(ping=(200, "<html>hello</html>"))
    ),
    "a gateway that is broken": Case(
        "answers", WAIT, ("bad gateway",), on(ping=(502, "bad gateway"))
    ),
    "a gateway that is busy": Case(
        "answers", WAIT, ("50 per 1 second",), on(ping=(429, {"message": "50 per 1 second"}))
    ),
    "a wrong key": Case(
        "key",
        NO,
        ("knows no such key", "copy the API key"),
        replace(on(ping=BAD_KEY), socket=Socket(code="AUTHENTICATION_ERROR")),
    ),
    "no broker session": Case(
        "key",
        WAIT,
        ("no broker session", "log in to the broker"),
        replace(on(ping=BAD_KEY), socket=Socket(code="BROKER_ERROR")),
    ),
    "a key that REST alone refuses": Case(
        "key", WAIT, ("the key is known", "log in to the broker"), on(ping=BAD_KEY)
    ),
    "a refusal without a witness": Case(
        "key",
        WAIT,
        ("is mute", "only if that does not help"),
        replace(on(ping=BAD_KEY), config={"openalgo_ws_url": f"ws://{NOWHERE}"}),
        more=("feed",),
    ),
    "another refusal": Case("key", WAIT, ("refuses to say",), on(ping=(400, refusal("no")))),
    "a broker that is down": Case(
        "broker", WAIT, ("HTTP 500", "log in"), on(quotes=(500, refusal("token expired")))
    ),
    "a broker without a price": Case(
        "broker", WAIT, ("no price",), on(quotes=(200, data({"ltp": 0})))
    ),
    "the other mode": Case(
        "mode",
        NO,
        ("'paper'", "'live'", "switch"),
        on(analyzer=(200, data({"analyze_mode": False}))),
    ),
    "a mode that is not told": Case("mode", WAIT, ("analyzer",), on(analyzer=(200, data({})))),
    "another close": Case(
        "agreement",
        REMARK,
        ("session of 2026-11-20", "contracts --host"),
        on(market__timings=(200, data([opening("15:30")]))),
    ),
    "an expiry that is not listed": Case(
        "expiry", NO, ("08DEC27", "not listed"), Scene(config={"expiry": "08DEC27"})
    ),
    "no master contracts": Case("expiry", NO, ("master contracts",), on(expiry=(200, data([])))),
    "an expiry that is past": Case(
        "expiry",
        REMARK,
        ("past",),
        replace(
            on(expiry=(200, data(["17-NOV-26", "23-NOV-26", "01-DEC-26"]))),
            config={"expiry": "17NOV26"},
        ),
    ),
    "a strike that is not listed": Case(
        "symbols", NO, ("24210.00", "nearest"), Scene(config={"atm": "24210"})
    ),
    "a chain without a price": Case(
        "symbols", WAIT, ("broker session",), on(optionchain=(200, chain(())))
    ),
    "no freeze quantity": Case(
        "symbols",
        NO,
        ("qtyfreeze.csv",),
        on(symbol=(200, data({"lotsize": 65, "tick_size": 0.05, "freeze_qty": 1}))),
    ),
    "a chain that ends": Case(
        "symbols", REMARK, ("6 were wanted",), on(optionchain=(200, chain((24150, 24200))))
    ),
    "a risk that is too small": Case(
        "size",
        NO,
        ("r_value_rupees 100.00", "no position could be sized"),
        Scene(config={"r_value_rupees": "100"}),
    ),
    "a risk that is small": Case(
        "size", REMARK, ("loses more than one R",), Scene(config={"r_value_rupees": "600"})
    ),
    "no history": Case(
        "history", WAIT, ("no bar of", "wait a minute"), on(history=(200, data([])))
    ),
    "history that is refused": Case(
        "history", WAIT, ("history",), on(history=(400, refusal("no such interval")))
    ),
    "history with a hole": Case(
        "history",
        WAIT,
        ("10 minutes of NIFTY", "minute 0"),
        on(history=(200, data(candles(31, 10)))),
    ),
    "money that is not told": Case("funds", WAIT, ("no cash",), on(funds=(200, data({})))),
    "money of the other mode": Case(
        "funds",
        NO,
        ("live mode now",),
        Scene(
            answers={
                "funds": (200, data({"availablecash": 1.0})),
                # asked twice: by the check of the mode, and for an answer that does not say
                "analyzer": [
                    (200, data({"analyze_mode": True})),
                    (200, data({"analyze_mode": False})),
                ],
            }
        ),
    ),
    "no money": Case(
        "margin",
        WAIT,
        ("no entry can be carried", "add money"),
        on(funds=(200, data({"availablecash": "1000.00"}) | {"mode": "analyze"})),
    ),
    "money for some": Case(
        "margin",
        REMARK,
        ("about 2 of 5",),
        on(funds=(200, data({"availablecash": "3000000.00"}) | {"mode": "analyze"})),
    ),
    "a margin that is none": Case(
        "margin", WAIT, ("0.0 rupees",), on(margin=(200, data({"total_margin_required": 0.0})))
    ),
    "an order left over": Case(
        "orders",
        WAIT,
        ("not ours, in options of NIFTY", "SELL 650 NIFTY01DEC2624500CE", "foreign"),
        on(orderbook=(200, data({"orders": [order_row()]}))),
    ),
    "an order elsewhere": Case(
        "orders",
        REMARK,
        ("not ours: SELL 650 INFY",),
        on(orderbook=(200, data({"orders": [order_row(symbol="INFY")]}))),
    ),
    "an order that is to be cancelled": Case(
        "orders",
        REMARK,
        ("not ours: SELL",),
        replace(
            on(orderbook=(200, data({"orders": [order_row()]}))), config={"foreign": "flatten"}
        ),
    ),
    "an order that cannot be read": Case(
        "orders", REMARK, ("may be anything",), on(orderbook=(200, data({"orders": [{"a": 1}]})))
    ),
    "a position left over": Case(
        "positions",
        WAIT,
        ("NIFTY01DEC2624200CE -65", "close it"),
        on(positionbook=(200, data([{"symbol": OPTIONS[2], "quantity": -65}]))),
    ),
    "a position elsewhere": Case(
        "positions",
        REMARK,
        ("not ours: INFY +5",),
        on(positionbook=(200, data([{"symbol": "INFY", "quantity": 5}]))),
    ),
    "a position without a name": Case(
        "positions", WAIT, ("not named",), on(positionbook=(200, data([{"quantity": 65}])))
    ),
    "positions that cannot be read": Case(
        "positions", WAIT, ("position",), on(positionbook=(200, data([{"symbol": "X"}])))
    ),
    "no WebSocket": Case(
        "feed",
        WAIT,
        ("no OpenAlgo WebSocket answers", "openalgo_ws_url"),
        Scene(config={"openalgo_ws_url": f"ws://{NOWHERE}"}),
    ),
    "another WebSocket": Case(
        "feed", WAIT, ("no OpenAlgo WebSocket",), Scene(socket=Socket(is_json=False))
    ),
    "a feed that refuses the key": Case(
        "feed-log-in",
        NO,
        ("AUTHENTICATION_ERROR", "copy the API key"),
        Scene(socket=Socket(code="AUTHENTICATION_ERROR")),
    ),
    "a feed without a broker": Case(
        "feed-log-in",
        WAIT,
        ("BROKER_ERROR", "log in to the broker"),
        Scene(socket=Socket(code="BROKER_ERROR")),
    ),
    "a feed that hangs up": Case(
        "feed-log-in", WAIT, ("closed",), Scene(socket=Socket(hangs_up="authenticate"))
    ),
    "a feed that does not stay": Case(
        "feed-log-in",
        WAIT,
        ("closed", "log in"),
        Scene(socket=Socket(hangs_up="subscribe", silent=frozenset({OPTIONS[0]})), ticks_s=10.0),
    ),
    "a symbol that is not taken": Case(
        "subscriptions",
        REMARK,
        (OPTIONS[0], "no token", "master contracts"),
        Scene(socket=Socket(missing=frozenset({OPTIONS[0]}))),
        more=("option-ticks",),
    ),
    "an index that is not taken": Case(
        "subscriptions",
        WAIT,
        ("NIFTY: no token",),
        Scene(socket=Socket(missing=frozenset({"NIFTY"}))),
        more=("index-ticks",),
    ),
    "an index that is mute": Case(
        "index-ticks",
        WAIT,
        ("NIFTY is mute", "in again"),
        Scene(socket=Socket(silent=frozenset({"NIFTY"}))),
    ),
    "options that are mute": Case(
        "option-ticks",
        WAIT,
        ("mute", "in again"),
        Scene(socket=Socket(silent=frozenset(OPTIONS))),
    ),
    "an option that is mute": Case(
        "option-ticks",
        REMARK,
        (f"silent so far: {OPTIONS[3]}",),
        Scene(socket=Socket(silent=frozenset({OPTIONS[3]}))),
    ),
    "a standby that is not there": Case(
        "standby",
        REMARK,
        ("no OpenAlgo WebSocket answers", "standby_ws_url empty"),
        Scene(
            config={"standby_ws_url": f"ws://{NOWHERE}"},
            environment={"OPENALGO_STANDBY_API_KEY": "x"},
        ),
    ),
    "a standby without a key": Case(
        "standby",
        NO,
        ("OPENALGO_STANDBY_API_KEY is not",),
        Scene(config={"standby_ws_url": f"ws://{NOWHERE}"}),
    ),
    "no order updates": Case(
        "order-stream",
        REMARK,
        ("every second", "ORDER_UPDATES_ENABLED"),
        Scene(socket=Socket(has_stream=False)),
    ),
}

# Of every flight here: nobody has a profile, and the facts end in the summer.
ALWAYS = {"profile", "facts-age"}


def placed(case: Case, folder: Path) -> Scene:
    """The case's scene with the files of *folder*."""
    named = {
        key: [str(folder / name)] if key == "facts_files" else str(folder / name)
        for key, name in case.files.items()
    }
    return replace(case.scene, config={**case.scene.config, **named})


@pytest.mark.parametrize("name", CASES)
async def test_what_is_wrong_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    report = await flown(tmp_path, placed(case, tmp_path))
    outcome = by_id(report)[case.check_id]
    assert outcome.verdict is case.verdict, outcome
    assert case.verdict in BY_ID[case.check_id].fails
    told_ = f"{outcome.judgement.found} {outcome.judgement.cause}; {outcome.remedy}"
    assert [text for text in case.says if text not in told_] == [], told_
    assert outcome.guide
    others = {
        one.check_id: one.verdict
        for one in report.outcomes
        if one.verdict not in {OK, NA} and one.check_id != case.check_id
    }
    assert set(others) - ALWAYS == set(case.more), others
    assert report.is_safe == (case.verdict not in FAILURES and not set(others.values()) & FAILURES)


def test_every_way_to_fail_has_its_case() -> None:
    tried = {(case.check_id, case.verdict) for case in CASES.values()}
    possible = {(check.check_id, verdict) for check in CHECKS for verdict in check.fails}
    elsewhere = {
        # the tests below, and those of the parts
        ("other-instance", NO),
        ("other-instance", REMARK),
        ("account-in-use", NO),
        ("database-integrity", REMARK),
        # tests/contract/test_telegram.py
        *((f"telegram-{what}", verdict) for what in ("bot", "chat") for verdict in (REMARK, NO)),
    }
    assert possible - tried - elsewhere == set()


async def test_a_day_on_which_nothing_is_wrong(tmp_path: Path) -> None:
    good = Scene(prepare=profile(), config={"gateway_profile": str(tmp_path / "profile.json")})
    report = await flown(tmp_path, good)
    found = {one.check_id: one.verdict for one in report.outcomes if one.verdict is not OK}
    assert found == {
        "facts-age": REMARK,
        **dict.fromkeys(("telegram", "telegram-bot", "telegram-chat", "standby"), NA),
        **dict.fromkeys(("database-integrity", "binding", "day"), NA),
    }
    assert (report.answer, report.headline) == ("safe", "safe to trade today")
    assert not (tmp_path / "state").exists(), "a check changes nothing"


@pytest.mark.parametrize("name", ["other-instance", "account-in-use"])
async def test_who_runs_already_is_named(tmp_path: Path, name: str) -> None:
    host = f"http://{NOWHERE}"
    other = {
        "other-instance": folder_lock(tmp_path / "state"),
        "account-in-use": account_lock(tmp_path / "locks", host, KEY, DAY),
    }[name]
    with other:
        report = await flown(tmp_path, Scene(config={"openalgo_host": host}))
    outcome = by_id(report)[name]
    assert outcome.verdict is NO
    assert str(os.getpid()) in outcome.judgement.cause
    assert isinstance(outcome.judgement.error, SessionLocked)
    assert report.answer == "no"


async def test_one_that_waits_for_the_session_is_no_obstacle(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with folder_lock(state), PulseWriter(pulse_in(state)) as pulse:
        pulse.beat(Stage.WAITS)
        waiting = by_id(await flown(tmp_path, Scene()))["other-instance"]
    assert waiting.verdict is REMARK
    assert waiting.judgement.found == f"process {os.getpid()} waits"
    gone = by_id(await flown(tmp_path, Scene()))["other-instance"]
    assert gone.verdict is OK


STANDBYS = {
    "well": (Socket(), OK, ("6 of 6",)),
    "refused": (
        Socket(code="AUTHENTICATION_ERROR"),
        REMARK,
        ("AUTHENTICATION_ERROR", "OPENALGO_STANDBY_API_KEY"),
    ),
    "ends": (Socket(hangs_up="authenticate"), REMARK, ("closed",)),
    "of another day": (Socket(ahead=timedelta(hours=1)), REMARK, ("+3600.0 s", "another time")),
    "counting in lots": (Socket(volume=1000), REMARK, ("has 1000 there, and 65000 here",)),
    "a little behind": (Socket(volume=64_000), OK, ("6 of 6",)),
    "mute": (Socket(silent=frozenset(OPTIONS)), REMARK, ("mute", "put it right there")),
    "of other contracts": (Socket(missing=frozenset({OPTIONS[0]})), REMARK, (OPTIONS[0],)),
}


@pytest.mark.parametrize("name", STANDBYS)
async def test_a_standby_is_listened_to_and_is_no_obstacle(tmp_path: Path, name: str) -> None:
    socket, verdict, says = STANDBYS[name]
    async with feed_server(socket.serve) as standby:
        scene = Scene(
            config={"standby_ws_url": standby.url}, environment={"OPENALGO_STANDBY_API_KEY": KEY}
        )
        report = await flown(tmp_path, scene)
    outcome = by_id(report)["standby"]
    told_ = f"{outcome.judgement.found} {outcome.judgement.cause}; {outcome.remedy}"
    assert (outcome.verdict, report.is_safe) == (verdict, True), outcome
    assert [text for text in says if text not in told_] == [], told_


async def test_the_dashboard_itself_may_have_its_port(tmp_path: Path) -> None:
    unusable = this_machine().unusable

    async def seen(port: int) -> Outcome:
        scene = Scene(machine=machine(unusable=unusable), config={"dashboard_port": port})
        return by_id(await flown(tmp_path, scene))["dashboard-port"]

    dashboard = Dashboard(tmp_path, armed=False)
    port = URL(await dashboard.start(0)).port or 0
    assert (await seen(port)).judgement.found == f"a dashboard listens on {port}"
    await dashboard.stop()
    assert (await seen(port)).judgement.found == f"{port} is free"
    async with rest_server() as other:
        taken = await seen(URL(other.url).port or 0)
    assert taken.verdict is REMARK
    assert "aiohttp" in taken.judgement.cause, "who it is"
    assert (await seen(0)).verdict is OK


async def test_what_is_ours_is_not_left_over(tmp_path: Path) -> None:
    rows = """
    INSERT INTO orders (date, order_id, broker_order_id, slot, symbol, side, status, quantity,
        filled, value_paise, limit_paise, trigger_paise, reason, level, placed_at, updated_at)
    VALUES ('2026-11-20', 'a', '1', 'close:X', 'NIFTY01DEC2624500CE', 'BUY', 'accepted', 65, 0, 0,
        1, 1, '', '', '', '');
    INSERT INTO positions (date, symbol, trade_id, level, sold, sold_value_paise, bought,
        bought_value_paise, points_paise, stop_paise, opened_at)
    VALUES ('2026-11-20', 'NIFTY01DEC2624500CE', 't', '', 65, 1, 0, 0, 1, 1, '');
    """
    held = [{"symbol": "NIFTY01DEC2624500CE", "quantity": -65}, {"symbol": "X", "quantity": 0}]
    books = on(orderbook=(200, data({"orders": [order_row()]})), positionbook=(200, data(held)))
    found = by_id(await flown(tmp_path, replace(books, prepare=database(rows + ENDED))))
    assert [found[name].verdict for name in ("day", "orders", "positions")] == [OK, OK, OK]
    assert found["orders"].judgement.found == "1 working, 1 of them ours"
    assert found["positions"].judgement.found == "1 open, 1 of them ours"
    # what the gateway does not have is as suspicious as what it has
    bare = replace(books, answers={**books.answers, "positionbook": (200, data([]))})
    found = by_id(await flown(tmp_path, replace(bare, prepare=lambda _: None)))
    assert found["positions"].verdict is WAIT
    assert "NIFTY01DEC2624500CE +0, here -65" in found["positions"].judgement.cause


async def test_a_market_that_waits_for_us_is_not_used_up(tmp_path: Path) -> None:
    mute = Socket(silent=frozenset({OPTIONS[3]}), pongs=0)
    report = by_id(await flown(tmp_path, Scene(socket=mute, ticks_s=10.0)))
    assert report["option-ticks"].verdict is REMARK
    assert mute.pongs == 65  # seconds of the market
    closed = Socket(silent=frozenset({"*"}), pongs=0, now=SESSION.at(time(9)))
    report = by_id(await flown(tmp_path, Scene(socket=closed, wall=closed.now, ticks_s=10.0)))
    assert report["index-ticks"].judgement.cause.startswith("not now")
    assert closed.pongs == 0


async def test_a_key_that_the_gateway_repeats_is_hidden(tmp_path: Path) -> None:
    report = await flown(tmp_path, on(ping=(400, refusal(f"no such thing: {KEY}"))))
    assert KEY in by_id(report)["key"].judgement.found
    hidden = by_id(without_secrets(report, [KEY]))["key"]
    assert KEY not in repr(replace(hidden.judgement, error=None))
    assert "no such thing" in hidden.judgement.found


async def test_a_gateway_that_hangs_ends_in_a_verdict(tmp_path: Path) -> None:
    quick = tuple(replace(check, seconds=0.1) for check in CHECKS)
    report = await flown(tmp_path, replace(on(ping=hang), checks=quick))
    assert by_id(report)["gateway"].judgement.cause == "nothing came in 0.1 s"
    assert (report.answer, report.seconds < 2) == ("not yet", True)
    assert by_id(report)["key"].judgement.cause == "needs: it answers as OpenAlgo does"
    scene = replace(on(optionchain=hang), checks=quick)
    found = by_id(await flown(tmp_path, scene))
    assert found["symbols"].verdict is WAIT
    assert found["feed-log-in"].verdict is NA
