"""Answers to a person's questions, made of the tables that the running day publishes."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from swingbreak.domain.money import Paise, average, rupees
from swingbreak.domain.orders import OrderStatus

__all__ = ["Tables", "orders", "pnl", "positions", "status", "why"]

_Row: TypeAlias = Mapping[str, Any]
Tables: TypeAlias = Mapping[str, Sequence[_Row]]

_NOTHING = "no day is recorded yet"


def status(tables: Tables, *, runs: bool) -> str:
    """Return the day in a few lines."""
    if not tables:
        return f"{_NOTHING}; {_process(runs=runs)}"
    (day,) = tables["daily_summary"]
    held, live = tables["positions"], _live(tables)
    return "\n".join(
        [
            f"{day['date']} {day['mode']}, {day['label']}",
            _process(runs=runs),
            f"trades {day['trades']}, {day['wins']} with a profit",
            f"net Rs {rupees(day['net_paise'])}, {_r(day['r'])}",
            f"open positions {len(held)}, net {_open(held)}",
            f"live orders {len(live)}",
            f"ended: {day['halted_reason'] or 'no, the day goes on'}",
            _as_of(day),
        ]
    )


def positions(tables: Tables) -> str:
    """Return what is open, a position a line."""
    rows = tables.get("positions", ())
    if not rows:
        return "nothing is open"
    lines = (
        f"{row['symbol']}: {row['quantity']} at "
        f"{rupees(average(row['sold_value_paise'], row['sold']))}, "
        f"mark {_rupees(row['mark_paise'])}, stop {_rupees(row['stop_paise'])}, "
        f"net Rs {_rupees(row['net_paise'])}, {_r(row['net_r'])}"
        for row in rows
    )
    return "\n".join([*lines, _as_of(tables["daily_summary"][0])])


def orders(tables: Tables) -> str:
    """Return the live orders, one a line."""
    rows = _live(tables)
    if not rows:
        return "no order is live"
    lines = (
        f"{row['order_id']} {row['side']} {row['filled']}/{row['quantity']} {row['symbol']}, "
        f"trigger {_rupees(row['trigger_paise'])}, limit {_rupees(row['limit_paise'])}, "
        f"{row['status']} ({row['reason']})"
        for row in rows
    )
    return "\n".join([*lines, _as_of(tables["daily_summary"][0])])


def pnl(tables: Tables) -> str:
    """Return closed and open results."""
    if not tables:
        return _NOTHING
    (day,) = tables["daily_summary"]
    held = tables["positions"]
    lines = [
        f"{row['symbol']}: net Rs {rupees(row['net_paise'])}, {_r(row['r'])} ({row['exit_reason']})"
        for row in tables["trades"]
    ]
    lines.append(f"closed: net Rs {rupees(day['net_paise'])}, {_r(day['r'])}")
    lines.append(f"open: net {_open(held)}")
    marks = [row["net_paise"] for row in held]
    if None not in marks:
        both = day["net_paise"] + sum(marks)
        lines.append(f"together: net Rs {rupees(both)}, {_r(both / day['r_value_paise'])}")
    return "\n".join([*lines, _as_of(day)])


def why(
    *, halted: str, paused: bool, runs: bool, held: Mapping[str, int], refusals: Mapping[str, str]
) -> str:
    """Return what keeps entries from being made, as far as the engine has said."""
    lines = []
    if not runs:
        lines.append(_process(runs=runs))
    if halted:
        lines.append(f"the day has ended: {halted}")
    if paused:
        lines.append("a person has paused it: /resume")
    lines += [f"{number} symbols may not be entered: {why}" for why, number in held.items()]
    lines += [f"{slot} was last refused by {text}" for slot, text in refusals.items()]
    return "\n".join(lines or ["nothing bars entries: no level qualifies, or its order rests"])


def _process(*, runs: bool) -> str:
    return "a process runs the day" if runs else "NO process runs the day"


def _live(tables: Tables) -> list[_Row]:
    return [row for row in tables.get("orders", ()) if OrderStatus(row["status"]).is_live]


def _open(held: Sequence[_Row]) -> str:
    values = [row["net_paise"] for row in held]
    return "not known" if None in values else f"Rs {rupees(sum(values))}"


def _as_of(day: _Row) -> str:
    return f"as of {day['updated_at'][11:19]}"  # the tables have Indian times


def _rupees(value: Paise | None) -> str:
    return "-" if value is None else rupees(value)


def _r(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f} R"
