from pathlib import Path

import pytest

from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.runtime.signals import Signal, signals
from tests.builders import CE, PE, bar

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

# A heavy first bar holds the VWAP at 150; the low of 175 on minute 4 is confirmed on minute 6.
LOW = [
    bar(0, 150_00, 150_00, 150_00, 150_00, 10**6),
    bar(1, 190_00, 190_05, 189_95, 190_00, 0),
    bar(2, 190_10, 190_15, 190_05, 190_10, 0),
    bar(3, 178_00, 178_05, 177_95, 178_00, 0),
    bar(4, 175_05, 175_10, 175_00, 175_05, 0),
    bar(5, 175_10, 175_15, 175_05, 175_10, 0),
    bar(6, 175_15, 184_00, 175_10, 175_20, 0),
]
BREAK = bar(7, 175_20, 175_20, 174_95, 175_00, 0)


def shown(bars: dict[str, list[Bar]]) -> list[Signal]:
    return list(signals([CE, PE], bars, Parameters()))


def of(lines: list[Signal], event: str) -> list[Signal]:
    return [line for line in lines if line["event"] == event]


def test_a_low_is_a_swing_then_a_level_then_the_best() -> None:
    lines = shown({CE.symbol: LOW})
    assert [line["event"] for line in lines[-4:]] == ["swing", "level", "best", "best"]
    assert lines[-4] == {
        "event": "swing",
        "kind": "new",
        "type": "low",
        "symbol": CE.symbol,
        "bar": 6,
        "index": 4,
        "price": 175.0,
        "vwap": 150.0,
    }
    assert lines[-3] == {
        "event": "level",
        "symbol": CE.symbol,
        "state": "armed",
        "reason": "",
        "price": 175.0,
        "level": f"{CE.symbol}@6:4:17500",
        "bar": 6,
    }
    assert lines[-2] == {
        "event": "best",
        "minute": 6,
        "right": "CE",
        "symbol": CE.symbol,
        "price": 175.0,
        "highest_high": 184.0,
        "stop": 185.0,
        "points": 10.0,
        "lots": 10,
        "quantity": 650,
        "trigger": 174.95,
        "limit": 171.95,
    }
    names = lines[-2].keys() - {"event", "minute", "right"}
    assert lines[-1] == {"event": "best", "minute": 6, "right": "PE"} | dict.fromkeys(names)


def test_every_minute_with_a_bar_has_a_best_of_each_right() -> None:
    gappy = [LOW[0], LOW[1]._replace(minute=5)]
    late = [LOW[0]._replace(minute=3)]
    bests = of(shown({CE.symbol: gappy, PE.symbol: late}), "best")
    assert [(line["minute"], line["right"]) for line in bests] == [
        (minute, right) for minute in (0, 3, 5) for right in ("CE", "PE")
    ]


def test_a_swing_is_placed_by_its_bars_not_its_minutes() -> None:
    gappy = [each._replace(minute=3 * each.minute) for each in LOW]
    last = of(shown({CE.symbol: gappy}), "swing")[-1]
    assert (last["bar"], last["index"]) == (6, 4)
    assert of(shown({CE.symbol: gappy}), "best")[-2]["minute"] == 18


def test_a_level_that_breaks_is_told_and_is_the_best_no_more() -> None:
    lines = shown({CE.symbol: [*LOW, BREAK]})
    assert of(lines, "level")[-1] | {"level": ""} == {
        "event": "level",
        "symbol": CE.symbol,
        "state": "broken",
        "reason": "",
        "price": 175.0,
        "level": "",
        "bar": 7,
    }
    assert of(lines, "best")[-2]["symbol"] is None


def test_a_low_that_may_not_be_sold_under_says_why() -> None:
    first = of(shown({CE.symbol: LOW}), "level")[0]
    assert (first["price"], first["state"], first["reason"]) == (
        150.0,
        "rejected",
        "vwap_premium_low",
    )


# The command, as a person uses it.


def written(folder: Path, bars: list[Bar], symbol: str = CE.symbol) -> str:
    rows = ["ts,symbol,open,high,low,close,volume"]
    for each in bars:
        prices = ",".join(f"{price / 100:.2f}" for price in each[1:5])
        at = f"2026-11-20 {9 + (15 + each.minute) // 60:02d}:{(15 + each.minute) % 60:02d}:00"
        rows.append(f"{at},{symbol},{prices},{each.volume}")
    path = folder / "bars.csv"
    path.write_text("\n".join(rows))
    return str(path)


def run(*arguments: str) -> int:
    return run_reporting(lambda: application()(["signals", *arguments]), arguments)


def test_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, [*LOW, BREAK])) == ExitCode.OK
    out = capsys.readouterr().out
    assert "new low on bar 4" in out
    assert "CE: sell 650 at 174.95/171.95, stop 185.0" in out
    assert "rejected vwap_premium_low" in out
    assert "broken" in out
    assert "None" not in out


@pytest.mark.parametrize(
    ("bars", "symbol", "why"),
    [
        (LOW[:2], CE.symbol, "no swing in these bars"),
        ([LOW[0]._replace(minute=385)], CE.symbol, "outside the session"),
        (LOW, "NIFTY", "'NIFTY' is not an option symbol"),
        (LOW, "NOBODY01DEC2624500CE", "no contract facts of underlying 'NOBODY'"),
        ([LOW[0], LOW[0]], CE.symbol, "is there before"),
    ],
    ids=["nothing to see", "after the close", "an index", "an unknown underlying", "a bar twice"],
)
def test_bars_that_cannot_be_used_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bars: list[Bar], symbol: str, why: str
) -> None:
    assert run(written(tmp_path, bars, symbol)) == ExitCode.DATA
    said = capsys.readouterr()
    assert why in said.err
    assert said.out == ""


def test_no_such_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, LOW), "--rule", "watch3") == ExitCode.CONFIGURATION
    assert "watch3" in capsys.readouterr().err
