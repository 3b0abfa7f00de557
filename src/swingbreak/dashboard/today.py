"""The first view: the day's result, its limits, what is open, what works, and how things are."""

from datetime import timedelta

from swingbreak.adapters.board import Board, FeedNow, TradeNow
from swingbreak.adapters.course import Course
from swingbreak.adapters.log_tail import LogLine
from swingbreak.bootstrap.viewing import View, age_text
from swingbreak.dashboard.drawings import gauge, meter
from swingbreak.dashboard.events import events_list
from swingbreak.dashboard.frame import Page, empty
from swingbreak.dashboard.tables import option_link, orders_table, positions_table, trades_table
from swingbreak.domain.instrument import strike_text
from swingbreak.domain.position import Trade
from swingbreak.domain.session import Session, ist_clock
from swingbreak.facts.charges import ContractNote, Dealings
from swingbreak.reporting.day_chart import course as course_told
from swingbreak.reporting.day_chart import day_chart
from swingbreak.reporting.day_view import DayView
from swingbreak.reporting.document import figure
from swingbreak.reporting.markup import Content, Markup, joined, tag
from swingbreak.reporting.tables import cell, gain, table
from swingbreak.reporting.wording import (
    counted,
    ended_because,
    money,
    plain_r,
    signed_money,
    unprotected_text,
)

__all__ = ["NOTHING", "session_of", "today"]

NOTHING = (
    "Nothing to show yet. Start a day with `swingbreak run`, or `swingbreak demo`, on this state "
    "folder; this page fills by itself."
)
_EVENTS = 8
_SPANS = {1: "a second", 60: "a minute", 86_400: "a day"}


def today(view: View, course: Course | None) -> Page:
    """Return the view of the day that runs, or ran last."""
    board = view.board
    if board is None or course is None:
        return Page("Today", "/", empty(view.trouble or NOTHING))
    live = [order for order in board.orders if order.live]
    content = joined(
        gauge(board.account),
        _figures(board),
        _section("Positions", positions_table(board.positions), bool(board.positions), _FLAT),
        _section("Live orders", orders_table(live), bool(live), "No order works at the exchange."),
        tag("div", _limits(board), _feed(board), class_="two"),
        _curve(board, course),
        _section("Closed trades", trades_table(board.trades), bool(board.trades), _NO_TRADE),
        _events(view.events),
    )
    return Page("Today", "/", content)


def session_of(board: Board) -> Session:
    """Return the session that the board is of."""
    return Session(board.day, board.opens, board.closes)


_FLAT = "No position is open."
_NO_TRADE = "No trade has been closed today."


def _section(heading: str, content: Markup, there_is: bool, otherwise: str) -> Markup:  # noqa: FBT001 - the question that chooses
    return tag("section", tag("h2", heading), content if there_is else empty(otherwise))


def _figures(board: Board) -> Markup:
    account = board.account
    return tag(
        "dl",
        figure("Net today", gain(account.net, signed_money(account.net)), "big"),
        figure("R today", gain(account.net, plain_r(account.r)), "big"),
        figure("Realised", signed_money(account.realised)),
        figure("Open, charges included", signed_money(account.open)),
        figure("Trades", _tally(account.trades, account.wins)),
        figure("Entries", _entries(board)),
        figure("One R of the account", money(account.r_value)),
        figure("Margin blocked at most", money(account.peak_margin)),
        figure("Strikes", _strikes(board.feed)),
    )


def _tally(trades: int, wins: int) -> str:
    return f"{trades} closed, {wins} with a profit" if trades else "none closed"


def _entries(board: Board) -> Content:
    standing = board.standing
    if standing.halted:
        return f"none: {ended_because(standing.halted)}"
    if standing.barred:
        return tag("strong", f"none now: {standing.barred.replace('_', ' ')}")
    return f"allowed until {ist_clock(standing.last_entry)[:5]}"


def _strikes(feed: FeedNow) -> Content:
    if not feed.highest:
        return "not told"  # by a version before
    where = f"around {strike_text(feed.centre)}" if feed.centre else "all day"
    shown = f"{strike_text(feed.lowest)} to {strike_text(feed.highest)}, {where}"
    if not feed.coming:
        return shown
    return joined(f"{shown}, ", tag("strong", f"moving to {strike_text(feed.coming)}"))


