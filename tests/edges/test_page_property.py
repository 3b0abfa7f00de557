import re
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.market import Bar
from swingbreak.domain.position import Position, Trade
from swingbreak.reporting.day_view import DayView, LevelMark
from swingbreak.reporting.page import render
from tests.builders import OPEN
from tests.day_views import Element, day_view, points_of, read_page

PAISE = st.one_of(
    st.integers(95_00, 305_00), st.integers(-1_000_00, 1_000_00), st.integers(-(10**20), 10**20)
)
INSTANTS = st.one_of(st.integers(0, 385 * 60), st.integers(-200_000, 200_000)).map(
    lambda seconds: OPEN + timedelta(seconds=seconds)
)
MINUTES = st.one_of(st.integers(0, 384), st.integers(-1_000, 5_000))
NAMES = st.sampled_from(["A", "B", "NIFTY01DEC2624500CE"]) | st.text(max_size=5)

TRADES = st.builds(
    Trade,
    trade_id=st.just("o1"),
    symbol=NAMES,
    level=st.sampled_from(["L1", "L2", ""]),
    quantity=st.integers(0, 10**9),
    sold_value=PAISE,
    bought_value=PAISE,
    points=st.integers(0, 10**6),
    stop=PAISE,
    charges=st.integers(0, 10**9),
    orders=st.integers(1, 9),
    opened_at=INSTANTS,
    closed_at=INSTANTS,
    exit_reason=NAMES,
)
POSITIONS = st.builds(
    Position,
    symbol=NAMES,
    trade_id=st.just("o1"),
    level=st.just("L1"),
    points=st.integers(0, 10**6),
    stop=PAISE,
    opened_at=INSTANTS,
    sold=st.integers(0, 10**6),
    sold_value=PAISE,
)


@st.composite
def bars(draw: st.DrawFn) -> tuple[Bar, ...]:
    minutes = sorted(draw(st.sets(MINUTES, max_size=12)))
    volumes = st.integers(0, 10**9)
    return tuple(
        Bar(minute, draw(PAISE), draw(PAISE), draw(PAISE), draw(PAISE), draw(volumes))
        for minute in minutes
    )


@st.composite
def curves(draw: st.DrawFn) -> tuple[tuple[datetime, int], ...]:
    return tuple((at, draw(PAISE)) for at in sorted(draw(st.lists(INSTANTS, max_size=12))))


VIEWS = st.builds(
    day_view,
    label=st.text(max_size=20),
    synthetic=st.booleans(),
    mode=NAMES,
    r_value=st.integers(1, 10**12),
    trades=st.lists(TRADES, max_size=4).map(tuple),
    open_positions=st.lists(POSITIONS, max_size=2).map(tuple),
    halted_reason=NAMES,
    curve=curves(),
    bars=st.dictionaries(NAMES, bars(), max_size=3),
    levels=st.dictionaries(
        st.sampled_from(["L1", "L2"]), st.builds(LevelMark, PAISE, MINUTES, MINUTES)
    ),
    decisions=NAMES,
    notes=st.lists(st.text(max_size=9), max_size=2).map(tuple),
)


def size_of(svg: Element) -> tuple[float, float]:
    _, _, width, height = svg.attributes["viewbox"].split()
    return float(width), float(height)


@settings(deadline=None)
@given(view=VIEWS)
def test_never_breaks_and_never_draws_outside(view: DayView) -> None:
    text = render(view)
    page = read_page(text)
    assert len(page.all("svg")) == len(view.trades) + bool(view.curve)
    assert not page.all("script")
    assert not re.search(r'="[^"]*\b(?:nan|inf|None)\b', text.replace(view.label, ""))
    for svg in page.all("svg"):
        width, height = size_of(svg)
        for x, y in points_of(svg):
            assert 0 <= x <= width, (x, width)
            assert 0 <= y <= height, (y, height)


@settings(deadline=None)
@given(view=VIEWS)
def test_always_the_same_page_of_the_same_day(view: DayView) -> None:
    assert render(view) == render(view)
