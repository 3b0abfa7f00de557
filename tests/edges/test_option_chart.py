"""One option's chart: what is drawn, where, and that nothing is drawn outside."""

import re
from dataclasses import replace

import pytest

from swingbreak.reporting.axes import LEFT, RIGHT
from swingbreak.reporting.option_chart import FillMark, OptionPicture, SwingMark, option_chart
from tests.builders import CE, SESSION, at
from tests.engine_bench import morning

SOLD = FillMark(at(7, 30), 174_95, sold=True, told="sold")
PICTURE = OptionPicture(
    symbol=CE.symbol,
    session=SESSION,
    bars=morning(),
    swings=(SwingMark(150_00, 0, "rejected"), SwingMark(175_00, 4, "armed")),
    armed=True,
    entry=174_95,
    stop=185_00,
    fills=(SOLD,),
    window=(0, 15),
)


def drawn(**changes: object) -> str:
    return option_chart(replace(PICTURE, **changes), "in words").text  # type: ignore[arg-type]


def test_everything_that_was_asked_for_is_there() -> None:
    text = drawn()
    assert text.count("<circle") == 2
    assert text.count('class="fill"') == 2  # the entry's line and the fill
    assert text.count('class="stop"') == 1
    assert 'class="vwap"' in text
    assert text.count("<title>09:") == len(morning()) + 1 + 2
    for label in ("183.00", "175.00", "174.95", "185.00"):
        assert label in text


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"entry": None, "fills": ()}, 'class="fill"'),
        ({"stop": None}, 'class="stop"'),
        ({"swings": ()}, "<circle"),
        ({"window": (5, 15)}, "09:19 low"),
        ({"window": (0, 5)}, "09:22:30 sold"),
    ],
)
def test_what_is_not_there_is_not_drawn(changes: dict[str, object], gone: str) -> None:
    assert gone in drawn()
    assert gone not in drawn(**changes)


def test_a_level_that_is_out_is_not_drawn_as_one_that_is_armed() -> None:
    assert 'class="zero"' not in drawn()
    assert 'class="zero"' in drawn(armed=False)


@pytest.mark.parametrize("window", [(0, 15), (3, 9), (0, 375)])
def test_nothing_leaves_the_plot_to_the_side(window: tuple[int, int]) -> None:
    text = drawn(window=window)
    places = [float(x) for x in re.findall(r' (?:cx|x1)="([\d.]+)"', text)]
    assert all(LEFT - 6 <= x <= RIGHT + 12 for x in places)


@pytest.mark.parametrize("fills", [(), (SOLD,)])
def test_an_option_that_has_not_traded_has_an_empty_chart(fills: tuple[FillMark, ...]) -> None:
    text = drawn(bars=(), swings=(), entry=None, stop=None, fills=fills)
    assert "no bars of this contract" in text
