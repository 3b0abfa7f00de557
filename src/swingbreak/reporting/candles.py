"""What charts of one option's minutes are made of: candles, VWAP, prices named on the right."""

from collections.abc import Iterable, Sequence

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.reporting.axes import (
    LEFT,
    MINUTE_MS,
    RIGHT,
    TOP,
    Frame,
    Scale,
    middle_of,
    round_step,
    rounds,
    spread,
    value_grid,
)
from swingbreak.reporting.drawing import line, text
from swingbreak.reporting.markup import Content, Markup, joined, number, tag
from swingbreak.reporting.wording import minute_clock, price, short

__all__ = [
    "PLOT",
    "VWAP",
    "candles",
    "no_bars",
    "price_frame",
    "price_grid",
    "price_tags",
    "vwap_line",
]

PLOT = 320
VWAP = "VWAP"  # a line that is named, not measured

_MOST_PRICE_LABELS = 7
_RUPEE: Paise = 100
_LEAST_PAD: Paise = 2 * _RUPEE
_BODY = 0.64  # of a minute's width
_LEADER = 12  # from the plot's edge to a label


def price_frame(window: tuple[int, int], bars: Iterable[Bar], prices: Iterable[Paise]) -> Frame:
    """Return the frame that shows minutes *window* of *bars*, and *prices*: one of them at least.

    Args:
        window: The first minute shown, and the first that is not.
        bars: Within the window.
        prices: What else is drawn, paise.
    """
    shown = [*prices, *(value for each in bars for value in (each.low, each.high))]
    low, high = min(shown), max(shown)
    pad = max((high - low) // 20, _LEAST_PAD)
    first, end = window
    return Frame(
        Scale(first * MINUTE_MS, end * MINUTE_MS, LEFT, RIGHT),
        Scale(low - pad, high + pad, TOP + PLOT, TOP),
    )


def price_grid(scale: Scale) -> Markup:
    """Return horizontal lines at round prices, labelled in rupees."""
    step = round_step(scale.high - scale.low, _MOST_PRICE_LABELS, _RUPEE)
    values = rounds(scale.low, scale.high, step)
    return value_grid(scale, "\u20b9", [(value, short(value)) for value in values])


def candles(bars: Iterable[Bar], session: Session, frame: Frame) -> Markup:
    """Return *bars*: hollow where they closed at or above their open, filled below."""
    # the class stands once on a group, not on every bar: a page has thousands
    shown = list(bars)
    up = [each for each in shown if each.close >= each.open]
    down = [each for each in shown if each.close < each.open]
    return joined(
        *(
            tag("g", *(_candle(frame, session, each) for each in group), class_=kind)
            for group, kind in ((up, "up"), (down, "down"))
        )
    )


def vwap_line(points: Sequence[tuple[int, Paise]], frame: Frame) -> Markup:
    """Return the line through minutes and their VWAP in paise; nothing without points."""
    places = [
        f"{number(frame.x.at(middle_of(minute)))} {number(frame.y.at(value))}"
        for minute, value in points
    ]
    return tag("path", d="M" + "L".join(places), class_="vwap") if places else joined()


def price_tags(marked: Sequence[tuple[Paise, str, str]], frame: Frame) -> Markup:
    """Return labels on the right.

    Args:
        marked: Price in paise, label and class of each, the highest first.
        frame: Where they belong.
    """
    points = [frame.y.at(value) for value, _, _ in marked]
    places = spread(points, TOP, frame.bottom)
    return joined(
        *(
            joined(
                line(RIGHT, point, RIGHT + _LEADER, place, f"leader {kind}"),
                text(RIGHT + _LEADER + 2, place, _label(word, value), f"mark middle {kind}"),
            )
            for point, place, (value, word, kind) in zip(points, places, marked, strict=True)
        )
    )


def no_bars() -> Markup:
    """Return the remark that there is nothing to draw."""
    return text((LEFT + RIGHT) / 2, TOP + 20, "no bars of this contract", "tick", "middle")


def _candle(frame: Frame, session: Session, each: Bar) -> Markup:
    x = frame.x.at(middle_of(each.minute))
    half = (x - frame.x.at(each.minute * MINUTE_MS)) * _BODY
    left, right, middle = number(x - half), number(x + half), number(x)
    high, low = number(frame.y.at(each.high)), number(frame.y.at(each.low))
    top = number(frame.y.at(max(each.open, each.close)))
    bottom = number(frame.y.at(min(each.open, each.close)))
    told = " ".join(price(value) for value in (each.open, each.high, each.low, each.close))
    return tag(
        "path",
        tag("title", f"{minute_clock(session, each.minute)} {told}"),
        d=f"M{middle} {high}V{top}M{middle} {bottom}V{low}M{left} {top}H{right}V{bottom}H{left}Z",
    )


def _label(word: str, value: Paise) -> Content:
    if word == VWAP:
        return word
    # the style sheet leaves the word out on a phone, where the caption has it with the price
    return joined(tag("tspan", f"{word} ", class_="word"), price(value))
