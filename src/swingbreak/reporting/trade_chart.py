"""One trade on its contract's minutes: swing low, VWAP, entry, stop and exit."""

from swingbreak.domain.money import Paise
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.axes import (
    BOTTOM,
    MINUTE_MS,
    TOP,
    Frame,
    middle_of,
    minute_grid,
    ms_of,
)
from swingbreak.reporting.candles import (
    PLOT,
    VWAP,
    candles,
    no_bars,
    price_frame,
    price_grid,
    price_tags,
    vwap_line,
)
from swingbreak.reporting.drawing import bar, chart, dot, line, triangle
from swingbreak.reporting.markup import Markup, joined
from swingbreak.reporting.trade_picture import TradePicture
from swingbreak.reporting.wording import grouped, price

__all__ = ["TRADE_KEY", "trade_chart"]

TRADE_KEY = (
    ("candle", "a minute: hollow closed at or above its open, filled below"),
    ("vwap", "VWAP of the session"),
    ("swing", "swing low, from its minute to the entry; the tick is where it was confirmed"),
    ("fill", "\u25bc sold, \u25b2 bought back, shaded while open"),
    ("stop", "trigger of the stop"),
)


def trade_chart(picture: TradePicture, summary: str) -> Markup:
    """Return the chart of one trade; *summary* says in words what it shows."""
    frame = _frame(picture)
    return chart(
        f"trade-{picture.number}",
        f"Trade {picture.number}: {picture.trade.symbol} in one-minute bars",
        summary,
        frame.bottom + BOTTOM,
        bar(*_stay(picture, frame), TOP, PLOT, "held"),
        minute_grid(picture.session, frame.x, frame.bottom),
        price_grid(frame.y),
        candles(picture.bars, picture.session, frame),
        vwap_line(picture.vwap, frame),
        _swing(picture, frame),
        _stop(picture, frame),
        _fills(picture, frame),
        price_tags(_marked(picture), frame),
        *([] if picture.bars else [no_bars()]),
    )


def _frame(picture: TradePicture) -> Frame:
    prices = [value for value, _, _ in _marked(picture)]
    prices += [value for _, value in picture.vwap]
    return price_frame(picture.window, picture.bars, prices)


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
    marked += [(picture.vwap[-1][1], VWAP, "vwap")] if picture.vwap else []
    return sorted(marked, reverse=True)
