"""Who looks on while a day runs: the log, the tables that people read, the progress line."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from swingbreak.adapters.dayfolder import DayFolder
from swingbreak.adapters.sqlite.database import Database
from swingbreak.adapters.sqlite.views import OrderRow, PositionRow, TradeRow, publish
from swingbreak.adapters.summary import DaySummary
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    Command,
    DayCommand,
    HaltDay,
    MoveWindow,
    Outgoing,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.events import Event, OrderEvent, SymbolsHeld
from swingbreak.domain.money import rupees
from swingbreak.domain.position import Position
from swingbreak.engine.engine import Engine
from swingbreak.risk.account import charges_at
from swingbreak.runtime.trader import Onlooker

__all__ = ["LogWriter", "Onlookers", "Publisher"]

_ALARMS = ("account.", "stop.")
_EVERY = timedelta(seconds=5)


class Onlookers:
    """Several onlookers as one."""

    def __init__(self, onlookers: Sequence[Onlooker]) -> None:
        self._onlookers = onlookers

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Let each look at one step."""
        for onlooker in self._onlookers:
            onlooker.saw(at, event, commands)


class LogWriter:
    """Logs every decision, every order event and everything worth telling."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Log one step."""
        stamp = at.isoformat()
        if isinstance(event, OrderEvent):
            fields = {n: getattr(event, n) for n in event.__dataclass_fields__ if n != "at"}
            self._log.debug(f"order.{_dotted(event)}", market_time=stamp, **fields)
        if isinstance(event, SymbolsHeld):
            counts = Counter(event.reasons.values())
            self._log.info("symbols.held", market_time=stamp, **counts)
        for command in commands:
            self._log_command(command, stamp)

    def _log_command(self, command: Command, stamp: str) -> None:
        match command:
            case Tell(kind, subject, detail):
                log = self._log.warning if kind.startswith(_ALARMS) else self._log.info
                log(kind, subject=subject, detail=detail, market_time=stamp)
            case SubmitOrder(order_id, intent) | ReplaceOrder(order_id, intent):
                self._log.info(
                    "order.placed" if isinstance(command, SubmitOrder) else "order.modified",
                    order_id=order_id,
                    slot=str(intent.slot),
                    symbol=intent.symbol,
                    side=intent.side.value,
                    quantity=intent.quantity,
                    trigger=None if intent.trigger is None else rupees(intent.trigger),
                    limit=rupees(intent.limit),
                    reason=intent.reason,
                    market_time=stamp,
                )
            case CancelOrder(order_id, reason):
                self._log.info(
                    "order.cancelled", order_id=order_id, reason=reason, market_time=stamp
                )
            case CancelStray(broker_order_id, symbol, reason):
                self._log.warning(
                    "stray.cancelled",
                    broker_order_id=broker_order_id,
                    symbol=symbol,
                    reason=reason,
                    market_time=stamp,
                )
            case HaltDay() | PauseDay() | ResumeDay():
                pass  # a Tell says so in words
            case BookByHand() | AdoptPosition() | MoveWindow():
                pass  # a Tell says so in words


class Publisher:
    """Keeps the tables of the state database up to date, a few market seconds behind."""

    def __init__(
        self,
        database: Database,
        folder: DayFolder,
        engine: Engine,
        summary: Callable[[datetime], DaySummary],
    ) -> None:
        self._database = database
        self._folder = folder
        self._engine = engine
        self._summary = summary
        self._times: dict[str, tuple[datetime, datetime]] = {}
        self._due: datetime | None = None
        self._stale = False

    def note(self, order_times: Iterable[tuple[str, tuple[datetime, datetime]]]) -> None:
        """Take over when orders of an earlier process were placed and last heard of."""
        self._times.update(order_times)

    def times(self, order_id: str) -> tuple[datetime, datetime]:
        """Return when an order was placed and last heard of."""
        return self._times[order_id]

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Publish when something has changed and the last time was long enough ago.

        Never in a step that sends orders: they leave when it is over, and writing takes its time.
        """
        touched = [c.order_id for c in commands if not isinstance(c, DayCommand | Tell)]
        if isinstance(event, OrderEvent):
            touched.append(event.order_id)
        for order_id in touched:
            placed, _ = self._times.get(order_id, (at, at))
            self._times[order_id] = (placed, at)
        self._stale = self._stale or bool(touched) or bool(commands)
        sends = any(isinstance(command, Outgoing) for command in commands)
        if self._stale and not sends and (self._due is None or at >= self._due):
            self._due = at + _EVERY
            try:
                self.publish(at)
            except LedgerError as error:
                # the tables only show what the ledger has safe: trading goes on
                structlog.get_logger().error("tables.not_published", reason=str(error))

    def publish(self, at: datetime) -> None:
        """Write the tables as of *at*.

        Raises:
            LedgerError: The database does not take them.
        """
        state = self._engine.state
        orders = state.book.orders.values()
        positions = state.holdings.positions.values()
        publish(
            self._database,
            self._folder.day,
            orders=[OrderRow.of(o, *self._times[o.order_id]) for o in orders],
            positions=[self._row(position) for position in positions],
            trades=[TradeRow.of(trade) for trade in state.holdings.trades.values()],
            summary=self._summary(at),
        )
        self._stale = False

    def _row(self, position: Position) -> PositionRow:
        mark, charge = self._engine.view.mark(position.symbol), self._engine.state.holdings.charge
        if not mark:
            so_far = charge(position.sold_value, position.bought_value, position.orders)
            return PositionRow.of(position, None, so_far)
        return PositionRow.of(position, mark, charges_at(mark, position, charge))


def _dotted(event: OrderEvent) -> str:
    return type(event).__name__.removeprefix("Order").lower()
