"""``swingbreak signals`` on the golden vectors: bars in a file, one JSON object per line out.

What a file cannot hold is left out and counted: bars that a feed would deliver twice or late, and
filter cases about prints, orders or positions. A filter case that injects a swing is told in bars
that make it: see ``story``.
"""

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from swingbreak.domain.instrument import Right, option_symbol, parse_option_symbol
from swingbreak.domain.session import IST
from tests.golden.test_golden_filter import OURS, row, theirs
from tests.golden.test_golden_selection import kept_an_older_low

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
EXPIRY = date(2026, 2, 10)
FIRST = date(2025, 11, 1)  # a day for each series; whether it was a trading day does not matter
WATCH2, ALTERNATING = "watch2", "watch2-alternating"

pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason="the golden vectors are not here")


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


def by_contract(cells: dict[str, Any]) -> dict[str, Any]:
    underlying, expiry, strike, right = parse_option_symbol(cells["symbol"])
    named = {"underlying": underlying, "expiry": expiry, "strike": strike / 100}
    return named | {"right": right.value} | {k: v for k, v in cells.items() if k != "symbol"}


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    polars = pytest.importorskip("polars", reason="Parquet needs the data layer")
    aware = [cells | {"ts": cells["ts"].replace(tzinfo=IST).astimezone(UTC)} for cells in rows]
    polars.DataFrame(aware).write_parquet(path)
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


@pytest.fixture
def signals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(capsys)


