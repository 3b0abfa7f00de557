"""One option's day as it runs: minutes, VWAP, swing lows, the entry, the stop, our fills."""

from dataclasses import dataclass
from datetime import datetime

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session, ist_clock
from swingbreak.reporting.axes import (
    BOTTOM,
    MINUTE_MS,
    RIGHT,
    Frame,
    middle_of,
    minute_grid,
    ms_of,
)
from swingbreak.reporting.candles import (
    VWAP,
    candles,
    no_bars,
    price_frame,
    price_grid,
    price_tags,
    vwap_line,
)
from swingbreak.reporting.drawing import chart, line, triangle
from swingbreak.reporting.markup import Markup, joined, number, tag
from swingbreak.reporting.trade_picture import vwaps
from swingbreak.reporting.wording import minute_clock, price

__all__ = ["OPTION_KEY", "FillMark", "OptionPicture", "SwingMark", "option_chart"]

OPTION_KEY = (
    ("candle", "a minute: hollow closed at or above its open, filled below"),
    ("vwap", "VWAP of the session"),
    ("swing", "swing low; the line is the newest level, from its minute on"),
    ("fill", "\u25bc sold, \u25b2 bought back; the line is the trigger of the resting entry"),
    ("stop", "trigger of the stop"),
)


@dataclass(frozen=True, slots=True)
class SwingMark:
    """A confirmed swing low; ``told`` says what became of it. Price in paise."""

    price: Paise
    minute: int
    told: str


@dataclass(frozen=True, slots=True)
class FillMark:
    """Something of ours that traded; price in paise."""

    at: datetime
    price: Paise
    sold: bool
    told: str


@dataclass(frozen=True, slots=True)
class OptionPicture:
    """What is drawn of one option.

    Attributes:
        bars: Of the whole day so far, oldest first.
        swings: In the order they were confirmed.
        armed: Whether the newest may be sold under.
        entry: Trigger of the resting entry, paise; ``None`` without one.
        stop: Trigger of the stop, paise; ``None`` without a position.
        window: First minute shown and the first that is not.
    """

    symbol: str
    session: Session
    bars: tuple[Bar, ...]
    swings: tuple[SwingMark, ...]
    armed: bool
    entry: Paise | None
    stop: Paise | None
    fills: tuple[FillMark, ...]
    window: tuple[int, int]

    @property
    def shown(self) -> tuple[Bar, ...]:
        """The bars in the window."""
        first, end = self.window
        return tuple(bar for bar in self.bars if first <= bar.minute < end)

    @property
    def vwap(self) -> tuple[tuple[int, Paise], ...]:
        """Minute and VWAP in the window."""
        first, end = self.window
        return tuple(point for point in vwaps(self.bars) if first <= point[0] < end)


def option_chart(picture: OptionPicture, summary: str) -> Markup:
    """Return the chart; *summary* says in words what it shows."""
    bars, vwap, marked = picture.shown, picture.vwap, _marked(picture)
    prices = [value for value, _, _ in marked] + [value for _, value in vwap]
    first, end = picture.window
    prices += [
        each.price for each in picture.fills if first <= picture.session.minute_of(each.at) < end
    ]
    if not prices and not bars:
        prices = [0]
    frame = price_frame(picture.window, bars, prices)
    return chart(
        "option",
        f"{picture.symbol} in one-minute bars",
        summary,
        frame.bottom + BOTTOM,
        minute_grid(picture.session, frame.x, frame.bottom),
        price_grid(frame.y),
        candles(bars, picture.session, frame),
        vwap_line(vwap, frame),
        *(_swing(picture, frame, swing) for swing in picture.swings),
        _newest(picture, frame),
        *(_across(frame, value, kind) for value, kind in _lines(picture)),
        *(_fill(picture, frame, fill) for fill in picture.fills),
        price_tags(marked, frame),
        *([] if bars else [no_bars()]),
    )


def _marked(picture: OptionPicture) -> list[tuple[Paise, str, str]]:
    # price, label and class of everything that is named on the right
    marked: list[tuple[Paise, str, str]] = []
    if picture.shown:
        marked.append((picture.shown[-1].close, "last", "tick"))
    if picture.swings:
        marked.append((picture.swings[-1].price, "low", "swing"))
    if picture.vwap:
        marked.append((picture.vwap[-1][1], VWAP, "vwap"))
    if picture.entry is not None:
        marked.append((picture.entry, "entry", "fill"))
    if picture.stop is not None:
        marked.append((picture.stop, "stop", "stop"))
    return sorted(marked, reverse=True)


def _lines(picture: OptionPicture) -> list[tuple[Paise, str]]:
    lines = ((picture.entry, "fill"), (picture.stop, "stop"))
    return [(value, kind) for value, kind in lines if value is not None]


def _across(frame: Frame, value: Paise, kind: str) -> Markup:
    y = frame.y.at(value)
    return line(frame.x.start, y, RIGHT, y, kind)


def _newest(picture: OptionPicture, frame: Frame) -> Markup:
    if not picture.swings:
        return joined()
    newest = picture.swings[-1]
    start = frame.x.at(middle_of(newest.minute))
    y = frame.y.at(newest.price)
    return line(start, y, RIGHT, y, "swing" if picture.armed else "zero")


def _swing(picture: OptionPicture, frame: Frame, swing: SwingMark) -> Markup:
    first, end = picture.window
    if not first <= swing.minute < end:
        return joined()
    told = f"{minute_clock(picture.session, swing.minute)} low {price(swing.price)}: {swing.told}"
    x, y = frame.x.at(middle_of(swing.minute)), frame.y.at(swing.price)
    return tag("circle", tag("title", told), cx=number(x), cy=number(y), r=3.5, class_="swing")


def _fill(picture: OptionPicture, frame: Frame, fill: FillMark) -> Markup:
    first, end = picture.window
    at = ms_of(picture.session, fill.at)
    if not first * MINUTE_MS <= at <= end * MINUTE_MS:
        return joined()
    told = f"{ist_clock(fill.at)} {fill.told}"
    return triangle(frame.x.at(at), frame.y.at(fill.price), told, down=fill.sold)
