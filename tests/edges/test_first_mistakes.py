"""What a new user gets wrong: told by a code and a remedy, never by a traceback."""

import io
import os
import sys
from errno import EADDRNOTAVAIL, ENOSPC
from pathlib import Path

import pytest

from swingbreak.cli import main as command_line
from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, print_text, run_reporting


def run(*arguments: str) -> int:
    return run_reporting(lambda: application(arguments[0])(list(arguments)), arguments)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file, an empty folder, a state folder and a folder for a database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "live_state.db").write_bytes(b"")
    (tmp_path / "odd" / "live_state.db").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("serve --generate 1 --port 99999", ExitCode.USAGE, "65535"),
        ("serve --generate 1 --ws-port -1", ExitCode.USAGE, "greater than or equal to 0"),
        ("serve --generate 1 --api-key=", ExitCode.USAGE, "--api-key is empty"),
        ("status --watch --date 2026-11-20", ExitCode.USAGE, "leave --date out"),
        ("dashboard --port 99999", ExitCode.USAGE, "65535"),
        ("serve --replay file.txt", ExitCode.DATA, "file.txt: is no data file: its name should"),
        ("serve --replay empty", ExitCode.DATA, "empty: is a folder; name a file"),
        ("status --state-dir file.txt", ExitCode.CONFIGURATION, "is a file, and no state folder"),
        (
            "status --state-dir odd",
            ExitCode.DATA,
            "live_state.db: is a folder and cannot be opened",
        ),
        ("backup --state-dir state --to file.txt", ExitCode.DATA, "is there and is no backup"),
        ("backtest --data empty --out state", ExitCode.CONFIGURATION, "state: is a state folder"),
        (
            "data generate --data file.txt --from 2026-03-02 --strikes 1",
            ExitCode.DATA,
            "cannot be written",
        ),
        (
            "charges --sell 2 --buy 1 --quantity 1 --date 1990-01-01",
            ExitCode.DATA,
            "known for 1990-01-01; facts begin",
        ),
    ],
)
def test_it_is_told(
    line: str, code: ExitCode, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*line.split()) == code
    told = " ".join(capsys.readouterr().err.replace("\u2502", " ").split())
    assert says in told
    assert Path("file.txt").read_text(encoding="utf-8") == "mine"


def test_an_empty_store_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data", "list", "--data", "empty") == ExitCode.OK
    assert "nothing is stored in empty" in capsys.readouterr().out


def test_a_full_disk_under_the_output_is_no_mistake_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full() -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    assert run_reporting(full, ()) == ExitCode.DATA
    assert "the output: no space is left" in capsys.readouterr().err


def test_another_failure_of_the_machine_stays_unexpected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def failing() -> None:
        raise OSError(EADDRNOTAVAIL, os.strerror(EADDRNOTAVAIL))

    assert run_reporting(failing, ()) == ExitCode.UNEXPECTED
    assert "please report it" in capsys.readouterr().err


class Gone(io.StringIO):
    """An output whose reader has gone."""

    def flush(self) -> None:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_reader_that_has_gone_has_a_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Gone())
    assert run("version") == ExitCode.READER_GONE


def test_closed_streams_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["swingbreak", "version"])
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(SystemExit) as left:
        command_line.main()
    assert left.value.code == ExitCode.OK
    print_text("goes nowhere")
    sys.stdout.close()
    sys.stderr.close()