def by_day(lines: Iterable[dict[str, Any]], event: str) -> dict[tuple[str, str], list[Any]]:
    """Group the lines of one kind of event by day and symbol, or by day and right."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for line in lines:
        if line["event"] == event:
            found[line["day"], line["right" if event == "best" else "symbol"]].append(line)
    return found


def as_event(line: dict[str, Any], offset: int = 0) -> list[Any]:
    """A swing line in the form of the vectors."""
    price = round(line["price"] * 20)
    kind, bar = line["type"].capitalize(), line["bar"] + offset
    return [bar, line["kind"], kind, line["index"], price, line["vwap"]]


def assert_events(given: list[list[Any]], expected: list[list[Any]], name: object) -> None:
    assert [event[:5] for event in given] == [event[:5] for event in expected], name
    vwaps = pytest.approx([event[5] for event in expected], abs=1e-9)
    assert [event[5] for event in given] == vwaps, name


# Random series: a day each, all in one file.


def random_day(one: dict[str, Any]) -> date:
    return FIRST + timedelta(days=one["id"])


def random_bars(one: dict[str, Any]) -> list[FileBar]:
    # some run past the close: only a bar's place in its day counts
    minutes = [bar[0] for bar in one["bars"]]
    if minutes[-1] >= 375:
        minutes = list(range(len(minutes)))
    rows = zip(minutes, one["bars"], strict=True)
    return [FileBar.of(random_day(one), one["symbol"], [minute, *bar[1:]]) for minute, bar in rows]


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


def compare_best(one: dict[str, Any], lines: list[dict[str, Any]], seen: Counter[str]) -> None:
    assert len(lines) == len(one["best"])
    for n, (line, vector) in enumerate(zip(lines, one["best"], strict=True)):
        seen["bars"] += 1
        best = vector
        if n in one["float_best_bars"]:  # allowed: float rounding there
            best = one["exact_best"][str(n)]
            seen["float"] += 1
        if best is not None and kept_an_older_low(one, n, best):  # allowed: ours supersedes
            assert line["symbol"] is None
            seen["superseded"] += 1
            continue
        assert best_of(line) == (best and best[:3]), (one["id"], n)
        seen["best"] += best is not None


def test_random_series(signals: Command, tmp_path: Path) -> None:
    series = load("swing_random", "series")
    bars = [bar for one in series for bar in random_bars(one)]
    lines = signals.of(bars, tmp_path)
    swings, bests = by_day(lines, "swing"), by_day(lines, "best")
    seen: Counter[str] = Counter()
    for one in series:
        day, right = random_day(one).isoformat(), one["symbol"][-2:]
        given = [as_event(line) for line in swings[day, one["symbol"]]]
        assert_events(given, one["events"], one["id"])
        seen["events"] += len(given)
        compare_best(one, bests[day, right], seen)
        other = bests[day, "PE" if right == "CE" else "CE"]
        assert [best_of(line) for line in other] == [None] * len(one["bars"])
    assert seen == {
        "bars": 32025,
        "events": 5622,
        "best": 6545,
        "float": 1,
        "superseded": 17,
    }


def test_the_other_rule_differs_where_the_vectors_say(signals: Command, tmp_path: Path) -> None:
    series = load("swing_random", "series")
    named = [one for one in series if "alternate_first" in one["differs_under"]]
    others = [one for one in series if one not in named][:12]
    bars = [bar for one in (*named, *others) for bar in random_bars(one)]
    given = by_day(signals.of(bars, tmp_path, "--rule", ALTERNATING), "swing")
    differ = []
    for one in (*named, *others):
        events = [as_event(line) for line in given[random_day(one).isoformat(), one["symbol"]]]
        differ.append([e[:5] for e in events] != [e[:5] for e in one["events"]])
        # up to the first bar on which both a swing and an update would fire nothing differs
        assert events[0][:5] == one["events"][0][:5]
    assert differ == [True] * len(named) + [False] * len(others)
    assert len(named) == 13


# Hand-made series: a symbol each, all on one day; some go on the day after.


class HandMade:
    """A hand-made series as a file can hold it."""

    def __init__(self, number: int, case: dict[str, Any]) -> None:
        self.case = case
        self.symbol = option_symbol("NIFTY", EXPIRY, (20000 + 50 * number) * 100, Right.CE)
        late = set(case["rejected"])
        self.left_out = len(late)
        self.days: dict[int, list[int]] = defaultdict(list)  # positions by day
        for position, bar in enumerate(case["bars"]):
            if position not in late:
                self.days[bar[6]].append(position)

    def bars(self) -> list[FileBar]:
        return [
            FileBar.of(FIRST + timedelta(days=day), self.symbol, self.case["bars"][position][:6])
            for day, positions in self.days.items()
            for position in positions
        ]

    def expected(self, day: int) -> list[list[Any]]:
        places = {position: place for place, position in enumerate(self.days[day])}
        return [
            [places[event[0]], *event[1:]] for event in self.case["events"] if event[0] in places
        ]


# For the public original a bar of an earlier day wipes the day; in a file it is just that day's.
WIPED = "older_date_resets_too"


@pytest.mark.parametrize("columns", ["symbol", "contract"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_hand_made_series(signals: Command, tmp_path: Path, ending: str, columns: str) -> None:
    series = [HandMade(*each) for each in enumerate(load("swing_handcrafted", "cases"))]
    rows = [bar.cells for one in series for bar in one.bars()]
    if columns == "contract":
        rows = [by_contract(cells) for cells in rows]
    write = {"csv": write_csv, "parquet": write_parquet}[ending]
    swings = by_day(signals.lines(write(tmp_path / f"bars.{ending}", rows)), "swing")
    events = 0
    for one in series:
        for day in one.days:
            if one.case["name"] == WIPED:
                continue
            at = (FIRST + timedelta(days=day)).isoformat()
            given = [as_event(line) for line in swings[at, one.symbol]]
            assert_events(given, one.expected(day), one.case["name"])
            events += len(given)
    assert (len(series), events, sum(one.left_out for one in series)) == (50, 74, 2)


def test_a_bar_twice_is_refused_by_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = {case["name"]: case for case in load("swing_handcrafted", "cases")}
    bars = cases["duplicate_timestamp_skipped"]["bars"]
    rows = [FileBar.of(FIRST, "NIFTY10FEB2625000CE", bar[:6]).cells for bar in bars]
    arguments = ["signals", str(write_csv(tmp_path / "bars.csv", rows)), "--json"]
    assert run_reporting(lambda: application()(arguments), arguments) == ExitCode.DATA
    said = capsys.readouterr()
    assert said.out == ""
    assert "is there before for NIFTY10FEB2625000CE" in json.loads(said.err)["message"]


# Bars of tick series: two rising bars behind them make a swing of one of them, and show its VWAP.


def test_vwap_of_built_bars(signals: Command, tmp_path: Path) -> None:
    cases = [case for case in load("bars_handcrafted", "cases") if case["desired_bars"]]
    bars: list[FileBar] = []
    for number, case in enumerate(cases):
        symbol = option_symbol("NIFTY", EXPIRY, (20000 + 50 * number) * 100, Right.PE)
        built = [FileBar.of(FIRST, symbol, each[:6]) for each in case["desired_bars"]]
        highest = max(bar.high for bar in built)
        ahead = (built[-1].minute + 1, built[-1].minute + 2)
        bars += built
        bars += [
            FileBar(FIRST, symbol, minute, top, top, top - 5, top, 65)
            for minute, top in zip(ahead, (highest + 100, highest + 200), strict=True)
        ]
    lines = signals.of(bars, tmp_path)
    swings = by_day(lines, "swing")
    assert len(swings) == len(cases) == 9
    for (_, symbol), (swing, *more) in swings.items():
        case = cases[(parse_option_symbol(symbol)[2] // 100 - 20000) // 50]
        assert more == []
        desired = case["desired_bars"][swing["index"]]
        assert round(swing["price"] * 20) == desired[3]
        assert swing["vwap"] == pytest.approx(desired[7], abs=1e-7)


# Filter cases.


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
