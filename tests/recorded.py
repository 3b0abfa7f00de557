"""Records, trades and a published day with defaults, so a test states only what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from swingbreak.adapters.sqlite.database import Database
from swingbreak.adapters.sqlite.views import OrderRow, PositionRow, TradeRow, publish
from swingbreak.adapters.summary import DaySummary
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.events import OrderAccepted, OrderFilled
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Side, Slot
from swingbreak.domain.position import Position, Trade
from swingbreak.domain.records import Record

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 4, 1, 5, 250_000, tzinfo=UTC)  # 09:31:05.25 in India
SYMBOL = "NIFTY01DEC2624500PE"
ENTRY = OrderIntent(
    slot=Slot(Purpose.ENTRY, "PE"),
    symbol=SYMBOL,
    side=Side.SELL,
    quantity=650,
    limit=171_95,
    trigger=174_95,
    reason="break",
    level="L1",
    points=10_00,
)
STOP = replace(
    ENTRY,
    slot=Slot(Purpose.CLOSE, SYMBOL),
    side=Side.BUY,
    limit=188_00,
    trigger=185_00,
    reason="stop",
    level="",
    points=0,
)
TRADE = Trade(
    trade_id="o1",
    symbol=SYMBOL,
    level="L1",
    quantity=650,
    sold_value=650 * 174_95,
    bought_value=650 * 164_95,
    points=10_00,
    stop=185_00,
    charges=123_45,
    orders=2,
    opened_at=AT,
    closed_at=AT + timedelta(minutes=7),
    exit_reason="daily_target",
)
POSITION = Position(
    symbol=SYMBOL,
    trade_id="o3",
    level="L2",
    points=10_00,
    stop=185_00,
    opened_at=AT,
    sold=650,
    sold_value=650 * 175_00,
)


def batch(n: int) -> list[Record]:
    """One append: an order, taken and filled."""
    name = f"o{n}"
    return [
        SubmitOrder(name, ENTRY),
        OrderAccepted(AT, name, f"b{n}"),
        OrderFilled(AT, name, f"f{n}", 650, 650 * 174_95),
    ]


def summary(*trades: Trade, halted_reason: str = "") -> DaySummary:
    return DaySummary.of(
        trades,
        mode="paper",
        label="synthetic NIFTY seed 7",
        r_value=6_500_00,
        halted_reason=halted_reason,
        at=AT,
    )


def publish_day(
    database: Database, day: date = DAY, *, trades: tuple[Trade, ...] = (TRADE,)
) -> None:
    """A day with a filled entry, a resting stop, an open position and a closed trade."""
    filled = Order("o1", ENTRY, OrderStatus.FILLED, 650, 650 * 174_95, "b1")
    resting = Order("o2", STOP, OrderStatus.ACCEPTED, broker_order_id="b2")
    publish(
        database,
        day,
        orders=[OrderRow.of(filled, AT, AT), OrderRow.of(resting, AT, AT)],
        positions=[PositionRow.of(POSITION, 165_00, 350_00)],
        trades=[TradeRow.of(trade) for trade in trades],
        summary=summary(*trades),
    )
