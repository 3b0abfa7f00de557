import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from swingbreak.reporting.page import render
from tests.builders import position
from tests.day_views import day_view

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1200, "height": 900}
SMALLEST_LABEL = 9.0  # pixels

HORIZONTAL = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LABEL_SIZES = """() => [...document.querySelectorAll('svg text')].map(text =>
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""
GROUND = "() => getComputedStyle(document.body).backgroundColor"
# labels that reach over the edge of the page, or into one another on the right of a chart
OUTSIDE = """() => [...document.querySelectorAll('svg text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.width && (box.left < 0 || box.right > document.documentElement.clientWidth);
}).map(text => text.textContent)"""
OVERLAPS = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('.tick, .mark:not(.strong)')]
        .map(text => [text.textContent, text.getBoundingClientRect()]);
    return boxes.flatMap(([a, one], i) => boxes.slice(i + 1)
        .filter(([_, two]) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1
            && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 3)
        .map(([b, _]) => `${a} / ${b}`));
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("no chromium on this machine")
    with (
        sync_api.sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=list(QUIET)) as launched,
    ):
        yield launched


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "day.html"
    path.write_text(render(day_view(open_positions=(position(),))), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_readable(
    browser: "sync_api.Browser", address: str, size: dict[str, int], scheme: str
) -> None:
    asked: list[str] = []
    said: list[str] = []
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        assert page.evaluate(HORIZONTAL) == 0
        assert min(page.evaluate(LABEL_SIZES)) >= SMALLEST_LABEL
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(OVERLAPS) == []
        red, green, blue = map(int, re.findall(r"\d+", page.evaluate(GROUND)))
        assert (min(red, green, blue) > 200) is (scheme == "light")
    assert asked == [address]
    assert said == []


def test_links_lead_to_charts_and_charts_have_names(
    browser: "sync_api.Browser", address: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_role("link", name="Chart of trade 2").click()
        assert page.url.endswith("#chart-2")
        assert page.get_by_role("img", name="Trade 2").is_visible()
        assert page.get_by_role("img", name="Result over the day in R").count() == 1
        assert page.get_by_role("table", name="Trades").count() == 1


def test_page_prints_light_and_whole(browser: "sync_api.Browser", address: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(address)
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        assert page.pdf(format="A4").startswith(b"%PDF")
