"""``status``, ``positions``, ``orders``, ``trades``: read the state database, never write it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

if TYPE_CHECKING:
    from swingbreak.bootstrap.viewing import View

from swingbreak.cli.options import Config, Day, Json, StateDir, state_folder
from swingbreak.cli.output import amount, currency, print_facts, print_json, print_table, print_text
from swingbreak.domain.money import average

__all__ = ["orders", "positions", "status", "trades"]

_WATCH = "Show it on a screen, every second, until Ctrl+C."

_Row: TypeAlias = dict[str, Any]
_Columns: TypeAlias = dict[str, Callable[[_Row], str]]
_Table: TypeAlias = Literal["orders", "positions", "trades"]


@dataclass(frozen=True, slots=True)
class _Day:
    """What is recorded of one day; ``day`` is None where there is nothing to show."""

    state_dir: Path
    day: date | None
    recorded: Sequence[date]
    tables: Mapping[str, list[_Row]]

    @property
    def nothing(self) -> str:
        """Why there is nothing to show, for a person."""
        if not self.recorded:
            return f"no day recorded in {self.state_dir}"
        return (
            f"nothing recorded on that day in {self.state_dir}; there is {self.recorded[0]} to "
            f"{self.recorded[-1]}, {len(self.recorded)} days"
        )


def status(
    on: Day = None,
    state_dir: StateDir = None,
    config: Config = None,
    watch: Annotated[bool, typer.Option("--watch", help=_WATCH)] = False,  # noqa: FBT002 - an option
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print the day in a few lines, and below it the board that the running day publishes."""
    from swingbreak.cli import watching  # noqa: PLC0415 - `version` is fast

    if watch and on is not None:
        raise typer.BadParameter("--watch is for the day that runs: leave --date out")
    if watch:
        watching.watch(state_folder(state_dir, config), as_json=as_json)
    found = _read(on, state_dir, config)
    view = _seen(found)
    if as_json:
        print_json({**_status(found), "board": view and watching.board_json(view)})
    elif found.day is None:
        print_text(found.nothing)
    else:
        print_facts(_facts(_status(found)))
    if view is not None and not as_json:
        print_text("")
        watching.print_screen(view)


