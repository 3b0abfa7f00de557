"""How a finished day is shown."""

import signal
from pathlib import Path

from swingbreak.bootstrap.day import DayOutcome
from swingbreak.cli.output import ExitCode, amount, print_facts, print_json, print_table, print_text
from swingbreak.domain.money import average, rupees
from swingbreak.domain.position import Trade
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.wording import ended_because, unprotected_text

__all__ = ["exit_code", "print_day"]

_COLUMNS = (
    *("symbol", ">units", "sold", ">at", "bought", ">at", "why"),
    *(">Rs gross", ">charges", ">net", ">R"),
)


def print_day(outcome: DayOutcome, page: Path | None, *, as_json: bool) -> None:
    """Print trades, result and why the day ended."""
    if as_json:
        print_json(_as_json(outcome, page))
        return
    view, note = outcome.view, outcome.view.contract_note
    if view.trades:
        print_table(_COLUMNS, map(_row, view.trades))
    kind = "SYNTHETIC, made up, no real market" if view.synthetic else "as the gateway gave it"
    facts = {
        "market data": f"{view.label} ({kind})",
        "gross": f"Rs {rupees(view.gross)} in {len(view.trades)} trades",
        "charges": f"Rs {rupees(view.charges)}; contract note Rs {rupees(note.billed)}",
        "net": f"Rs {rupees(view.net)} = {view.r:+.2f} R",
        "ended": f"{ended_because(view.halted_reason)}; {_flat(outcome)}",
        "margin": f"Rs {rupees(view.peak_margin)} blocked at most",
        "protection": unprotected_text(view.unprotected, view.longest_unprotected),
        "order messages": str(view.orders_sent),
        "decisions": f"{view.decisions} (the same for the same day, settings and version)",
        "files": str(outcome.folder.root),
    }
    if page is not None:
        facts["page"] = str(page)
    print_facts(facts)
    for text in view.notes:
        print_text(f"Note: {text}")
    if outcome.held is None:
        print_text("Stops that rest at the gateway stay there. Start again to go on with the day.")
    if outcome.recovered:
        print_text(f"The day went on from {outcome.recovered} records of an earlier process.")


def _row(trade: Trade) -> tuple[str, ...]:
    return (
        trade.symbol,
        str(trade.quantity),
        ist_clock(trade.opened_at),
        amount(average(trade.sold_value, trade.quantity)),
        ist_clock(trade.closed_at),
        amount(average(trade.bought_value, trade.quantity)),
        trade.exit_reason,
        amount(trade.gross),
        amount(trade.charges),
        amount(trade.net),
        f"{trade.r:+.2f}",
    )


def exit_code(outcome: DayOutcome | None, ended_by: signal.Signals | None = None) -> ExitCode:
    """Return how a service should take the day: fine, stopped by its limit, or not flat.

    A signal that ended it, perhaps before it had begun, has a code of its own.
    """
    if ended_by is not None:
        return ExitCode.INTERRUPTED if ended_by is signal.SIGINT else ExitCode.TERMINATED
    if outcome is None or outcome.held is None:
        return ExitCode.OK  # a person ended the process, not the day: its stops rest
    if outcome.held or outcome.view.open_positions:
        return ExitCode.UNRECONCILED
    if outcome.view.halted_reason == "kill":
        return ExitCode.KILLED
    if outcome.view.halted_reason == "daily_stop":
        return ExitCode.RISK_HALT
    return ExitCode.OK


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
        "trades": [_trade_json(trade) for trade in view.trades],
        "gross_paise": view.gross,
        "charges_paise": view.charges,
        "net_paise": view.net,
        "r": round(view.r, 4),
        "contract_note": {
            **{f"{line.rate.component}_paise": line.billed for line in view.contract_note.lines},
            "total_paise": view.contract_note.billed,
        },
        "notes": list(view.notes),
        "halted_reason": view.halted_reason,
        "held": None if outcome.held is None else dict(outcome.held),
        "peak_margin_paise": view.peak_margin,
        "unprotected_s": view.unprotected.total_seconds(),
        "longest_unprotected_s": view.longest_unprotected.total_seconds(),
        "orders_sent": view.orders_sent,
        "decisions": view.decisions,
        "recovered": outcome.recovered,
        "state_dir": str(outcome.folder.root),
        "page": None if page is None else str(page),
    }


def _trade_json(trade: Trade) -> dict[str, object]:
    return {
        "trade_id": trade.trade_id,
        "symbol": trade.symbol,
        "quantity": trade.quantity,
        "sold_value_paise": trade.sold_value,
        "bought_value_paise": trade.bought_value,
        "orders": trade.orders,
        "gross_paise": trade.gross,
        "charges_paise": trade.charges,
        "net_paise": trade.net,
        "r": round(trade.r, 4),
        "opened_at": trade.opened_at.isoformat(),
        "closed_at": trade.closed_at.isoformat(),
        "exit_reason": trade.exit_reason,
    }
