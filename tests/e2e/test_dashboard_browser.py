"""The dashboard in a real browser: every view, light and dark, at a desk and on a phone."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import msgspec
import pytest
import time_machine

from swingbreak.adapters.board import board_in, read_board, write_board
from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.dashboard.server import Dashboard
from tests.boards import lay_out
from tests.browsing import (
    DESK,
    GROUND,
    HORIZONTAL,
    LABEL_SIZES,
    OUTSIDE,
    OVERLAPS,
    PHONE,
    SMALLEST_LABEL,
    sync_api,
)
from tests.builders import CE, PE
from tests.engine_bench import short
from tests.visiting import NOON

pytestmark = pytest.mark.browser

VIEWS = {
    "today": "/",
    "pipeline": "/pipeline",
    "option": f"/option/{PE.symbol}",
    "held": f"/option/{CE.symbol}?span=day",
    "events": "/events",
    "days": "/days",
    "day": "/days/2026-11-20",
    "control": "/control",
}
SMALLEST_TARGET = 24  # pixels, of what a finger is to hit
TARGETS = """() => [...document.querySelectorAll('nav a, button, input[type=text]')]
    .map(each => Math.round(each.getBoundingClientRect().height))"""


@pytest.fixture(scope="module", autouse=True)
def at_noon() -> Iterator[None]:
    """It is noon by the dashboard's clock, and stays so; the browser has its own."""
    with time_machine.travel(NOON, tick=False):
        yield


@contextmanager
def served(folder: Path, *, armed: bool = True) -> Iterator[str]:
    """A dashboard in a thread of its own, for the browser is driven from this one."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    shown = Dashboard(folder, armed=armed)
    try:
        yield asyncio.run_coroutine_threadsafe(shown.start(0), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(shown.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of dashboards: of a day that runs, of a bad end, of nothing."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("runs", "dead", "empty")}
    lay_out(folders["runs"], NOON)
    lay_out(folders["dead"], NOON - timedelta(hours=2), bench=short())
    Controls(folders["dead"]).lock(KillLock(NOON, "a runaway", "cli"))
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(served(folder, armed=name == "runs"))
            for name, folder in folders.items()
        }


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(DESK, "light", id="desk-light"),
        pytest.param(PHONE, "dark", id="phone-dark"),
        pytest.param(DESK, "dark", id="desk-dark", marks=pytest.mark.slow),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.slow),
    ],
)
def test_every_view_is_readable(
    browser: "sync_api.Browser",
    states: dict[str, str],
    pictures: Path,
    size: dict[str, int],
    scheme: str,
) -> None:
    asked: list[str] = []
    said: list[str] = []
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for state, address in states.items():
            base = address.partition("/enter")[0]
            page.goto(address)
            page.wait_for_url(f"{base}/")
            views = VIEWS if state == "runs" else {"today": "/", "control": "/control"}
            for name, path in views.items():
                page.goto(base + path)
                shot = pictures / f"{state}-{name}-{scheme}-{size['width']}.png"
                page.screenshot(path=shot, full_page=True)
                where = shot.stem
                assert page.evaluate(HORIZONTAL) == 0, where
                assert min(page.evaluate(LABEL_SIZES), default=99) >= SMALLEST_LABEL, where
                assert page.evaluate(OUTSIDE) == [], where
                assert page.evaluate(OVERLAPS) == [], where
                assert min(page.evaluate(TARGETS)) >= SMALLEST_TARGET, where
                red, green, blue = map(int, re.findall(r"\d+", page.evaluate(GROUND)))
                assert (min(red, green, blue) > 200) is (scheme == "light"), where
    assert {url.split("/")[2].split(":")[0] for url in asked if url[:4] == "http"} == {"127.0.0.1"}
    assert said == []


def test_what_the_engine_publishes_appears_by_itself(
    browser: "sync_api.Browser", tmp_path: Path
) -> None:
    lay_out(tmp_path, NOON)
    with served(tmp_path) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_role("link", name="Pipeline").click()
        page.locator("#others-CE summary").click()
        shown = read_board(board_in(tmp_path))
        assert shown is not None
        standing = msgspec.structs.replace(shown.standing, barred="paused", paused=True)
        write_board(
            board_in(tmp_path), msgspec.structs.replace(shown, standing=standing, written_at=NOON)
        )
        page.get_by_text("Nothing at all is entered now").wait_for(timeout=10_000)
        assert page.locator("#others-CE").evaluate("each => each.open") is False


def test_a_dashboard_that_has_gone_is_told(browser: "sync_api.Browser", tmp_path: Path) -> None:
    lay_out(tmp_path, NOON)
    with browser.new_context() as context:
        page = context.new_page()
        with served(tmp_path) as address:
            page.goto(address)
            page.get_by_role("heading", name="Today").wait_for()
        page.get_by_text("No answer from the dashboard").wait_for(timeout=10_000)


def test_without_script_it_is_all_there(browser: "sync_api.Browser", tmp_path: Path) -> None:
    lay_out(tmp_path, NOON)
    with served(tmp_path) as address, browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_role("heading", name="Today").wait_for()
        assert page.get_by_role("table", name="Open positions").count() == 1
        page.get_by_role("link", name="Control").click()
        page.get_by_label("Why, for the record; needed").fill("a test")
        page.get_by_label("Type KILL to confirm").fill("KILL")
        page.get_by_role("button", name="Kill").click()
        page.get_by_text("locked; nobody runs here").wait_for()
    lock = Controls(tmp_path).locked()
    assert lock is not None
    assert (lock.reason, lock.by) == ("a test", "dashboard")
