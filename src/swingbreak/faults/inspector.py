"""Judges the exchange's books as they stand: cover, limits, sizes, orphans."""

from collections.abc import Mapping

from swingbreak.domain.orders import Side
from swingbreak.faults.doorkeeper import Asked
from swingbreak.faults.patience import Begun, Patience
from swingbreak.faults.program import Assignment
from swingbreak.faults.truth import Truth
from swingbreak.faults.verdict import Verdict
from swingbreak.simulation.venue import VenueOrder, VenueStatus

__all__ = ["Inspector"]


class Inspector:
    """Looks at the books whenever they may have changed, or time has passed.

    Attributes:
        unprotected: Every span, in seconds, in which units were open without an order at the
            exchange that closes them.
    """

    def __init__(
        self,
        assignment: Assignment,
        truth: Truth,
        verdict: Verdict,
        patience: Patience,
        asked: Mapping[str, Asked],
    ) -> None:
        self.unprotected: list[float] = []
        self._truth = truth
        self._verdict = verdict
        self._patience = patience
        self._asked = asked
        self._parameters = assignment.parameters
        self._contracts = {c.symbol: c for c in assignment.contracts}
        self._behind: dict[str, tuple[float, Begun]] = {}  # the same of orders, by id
        self._naked: dict[str, tuple[float, Begun]] = {}  # since when, and the patience then

    def look(self) -> None:
        """Judge the books as they stand."""
        self._patience.begin()
        truth = self._truth
        truth.read()
        covered: dict[str, int] = {}
        selling: dict[str, int] = {}
        for order_id, order in truth.live():
            if order.side is Side.BUY:
                self._judge_price(order_id, order)
                covered[order.symbol] = covered.get(order.symbol, 0) + order.pending
            else:
                selling[order.symbol] = selling.get(order.symbol, 0) + order.pending
            self._judge_size(order_id, order.quantity)
        for symbol in {**truth.held, **covered}:
            self._judge_closing(symbol, covered.get(symbol, 0))
        self._judge_limits({s for s, u in truth.held.items() if u < 0} | selling.keys())

    def _judge_closing(self, symbol: str, closing: int) -> None:
        ours, account = -self._truth.held[symbol], -self._truth.account(symbol)
        if ours < 0 or account < 0:
            self._verdict.fail(7, f"long {-ours} of {symbol}, the account {-account}")
        if closing > max(ours, account):
            self._verdict.fail(7, f"{closing} of {symbol} may be bought back, {ours} are open")
        self._cover(symbol, min(ours, account) - closing)

    def _judge_price(self, order_id: str, order: VenueOrder) -> None:
        """Judge that an exit, or a stop that has triggered, follows the market."""
        waits = order.status is VenueStatus.TRIGGER_PENDING
        if self._patience.is_blind or waits or order.price >= self._truth.offer(order.symbol):
            self._behind.pop(order_id, None)
            return
        now = self._verdict.now
        since, spent = self._behind.setdefault(order_id, (now, self._patience.begin()))
        if now - since > self._patience.answer(spent):
            self._verdict.fail(2, f"{order_id} is left behind the market for {now - since:.1f} s")

    def _judge_size(self, order_id: str, quantity: int) -> None:
        asked = self._asked[order_id]
        if quantity > asked.most:
            self._verdict.fail(
                1, f"{order_id} works for {quantity} units, {asked.most} were intended"
            )
        if len(self._truth.placed[order_id]) > 1:
            self._verdict.fail(1, f"{order_id} has become {self._truth.placed[order_id]}")
        if self._truth.filled[order_id] > asked.most:
            self._verdict.fail(
                1, f"{order_id} filled {self._truth.filled[order_id]} of {asked.most}"
            )

    def _cover(self, symbol: str, open_units: int) -> None:
        known = self._naked.get(symbol)
        if open_units <= 0:
            if known is not None:
                self._dress(symbol, known[0])
            return
        if known is None:
            self._naked[symbol] = (self._verdict.now, self._patience.begin())
            return
        since, spent = known
        if self._verdict.now - since > self._patience.protection(spent):
            self._verdict.fail(
                2, f"{open_units} of {symbol} are unprotected for {self._verdict.now - since:.1f} s"
            )

    def _dress(self, symbol: str, since: float) -> None:
        del self._naked[symbol]
        if self._verdict.now > since:
            self.unprotected.append(self._verdict.now - since)

    def _judge_limits(self, exposed: set[str]) -> None:
        parameters = self._parameters
        if len(exposed) > parameters.max_positions:
            self._verdict.fail(
                5, f"exposed to {sorted(exposed)}, {parameters.max_positions} are allowed"
            )
        for right in {self._contracts[symbol].right for symbol in exposed}:
            taken = sum(self._contracts[symbol].right is right for symbol in exposed)
            if taken > parameters.max_per_right:
                self._verdict.fail(
                    5, f"{taken} of {right} exposed, {parameters.max_per_right} are allowed"
                )

    def finish(self) -> None:
        """Judge the day when it is over."""
        self._truth.read()
        for symbol, units in self._truth.held.items():
            if units and self._truth.account(symbol):
                self._verdict.fail(3, f"the day is over with {units} of {symbol}")
        for order_id, order in self._truth.live():
            self._verdict.fail(4, f"the day is over and {order_id} is {order.status}")
