"""Commands run in this process, and what they said."""

import json
from typing import Any

import pytest

from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting


def run(*arguments: str) -> int:
    """Run ``swingbreak`` with *arguments*; return its exit code."""
    return run_reporting(lambda: application(arguments[0])(list(arguments)), arguments)


def read(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = ExitCode.OK) -> Any:
    """Run it with ``--json``, which prints that and nothing else; return what it printed."""
    assert run(*arguments, "--json") == code
    shown = capsys.readouterr()
    assert shown.err == ""
    return json.loads(shown.out)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run it for people; return what it printed with every white space as one blank."""
    assert run(*arguments) == ExitCode.OK
    return " ".join(capsys.readouterr().out.split())
