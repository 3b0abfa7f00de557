"""One option: its minutes with swings, VWAP, entry, stop and fills, and where it stands."""

from swingbreak.adapters.board import Board, CandidateNow
from swingbreak.adapters.course import Course
from swingbreak.bootstrap.viewing import View
from swingbreak.dashboard.frame import Page
from swingbreak.dashboard.tables import (
    candidates_table,
    orders_table,
    positions_table,
    trades_table,
)
from swingbreak.dashboard.today import session_of
from swingbreak.reporting.document import key
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.option_chart import (
    OPTION_KEY,
    FillMark,
    OptionPicture,
    SwingMark,
    option_chart,
)
from swingbreak.reporting.wording import average, counted, grouped, price
from swingbreak.runtime.sight import reason_in_words
from swingbreak.strategy.levels import Level, LevelState

__all__ = ["option"]

_SHOWN = 90  # minutes, where not the whole day is asked for
_LEAST = 15
_DAY = "day"


def option(view: View, course: Course, symbol: str, span: str) -> Page | None:
    """Return the view of *symbol*, its last 90 minutes or the *span* ``day``.

    ``None`` where the running day does not follow it.
    """
    board = view.board
    found = [each for each in board.candidates if each.symbol == symbol] if board else []
    if board is None or not found:
        return None
    picture = _picture(board, course, symbol, whole=span == _DAY)
    content = joined(
        _spans(symbol, whole=span == _DAY),
        tag("figure", option_chart(picture, _told(picture)), tag("figcaption", _told(picture))),
        key(OPTION_KEY),
        tag("section", tag("h2", "Where it stands"), candidates_table(symbol, found)),
        *_ours(board, found[0]),
    )
    return Page(symbol, "/pipeline", content)


def _picture(board: Board, course: Course, symbol: str, *, whole: bool) -> OptionPicture:
    session, bars = session_of(board), course.bars_of(symbol)
    levels = sorted(course.levels.get(symbol, {}).values(), key=lambda each: each.confirmed_minute)
    fills = tuple(_fills(board, symbol))
    # what traded in the minute that is not closed yet is shown as well
    last = [*(each.minute for each in bars[-1:]), *(session.minute_of(f.at) for f in fills)]
    end = max(_LEAST, *(minute + 1 for minute in last), 0)
    first = 0 if whole else max(0, end - _SHOWN)
    stops = [each.stop for each in board.positions if each.symbol == symbol]
    return OptionPicture(
        symbol=symbol,
        session=session,
        bars=bars,
        swings=tuple(SwingMark(each.price, each.minute, _state(each)) for each in levels),
        armed=bool(levels) and levels[-1].state is LevelState.ARMED,
        entry=_entry(board, symbol),
        stop=stops[0] if stops else None,
        fills=fills,
        window=(first, min(end, session.minutes)),
    )


def _entry(board: Board, symbol: str) -> int | None:
    entries = (
        each.limit if each.trigger is None else each.trigger
        for each in board.orders
        if each.live and each.symbol == symbol and each.level
    )
    return next(entries, None)


def _fills(board: Board, symbol: str) -> list[FillMark]:
    found: list[FillMark] = []
    for trade in board.trades:
        if trade.symbol == symbol:
            sold = average(trade.sold_value, trade.quantity)
            bought = average(trade.bought_value, trade.quantity)
            found += [
                FillMark(trade.opened_at, sold, sold=True, told=f"sold at {price(sold)}"),
                FillMark(trade.closed_at, bought, sold=False, told=f"bought at {price(bought)}"),
            ]
    for held in board.positions:
        if held.symbol == symbol:
            told = f"sold {grouped(held.sold)} at {price(held.sold_at)}"
            found.append(FillMark(held.opened_at, held.sold_at, sold=True, told=told))
    return found


def _state(level: Level) -> str:
    return f"{level.state}, {reason_in_words(level.reason)}" if level.reason else level.state


def _told(picture: OptionPicture) -> str:
    shown = picture.shown
    if not shown:
        return f"{picture.symbol} has no closed bar yet."
    low, high = min(each.low for each in shown), max(each.high for each in shown)
    first, end = picture.window
    inside = sum(first <= each.minute < end for each in picture.swings)
    swings = f"{counted(inside, 'swing low')} shown"
    if picture.swings:
        swings += f", the newest {price(picture.swings[-1].price)} is {picture.swings[-1].told}"
    entry = "" if picture.entry is None else f" Entry rests at {price(picture.entry)}."
    stop = "" if picture.stop is None else f" Stop {price(picture.stop)}."
    return (
        f"Last {price(shown[-1].close)}, between {price(low)} and {price(high)}; {swings}."
        f"{entry}{stop}"
    )


def _spans(symbol: str, *, whole: bool) -> Markup:
    choices = (
        (f"Last {_SHOWN} minutes", f"/option/{symbol}", not whole),
        ("Whole day", f"/option/{symbol}?span={_DAY}", whole),
    )
    parts = [tag("strong", text) if on else tag("a", text, href=to) for text, to, on in choices]
    return tag("p", parts[0], " \u00b7 ", parts[1])


def _ours(board: Board, candidate: CandidateNow) -> list[Markup]:
    symbol, found = candidate.symbol, list[Markup]()
    positions = [each for each in board.positions if each.symbol == symbol]
    orders = [each for each in board.orders if each.symbol == symbol]
    trades = [each for each in board.trades if each.symbol == symbol]
    for heading, rows, drawn in (
        ("Position", positions, positions_table(positions)),
        ("Orders", orders, orders_table(orders)),
        ("Closed trades", trades, trades_table(trades)),
    ):
        if rows:
            found.append(tag("section", tag("h2", heading), drawn))
    return found
