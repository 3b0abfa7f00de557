"""``swingbreak signals`` on the golden vectors: bars in a file, one JSON object per line out.

What a file cannot hold is left out and counted: bars that a feed would deliver twice or late.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest

from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from swingbreak.domain.instrument import Right, option_symbol, parse_option_symbol
from swingbreak.domain.session import IST
from tests.golden.signal_files import (
    EXPIRY,
    FIRST,
    GOLDEN,
    Command,
    FileBar,
    best_of,
    by_day,
    load,
    write_csv,
)
from tests.golden.test_golden_selection import kept_an_older_low

pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason="the golden vectors are not here")


def by_contract(cells: dict[str, Any]) -> dict[str, Any]:
    underlying, expiry, strike, right = parse_option_symbol(cells["symbol"])
    named = {"underlying": underlying, "expiry": expiry, "strike": strike / 100}
    return named | {"right": right.value} | {k: v for k, v in cells.items() if k != "symbol"}


def write_parquet(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    polars = pytest.importorskip("polars", reason="Parquet needs the data layer")
    aware = [cells | {"ts": cells["ts"].replace(tzinfo=IST).astimezone(UTC)} for cells in rows]
    polars.DataFrame(aware).write_parquet(path)
    return path


@pytest.fixture
def signals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(capsys)


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
    given = by_day(signals.of(bars, tmp_path, "--rule", "watch2-alternating"), "swing")
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
