"""Facts as a user writes them."""

from datetime import date, time
from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.facts.dated import Facts

HEAD = "schema = 1\nknown_until = 2026-11-20\nstale_after_days = 45\n"
ROW = 'source = "my own eyes"\nconfidence = "H"\n'


def own_file(folder: Path, text: str, *, name: str = "mine.toml") -> Path:
    """Write a file of facts that says *text* below its head."""
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def last_minutes(folder: Path, day: date, opens: time) -> Path:
    """Write facts by which *day* begins late: a whole one takes seconds."""
    row = one_row("session", from_=day, until=day, opens=opens, closes="15:30:00")
    return own_file(folder, row, name="facts.toml")


def with_own(folder: Path, text: str) -> Facts:
    """The package's facts, corrected by *text*."""
    return load_facts([own_file(folder, text)])


def one_row(table: str, **values: object) -> str:
    """One row of *table*; values are written as TOML wants them."""
    rows = "".join(f"{key.rstrip('_')} = {value}\n" for key, value in values.items())
    return f"[[{table}]]\n{rows}{ROW}"
