"""What of a trade is drawn and told: the bars around it, its VWAP, its average prices."""

from dataclasses import dataclass

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.position import Trade
from swingbreak.domain.session import Session, ist_clock
from swingbreak.market.vwap import SessionVwap
from swingbreak.reporting.day_view import DayView, LevelMark
from swingbreak.reporting.wording import (
    average,
    closed_because,
    grouped,
    minute_clock,
    price,
)

__all__ = ["TradePicture", "picture_of", "pictures", "told", "vwaps"]

_BEFORE, _AFTER = 30, 15  # minutes shown before the swing and after the exit


@dataclass(frozen=True, slots=True)
class TradePicture:
    """One trade with its surroundings.

    Attributes:
        number: Its place in the day, from 1.
        session: The day.
        trade: The trade.
        level: The swing low it was entered on; ``None`` where it is not known.
        bars: Bars in the window, oldest first.
        vwap: Minute and session VWAP in paise at the close of each of these bars.
        sold: Average entry price, paise.
        bought: Average exit price, paise.
        window: First minute shown and the first that is not, since the open.
    """

    number: int
    session: Session
    trade: Trade
    level: LevelMark | None
    bars: tuple[Bar, ...]
    vwap: tuple[tuple[int, Paise], ...]
    sold: Paise
    bought: Paise
    window: tuple[int, int]


def pictures(view: DayView) -> tuple[TradePicture, ...]:
    """Return every trade of the day with its surroundings, in the order of the view."""
    return tuple(
        picture_of(
            number,
            view.session,
            trade,
            view.levels.get(trade.level),
            view.bars.get(trade.symbol, ()),
        )
        for number, trade in enumerate(view.trades, 1)
    )


def picture_of(
    number: int, session: Session, trade: Trade, level: LevelMark | None, day: tuple[Bar, ...]
) -> TradePicture:
    """Return one trade with its surroundings.

    Args:
        number: Its place on the page, from 1.
        session: Its day.
        trade: The trade.
        level: The swing low it was entered on.
        day: All bars of its contract on the day, oldest first.
    """
    first, end = _window(session, trade, level, day)
    return TradePicture(
        number=number,
        session=session,
        trade=trade,
        level=level,
        bars=tuple(bar for bar in day if first <= bar.minute < end),
        vwap=tuple((minute, value) for minute, value in vwaps(day) if first <= minute < end),
        sold=average(trade.sold_value, trade.quantity),
        bought=average(trade.bought_value, trade.quantity),
        window=(first, end),
    )


def told(picture: TradePicture) -> str:
    """Return the trade in sentences."""
    trade = picture.trade
    return (
        f"Sold {grouped(trade.quantity)} at {price(picture.sold)} at {ist_clock(trade.opened_at)}"
        f"{_swing_told(picture)} Stop {price(trade.stop)}. Bought back at {price(picture.bought)} "
        f"at {ist_clock(trade.closed_at)}: {closed_because(trade.exit_reason)}."
    )


def _swing_told(picture: TradePicture) -> str:
    level = picture.level
    if level is None:
        return "; the swing low it rested on is not on record."
    return (
        f" as the swing low {price(level.price)} broke, made at "
        f"{minute_clock(picture.session, level.minute)} and confirmed at "
        f"{minute_clock(picture.session, level.confirmed_minute + 1)}."
    )


def _window(
    session: Session, trade: Trade, level: LevelMark | None, day: tuple[Bar, ...]
) -> tuple[int, int]:
    entered, left = session.minute_of(trade.opened_at), session.minute_of(trade.closed_at)
    start = entered if level is None else min(level.minute, entered)
    first = min(max(start - _BEFORE, 0), session.minutes - 1)
    seen = max(left, day[-1].minute) if day else left  # the day may have ended with the trade
    return first, max(min(left + _AFTER, seen, session.minutes - 1), first) + 1


def vwaps(bars: tuple[Bar, ...]) -> list[tuple[int, Paise]]:
    """Return minute and session VWAP in paise at each bar's close; *bars* begin with the day."""
    vwap, values = SessionVwap(), list[tuple[int, Paise]]()
    for bar in bars:
        vwap.add(bar)
        values.append((bar.minute, average(*vwap.ratio)))
    return values
