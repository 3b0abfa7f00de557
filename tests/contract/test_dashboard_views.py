"""What the dashboard shows: of an engine that runs, of none, and of what is damaged."""

import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from swingbreak.adapters.board import Board
from swingbreak.dashboard.server import Dashboard
from swingbreak.domain.errors import ConfigError
from tests.boards import lay_out
from tests.builders import PE
from tests.engine_bench import short
from tests.visiting import NOON, dashboard

pytestmark = pytest.mark.usefixtures("at_noon")


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_the_page_of_the_day_says_who_is_listened_to(tmp_path: Path) -> None:
    def on_standby(shown: Board) -> Board:
        feed = msgspec.structs.replace(shown.feed, leads="standby", turns=1)
        return msgspec.structs.replace(shown, feed=feed)

    lay_out(tmp_path, NOON, change=on_standby)
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        assert "The standby is listened to." in (await visitor.get("/"))[1]


async def test_the_views_show_what_the_engine_published(tmp_path: Path) -> None:
    shown = lay_out(tmp_path, NOON)
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/")
        assert "running" in text
        assert f"{shown.account.r:+.2f}".replace("-", "\u2212") in text
        assert "stop rests" in text
        assert "the socket &lt;closed&gt;" in text
        _, text = await visitor.get("/pipeline")
        for each in shown.candidates:
            assert each.symbol in text
            assert each.why in text
        _, text = await visitor.get(f"/option/{PE.symbol}?span=day")
        assert "<svg" in text
        assert "Entry rests at 174.95" in text
        _, text = await visitor.get("/events?only=trouble")
        assert "feed.lost" in text
        assert "entry.filled" not in text
        _, text = await visitor.get("/days")
        assert "2026-11-19" in text
        _, text = await visitor.get("/days/2026-11-19/report")
        assert "the page of the day" in text


async def test_runs_are_shown_by_name_and_nothing_else_is(state: Path) -> None:
    runs = state / "runs"
    (runs / "range <1>").mkdir(parents=True)
    (runs / "range <1>" / "report.html").write_text("the report of a run", encoding="utf-8")
    (state / "report.html").write_text("the report of all days", encoding="utf-8")
    async with dashboard(state, runs=runs) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/days")
        assert "range &lt;1&gt;" in text
        assert (await visitor.get("/runs/range%20%3C1%3E"))[1] == "the report of a run"
        assert (await visitor.get("/report"))[1] == "the report of all days"
        for path in ("/runs/..%2Fruns%2Frange%20%3C1%3E", "/runs/..%2F", "/runs/nothing"):
            assert (await visitor.get(path))[0] == 404
    async with dashboard(state) as visitor:
        await visitor.enter()
        assert "Runs" not in (await visitor.get("/days"))[1]
        assert (await visitor.get("/runs/range%20%3C1%3E"))[0] == 404


async def test_an_unprotected_position_and_a_dead_engine_are_shouted(tmp_path: Path) -> None:
    lay_out(tmp_path, NOON - timedelta(minutes=3), bench=short())
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/")
        assert "650 units without a stop" in text
        assert "NOBODY RUNS" in text
        assert "Do not trust these numbers" in text


async def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        for path in ("/", "/pipeline", "/events", "/days", "/control"):
            status, text = await visitor.get(path)
            assert status == 200
            assert "no engine" in text
        for path in (
            "/option/X",
            "/days/2026-11-20",
            "/days/x",
            "/days/2026-11-20/report",
            "/report",
        ):
            assert (await visitor.get(path))[0] == 404
    assert names_in(tmp_path) == []


async def test_what_is_damaged_is_said(state: Path) -> None:
    (state / "course" / "course_20261120.jsonl").write_text("no\n")
    async with dashboard(state) as visitor:
        await visitor.enter()
        status, text = await visitor.get("/")
        assert status == 503
        assert "move it away" in text
        assert (await visitor.get("/pipeline"))[0] == 200


async def test_what_has_not_changed_is_not_sent_again(state: Path) -> None:
    async with dashboard(state) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/pipeline")
        found = re.search(r'data-stamp="(\w+)"', text)
        assert found
        assert (await visitor.get("/pipeline", {"X-Seen": found[1]}))[0] == 204
        assert (await visitor.get("/pipeline", {"X-Seen": "other"}))[0] == 200


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as visitor:
        with pytest.raises(ConfigError, match=f"port {visitor.base.port}"):
            await Dashboard(tmp_path, armed=False).start(visitor.base.port or 0)


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        ({}, "24300 to 24700, all day"),
        ({"centre": 24500_00}, "24300 to 24700, around 24500"),
        (
            {"centre": 24500_00, "coming": 24650_00},
            "24300 to 24700, around 24500, <strong>moving to 24650</strong>",
        ),
        ({"lowest": 0, "highest": 0}, "not told"),
    ],
    ids=["fixed", "window", "moving", "old board"],
)
async def test_the_page_of_the_day_says_which_strikes_may_be_entered(
    tmp_path: Path, feed: dict[str, int], told: str
) -> None:
    def changed(shown: Board) -> Board:
        return msgspec.structs.replace(shown, feed=msgspec.structs.replace(shown.feed, **feed))

    lay_out(tmp_path, NOON, change=changed)
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        assert f"<dt>Strikes</dt><dd>{told}</dd>" in (await visitor.get("/"))[1]
