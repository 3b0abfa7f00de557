"""One trade on its contract's minutes: swing low, VWAP, entry, stop and exit."""

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session, ist_clock
from swingbreak.reporting.axes import (
    BOTTOM,
    LEFT,
    MINUTE_MS,
    RIGHT,
    TOP,
    Frame,
    Scale,
    middle_of,
    minute_grid,
    ms_of,
    round_step,
    rounds,
    spread,
    value_grid,
)
from swingbreak.reporting.drawing import bar, chart, dot, line, text, triangle
from swingbreak.reporting.markup import Content, Markup, joined, number, tag
from swingbreak.reporting.trade_picture import TradePicture
from swingbreak.reporting.wording import grouped, minute_clock, price, short

__all__ = ["TRADE_KEY", "trade_chart"]

TRADE_KEY = (
    ("candle", "a minute: hollow closed at or above its open, filled below"),
    ("vwap", "VWAP of the session"),
    ("swing", "swing low, from its minute to the entry; the tick is where it was confirmed"),
    ("fill", "\u25bc sold, \u25b2 bought back, shaded while open"),
    ("stop", "trigger of the stop"),
)

_PLOT = 320
_MOST_PRICE_LABELS = 7
_RUPEE: Paise = 100
_LEAST_PAD: Paise = 2 * _RUPEE
_VWAP = "VWAP"  # a line that is named, not measured
_BODY = 0.64  # of a minute's width
_LEADER = 12  # from the plot's edge to a label


def trade_chart(picture: TradePicture, summary: str) -> Markup:
    """Return the chart of one trade; *summary* says in words what it shows."""
    frame = _frame(picture)
    return chart(
        f"trade-{picture.number}",
        f"Trade {picture.number}: {picture.trade.symbol} in one-minute bars",
        summary,
        frame.bottom + BOTTOM,
        bar(*_stay(picture, frame), TOP, _PLOT, "held"),
        minute_grid(picture.session, frame.x, frame.bottom),
        value_grid(frame.y, "\u20b9", _price_labels(frame.y)),
        _candles(picture, frame),
        _vwap(picture, frame),
        _swing(picture, frame),
        _stop(picture, frame),
        _fills(picture, frame),
        _tags(picture, frame),
        *([] if picture.bars else [_no_bars()]),
    )


def _frame(picture: TradePicture) -> Frame:
    first, end = picture.window
    prices = [value for value, _, _ in _marked(picture)]
    prices += [value for each in picture.bars for value in (each.low, each.high)]
    prices += [value for _, value in picture.vwap]
    low, high = min(prices), max(prices)
    pad = max((high - low) // 20, _LEAST_PAD)
    return Frame(
        Scale(first * MINUTE_MS, end * MINUTE_MS, LEFT, RIGHT),
        Scale(low - pad, high + pad, TOP + _PLOT, TOP),
    )


def _price_labels(scale: Scale) -> list[tuple[Paise, str]]:
    step = round_step(scale.high - scale.low, _MOST_PRICE_LABELS, _RUPEE)
    values = rounds(scale.low, scale.high, step)
    return [(value, short(value)) for value in values]


def _candles(picture: TradePicture, frame: Frame) -> Markup:
    # the class stands once on a group, not on every bar: a page has thousands
    up = [each for each in picture.bars if each.close >= each.open]
    down = [each for each in picture.bars if each.close < each.open]
    return joined(
        *(
            tag("g", *(_candle(frame, picture.session, each) for each in bars), class_=kind)
            for bars, kind in ((up, "up"), (down, "down"))
        )
    )


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


def _vwap(picture: TradePicture, frame: Frame) -> Markup:
    points = [
        f"{number(frame.x.at(middle_of(minute)))} {number(frame.y.at(value))}"
        for minute, value in picture.vwap
    ]
    return tag("path", d="M" + "L".join(points), class_="vwap") if points else joined()


def _stay(picture: TradePicture, frame: Frame) -> tuple[float, float]:
    start = frame.x.at(ms_of(picture.session, picture.trade.opened_at))
    return start, max(start, frame.x.at(ms_of(picture.session, picture.trade.closed_at)))


def _swing(picture: TradePicture, frame: Frame) -> Markup:
    level = picture.level
    if level is None:
        return joined()
    x, y = frame.x.at(middle_of(level.minute)), frame.y.at(level.price)
    confirmed = frame.x.at((level.confirmed_minute + 1) * MINUTE_MS)
    return joined(
        line(x, y, _stay(picture, frame)[0], y, "swing"),
        line(confirmed, y - 6, confirmed, y + 6, "swing"),
        dot(x, y, 5, "swing"),
    )


def _stop(picture: TradePicture, frame: Frame) -> Markup:
    (start, end), y = _stay(picture, frame), frame.y.at(picture.trade.stop)
    return line(start, y, end, y, "stop")


def _fills(picture: TradePicture, frame: Frame) -> Markup:
    trade, (start, end) = picture.trade, _stay(picture, frame)
    units = grouped(trade.quantity)
    sold = f"{ist_clock(trade.opened_at)} sold {units} at {price(picture.sold)}"
    bought = f"{ist_clock(trade.closed_at)} bought {units} at {price(picture.bought)}"
    return joined(
        triangle(start, frame.y.at(picture.sold), sold, down=True),
        triangle(end, frame.y.at(picture.bought), bought, down=False),
    )


def _marked(picture: TradePicture) -> list[tuple[Paise, str, str]]:
    # price, label and class of everything that is named on the right
    marked = [
        (picture.trade.stop, "stop", "stop"),
        (picture.sold, "sold", "fill"),
        (picture.bought, "bought", "fill"),
    ]
    marked += [(picture.level.price, "low", "swing")] if picture.level else []
    marked += [(picture.vwap[-1][1], _VWAP, "vwap")] if picture.vwap else []
    return sorted(marked, reverse=True)


def _tags(picture: TradePicture, frame: Frame) -> Markup:
    marked = _marked(picture)
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


def _label(word: str, value: Paise) -> Content:
    if word == _VWAP:
        return word
    # the style sheet leaves the word out on a phone, where the caption has it with the price
    return joined(tag("tspan", f"{word} ", class_="word"), price(value))


def _no_bars() -> Markup:
    return text((LEFT + RIGHT) / 2, TOP + 20, "no bars of this contract", "tick", "middle")
