"""Tables of the board's rows: positions, orders, trades, candidates."""

from collections.abc import Iterable

from swingbreak.adapters.board import CandidateNow, OrderNow, PositionNow, TradeNow
from swingbreak.domain.money import Paise
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.markup import Content, Markup, tag
from swingbreak.reporting.tables import cell, gain, table
from swingbreak.reporting.wording import (
    average,
    closed_because,
    counted,
    grouped,
    plain_r,
    price,
    signed_money,
)

__all__ = ["candidates_table", "option_link", "orders_table", "positions_table", "trades_table"]

_DASH = "\u2013"


def option_link(symbol: str, where: str = "") -> Markup:
    """Return a link to the chart of *symbol*; *where* makes its id unique on the page."""
    return tag("a", symbol, href=f"/option/{symbol}", id=f"{where}{symbol}" if where else None)


def positions_table(positions: Iterable[PositionNow]) -> Markup:
    """Return open positions with their R and their protection."""
    names = ("Contract", ">Net", "Protection", ">Stop", ">Mark", ">Sold at")
    return table("Open positions", names, map(_position, positions))


def orders_table(orders: Iterable[OrderNow]) -> Markup:
    """Return orders, live or not."""
    names = ("Contract", "Order", ">Filled", ">Trigger", ">Limit", "Status")
    return table("Orders", names, map(_order, orders))


def trades_table(trades: Iterable[TradeNow]) -> Markup:
    """Return closed trades."""
    names = ("Contract", ">Net", ">Sold", ">Bought back", "Closed because")
    return table("Closed trades", names, map(_trade, trades))


def candidates_table(name: str, candidates: Iterable[CandidateNow]) -> Markup:
    """Return where symbols stand in the selection, and why they are not sold under."""
    names = ("Contract", "Why not", ">Last", ">Swing low", ">VWAP", ">Stop", ">Points", ">Lots")
    return table(name, names, map(_candidate, candidates))


def _position(each: PositionNow) -> Markup:
    if each.unprotected:
        stop = f"NO STOP for {each.unprotected_s:.0f} s, {grouped(each.unprotected)} units"
    else:
        stop = "stop rests"
    told = f"{stop}; being left: {each.leaving.replace('_', ' ')}" if each.leaving else stop
    known = each.net is not None and each.r is not None
    net = (
        (gain(each.net or 0, signed_money(each.net or 0)), tag("small", plain_r(each.r or 0.0)))
        if known
        else (_DASH,)
    )
    return tag(
        "tr",
        _contract(each.symbol, f"{grouped(each.units)} units short", "position-"),
        cell(*net),
        tag("td", told),
        cell(price(each.stop), tag("small", f"{price(each.points)} points")),
        cell(_price(each.mark)),
        cell(price(each.sold_at), tag("small", ist_clock(each.opened_at))),
        class_="unprotected" if each.unprotected else None,
    )


def _order(each: OrderNow) -> Markup:
    traded = tag("small", f"at {price(each.average)}") if each.average is not None else ""
    return tag(
        "tr",
        _contract(each.symbol, each.slot, f"{each.order_id}-"),
        tag("td", f"{each.side.lower()} {each.order_id}", tag("small", ist_clock(each.placed_at))),
        cell(f"{grouped(each.filled)}/{grouped(each.quantity)}", traded),
        cell(_price(each.trigger)),
        cell(price(each.limit)),
        tag("td", each.status.replace("_", " "), tag("small", each.reason.replace("_", " "))),
    )


def _trade(each: TradeNow) -> Markup:
    sold = average(each.sold_value, each.quantity)
    bought = average(each.bought_value, each.quantity)
    return tag(
        "tr",
        _contract(each.symbol, f"{grouped(each.quantity)} units", f"{each.trade_id}-"),
        cell(gain(each.net, signed_money(each.net)), tag("small", plain_r(each.r))),
        cell(price(sold), tag("small", ist_clock(each.opened_at))),
        cell(price(bought), tag("small", ist_clock(each.closed_at))),
        tag("td", closed_because(each.exit_reason)),
    )


def _candidate(each: CandidateNow) -> Markup:
    is_best = bool(each.state) and not each.reason
    armed = each.state == "armed"
    levels = counted(each.levels, "swing low")
    state = f"{levels} today, the newest {each.state}" if each.state else "no swing low yet"
    return tag(
        "tr",
        _contract(each.symbol, state, "candidate-"),
        tag("td", tag("strong", "best: is sold under") if is_best else _why(each), class_="why"),
        cell(_shown(each.last)),
        cell(_shown(each.price)),
        cell(_shown(each.vwap)),
        cell(_shown(each.stop if armed else 0)),
        cell(_shown(each.points if armed else 0)),
        cell(str(each.lots) if each.lots else _DASH),
        class_="best" if is_best else None,
    )


def _why(each: CandidateNow) -> Content:
    return f"{each.place}. in rank; {each.why}" if each.place else each.why


def _contract(symbol: str, told: str, where: str) -> Markup:
    return tag("th", option_link(symbol, where), tag("small", told), scope="row")


def _price(value: Paise | None) -> str:
    return _DASH if value is None else price(value)


def _shown(value: Paise) -> str:
    return price(value) if value else _DASH
