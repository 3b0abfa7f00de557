"""Machines, settings and state folders that fail a check."""

from datetime import timedelta
from pathlib import Path

from swingbreak.domain.control import Control
from tests.openalgo_fakes import KEY
from tests.preflight_cases.case import NO, REMARK, WAIT, Case
from tests.preflight_cases.folders import (
    ENDED,
    bound,
    damaged,
    database,
    junk,
    killed,
    profile,
    told,
)
from tests.preflight_rig import Scene, machine

PROFILE = {"gateway_profile": "profile.json"}


def gone(_: Path) -> int:
    raise OSError(5, "Input/output error")


HERE = {
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
}
