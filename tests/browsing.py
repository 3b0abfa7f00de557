"""A quiet browser, and what pages are asked in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

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


@contextmanager
def quiet_browser() -> Iterator["sync_api.Browser"]:
    """A browser that asks nobody anything; skips where there is none."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("no chromium on this machine")
    with (
        sync_api.sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=list(QUIET)) as launched,
    ):
        yield launched
