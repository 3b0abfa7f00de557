"""Stores of made-up days."""

from pathlib import Path

from swingbreak.cli.output import ExitCode
from tests.commands import run


def made_store(root: Path, *more: str, days: int, strikes: int) -> Path:
    """Make *root* a store of so many trading days from 2026-03-02 on; return it."""
    asked = ("--from", "2026-03-02", "--days", str(days), "--strikes", str(strikes), *more)
    assert run("data", "generate", *asked, "--data", str(root), "--json") == ExitCode.OK
    return root
