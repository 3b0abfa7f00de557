"""How a finished day is shown."""

import signal
from pathlib import Path

from swingbreak.bootstrap.day import DayOutcome
from swingbreak.cli.output import ExitCode, amount, print_facts, print_json, print_table, print_text
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.position import Trade
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.day_view import CHARGES_NOTE
from swingbreak.reporting.wording import ended_because

__all__ = ["exit_code", "print_day"]


def print_day(outcome: DayOutcome, page: Path | None, *, as_json: bool) -> None:
    """Print trades, result and why the day ended."""
    if as_json:
        print_json(_as_json(outcome, page))
        return
    view = outcome.view
    if view.trades:
        columns = ("symbol", ">units", "sold", ">at", "bought", ">at", "why", ">Rs gross", ">R")
        print_table(columns, map(_row, view.trades))
    kind = "SYNTHETIC, made up, no real market" if view.synthetic else "as the gateway gave it"
    facts = {
        "market data": f"{view.label} ({kind})",
        "result": f"Rs {rupees(view.net)} in {len(view.trades)} trades = {view.r:+.2f} R",
        "costs": CHARGES_NOTE,
        "ended": f"{ended_because(view.halted_reason)}; {_flat(outcome)}",
        "order messages": str(view.orders_sent),
        "decisions": f"{view.decisions} (the same for the same day, settings and version)",
        "files": str(outcome.folder.root),
    }
    if page is not None:
        facts["page"] = str(page)
    print_facts(facts)
    if outcome.held is None:
        print_text("Stops that rest at the gateway stay there. Start again to go on with the day.")
    if outcome.recovered:
        print_text(f"The day went on from {outcome.recovered} records of an earlier process.")


def _row(trade: Trade) -> tuple[str, ...]:
    return (
        trade.symbol,
        str(trade.quantity),
        ist_clock(trade.opened_at),
        _average(trade.sold_value, trade.quantity),
        ist_clock(trade.closed_at),
        _average(trade.bought_value, trade.quantity),
        trade.exit_reason,
        amount(trade.gross),
        f"{trade.r:+.2f}",
    )


def exit_code(outcome: DayOutcome | None, ended_by: signal.Signals | None = None) -> ExitCode:
    """Return how a service should take the day: fine, stopped by its limit, or not flat.

    A signal that ended it, perhaps before it had begun, has a code of its own.
    """
    if outcome is None or ended_by is not None:
        return ExitCode.INTERRUPTED if ended_by is signal.SIGINT else ExitCode.TERMINATED
    if outcome.held or outcome.view.open_positions:
        return ExitCode.UNRECONCILED
    if outcome.view.halted_reason == "daily_stop":
        return ExitCode.RISK_HALT
    return ExitCode.OK


def _average(value: Paise, quantity: int) -> str:
    return amount((2 * value + quantity) // (2 * quantity))  # half up, as in the CSV


def _flat(outcome: DayOutcome) -> str:
    if outcome.held is None:
        return f"open positions: {len(outcome.view.open_positions)}"
    if not outcome.held:
        return "flat, by the gateway's own book"
    held = ", ".join(f"{symbol} {quantity}" for symbol, quantity in outcome.held.items())
    return f"NOT FLAT at the gateway: {held}"


def _as_json(outcome: DayOutcome, page: Path | None) -> dict[str, object]:
    view = outcome.view
    return {
        "day": view.session.day.isoformat(),
        "label": view.label,
        "synthetic": view.synthetic,
        "mode": view.mode,
        "trades": [
            {
                "trade_id": t.trade_id,
                "symbol": t.symbol,
                "quantity": t.quantity,
                "sold_value_paise": t.sold_value,
                "bought_value_paise": t.bought_value,
                "charges_paise": t.charges,
                "net_paise": t.net,
                "r": round(t.r, 4),
                "opened_at": t.opened_at.isoformat(),
                "closed_at": t.closed_at.isoformat(),
                "exit_reason": t.exit_reason,
            }
            for t in view.trades
        ],
        "net_paise": view.net,
        "r": round(view.r, 4),
        "costs": CHARGES_NOTE,
        "halted_reason": view.halted_reason,
        "held": None if outcome.held is None else dict(outcome.held),
        "orders_sent": view.orders_sent,
        "decisions": view.decisions,
        "recovered": outcome.recovered,
        "state_dir": str(outcome.folder.root),
        "page": None if page is None else str(page),
    }
