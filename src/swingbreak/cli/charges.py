"""``swingbreak charges``: what a round trip costs, component by component."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, day_option
from swingbreak.cli.output import amount, currency, print_facts, print_json, print_table, print_text
from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise, paise

if TYPE_CHECKING:  # both are heavy
    from swingbreak.bootstrap.charging import Costs
    from swingbreak.facts.charges import ChargeLine, Dealings

__all__ = ["charges"]


def _price(text: str) -> Paise:
    try:
        value = paise(text)
    except DataError as error:
        raise typer.BadParameter(str(error)) from error
    if value < 0:
        raise typer.BadParameter(f"{text} is below 0")
    return value


_TradeId = Annotated[
    str | None, typer.Argument(help="A recorded trade, by its id; or give --sell and --buy.")
]
_Sell = Annotated[int | None, typer.Option(parser=_price, metavar="RUPEES", help="Price sold at.")]
_Buy = Annotated[int | None, typer.Option(parser=_price, metavar="RUPEES", help="Price bought at.")]
_Quantity = Annotated[int | None, typer.Option(min=1, help="Units, not lots.")]
_Orders = Annotated[
    int | None, typer.Option(min=1, help="Orders that traded, of both sides; default: 2.")
]
_SquaredOff = Annotated[
    int | None, typer.Option(min=0, help="Those of them that the broker's own square-off made.")
]
_Date = Annotated[datetime | None, day_option("Trading day; default: today in India.")]
_Exchange = Annotated[
    str | None, typer.Option(help="NFO (NSE) or BFO (BSE); default: the trade's, or NFO.")
]
_StateDir = Annotated[
    Path | None, typer.Option(help="State folder of the trade; default: the setting.")
]


def charges(  # noqa: PLR0913, PLR0917 - one argument per option
    trade_id: _TradeId = None,
    sell: _Sell = None,
    buy: _Buy = None,
    quantity: _Quantity = None,
    orders: _Orders = None,
    squared_off: _SquaredOff = None,
    on: _Date = None,
    exchange: _Exchange = None,
    state_dir: _StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print what a round trip costs by component, before and after the broker rounds."""
    from swingbreak.bootstrap.charging import costs_of, costs_of_trade  # noqa: PLC0415 - heavy
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    given_dir = state_dir and str(state_dir)
    settings, day = load(config, overrides={"state_dir": given_dir}), on.date() if on else None
    if trade_id is None:
        units, traded = _dealings(sell, buy, quantity, orders or 2, squared_off or 0)
        costs = costs_of(settings, units, traded, exchange or "NFO", day)
    elif any(given is not None for given in (sell, buy, quantity, orders, squared_off)):
        raise typer.BadParameter(
            "a recorded trade has prices, units and orders of its own: leave theirs out"
        )
    else:
        costs = costs_of_trade(settings, trade_id, exchange, day)
    if as_json:
        print_json(_as_json(costs))
    else:
        _show(costs)


def _dealings(
    sell: Paise | None, buy: Paise | None, quantity: int | None, orders: int, squared_off: int
) -> tuple[int, "Dealings"]:
    from swingbreak.facts.charges import Dealings  # noqa: PLC0415 - heavy

    if sell is None or buy is None or quantity is None:
        raise typer.BadParameter("give --sell, --buy and --quantity, or the id of a recorded trade")
    if squared_off > orders:
        raise typer.BadParameter(f"--squared-off is above the {orders} orders")
    return quantity, Dealings(sell * quantity, buy * quantity, orders, squared_off)


def _show(costs: "Costs") -> None:
    sign, note = currency(), costs.note
    columns = ("charge", ">rate", ">of", f">to the paisa {sign}", f">billed {sign}", "source")
    total = ("all charges", "", "", amount(note.exact), amount(note.billed), "")
    print_table(columns, [*map(_row, note.lines), total])
    dealings = note.dealings
    facts = {
        "trade": f"{costs.subject}, {costs.quantity} units, {dealings.orders} orders",
        "day": f"{costs.rates.day} on {costs.rates.exchange}",
        "sold, bought": f"{sign} {amount(dealings.sold)}, {sign} {amount(dealings.bought)}",
        "gross": f"{sign} {amount(costs.gross)}",
        "charges": _both(sign, note.exact, note.billed),
        "net": _both(sign, costs.gross - note.exact, costs.gross - note.billed),
        "share": _share(costs),
    }
    if costs.recorded is not None:
        facts["recorded"] = f"{sign} {amount(costs.recorded)} when the trade was made"
    print_facts(facts)
    print_text("Billed: the contract note of these orders alone, its STT in whole rupees.")
    for text in costs.warnings:
        print_text(f"Note: {text}")


def _row(line: "ChargeLine") -> tuple[str, ...]:
    from swingbreak.reporting.wording import charge_base, charge_name  # noqa: PLC0415 - as above

    rate = line.rate
    return (
        charge_name(rate.component),
        rate.text,
        charge_base(line),
        amount(line.exact),
        amount(line.billed),
        f"{rate.source} ({rate.confidence})",
    )


def _share(costs: "Costs") -> str:
    of = "" if costs.percent is None else f", {costs.percent:.1f} % of the gain"
    return f"{costs.points:.2f} a unit{of}"


def _both(sign: str, exact: Paise, billed: Paise) -> str:
    return f"{sign} {amount(exact)} to the paisa, {sign} {amount(billed)} as billed"


def _as_json(costs: "Costs") -> dict[str, object]:
    note, dealings = costs.note, costs.note.dealings
    return {
        "trade": costs.subject,
        "day": costs.rates.day.isoformat(),
        "exchange": costs.rates.exchange,
        "quantity": costs.quantity,
        "orders": dealings.orders,
        "squared_off": dealings.squared_off,
        "sold_value_paise": dealings.sold,
        "bought_value_paise": dealings.bought,
        "components": [_line(line) for line in note.lines],
        "exact_paise": note.exact,
        "billed_paise": note.billed,
        "gross_paise": costs.gross,
        "net_exact_paise": costs.gross - note.exact,
        "net_billed_paise": costs.gross - note.billed,
        "points_per_unit_rupees": round(costs.points, 4),
        "percent_of_gain": None if costs.percent is None else round(costs.percent, 2),
        "recorded_charges_paise": costs.recorded,
        "warnings": list(costs.warnings),
    }


def _line(line: "ChargeLine") -> dict[str, object]:
    rate = line.rate
    return {
        "component": rate.component.value,
        "rate": rate.text,
        "base_orders" if rate.is_fee else "base_paise": line.base,
        "exact_paise": line.exact,
        "billed_paise": line.billed,
        "source": rate.source,
        "confidence": rate.confidence.value,
    }
