"""``swingbreak signals`` on the filter cases of the golden vectors.

Left out and counted is what a file cannot hold: cases about prints, orders or positions. A case
that injects a swing is told in bars that make it: see ``story``.
"""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from swingbreak.domain.instrument import Right
from tests.golden.signal_files import FIRST, GOLDEN, Command, FileBar, best_of, by_day, load
from tests.golden.test_golden_filter import OURS, row, theirs

pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason="the golden vectors are not here")


@pytest.fixture
def signals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(capsys)


class Wanted(NamedTuple):
    """A swing low as a filter case injects it, ticks; VWAP in rupees."""

    symbol: str
    low: int
    vwap: float
    highest: int
    breaks_at: int | None


def story(day: date, wanted: Wanted) -> list[FileBar]:
    """Bars that end with this swing low, confirmed two bars after it on the seventh bar.

    The first bar alone has volume, so the VWAP is its price for the rest of the day. The second
    and third make it a low, the fourth and fifth make the third a high, the sixth and seventh
    make the fifth the low that is wanted.
    """
    low, highest, vwap = 5 * wanted.low, 5 * wanted.highest, round(100 * wanted.vwap)
    top = max(low, vwap, highest) + 1000
    bars = [
        (vwap, vwap, vwap, vwap, 10**6),
        (top, top + 5, top - 5, top, 0),
        (top + 10, top + 15, top + 5, top + 10, 0),
        (low + 300, low + 305, low + 295, low + 300, 0),
        (low + 5, low + 10, low, low + 5, 0),
        (low + 10, low + 15, low + 5, low + 10, 0),
        (low + 15, highest, low + 10, low + 20, 0),
    ]
    if wanted.breaks_at is not None:
        bars.append((low + 15, low + 15, 5 * wanted.breaks_at, low + 15, 0))
    return [FileBar(day, wanted.symbol, minute, *bar) for minute, bar in enumerate(bars)]


class FilterCase:
    """A filter case up to its first evaluation, as bars can tell it; or why they cannot."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.name = case["name"]
        self.wanted: list[Wanted] = []
        self.why_not = ""
        self.expected: list[list[Any] | None] | None = None
        self.candidates: dict[str, int] = {}
        self._bars: dict[str, list[list[int]]] = {}
        self._swings: dict[str, dict[str, Any]] = {}
        self._read(case)

    def _read(self, case: dict[str, Any]) -> None:
        step = -1
        for op in case["ops"]:
            step += op["op"] != "bars"
            ours = OURS.get(self.name, {}).get(step)
            if op["op"] == "bars":
                self._bars[op["symbol"]] = op["ohlc"]
            elif op["op"] == "swing":
                self._swing(op)
                self.candidates = theirs(case["expect"][step]) if ours is None else ours
            elif op["op"] == "eval":
                self._evaluate(op)
                self.expected = theirs(case["expect"][step]) if ours is None else ours
                return
            else:
                self.why_not = "not about bars"
                return

    def _swing(self, op: dict[str, Any]) -> None:
        symbol, bars = op["symbol"], self._bars.get(op["symbol"])
        if symbol in self._swings or op.get("type") == "High" or not op["vwap"]:
            self.why_not = "several swings, a high, or no VWAP"
        highest = op["swing"] + 40
        if bars is not None:
            later = [bar[1] for bar in bars[op["index"] + 1 :]]
            if not later:
                self.why_not = "confirmed on its own bar"
            highest = max(later, default=highest)
        self._swings[symbol] = op
        self.wanted.append(Wanted(symbol, op["swing"], op["vwap"], highest, None))

    def _evaluate(self, op: dict[str, Any]) -> None:
        if op["open"] or op["current"] or op["latest"].keys() != self._swings.keys():
            self.why_not = self.why_not or "a position, prints, or no price"
        self.wanted = [
            one._replace(breaks_at=low if low < one.low else None)
            for one in self.wanted
            for low in [min(op["latest"].get(one.symbol, [one.low]))]
        ]


def test_filter_cases(signals: Command, tmp_path: Path) -> None:
    cases = [FilterCase(case) for case in load("filter_handcrafted", "cases")]
    told = {
        FIRST + timedelta(days=n): case
        for n, case in enumerate(cases)
        if not case.why_not and case.wanted
    }
    (tmp_path / "mine.toml").write_text("prefer_round_strike = true\n")  # as the vectors do
    bars = [bar for day, case in told.items() for one in case.wanted for bar in story(day, one)]
    lines = signals.of(bars, tmp_path, "--config", "mine.toml")
    levels, bests = by_day(lines, "level"), by_day(lines, "best")
    evaluated = 0
    for day, case in told.items():
        at = day.isoformat()
        armed = {}
        for one in case.wanted:
            mine = [line for line in levels[at, one.symbol] if line["price"] == one.low / 20]
            if mine and mine[0]["state"] == "armed":
                armed[one.symbol] = one.low
        assert armed == case.candidates, case.name
        if case.expected is not None:
            given = [bests[at, right][-1] for right in Right]
            assert [as_row(line) for line in given] == [
                best and [*best[:5], 1] for best in case.expected
            ], case.name
            evaluated += 1
    why_not = Counter(case.why_not for case in cases if case.why_not)
    assert (len(cases), len(told), evaluated) == (57, 42, 35)
    assert why_not == {
        "several swings, a high, or no VWAP": 5,
        "not about bars": 4,
        "a position, prints, or no price": 3,
        "confirmed on its own bar": 2,
    }


def as_row(line: dict[str, Any]) -> list[Any] | None:
    """A best line as the filter cases show it, without how many qualified."""
    best = best_of(line)
    return best and row(line["symbol"], *best)
