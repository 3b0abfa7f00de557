"""What the files of ``deploy/`` do when they are used as their guide says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from tests.e2e.books_audit import Books, agree, audited
from tests.e2e.processes import SOURCE, environment, serving, settings_file

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HOST_LIMIT_BYTES = 256 * 1024 * 1024  # what OpenAlgo's strategy host gives on a small machine
BUSY = ("--generate", "22")
FLAGS = {"force_exit_ist": "09:36"}


def launcher(folder: Path, **lines: str) -> Path:
    """Return the launcher with its three lines changed, as a user does."""
    text = (DEPLOY / "openalgo" / "swingbreak_launcher.py").read_text("utf-8")
    for name, value in lines.items():
        text, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value!r}", text)
        assert count == 1, name
    path = folder / "strategy.py"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
def test_a_day_in_the_strategy_host(tmp_path: Path) -> None:
    """One file, no arguments, the server's environment, 256 MB of address space, 256 files."""
    import resource  # noqa: PLC0415 - Windows has none

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (HOST_LIMIT_BYTES, HOST_LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_DATA, (HOST_LIMIT_BYTES, HOST_LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

    state = tmp_path / "state"
    (_, config) = settings_file(tmp_path, **FLAGS)
    # the launcher hands on an environment of its own: the program has to be found all the same
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={SOURCE} exec {sys.executable} "$@"\n', "utf-8")
    python.chmod(0o755)
    script = launcher(tmp_path, PYTHON=str(python), CONFIG=config, STATE=str(state))
    with serving(tmp_path, *BUSY) as server:
        given = {
            **server.env,
            "HOST_SERVER": server.host,
            "WEBSOCKET_URL": server.ws_url,
            "APP_KEY": "the server's secret",
            "OPENALGO_NONSENSE": "1",
        }
        ran = subprocess.run(
            [sys.executable, "-u", str(script)],
            check=False,
            cwd=tmp_path,
            env=environment({}) | given,
            capture_output=True,
            text=True,
            timeout=120,
            preexec_fn=limit,
        )
        assert ran.returncode == 0, ran.stderr
        agree(audited(state), Books.of(server), state)
    assert "the server's secret" not in ran.stdout + ran.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    installed = tmp_path / "swingbreak"
    installed.write_text("#!/bin/sh\n", "utf-8")
    installed.chmod(0o755)
    units = []
    for path in sorted((DEPLOY / "systemd").iterdir()):
        text = path.read_text("utf-8").replace(
            "/opt/swingbreak/.venv/bin/swingbreak", str(installed)
        )
        (tmp_path / path.name).write_text(text, "utf-8")
        units.append(str(tmp_path / path.name))
    assert len(units) == 3
    verified = subprocess.run(
        [str(shutil.which("systemd-analyze")), "verify", *units],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_options_that_are_used_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Every option that a unit, a script or the image uses is there."""
    texts = {path: path.read_text("utf-8") for path in DEPLOY.rglob("*") if path.is_file()}
    found = {
        (command, option)
        for text in texts.values()
        for command, rest in re.findall(r"swingbreak (run|watchdog|check) ([^\n]*)", text)
        for option in re.findall(r"--[\w-]+", rest)
    }
    assert {command for command, _ in found} == {"run", "watchdog"}
    for command, option in sorted(found):
        asked = (command, "--help")
        assert run_reporting(lambda: application(command)(list(asked)), asked) == ExitCode.OK  # noqa: B023
        shown = capsys.readouterr().out
        assert option in shown, (command, option)
