import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from swingbreak.cli import config
from swingbreak.cli.output import (
    ExitCode,
    exit_code_of,
    print_table,
    print_text,
    run_reporting,
)
from swingbreak.config_file import ConfigFile
from swingbreak.domain import errors
from swingbreak.domain.errors import (
    ConfigError,
    DataError,
    GatewayRefused,
    GatewayUnreachable,
    InvalidTransition,
    LedgerError,
    ModeMismatch,
    NeedsExtra,
    OrderRefused,
    OutcomeUnknown,
    SessionLocked,
    SwingbreakError,
)

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENALGO_API_KEY", "R_VALUE", "PAPER_TRADING"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> int:
    return run_reporting(lambda: config.app(list(arguments)), arguments)


def test_init_writes_a_file_that_check_accepts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init") == ExitCode.OK
    assert run("check") == ExitCode.OK
    assert "swingbreak.toml written" in capsys.readouterr().out
    assert run("check", "swingbreak.toml", "--json") == ExitCode.OK
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["mode"]) == (True, "paper")
    assert set(said["given"]) == set(ConfigFile.model_fields)


def test_init_does_not_overwrite(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text("max_positions = 2")
    assert run("init", "mine.toml") == ExitCode.CONFIGURATION
    assert Path("mine.toml").read_text() == "max_positions = 2"
    assert "move it away" in capsys.readouterr().err


def test_init_names_a_place_where_it_cannot_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "no/such/folder.toml") == ExitCode.CONFIGURATION
    assert "cannot be written" in capsys.readouterr().err


def test_check_reports_everything_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    Path("swingbreak.toml").write_text("max_position = 2\nr_value_rupees = 0")
    assert run("check") == ExitCode.CONFIGURATION
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "did you mean max_positions?" in shown.err
    assert "r_value_rupees = 0" in shown.err
    assert "Traceback" not in shown.err


def test_with_json_an_error_is_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "none.toml", "--json") == ExitCode.CONFIGURATION
    shown = capsys.readouterr()
    assert shown.out == ""
    said = json.loads(shown.err)
    assert (said["error"], said["exit_code"]) == ("ConfigError", 3)
    assert "none.toml" in said["message"]


def test_show_names_every_key_and_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENALGO_API_KEY", KEY)
    monkeypatch.setenv("R_VALUE", "5000")
    assert run("show") == ExitCode.OK
    table = capsys.readouterr().out
    assert run("show", "--json") == ExitCode.OK
    shown = capsys.readouterr().out
    assert KEY not in table + shown
    entries = {entry["key"]: entry for entry in json.loads(shown)}
    secrets = {
        "OPENALGO_API_KEY",
        "TELEGRAM_BOT_TOKEN",
        "APPRISE_URLS",
        "SWINGBREAK_METRICS_TOKEN",
        "OPENALGO_STANDBY_API_KEY",
    }
    assert entries.keys() == secrets | ConfigFile.model_fields.keys()
    assert entries["r_value_rupees"] == {
        "key": "r_value_rupees",
        "value": "5000",
        "unit": "rupees",
        "from": "environment R_VALUE",
    }
    assert all(key in table for key in entries)


def test_show_reads_the_file_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text("max_positions = 2")
    assert run("show", "--config", "mine.toml", "--json") == ExitCode.OK
    entries = {entry["key"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert (entries["max_positions"]["value"], entries["max_positions"]["from"]) == (
        "2",
        "mine.toml",
    )


@pytest.mark.parametrize("arguments", [["shout"], ["show", "--colour"]], ids=["verb", "option"])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    assert run(*arguments) == ExitCode.USAGE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError, 3),
        (NeedsExtra, 3),
        (GatewayRefused, 3),
        (ModeMismatch, 4),
        (DataError, 5),
        (LedgerError, 5),
        (GatewayUnreachable, 6),
        (OrderRefused, 6),
        (OutcomeUnknown, 7),
        (InvalidTransition, 7),
        (SessionLocked, 11),
    ],
)
def test_an_error_has_its_exit_code(error: type[SwingbreakError], code: int) -> None:
    def fail() -> None:
        raise error("x: 5: do this")

    assert run_reporting(fail, []) == code


def test_every_error_has_an_exit_code() -> None:
    for name in errors.__all__:
        assert exit_code_of(getattr(errors, name)("")) is not ExitCode.OK


def leave_with(code: object) -> Callable[[], None]:
    def leave() -> None:
        sys.exit(code)  # type: ignore[arg-type]

    return leave


@pytest.mark.parametrize(("code", "result"), [(None, 0), (0, 0), (8, 8)])
def test_a_command_that_leaves_has_its_code(code: int | None, result: int) -> None:
    assert run_reporting(leave_with(code), []) == result


def test_a_command_that_is_interrupted_ends_with_the_signals_code() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    app = typer.Typer()
    app.command()(interrupted)
    assert run_reporting(interrupted, []) == ExitCode.INTERRUPTED
    assert run_reporting(lambda: app([]), []) == ExitCode.INTERRUPTED


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setenv("OPENALGO_API_KEY", KEY)

    def fail() -> None:
        raise RuntimeError(f"no such thing: {KEY}")

    return fail


def test_a_mistake_of_ours_is_short_and_its_traceback_is_kept(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    broken: Callable[[], None],
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run_reporting(broken, []) == ExitCode.UNEXPECTED
    shown = capsys.readouterr().err
    (kept,) = tmp_path.glob("swingbreak-*.txt")
    assert str(kept) in shown
    assert len(shown.splitlines()) == 1
    assert "RuntimeError: no such thing" in kept.read_text()
    assert KEY not in shown + kept.read_text()


def test_where_nothing_can_be_kept_the_traceback_is_shown(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    broken: Callable[[], None],
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert run_reporting(broken, []) == ExitCode.UNEXPECTED
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert KEY not in shown


def test_a_piped_table_is_not_cut_to_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    wide = "NIFTY01DEC2624500PE" * 4
    print_table(("symbol", ">P&L"), [(wide, "[red]5[/red]")])
    shown = capsys.readouterr().out
    assert wide in shown
    assert "[red]5[/red]" in shown


ON_A_CONSOLE = """
import sys
sys.path.insert(0, sys.argv[1])
from swingbreak.cli.output import currency, print_table, print_text
print_text(f"\\u20b9 5, {currency()}, \\u0928\\u093f\\u092b\\u094d\\u091f\\u0940")
print_table(("net \\u20b9",), [("\\u20b9 5",)])
"""


@pytest.mark.parametrize(
    ("encoding", "sign"), [("cp1252", "Rs"), ("ascii", "Rs"), ("utf-8", "₹")], ids=str
)
def test_no_console_is_too_old_for_the_rupee(encoding: str, sign: str) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", ON_A_CONSOLE, str(ROOT / "src")],
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": encoding},
    )
    shown = result.stdout.decode(encoding)
    assert shown.startswith(f"{sign} 5, {sign}, ")
    assert f"net {sign}" in shown


def test_a_line_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("₹ 5")
    assert capsys.readouterr().out == "₹ 5\n"


LIGHT = """
import sys
sys.path.insert(0, sys.argv[1])
import swingbreak.cli.config, swingbreak.cli.output, swingbreak.cli.state
print([name for name in ("aiohttp", "msgspec", "pydantic", "structlog") if name in sys.modules])
"""


def test_the_commands_are_known_without_loading_what_they_need() -> None:
    command = [sys.executable, "-c", LIGHT, str(ROOT / "src")]
    result = subprocess.run(command, capture_output=True, check=True, text=True)
    assert result.stdout.strip() == "[]"
