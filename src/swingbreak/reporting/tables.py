"""The tables of a day's page."""

from collections.abc import Iterable, Sequence

from swingbreak.domain.money import Paise
from swingbreak.domain.position import Position
from swingbreak.domain.session import ist_clock
from swingbreak.facts.charges import ChargeLine, ContractNote
from swingbreak.reporting.day_view import DayView
from swingbreak.reporting.markup import Content, Markup, joined, tag
from swingbreak.reporting.trade_picture import TradePicture
from swingbreak.reporting.wording import (
    average,
    charge_base,
    charge_name,
    closed_because,
    grouped,
    money,
    price,
    r_text,
    signed_money,
)

__all__ = ["cell", "charges_table", "gain", "positions_table", "table", "trades_table"]


def gain(amount: Paise, text: str) -> Markup:
    """Return *text*, which has a sign, in the colour of a gain or a loss."""
    kind = "good" if amount > 0 else "bad" if amount < 0 else None
    return tag("span", text, class_=kind)


def cell(*content: Content) -> Markup:
    """Return a number's cell."""
    return tag("td", *content, class_="number")


def table(
    name: str, names: Sequence[str], rows: Iterable[Markup], sums: Markup | None = None
) -> Markup:
    """Return *rows* under *names*, where one that starts with ``>`` is a number's, and *sums*."""
    head = (
        tag("th", text.removeprefix(">"), scope="col", class_="number" if text[:1] == ">" else None)
        for text in names
    )
    drawn = tag(
        "table",
        tag("caption", name, class_="unseen"),
        tag("thead", tag("tr", *head)),
        tag("tbody", *rows),
        tag("tfoot", sums) if sums else joined(),
    )
    # on a narrow screen the table scrolls, by keyboard too, and the page does not
    return tag("div", drawn, class_="scroll", role="region", aria_label=name, tabindex="0")


def trades_table(view: DayView, pictures: Sequence[TradePicture]) -> Markup:
    """Return the closed trades, each with a link to its chart, and their sum."""
    names = ("#", "Contract", ">Net", ">Gross", ">Sold", ">Bought back", "Closed because")
    total = tag(
        "tr",
        tag("th", "All trades", tag("small", "R of the account"), colspan="2", scope="row"),
        _result(view.net, view.r_value),
        _gross(view.gross, view.charges),
        tag("td", colspan="3"),
    )
    return table("Trades", names, (_trade_row(each) for each in pictures), total)


def charges_table(note: ContractNote) -> Markup:
    """Return what the orders cost, by component, and their sum."""
    names = ("Charge", ">To the paisa", ">Contract note", ">Rate", ">Of")
    total = tag(
        "tr",
        tag("th", "All charges", scope="row"),
        cell(money(note.exact)),
        cell(money(note.billed)),
        tag("td", colspan="2"),
    )
    return table("Charges", names, (_charge_row(line) for line in note.lines), total)


def positions_table(positions: Iterable[Position]) -> Markup:
    """Return what was still open."""
    names = ("Contract", ">Short units", ">Sold at", ">Since", ">Stop")
    return table("Open positions", names, (_position_row(each) for each in positions))


def _trade_row(picture: TradePicture) -> Markup:
    trade = picture.trade
    link = tag(
        "a",
        str(picture.number),
        href=f"#chart-{picture.number}",
        aria_label=f"Chart of trade {picture.number}",
    )
    return tag(
        "tr",
        tag("td", link),
        tag(
            "th",
            trade.symbol,
            tag("small", f"{grouped(trade.quantity)} units"),
            scope="row",
        ),
        _result(trade.net, trade.points * trade.quantity),
        _gross(trade.gross, trade.charges),
        cell(price(picture.sold), tag("small", ist_clock(trade.opened_at))),
        cell(price(picture.bought), tag("small", ist_clock(trade.closed_at))),
        tag("td", closed_because(trade.exit_reason)),
    )


def _charge_row(line: ChargeLine) -> Markup:
    return tag(
        "tr",
        tag("th", charge_name(line.rate.component), scope="row"),
        cell(price(line.exact)),
        cell(price(line.billed)),
        cell(line.rate.text),
        cell(charge_base(line)),
    )


def _position_row(position: Position) -> Markup:
    return tag(
        "tr",
        tag("th", position.symbol, scope="row"),
        cell(grouped(-position.quantity)),
        cell(price(average(position.sold_value, position.sold))),
        cell(ist_clock(position.opened_at)),
        cell(price(position.stop)),
    )


def _result(net: Paise, risk: Paise) -> Markup:
    return cell(gain(net, signed_money(net)), tag("small", r_text(net, risk)))


def _gross(gross: Paise, charges: Paise) -> Markup:
    return cell(price(gross), tag("small", f"less {price(charges)}"))
