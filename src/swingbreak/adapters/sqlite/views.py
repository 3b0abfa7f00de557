"""The tables that people read: orders, positions, trades and the day in one row.

Rules of this file:

1. Everything here is derived; the ledger decides, and each publication replaces the whole day.
2. A row's field names are its column names. Times are stored in Indian time with the offset.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from swingbreak.adapters.sqlite.database import Database, Value
from swingbreak.adapters.summary import DaySummary
from swingbreak.domain.commands import DayCommand
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order
from swingbreak.domain.position import Position, Trade
from swingbreak.domain.records import Record
from swingbreak.domain.session import IST

__all__ = [
    "OrderRow",
    "PositionRow",
    "Table",
    "TradeRow",
    "day_of",
    "order_times",
    "peak_margin",
    "publish",
    "recorded_days",
    "rows_of",
]

Table: TypeAlias = Literal["orders", "positions", "trades", "daily_summary"]

_READ: Mapping[Table, str] = {
    "orders": "SELECT * FROM orders WHERE date = ? ORDER BY rowid",
    "positions": "SELECT * FROM positions WHERE date = ? ORDER BY rowid",
    "trades": "SELECT * FROM trades WHERE date = ? ORDER BY rowid",
    "daily_summary": "SELECT * FROM daily_summary WHERE date = ?",
}
_CLEAR: Mapping[Table, str] = {
    "orders": "DELETE FROM orders WHERE date = ?",
    "positions": "DELETE FROM positions WHERE date = ?",
    "trades": "DELETE FROM trades WHERE date = ?",
    "daily_summary": "DELETE FROM daily_summary WHERE date = ?",
}
_DAYS = "SELECT date FROM daily_summary ORDER BY date"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of the day. ``value_paise`` is what its ``filled`` units traded for."""

    order_id: str
    broker_order_id: str
    slot: str
    symbol: str
    side: str
    status: str
    quantity: int
    filled: int
    value_paise: Paise
    limit_paise: Paise
    trigger_paise: Paise | None
    reason: str
    level: str
    placed_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, order: Order, placed_at: datetime, updated_at: datetime) -> "OrderRow":
        """Return *order* as a row; :func:`order_times` has the times."""
        intent = order.intent
        return cls(
            order_id=order.order_id,
            broker_order_id=order.broker_order_id,
            slot=str(intent.slot),
            symbol=intent.symbol,
            side=intent.side,
            status=order.status,
            quantity=intent.quantity,
            filled=order.filled,
            value_paise=order.value,
            limit_paise=intent.limit,
            trigger_paise=intent.trigger,
            reason=intent.reason,
            level=intent.level,
            placed_at=placed_at,
            updated_at=updated_at,
        )


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One open position. ``mark_paise`` is the price it is valued at, where one is known.

    ``charges_paise`` is what it costs in all when it is closed there, or so far.
    """

    symbol: str
    trade_id: str
    level: str
    sold: int
    sold_value_paise: Paise
    bought: int
    bought_value_paise: Paise
    points_paise: Paise
    stop_paise: Paise
    charges_paise: Paise
    mark_paise: Paise | None
    opened_at: datetime

    @classmethod
    def of(cls, position: Position, mark: Paise | None, charges: Paise) -> "PositionRow":
        """Return *position*, valued at *mark* less *charges*, as a row."""
        return cls(
            symbol=position.symbol,
            trade_id=position.trade_id,
            level=position.level,
            sold=position.sold,
            sold_value_paise=position.sold_value,
            bought=position.bought,
            bought_value_paise=position.bought_value,
            points_paise=position.points,
            stop_paise=position.stop,
            charges_paise=charges,
            mark_paise=mark,
            opened_at=position.opened_at,
        )


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One closed round trip."""

    trade_id: str
    symbol: str
    level: str
    quantity: int
    sold_value_paise: Paise
    bought_value_paise: Paise
    charges_paise: Paise
    orders: int
    points_paise: Paise
    stop_paise: Paise
    opened_at: datetime
    closed_at: datetime
    exit_reason: str

    @classmethod
    def of(cls, trade: Trade) -> "TradeRow":
        """Return *trade* as a row."""
        return cls(
            trade_id=trade.trade_id,
            symbol=trade.symbol,
            level=trade.level,
            quantity=trade.quantity,
            sold_value_paise=trade.sold_value,
            bought_value_paise=trade.bought_value,
            charges_paise=trade.charges,
            orders=trade.orders,
            points_paise=trade.points,
            stop_paise=trade.stop,
            opened_at=trade.opened_at,
            closed_at=trade.closed_at,
            exit_reason=trade.exit_reason,
        )


_Row: TypeAlias = OrderRow | PositionRow | TradeRow | DaySummary


def publish(  # noqa: PLR0913 - one argument a table, all by name
    database: Database,
    day: date,
    *,
    orders: Iterable[OrderRow],
    positions: Iterable[PositionRow],
    trades: Iterable[TradeRow],
    summary: DaySummary,
) -> None:
    """Replace what is shown of *day* in one transaction: readers see the old day or the new.

    Raises:
        LedgerError: The old day is still shown.
    """
    contents: dict[Table, Sequence[_Row]] = {
        "orders": tuple(orders),
        "positions": tuple(positions),
        "trades": tuple(trades),
        "daily_summary": (summary,),
    }
    shown = day.isoformat()
    with database.write() as connection:
        for table, rows in contents.items():
            connection.execute(_CLEAR[table], (shown,))
            filled = [{"date": shown, **_columns(row)} for row in rows]
            if filled:
                connection.executemany(_insert(table, filled[0]), filled)


def rows_of(database: Database, table: Table, day: date) -> list[dict[str, Value]]:
    """Return the rows of *day*, in the order they were published, derived columns included."""
    return [dict(row) for row in database.read(_READ[table], (day.isoformat(),))]


def day_of(database: Database, day: date) -> dict[str, list[dict[str, Value]]]:
    """Return every table's rows of *day*, all of the same publication."""
    with database.snapshot():
        return {table: rows_of(database, table, day) for table in _READ}


def peak_margin(database: Database, day: date) -> Paise:
    """Return the most margin that was blocked at once on *day*, as last published."""
    rows = rows_of(database, "daily_summary", day)
    return max((int(row["peak_margin_paise"] or 0) for row in rows), default=0)


def recorded_days(database: Database) -> tuple[date, ...]:
    """Return the days that have been published, oldest first."""
    return tuple(date.fromisoformat(row[0]) for row in database.read(_DAYS))


def order_times(
    records: Iterable[tuple[datetime, Record]],
) -> dict[str, tuple[datetime, datetime]]:
    """Return when each order was placed and last heard of, by order id."""
    times: dict[str, tuple[datetime, datetime]] = {}
    for at, record in records:
        if not isinstance(record, DayCommand):
            placed, _ = times.get(record.order_id, (at, at))
            times[record.order_id] = (placed, at)
    return times


def _columns(row: _Row) -> dict[str, Value]:
    named = {name: getattr(row, name) for name in row.__dataclass_fields__}
    return {name: _stored(value) for name, value in named.items()}


def _stored(value: Value | datetime) -> Value:
    return value.astimezone(IST).isoformat() if isinstance(value, datetime) else value


def _insert(table: Table, columns: Mapping[str, Value]) -> str:
    names = ", ".join(columns)
    slots = ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({slots})"  # noqa: S608 - our own field names
