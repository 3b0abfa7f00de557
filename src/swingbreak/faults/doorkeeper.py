"""Judges what leaves the program: that it was wanted, once, in time, and not too often."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from swingbreak.domain.orders import OrderIntent, Purpose, Side
from swingbreak.faults.latch import Latch
from swingbreak.faults.program import Assignment
from swingbreak.faults.truth import Truth
from swingbreak.faults.verdict import Verdict

__all__ = ["Asked", "Doorkeeper"]

_MOST_MESSAGES: Final = 10  # in any second. Source: SEBI's framework, market facts section 5
_SECOND: Final = 1.0
_MODE_S: Final = 20.0  # to ask where an order went, with every repetition
_ORDER_PATHS: Final = frozenset({"placeorder", "modifyorder", "cancelorder"})

# Symbol, side, quantity, limit and trigger: what an order looks like on the wire.
_Terms: TypeAlias = tuple[str, str, int, int, int]


@dataclass(slots=True)
class Asked:
    """What was asked of one order of ours.

    Attributes:
        most: Most units it was ever to trade.
    """

    intent: OrderIntent
    most: int


class Doorkeeper:
    """Sees every request.

    Attributes:
        asked: What was asked of each order, by our id.
        orders: Orders placed.
        messages: Most order messages in any second.
    """

    def __init__(
        self, assignment: Assignment, truth: Truth, verdict: Verdict, latch: Latch
    ) -> None:
        self.asked: dict[str, Asked] = {}
        self.orders = 0
        self.messages = 0
        self._truth = truth
        self._verdict = verdict
        self._latch = latch
        self._clock = assignment.clock
        self._wanted: dict[_Terms, list[str]] = {}  # not sent yet
        self._window: deque[float] = deque()
        self._misrouted: float | None = None
        self._last_entry = min(
            assignment.session.at(assignment.parameters.last_entry),
            assignment.session.at(assignment.parameters.force_exit),
        )

    def began(self) -> None:
        """Note that a process starts; what the last one had not sent will not be."""
        self._wanted.clear()
        self._misrouted = None

    def want(self, order_id: str, intent: OrderIntent) -> None:
        """Note that a new order is wanted."""
        self.asked[order_id] = Asked(intent, intent.quantity)
        self._wanted.setdefault(_terms(intent), []).append(order_id)

    def drop(self, order_id: str) -> None:
        """Note that an order, if it has not left, will not."""
        wanted = self._unsent_like(order_id)
        if order_id in wanted:
            wanted.remove(order_id)

    def stayed(self, order_id: str) -> str:
        """Note that an order has not left, and will not.

        Returns:
            The one with the same terms that has left under its name; empty for none.
        """
        wanted = self._unsent_like(order_id)
        if order_id in wanted:
            wanted.remove(order_id)
            return ""
        return wanted.pop(0) if wanted else ""

    def swap(self, one: str, other: str) -> None:
        """Note that *other*, with the same terms, is the one that has not left."""
        wanted = self._unsent_like(one)
        if one in wanted:
            wanted[wanted.index(one)] = other

    def sent(self, path: str, body: bytes) -> str:
        """Judge a request as it leaves; return our id of the order it is about."""
        if path not in _ORDER_PATHS:
            return ""
        fields = msgspec.json.decode(body)
        order_id = self._unsent(fields) if path == "placeorder" else ""
        order_id = order_id or self._truth.owner(fields.get("orderid", ""))
        self._verdict.say(f"-> {path} {order_id or fields}")
        self._count_message()
        if self._misrouted is not None and self._verdict.now - self._misrouted > _MODE_S:
            seconds = self._verdict.now - self._misrouted
            self._verdict.fail(11, f"{path} leaves though {seconds:.1f} s ago one went astray")
        if path == "placeorder":
            self.orders += 1
            self._judge_sent(order_id, fields)
        return order_id

    def _unsent(self, fields: Mapping[str, object]) -> str:
        """Return the order wanted longest of those that the request may be."""
        wanted = self._wanted.get(_wire_terms(fields))
        return wanted.pop(0) if wanted else ""

    def _judge_sent(self, order_id: str, fields: Mapping[str, object]) -> None:
        if not order_id:
            self._verdict.fail(1, f"nobody wanted, or it has left before: {fields}")
        elif self.asked[order_id].intent.slot.purpose is Purpose.ENTRY:
            self._judge_entry(order_id)
        elif fields["action"] != Side.BUY.value:
            self._verdict.fail(7, f"{order_id}: a closing order that sells")

    def misrouted(self, *, still: bool = True) -> None:
        """Note that an order of this process went where it must not, or that none does any more."""
        if not still:
            self._misrouted = None
        elif self._misrouted is None:
            self._misrouted = self._verdict.now

    def _count_message(self) -> None:
        now, window = self._verdict.now, self._window
        while window and window[0] <= now - _SECOND:
            window.popleft()
        window.append(now)
        self.messages = max(self.messages, len(window))
        if len(window) > _MOST_MESSAGES:
            self._verdict.fail(13, f"{len(window)} order messages within a second")

    def _judge_entry(self, order_id: str) -> None:
        if self._latch.barred:
            self._verdict.fail(3, f"entry {order_id} leaves though barred: {self._latch.barred}")
        if self._clock.now() >= self._last_entry:
            self._verdict.fail(3, f"entry {order_id} leaves after the last entry time")

    def _unsent_like(self, order_id: str) -> list[str]:
        return self._wanted.get(_terms(self.asked[order_id].intent), [])


def _terms(intent: OrderIntent) -> _Terms:
    trigger = intent.trigger or 0
    return intent.symbol, intent.side.value, intent.quantity, intent.limit, trigger


def _wire_terms(fields: Mapping[str, object]) -> _Terms:
    price, trigger = (round(100 * float(str(fields[n]))) for n in ("price", "trigger_price"))
    quantity = int(str(fields["quantity"]))
    return str(fields["symbol"]), str(fields["action"]), quantity, price, trigger
