"""What people and machines get wrong: named with the value and the remedy, without a traceback.

Codes are those of ``docs/reference/exit-codes.md``.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.domain.session import IST
from tests.e2e.books_audit import Books, agree, audited
from tests.e2e.processes import Ended, Server, ended, serving, settings_file, small_day
from tests.e2e.relay import relayed

slow = pytest.mark.slow
NOWHERE = "127.0.0.1:1"  # a port that nothing may listen on


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("serve")
    with serving(folder, "--replay", str(small_day(folder))) as one:
        yield one


def nothing(_: Path) -> None:
    """Leave the folder as it is."""


@dataclass(frozen=True)
class Case:
    """One mistake.

    Attributes:
        kind: Class of the error.
        says: What the message has to name: the thing, the value, the remedy.
        flags: Of the command line; ``{host}`` and ``{ws}`` stand for the server's.
        config: The configuration file's keys.
        prepare: Makes the state folder what it is.
        key: What is in OPENALGO_API_KEY; ``None`` for the right one.
        always: Whether it is tried with every run of the tests.
    """

    code: int
    kind: str
    says: tuple[str, ...]
    flags: tuple[str, ...] = ()
    config: dict[str, object] = field(default_factory=dict)
    prepare: Callable[[Path], None] = nothing
    key: str | None = None
    always: bool = False


def database(change: str) -> Callable[[Path], None]:
    """A state database, changed."""

    def prepare(state: Path) -> None:
        state.mkdir()
        open_writer(state / "live_state.db").close()
        with closing(sqlite3.connect(state / "live_state.db")) as connection:
            connection.execute(change)
            connection.commit()

    return prepare


def foreign_database(state: Path) -> None:
    state.mkdir()
    with closing(sqlite3.connect(state / "live_state.db")) as connection:
        connection.execute("CREATE TABLE songs (title)")


def junk(name: str) -> Callable[[Path], None]:
    def prepare(state: Path) -> None:
        state.mkdir()
        (state / name).write_text("junk" * 2000)

    return prepare


NEWER = "INSERT INTO migrations VALUES (99, 'create_future', '9.9')"
RUNS = {
    "unknown key": Case(
        3,
        "ConfigError",
        ("settings.toml: max_position: unknown key", "did you mean max_positions?"),
        config={"max_position": 2},
        always=True,
    ),
    "a secret in the file": Case(
        3,
        "ConfigError",
        ("api_key", "environment only", "OPENALGO_API_KEY"),
        config={"api_key": "0123456789"},
    ),
    "contradicting keys": Case(
        3,
        "ConfigError",
        ("price_min_rupees is above price_max_rupees",),
        config={"price_min_rupees": 200, "price_max_rupees": 100},
    ),
    "messages for nobody": Case(
        3,
        "ConfigError",
        ("telegram_enabled", "telegram_chat_id is empty"),
        config={"telegram_enabled": True},
    ),
    "no config file": Case(
        3, "ConfigError", ("none.toml: does not exist", "config init"), ("--config", "none.toml")
    ),
    "no expiry": Case(3, "ConfigError", ("Friday", "26DEC24"), ("--expiry", "Friday")),
    "no listed expiry": Case(
        3, "ConfigError", ("08DEC26", "not listed", "01DEC26"), ("--expiry", "08DEC26"), always=True
    ),
    "no strike": Case(3, "ConfigError", ("middle", "24200"), ("--atm", "middle")),
    "no listed strike": Case(
        3, "ConfigError", ("24210.00", "nearest", "24200.00"), ("--atm", "24210"), always=True
    ),
    "no key": Case(
        3, "ConfigError", ("OPENALGO_API_KEY is not set", "copy the key"), key="", always=True
    ),
    "a wrong key": Case(
        3,
        "GatewayRefused",
        ("HTTP 403", "API key is wrong", "copy the key"),
        key="0" * 64,
        always=True,
    ),
    "gateway down": Case(
        6,
        "GatewayUnreachable",
        (NOWHERE, "is OpenAlgo running there"),
        ("--host", f"http://{NOWHERE}"),
        always=True,
    ),
    "WebSocket down": Case(
        6,
        "GatewayUnreachable",
        (NOWHERE, "is the URL right"),
        ("--ws-url", f"ws://{NOWHERE}"),
        always=True,
    ),
    "no WebSocket there": Case(
        6, "GatewayUnreachable", ("no OpenAlgo WebSocket answers",), ("--ws-url", "ws{host}")
    ),
    "no address": Case(3, "ConfigError", ("localhost", "http://"), ("--host", "localhost")),
    "live with one key only": Case(3, "ConfigError", ("--live",), ("--mode", "live")),
    "--live on paper": Case(3, "ConfigError", ("--live", 'mode = "live"'), ("--live",)),
    "live at an analyzer": Case(
        4,
        "ModeMismatch",
        ("'live'", "'analyze'", "switch its analyzer"),
        ("--mode=live", "--live"),
        always=True,
    ),
    "state folder is a file": Case(
        5, "LedgerError", ("state", "use another folder"), prepare=Path.touch, always=True
    ),
    "database of a newer version": Case(
        5,
        "LedgerError",
        ("create_future", "newer swingbreak"),
        prepare=database(NEWER),
        always=True,
    ),
    "database of another program": Case(
        5, "LedgerError", ("songs", "another program"), prepare=foreign_database
    ),
    "no database": Case(
        5, "LedgerError", ("not a SQLite database", "move it away"), prepare=junk("live_state.db")
    ),
    "logs is a file": Case(
        3, "ConfigError", ("logs", "choose another state_dir"), prepare=junk("logs")
    ),
}


def run(folder: Path, server: Server, *flags: str, key: str | None = None) -> Ended:
    env = server.env if key is None else {"OPENALGO_API_KEY": key}
    arguments = ("run", *server.addresses, "--state-dir", "state", *flags)
    return ended(folder, *arguments, env=env)


def blames(end: Ended, case: Case) -> None:
    """It ended as the case says, and said so once, as JSON."""
    assert end.code == case.code, end
    assert end.out == ""
    assert len(end.err.splitlines()) == 1, end.err
    assert (end.error["error"], end.error["exit_code"]) == (case.kind, case.code)
    assert [text for text in case.says if text not in end.error["message"]] == []


def cases(names: Mapping[str, bool]) -> list[Any]:
    """Parameters: each name, the slow ones marked."""
    return [pytest.param(name, marks=() if always else slow) for name, always in names.items()]


@pytest.mark.parametrize("name", cases({name: case.always for name, case in RUNS.items()}))
def test_run_names_what_is_wrong(tmp_path: Path, server: Server, name: str) -> None:
    case, state = RUNS[name], tmp_path / "state"
    case.prepare(state)
    before = sorted(tmp_path.rglob("*"))
    config = settings_file(tmp_path, **case.config) if case.config else ()
    flags = [flag.replace("{host}", server.host.removeprefix("http")) for flag in case.flags]
    end = run(tmp_path, server, *flags, *config, "--json", key=case.key)
    blames(end, case)
    if not state.exists() or not before:
        assert not state.exists()


def test_a_person_reads_a_line(tmp_path: Path, server: Server) -> None:
    end = run(tmp_path, server, *settings_file(tmp_path, max_position=2))
    assert (end.code, end.out) == (3, "")
    assert end.err.startswith("error: ")
    assert len(end.err.splitlines()) == 1


def test_paper_does_not_start_where_real_money_is(tmp_path: Path) -> None:
    with serving(tmp_path, "--replay", str(small_day(tmp_path))) as server:
        server.ask("analyzer/toggle", mode=False)
        end = run(tmp_path, server, "--json")
        case = Case(4, "ModeMismatch", ("'paper'", "'live'", "nothing has been sent"))
        blames(end, case)


def test_a_feed_that_refuses_the_key_ends_the_day(tmp_path: Path, server: Server) -> None:
    day = str(small_day(tmp_path))
    with serving(tmp_path, "--replay", day, "--api-key", "another key of 32 characters...") as feed:
        both = replace(server, ws_url=feed.ws_url)
        end = run(tmp_path, both)
    assert end.code == 3
    assert "AUTHENTICATION_ERROR" in end.err
    assert "copy the API key" in end.err
    assert "Traceback" not in end.err
    assert ended(tmp_path, "status", "--state-dir", "state", name="status").code == 0


def test_a_locked_database_is_noticed_before_anything_is_sent(
    tmp_path: Path, server: Server
) -> None:
    database("SELECT 1")(tmp_path / "state")
    with closing(sqlite3.connect(tmp_path / "state" / "live_state.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        end = run(tmp_path, server)
    assert end.code == 5
    assert "live_state.db: database is locked" in end.err
    assert "close database browsers" in end.err
    assert "Traceback" not in end.err


@pytest.mark.parametrize(
    ("day", "speed", "says"),
    [
        pytest.param("2026-11-21", "max", ("2026-11-21 is a weekend",), id="weekend"),
        pytest.param(
            "2026-11-24", "max", ("2026-11-24 is a holiday", "Guru"), id="holiday", marks=slow
        ),
        pytest.param(
            "2026-11-20",
            "100000",
            ("session closed", "next trading day"),
            id="after the close",
            marks=slow,
        ),
    ],
)
def test_no_session_to_trade(tmp_path: Path, day: str, speed: str, says: tuple[str, ...]) -> None:
    data = str(small_day(tmp_path, day=day))
    with serving(tmp_path, "--replay", data, speed=speed) as server:
        if speed != "max":
            server.running.until(lambda: f"{server.now().astimezone(IST):%H:%M}" > "15:30")
        blames(run(tmp_path, server, "--json"), Case(3, "ConfigError", says))


@pytest.mark.parametrize("flag", ["--port", pytest.param("--ws-port", marks=slow)])
def test_a_port_in_use(tmp_path: Path, server: Server, flag: str) -> None:
    url = server.host if flag == "--port" else server.ws_url
    port = url.rpartition(":")[2]
    ports = {"--port": "0", "--ws-port": "0", flag: port}
    flags = [text for pair in ports.items() for text in pair]
    end = ended(tmp_path, "serve", "--json", *flags, "--replay", str(small_day(tmp_path)))
    blames(end, Case(3, "ConfigError", (f"port {port} on 127.0.0.1", f"another with {flag}")))


HEAD = "ts,symbol,open,high,low,close,volume"
GOOD = "2026-11-20T09:15:00+05:30,NIFTY01DEC2624200CE,150,151,149,150,650"
FILES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "cut off": (f"{HEAD}\n{GOOD}\n2026-11-20T09:16:00+05:30,NIFT", ("row 2", "2 cells for 7")),
    "a word for a number": (
        f"{HEAD}\n{GOOD}\n{GOOD.replace('09:15', '09:16').replace('650', 'many')}\n",
        ("row 2", "column 'volume'", "'many'"),
    ),
    "a bar upside down": (
        f"{HEAD}\n{GOOD.replace('151', '148')}\n",
        ("row 1", "column 'high'", "below the low"),
    ),
    "no time": (f"{HEAD}\n{GOOD.replace('2026', 'MMXX')}\n", ("row 1", "column 'ts'", "MMXX")),
    "no option": (f"{HEAD}\n{GOOD.replace('NIFTY01DEC2624200CE', 'GOLD')}\n", ("GOLD",)),
    "an unknown underlying": (f"{HEAD}\n{GOOD.replace('NIFTY', 'PEARLS')}\n", ("PEARLS", "NIFTY")),
    "twice the same": (f"{HEAD}\n{GOOD}\n{GOOD}\n", ("row 2", "column 'ts'", "1 such rows")),
    "a column missing": (f"{HEAD.removesuffix(',volume')}\n", ("no column volume", "found: ts")),
    "empty": ("", ("empty", "first line must name the columns")),
    "not text": (bytes(range(256)), ("not a readable CSV",)),
}


OFTEN = {"cut off", "a word for a number", "an unknown underlying"}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("demo", "cut off"),
        ("serve", "a bar upside down"),
        *(pytest.param("signals", name, marks=() if name in OFTEN else slow) for name in FILES),
    ],
)
def test_a_data_file_is_refused_with_its_row_and_column(
    tmp_path: Path, command: str, name: str
) -> None:
    contents, says = FILES[name]
    path = tmp_path / "day.csv"
    path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
    given = {"signals": (), "serve": ("--replay",), "demo": ("--replay",)}[command]
    end = ended(tmp_path, command, "--json", *given, str(path))
    blames(end, Case(5, "DataError", ("day.csv", *says)))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["day.csv", "run.err", "run.out"]


def test_a_data_file_that_is_not_there(tmp_path: Path) -> None:
    end = ended(tmp_path, "demo", "--json", "--replay", "none.csv")
    blames(end, Case(5, "DataError", ("none.csv",)))


@pytest.mark.parametrize(
    "flags",
    [("demo", "--regime", "sunny"), ("demo", "--seed", "1", "--replay", "x.csv"), ("dance",)],
    ids=" ".join,
)
def test_a_wrong_command_line(tmp_path: Path, flags: tuple[str, ...]) -> None:
    end = ended(tmp_path, *flags)
    assert (end.code, end.out) == (2, "")
    assert flags[-1] in end.err or flags[1] in end.err
    assert "Traceback" not in end.err


def test_symbols_without_history_are_held_and_the_others_trade(tmp_path: Path) -> None:
    state = tmp_path / "state"

    def without_calls(request: bytes) -> bytes:
        return request.replace(b'CE"', b'XX"') if b"/history" in request else request

    with serving(tmp_path, "--generate", "22") as server, relayed(server.host) as relay:
        relay.alter = without_calls
        flags = settings_file(tmp_path, force_exit_ist="09:44")
        end = run(tmp_path, replace(server, host=relay.url), *flags)
        books = Books.of(server)
    assert end.code == 0, end.err
    day = audited(state)
    assert books.trades
    assert {row["symbol"][-2:] for row in books.orders} == {"PE"}
    agree(day, books, state)
