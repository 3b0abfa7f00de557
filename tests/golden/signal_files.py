"""Bars of the golden vectors as files that `swingbreak signals` reads, and what it says of them."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
EXPIRY = date(2026, 2, 10)
FIRST = date(2025, 11, 1)  # a day for each series; whether it was a trading day does not matter


class FileBar(NamedTuple):
    """A row of the file; prices in paise."""

    day: date
    symbol: str
    minute: int
    open: int
    high: int
    low: int
    close: int
    volume: int

    @classmethod
    def of(cls, day: date, symbol: str, bar: Sequence[int]) -> "FileBar":
        """A bar of the vectors, whose prices are in ticks of 5 paise."""
        minute, *prices, volume = bar
        return cls(day, symbol, minute, *(5 * price for price in prices), volume)

    @property
    def cells(self) -> dict[str, Any]:
        opens = datetime.combine(self.day, time(9, 15))
        prices = {name: getattr(self, name) / 100 for name in ("open", "high", "low", "close")}
        at = {"ts": opens + timedelta(minutes=self.minute), "symbol": self.symbol}
        return at | prices | {"volume": self.volume}


def load(name: str, key: str) -> list[dict[str, Any]]:
    path = GOLDEN / f"{name}.json.gz"
    if not path.exists():
        return []
    with gzip.open(path) as file:
        return list(json.load(file)[key])


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


class Command:
    """Runs ``signals --json`` and takes its output apart."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def lines(self, path: Path, *options: str) -> list[dict[str, Any]]:
        arguments = ["signals", str(path), "--json", *options]
        assert run_reporting(lambda: application()(arguments), arguments) == ExitCode.OK
        said = self._capsys.readouterr()
        assert said.err == ""
        return [json.loads(line) for line in said.out.splitlines()]

    def of(self, bars: Iterable[FileBar], folder: Path, *options: str) -> list[dict[str, Any]]:
        return self.lines(write_csv(folder / "bars.csv", [bar.cells for bar in bars]), *options)


def by_day(lines: Iterable[dict[str, Any]], event: str) -> dict[tuple[str, str], list[Any]]:
    """Group the lines of one kind of event by day and symbol, or by day and right."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for line in lines:
        if line["event"] == event:
            found[line["day"], line["right" if event == "best" else "symbol"]].append(line)
    return found


def best_of(line: dict[str, Any]) -> list[int] | None:
    """A best line as swing, highest high and lots; what follows from them is checked."""
    if line["symbol"] is None:
        assert {line[k] for k in line.keys() - {"day", "event", "minute", "right"}} == {None}
        return None
    swing, highest = round(line["price"] * 20), round(line["highest_high"] * 20)
    assert line["stop"] == (highest + 20) / 20
    assert line["points"] == (highest + 20 - swing) / 20
    assert line["quantity"] == line["lots"] * 65
    assert (line["trigger"], line["limit"]) == ((swing - 1) / 20, (swing - 61) / 20)
    return [swing, highest, line["lots"]]
