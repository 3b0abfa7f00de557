import re
from pathlib import Path

import pytest

from swingbreak.reporting.page import render
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
from tests.builders import position
from tests.day_views import day_view

pytestmark = pytest.mark.browser


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


def test_colours_can_be_chosen(browser: "sync_api.Browser", address: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(address)
        grounds = [page.evaluate(GROUND)]
        for name in ("light", "dark", "auto"):
            page.get_by_role("radio", name=name).check()
            grounds.append(page.evaluate(GROUND))
    dark, light, *chosen = grounds
    assert light == "rgb(255, 255, 255)"
    assert chosen == [dark, dark] != [light, light]
