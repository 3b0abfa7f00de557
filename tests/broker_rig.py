"""A broker over a scripted gateway, watched by an engine's view of its orders."""

from dataclasses import replace

from swingbreak.adapters.openalgo.books import Mode, terms_of
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from swingbreak.domain.events import OrderEvent
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus
from tests.builders import CE, OPEN, PE, entry, stop
from tests.openalgo_fakes import FakeGateway, ManualClock

AS_SENT = terms_of(entry(), "MIS").fields() | {"exchange": "NFO"}
LOWER_STOP = replace(stop(), trigger=18000, limit=18300)


class Rig:
    """A broker, its gateway, and an engine's view of each order, which refuses the impossible."""

    def __init__(self, *, live: bool = False) -> None:
        self.gateway = FakeGateway(live=live, mode="" if live else "analyze")
        self.clock = ManualClock(OPEN)
        self.events: list[OrderEvent] = []
        self.orders: dict[str, Order] = {}
        self.late = ""  # why nothing may leave any more
        self.broker = self.fresh_broker()

    def fresh_broker(self) -> OpenAlgoBroker:
        return OpenAlgoBroker(
            self.gateway,  # type: ignore[arg-type]
            self.clock,
            self.take,
            [CE, PE],
            strategy="swingbreak",
            expected_mode=Mode.LIVE if self.gateway.live else Mode.ANALYZE,
            sleep=self.sleep,
            too_late=lambda *_: self.late,
        )

    async def sleep(self, _seconds: float) -> None:
        """Wait for nothing; the clock is the test's."""

    def take(self, event: OrderEvent) -> None:
        self.events.append(event)
        self.orders[event.order_id] = self.orders[event.order_id].apply(event)

    async def submit(self, intent: OrderIntent | None = None, order_id: str = "o1") -> str:
        """Submit, and return the gateway's id if there is one."""
        intent = intent or entry()
        self.orders[order_id] = Order(order_id, intent)
        await self.broker.execute(SubmitOrder(order_id, intent))
        return self.orders[order_id].broker_order_id

    async def replace(self, intent: OrderIntent, order_id: str = "o1") -> None:
        order = self.orders[order_id]
        total = replace(intent, quantity=order.filled + intent.quantity)
        self.orders[order_id] = replace(
            order, status=OrderStatus.PENDING_REPLACE, replacement=total
        )
        await self.broker.execute(ReplaceOrder(order_id, intent, order.filled))

    async def cancel(self, order_id: str = "o1") -> None:
        order = self.orders[order_id]
        self.orders[order_id] = replace(order, status=OrderStatus.PENDING_CANCEL)
        await self.broker.execute(CancelOrder(order_id, "unwanted"))

    def hear(self, *, times: int = 1) -> None:
        """Deliver what the stream has, each update *times* times."""
        said, self.gateway.stream = self.gateway.stream, []
        for update in said:
            for _ in range(times):
                self.broker.on_update(update)

    async def poll_for(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.wait(1)
            await self.broker.poll()

    def told(self) -> list[type[OrderEvent]]:
        return [type(event) for event in self.events]

    @property
    def status(self) -> OrderStatus:
        return self.orders["o1"].status
