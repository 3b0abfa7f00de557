import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.reporting.axes import Scale, round_step, rounds
from swingbreak.reporting.markup import joined, number, tag
from swingbreak.reporting.style import STYLE

TEXT_COLOURS = ("ink", "soft", "blue", "amber", "violet", "red", "green")
GROUNDS = {"paper": TEXT_COLOURS, "alarm": ("ink", "soft", "red"), "synthetic": ("ink",)}
LEAST_CONTRAST = 4.5


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param('<b a="1">&', "&lt;b a=&quot;1&quot;&gt;&amp;", id="markup"),
        pytest.param("a\x00b\x1b\x85", "a\ufffdb\ufffd\ufffd", id="control characters"),
        pytest.param("\ud800", "\ufffd", id="half a pair"),
        pytest.param("\u202eab\u2066", "\ufffdab\ufffd", id="turned writing"),
        pytest.param("₹ \u22121\n", "₹ \u22121\n", id="the rest stays"),
    ],
)
def test_text_never_becomes_markup(text: str, written: str) -> None:
    assert tag("p", text).text == f"<p>{written}</p>"
    assert tag("p", title=text).text == f'<p title="{written}"></p>'


def test_elements_hold_elements() -> None:
    inner = tag("th", "a", scope="row", class_="number", colspan=None)
    assert inner.text == '<th scope="row" class="number">a</th>'
    assert tag("tr", inner, "<").text == f"<tr>{inner.text}&lt;</tr>"
    assert joined().text == ""


def test_shapes_without_content_close_themselves() -> None:
    assert tag("path", d="M0 0").text == '<path d="M0 0"/>'
    assert tag("path", tag("title", "t")).text == "<path><title>t</title></path>"


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (1.26, "1.3"), (-0.01, "0"), (10, "10"), (-2.5, "-2.5")]
)
def test_numbers_have_one_decimal_at_most(value: float, written: str) -> None:
    assert number(value) == written


@given(
    low=st.integers(-(10**400), 10**400),
    span=st.integers(1, 10**400),
    value=st.integers(-(10**400), 10**400),
)
def test_a_scale_never_leaves_its_frame(low: int, span: int, value: int) -> None:
    scale = Scale(low, low + span, 366, 34)
    assert 34 <= scale.at(value) <= 366
    assert (scale.at(low), scale.at(low + span)) == (366, 34)


@given(span=st.integers(1, 10**30), most=st.integers(1, 20), unit=st.integers(1, 10**9))
def test_round_steps_are_few_and_not_fewer_than_needed(span: int, most: int, unit: int) -> None:
    step = round_step(span, most, unit)
    assert step % unit == 0
    assert span <= step * most
    assert step == unit or span > step // 5 * 2 * most


def test_rounds_are_the_multiples_inside() -> None:
    assert list(rounds(-7, 10, 5)) == [-5, 0, 5, 10]


def luminance(colour: str) -> float:
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: int) -> None:
    # the formula of WCAG 2.2, success criterion 1.4.3
    block = re.findall(r":root\{(.*?)\}", STYLE, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+):(#\w+)", block))
    for ground, texts in GROUNDS.items():
        for text in texts:
            dark, light = sorted((luminance(colours[ground]), luminance(colours[text])))
            assert (light + 0.05) / (dark + 0.05) >= LEAST_CONTRAST, (text, ground)


def test_every_colour_is_declared_in_both_schemes() -> None:
    used = set(re.findall(r"var\(--(\w+)", STYLE)) - {"ground"}
    for block in re.findall(r":root\{(.*?)\}", STYLE, re.DOTALL):
        assert used == set(re.findall(r"--(\w+):", block))