def _limits(board: Board) -> Markup:
    protection = board.protection
    names = {"all": "Positions and entries", "CE": "Calls", "PE": "Puts"}
    rows = [
        _row(names.get(each.of, each.of), meter(each.taken, each.most, names.get(each.of, "")))
        for each in board.places
    ]
    rows += [
        _row(
            f"Order messages {_SPANS.get(each.seconds, age_text(each.seconds))}",
            joined(
                meter(each.sent, each.most, "messages"),
                tag("small", f"{each.reserved} of them kept for exits"),
            ),
        )
        for each in board.rates
    ]
    rows.append(_row("Messages waiting", str(board.waiting)))
    rows.append(_row("Without a stop today", _protected(protection.total_s, protection.longest_s)))
    return tag("section", tag("h2", "Limits"), table("Limits", ("Limit", "Used"), rows))


def _protected(total_s: float, longest_s: float) -> str:
    return unprotected_text(timedelta(seconds=total_s), timedelta(seconds=longest_s))


def _feed(board: Board) -> Markup:
    feed = board.feed
    silent = feed.age_s is None or feed.age_s >= feed.stale_after_s
    whole = "never ticked" if feed.age_s is None else f"last tick {feed.age_s:.1f} s ago"
    limit = f"; silent from {feed.stale_after_s} s on"
    held = [each for each in feed.symbols if each.held]
    leads = f" The {feed.leads} is listened to." if feed.leads else ""
    told = tag("p", tag("strong", whole) if silent else whole, limit, ".", leads)
    oldest = sorted(
        feed.symbols, key=lambda each: (not each.held, each.age_s is not None, -(each.age_s or 0))
    )
    rows = [
        tag(
            "tr",
            tag("th", _symbol(board, each.symbol), scope="row"),
            cell("never" if each.age_s is None else f"{each.age_s:.1f} s"),
            tag("td", each.held.replace("_", " ") or "in order"),
        )
        for each in oldest[:_EVENTS]
    ]
    lead = f"{counted(len(feed.symbols), 'symbol')}, {len(held)} held back; the quietest first:"
    shown = table("Feed", ("Symbol", ">Last tick", "State"), rows)
    parts = (told, tag("p", lead, class_="lead"), shown) if feed.symbols else (empty("No symbol."),)
    return tag("section", tag("h2", "Feed"), *parts)


def _symbol(board: Board, symbol: str) -> Content:
    is_option = any(each.symbol == symbol for each in board.candidates)
    return option_link(symbol, "feed-") if is_option else symbol


def _curve(board: Board, course: Course) -> Markup:
    heading = tag("h2", "Result over the day")
    if not course.curve:
        return tag("section", heading, empty("The curve begins with the first closed minute."))
    shown = _day_view(board, course)
    drawn = tag("figure", day_chart(shown), tag("figcaption", course_told(shown)))
    return tag("section", heading, drawn)


def _day_view(board: Board, course: Course) -> DayView:
    # what the curve is drawn of, and no more
    note = ContractNote(Dealings(0, 0, 0), ())
    return DayView(
        label=board.process.label,
        synthetic=board.process.synthetic,
        mode=board.process.mode,
        session=session_of(board),
        r_value=board.account.r_value,
        trades=tuple(map(_trade, board.trades)),
        contract_note=note,
        open_positions=(),
        halted_reason=board.standing.halted,
        curve=tuple(course.curve),
        bars={},
        levels={},
        decisions="",
        orders_sent=0,
    )


def _trade(each: TradeNow) -> Trade:
    return Trade(**{name: getattr(each, name) for name in Trade.__dataclass_fields__})


def _events(events: tuple[LogLine, ...]) -> Markup:
    trouble = [line for line in events if line.is_trouble]
    parts = [tag("h2", "Last events"), events_list(events[-_EVENTS:])]
    if trouble:
        parts += [tag("h2", "Last warnings and errors"), events_list(trouble[-_EVENTS:])]
    return tag("section", *parts, tag("p", tag("a", "All events", href="/events")))


def _row(name: str, value: Content) -> Markup:
    return tag("tr", tag("th", name, scope="row"), tag("td", value))
