"""A day as one HTML file that needs nothing else: no script, no address, no network."""

from swingbreak.reporting.day_chart import course, day_chart
from swingbreak.reporting.day_view import DayView
from swingbreak.reporting.document import SYNTHETIC, banner, colours, document, figure, key
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.tables import charges_table, gain, positions_table, trades_table
from swingbreak.reporting.trade_chart import TRADE_KEY, trade_chart
from swingbreak.reporting.trade_picture import TradePicture, pictures, told
from swingbreak.reporting.wording import (
    counted,
    day_text,
    ended_because,
    grouped,
    minute_clock,
    money,
    r_text,
    signed_money,
    unprotected_text,
)

__all__ = ["render"]

_NOT_FLAT = "NOT FLAT"
_MODES = {"paper": "paper: no real orders", "live": "live: real orders"}


def render(view: DayView) -> str:
    """Return the page of *view*."""
    drawn = pictures(view)
    return document(
        _title(view),
        _header(view),
        _alarm(view),
        _figures(view),
        _curve(view),
        _trades(view, drawn),
        _charges(view),
        _charts(drawn),
        _notes(view),
    )


def _title(view: DayView) -> str:
    parts = [_NOT_FLAT] if view.open_positions else []
    parts += [SYNTHETIC] if view.synthetic else []
    parts += [view.label, view.session.day.isoformat(), r_text(view.net, view.r_value)]
    return " \u00b7 ".join(parts)


def _header(view: DayView) -> Markup:
    session = view.session
    hours = f"{minute_clock(session, 0)} to {minute_clock(session, session.minutes)} IST"
    mode = _MODES.get(view.mode, view.mode)
    return tag(
        "header",
        colours(),
        tag("h1", view.label),
        tag("p", f"{day_text(session.day)}, {hours} \u00b7 {mode}"),
        banner("This market was made up.") if view.synthetic else joined(),
    )


def _alarm(view: DayView) -> Markup:
    positions = view.open_positions
    if not positions:
        return joined()
    return tag(
        "section",
        tag("h2", f"{_NOT_FLAT}: {counted(len(positions), 'position')} open at the end"),
        tag("p", "The net result below counts closed trades only."),
        positions_table(positions),
        class_="alarm",
    )


def _figures(view: DayView) -> Markup:
    return tag(
        "dl",
        figure("Net", gain(view.net, money(view.net)), "big"),
        figure("Result", gain(view.net, r_text(view.net, view.r_value)), "big"),
        figure("Gross", gain(view.gross, signed_money(view.gross))),
        figure("Charges", money(view.charges)),
        figure("Trades", _tally(view)),
        figure("The day ended because", ended_because(view.halted_reason)),
        figure("Margin blocked at most", money(view.peak_margin)),
        figure("Protection", unprotected_text(view.unprotected, view.longest_unprotected)),
        figure("Order messages", grouped(view.orders_sent)),
        figure("Decisions", tag("code", view.decisions)),
    )


def _tally(view: DayView) -> str:
    won = sum(trade.net > 0 for trade in view.trades)
    lost = sum(trade.net < 0 for trade in view.trades)
    return f"{grouped(len(view.trades))}: {won} won, {lost} lost" if view.trades else "none"


def _curve(view: DayView) -> Markup:
    heading = tag("h2", "Result over the day")
    if not view.curve:
        return tag("section", heading, tag("p", "Nothing was recorded that could be drawn."))
    lead = (
        f"Realised and open together; one R of the account is {money(view.r_value)}. "
        "\u25bc sold, \u25b2 bought back. Bars below show how long each trade was open: filled "
        "for a gain, else hollow."
    )
    drawn = tag("figure", day_chart(view), tag("figcaption", course(view)))
    return tag("section", heading, tag("p", lead, class_="lead"), drawn)


def _trades(view: DayView, drawn: tuple[TradePicture, ...]) -> Markup:
    heading = tag("h2", "Trades")
    if not drawn:
        return tag("section", heading, tag("p", "No trade was made and closed on this day."))
    return tag("section", heading, trades_table(view, drawn))


def _charges(view: DayView) -> Markup:
    note = view.contract_note
    if not note.lines:
        return joined()
    lead = (
        f"Of all {counted(note.dealings.orders, 'order')} that traded. The broker's contract note "
        "takes STT in whole rupees; results above are reckoned trade by trade, to the paisa."
    )
    return tag("section", tag("h2", "Charges"), tag("p", lead, class_="lead"), charges_table(note))


def _charts(drawn: tuple[TradePicture, ...]) -> Markup:
    if not drawn:
        return joined()
    return tag("section", tag("h2", "Each trade"), key(TRADE_KEY), *map(_trade, drawn))


def _trade(picture: TradePicture) -> Markup:
    trade, story = picture.trade, told(picture)
    result = f"{signed_money(trade.net)}, {r_text(trade.net, trade.points * trade.quantity)}"
    return tag(
        "figure",
        tag("h3", f"{picture.number} \u00b7 {trade.symbol} ", gain(trade.net, result)),
        trade_chart(picture, story),
        tag("figcaption", story),
        id=f"chart-{picture.number}",
    )


def _notes(view: DayView) -> Markup:
    notes = (
        *view.notes,
        "Net is gross less charges; the contract note may differ from them by its rounding.",
        "R of a trade is its net result over the risk it was sized with.",
        f"R of the account, and of the day, is the net result over {money(view.r_value)}.",
        "Times are India's (IST); prices and amounts are rupees.",
    )
    return tag("section", tag("h2", "Notes"), tag("ul", *(tag("li", note) for note in notes)))