def positions(
    on: Day = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print the positions that were open when the day was last recorded."""
    sign = currency()
    columns: _Columns = {
        "opened": lambda row: _clock(row["opened_at"]),
        "symbol": lambda row: row["symbol"],
        ">quantity": lambda row: str(row["quantity"]),
        f">sold at {sign}": lambda row: _average(row["sold_value_paise"], row["sold"]),
        f">mark {sign}": lambda row: amount(row["mark_paise"]),
        f">stop {sign}": lambda row: amount(row["stop_paise"]),
        f">gross {sign}": lambda row: amount(row["pnl_paise"]),
        f">charges {sign}": lambda row: amount(row["charges_paise"]),
        f">net {sign}": lambda row: amount(row["net_paise"]),
        ">R": lambda row: _r(row["net_r"]),
        "trade": lambda row: row["trade_id"],
    }
    _print("positions", _read(on, state_dir, config), columns, as_json=as_json)


def orders(
    on: Day = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print the day's orders in the order they were placed."""
    sign = currency()
    columns: _Columns = {
        "placed": lambda row: _clock(row["placed_at"]),
        "updated": lambda row: _clock(row["updated_at"]),
        "order": lambda row: row["order_id"],
        "slot": lambda row: row["slot"],
        "side": lambda row: row["side"],
        "symbol": lambda row: row["symbol"],
        ">filled": lambda row: f"{row['filled']}/{row['quantity']}",
        f">trigger {sign}": lambda row: amount(row["trigger_paise"]),
        f">limit {sign}": lambda row: amount(row["limit_paise"]),
        f">average {sign}": lambda row: _average(row["value_paise"], row["filled"]),
        "status": lambda row: row["status"],
        "reason": lambda row: row["reason"],
    }
    _print("orders", _read(on, state_dir, config), columns, as_json=as_json)


def trades(
    on: Day = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print the day's closed trades."""
    sign = currency()
    columns: _Columns = {
        "opened": lambda row: _clock(row["opened_at"]),
        "closed": lambda row: _clock(row["closed_at"]),
        "symbol": lambda row: row["symbol"],
        ">units": lambda row: str(row["quantity"]),
        f">sold {sign}": lambda row: _average(row["sold_value_paise"], row["quantity"]),
        f">bought {sign}": lambda row: _average(row["bought_value_paise"], row["quantity"]),
        f">gross {sign}": lambda row: amount(row["gross_paise"]),
        f">charges {sign}": lambda row: amount(row["charges_paise"]),
        f">net {sign}": lambda row: amount(row["net_paise"]),
        ">R": lambda row: _r(row["r"]),
        "exit": lambda row: row["exit_reason"],
    }
    _print("trades", _read(on, state_dir, config), columns, as_json=as_json)


def _read(on: datetime | None, state_dir: Path | None, config: Path | None) -> _Day:
    from swingbreak.adapters.dayfolder import database_in  # noqa: PLC0415 - `version` is fast
    from swingbreak.adapters.sqlite import views  # noqa: PLC0415 - as above
    from swingbreak.adapters.sqlite.database import open_reader  # noqa: PLC0415 - as above

    folder = state_folder(state_dir, config)
    path = database_in(folder)
    if not path.exists():
        return _Day(folder, None, (), {})
    with open_reader(path) as database:
        recorded = views.recorded_days(database)
        wanted = on.date() if on else max(recorded, default=None)
        if wanted not in recorded or wanted is None:
            return _Day(folder, None, recorded, {})
        return _Day(folder, wanted, recorded, views.day_of(database, wanted))


def _seen(found: _Day) -> "View | None":
    """Return the board, where there is one of the day that is shown."""
    from swingbreak.adapters.clock import WallClock  # noqa: PLC0415 - as above
    from swingbreak.bootstrap.viewing import view_of  # noqa: PLC0415 - as above

    view = view_of(found.state_dir, WallClock().now())
    if view.trouble:
        return view
    return view if view.board is not None and found.day in {None, view.board.day} else None


def _print(table: _Table, found: _Day, columns: _Columns, *, as_json: bool) -> None:
    rows = found.tables.get(table, [])
    if as_json:
        print_json(rows)
    elif found.day is None:
        print_text(found.nothing)
    elif not rows:
        print_text(f"no {table} on {found.day} in {found.state_dir}")
    else:
        print_text(f"{table} of {found.day}, {_origin(found)}")
        print_table(tuple(columns), ([cell(row) for cell in columns.values()] for row in rows))


def _origin(found: _Day) -> str:
    (summary,) = found.tables["daily_summary"]
    return f"{summary['mode']}, {summary['label']}"


def _status(found: _Day) -> _Row:
    from swingbreak.domain.orders import OrderStatus  # noqa: PLC0415 - as above

    if found.day is None:
        return {"date": None, "state_dir": str(found.state_dir)}
    (summary,) = found.tables["daily_summary"]
    positions = found.tables["positions"]
    is_known = all(row["pnl_paise"] is not None for row in positions)
    return {
        **summary,
        "open_positions": len(positions),
        "open_pnl_paise": sum(row["pnl_paise"] for row in positions) if is_known else None,
        "open_net_paise": sum(row["net_paise"] for row in positions) if is_known else None,
        "live_orders": sum(OrderStatus(o["status"]).is_live for o in found.tables["orders"]),
        "state_dir": str(found.state_dir),
    }


def _facts(row: _Row) -> dict[str, str]:
    sign = currency()
    return {
        "day": row["date"],
        "mode": f"{row['mode']}, {row['label']}",
        "trades": f"{row['trades']}, {row['wins']} with a profit",
        "gross": f"{sign} {amount(row['gross_paise'])}",
        "charges": f"{sign} {amount(row['charges_paise'])}",
        "net": f"{sign} {amount(row['net_paise'])}, {_r(row['r'])} R",
        "open positions": f"{row['open_positions']}, net {sign} {amount(row['open_net_paise'])}",
        "live orders": str(row["live_orders"]),
        "ended": row["halted_reason"] or "no, the day goes on",
        "as of": f"{_clock(row['updated_at'])} in India",
        "state folder": row["state_dir"],
    }


def _clock(stored: str) -> str:
    return stored[11:19]  # views store times in Indian time


def _average(value: int, quantity: int) -> str:
    return amount(average(value, quantity) if quantity else None)


def _r(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"
