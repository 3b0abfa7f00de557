"""Metrics: what a scraper's own parser reads of a board, and what the page says of them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from swingbreak.adapters.board import Board, board_in
from swingbreak.adapters.exposition import Metric, exposition
from swingbreak.bootstrap.measuring import MEASURES, metrics_of
from swingbreak.bootstrap.viewing import Life, View
from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from tests.boards import board, busy, lay_out
from tests.builders import CE, OPEN

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "metrics.md"
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@pytest.fixture(scope="module")
def shown() -> Board:
    return board(busy())


def view(shown: Board | None, life: Life = Life.RUNNING, **fields: Any) -> View:
    return replace(View(Path("state"), life, shown, "", 0.5, None, ()), **fields)


def scraped(seen: View) -> dict[str, dict[tuple[str, ...], float]]:
    """What a scraper knows: by name, the values by their labels."""
    text = exposition(metrics_of(seen))
    assert text.endswith("\n")
    return {
        family.name + ("_total" if family.type == "counter" else ""): {
            tuple(sample.labels.values()): sample.value for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
    }


def alone(seen: Mapping[str, Mapping[tuple[str, ...], float]], name: str) -> float:
    (value,) = seen[f"swingbreak_{name}"].values()
    return value


def test_a_scraper_reads_the_numbers_of_the_board(shown: Board) -> None:
    seen = scraped(view(shown))
    assert alone(seen, "running") == 1
    assert alone(seen, "board_age_seconds") == 0.5
    assert alone(seen, "net_rupees") == shown.account.net / 100 != 0
    assert alone(seen, "r_ratio") == shown.account.r
    assert alone(seen, "trades_total") == shown.account.trades
    assert seen["swingbreak_r_limit_ratio"] == {("target",): 5, ("stop",): -5}
    assert seen["swingbreak_position_units"] == {(CE.symbol,): 650}
    assert seen["swingbreak_places_taken"] == {("all",): 3, ("CE",): 2, ("PE",): 1}
    assert sum(seen["swingbreak_live_orders"].values()) == sum(o.live for o in shown.orders)
    assert len(seen["swingbreak_symbol_age_seconds"]) == len(shown.feed.symbols) - 1  # one is mute
    assert seen["swingbreak_funnel"]["CE", "symbols"] == 9
    assert "swingbreak_flat" not in seen  # not known before the end


def test_what_is_not_known_is_not_said(shown: Board) -> None:
    unmarked = tuple(
        msgspec.structs.replace(each, net=None, r=None, mark=None) for each in shown.positions
    )
    feed = msgspec.structs.replace(shown.feed, age_s=None)
    seen = scraped(view(msgspec.structs.replace(shown, positions=unmarked, feed=feed)))
    assert seen["swingbreak_position_units"]
    assert "swingbreak_position_net_rupees" not in seen
    assert "swingbreak_position_r_ratio" not in seen
    assert "swingbreak_feed_age_seconds" not in seen


def test_who_leads_is_said_where_there_is_a_standby(shown: Board) -> None:
    assert "swingbreak_feed_on_standby" not in scraped(view(shown))
    feed = msgspec.structs.replace(shown.feed, leads="standby", turns=3)
    seen = scraped(view(msgspec.structs.replace(shown, feed=feed)))
    assert alone(seen, "feed_on_standby") == 1
    assert alone(seen, "feed_turns_total") == 3


@pytest.mark.parametrize("life", [Life.SILENT, Life.GONE, Life.ENDED, Life.STARTING])
def test_a_day_that_has_stopped_does_not_look_alive(shown: Board, life: Life) -> None:
    seen = scraped(view(shown, life, age_s=70.0))
    assert alone(seen, "running") == 0
    assert alone(seen, "board_age_seconds") == 70
    assert {name for (name,), value in seen["swingbreak_life"].items() if value} == {life.value}
    assert seen.keys() & {each.name for each in MEASURES if each.is_live} == set()
    assert seen["swingbreak_position_units"], "what is open is open still"


def test_without_a_board_there_is_only_who_runs() -> None:
    seen = scraped(view(None, Life.NONE, trouble="it is damaged", killed="locked"))
    assert alone(seen, "running") == 0
    assert alone(seen, "board_unreadable") == 1
    assert alone(seen, "killed") == 1
    assert not any("rupees" in name for name in seen)


@settings(max_examples=50)
@given(st.text(), st.text('ab \\"\u20b9'))
def test_any_text_comes_back_as_it_was(label: str, meaning: str) -> None:
    metric = Metric("swingbreak_x", "gauge", f"{meaning}\\ \n", (({"of": label}, 1.25),))
    (family,) = text_string_to_metric_families(exposition([metric]))
    assert family.samples[0].labels == {"of": label.encode(errors="replace").decode()}
    assert family.documentation.strip() == f"{meaning}\\ \n".strip()


def test_names_and_units_are_those_of_prometheus(shown: Board) -> None:
    found = list(metrics_of(view(shown)))
    assert len({each.name for each in found}) == len(found)
    for each in found:
        assert NAME.fullmatch(each.name)
        assert each.name.startswith("swingbreak_")
        assert each.name.endswith("_total") == (each.kind == "counter")
        for labels, _ in each.samples:
            assert all(map(LABEL.fullmatch, labels))
        kinds = {tuple(labels) for labels, _ in each.samples}
        assert len(kinds) <= 1, "a metric's samples have the same labels"


def told() -> list[list[str]]:
    lines = PAGE.read_text("utf-8").splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| `swingbreak_")]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_page_has_every_metric_and_what_it_is(shown: Board) -> None:
    live = {each.name for each in MEASURES if each.is_live}
    leaving = msgspec.structs.replace(
        shown,
        standing=msgspec.structs.replace(shown.standing, flat=True),
        feed=msgspec.structs.replace(shown.feed, leads="standby", turns=3),
    )
    expected = []
    for each in metrics_of(view(leaving)):
        labels = ", ".join(f"`{name}`" for name in each.samples[0][0])
        while_it_runs = " *While it runs.*" if each.name in live else ""
        expected.append([f"`{each.name}`", labels, f"{each.meaning}{while_it_runs}"])
    assert told() == expected


def test_its_alerts_ask_for_metrics_that_there_are() -> None:
    text = PAGE.read_text("utf-8")
    rules = "".join(re.findall(r"expr: (.*)", text))
    asked = re.findall(r"swingbreak_\w+", rules)
    assert len(asked) == 4
    assert {*asked} <= {row[0].strip("`") for row in told()}
    assert all(life in {*Life} for life in re.findall(r'life=~"(\w+)\|(\w+)"', rules)[0])


def test_the_command_prints_or_writes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, OPEN)
    file = tmp_path / "node" / "swingbreak.prom"
    for words in ([], ["--write", str(file)], ["--json"]):
        command = ["metrics", "--state-dir", str(tmp_path), *words]
        with time_machine.travel(OPEN + timedelta(minutes=1), tick=False):
            assert run_reporting(lambda given=command: application("metrics")(given)) == ExitCode.OK
    printed = capsys.readouterr().out
    text, _, samples = printed.partition("[\n")
    families = [
        {f.name for f in text_string_to_metric_families(t)} for t in (text, file.read_text())
    ]
    assert families[0] == families[1] >= {"swingbreak_running", "swingbreak_positions"}
    found = {
        (s["name"], *s["labels"].values()): s["value"] for s in msgspec.json.decode(f"[{samples}")
    }
    assert found["swingbreak_running",] == 0
    assert found["swingbreak_life", "gone"] == 1
    assert found["swingbreak_board_age_seconds",] == 60
    assert [path.name for path in file.parent.iterdir()] == ["swingbreak.prom"]


def test_a_board_of_another_version_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board_in(tmp_path).write_text('{"schema": 99}')
    command = ["metrics", "--state-dir", str(tmp_path)]
    assert run_reporting(lambda: application("metrics")(command)) == ExitCode.OK
    assert "swingbreak_board_unreadable 1.0" in capsys.readouterr().out
