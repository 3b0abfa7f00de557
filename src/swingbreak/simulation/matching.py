"""What happens to an order once it is at the exchange. The rules are those of ``exchange.py``."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from swingbreak.domain.market import Tick
from swingbreak.domain.orders import Side
from swingbreak.domain.session import Session
from swingbreak.facts.order_rules import PriceRules
from swingbreak.simulation.checks import exchange_refusal, price_protection, size_refusal
from swingbreak.simulation.desk import Desk
from swingbreak.simulation.fills import Passage
from swingbreak.simulation.liquidity import reached
from swingbreak.simulation.register import Fill, Register
from swingbreak.simulation.venue import (
    NewOrder,
    OrderUpdate,
    PriceType,
    VenueOrder,
    VenueStatus,
    Way,
)

__all__ = ["LAPSED", "Matcher", "checked_terms", "terms_of"]

LAPSED = "Day order cancelled by the exchange at the close"


def terms_of(order: VenueOrder) -> NewOrder:
    """Return *order* as it would be sent now."""
    return NewOrder(
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        pricetype=order.pricetype,
        price=order.price,
        trigger=order.trigger,
        product=order.product,
        strategy=order.strategy,
    )


def checked_terms(order: VenueOrder, terms: NewOrder) -> NewOrder:
    """Return *terms* for a live *order* as they are to be checked: a spent trigger is none."""
    spent = order.pricetype is PriceType.SL and order.status is VenueStatus.OPEN
    if spent and terms.pricetype is PriceType.SL:
        return replace(terms, pricetype=PriceType.LIMIT)
    return terms


class Matcher:
    """The exchange's engine. Each action takes its arguments first and the instant last."""

    def __init__(
        self,
        session: Session,
        register: Register,
        desks: Mapping[str, Desk],
        rules: PriceRules,
        passage: Passage | None = None,
    ) -> None:
        self._session = session
        self._passage = passage
        self._rules = rules
        self._register = register
        self._desks = desks

    def arrive(self, orderid: str, fault: str, at: datetime) -> list[OrderUpdate]:
        """Let an order reach the exchange; *fault* is the text of an injected rejection."""
        order = self._register[orderid]
        desk = self._desks[order.symbol]
        if why := fault or self._refusal(at, desk, terms_of(order)):
            return [self._register.put(at, _ended(order, VenueStatus.REJECTED, why))]
        desk.orders.append(orderid)
        return self._work(at, desk, order) if order.status is VenueStatus.OPEN else []

    def change(self, orderid: str, terms: NewOrder, at: datetime) -> list[OrderUpdate]:
        """Let a change of terms reach the exchange."""
        order = self._register[orderid]
        desk = self._desks[order.symbol]
        if orderid not in desk.orders:
            return []
        checked = checked_terms(order, terms)
        if why := size_refusal(order, terms.quantity) or self._refusal(at, desk, checked):
            return [self._register.put(at, replace(order, reason=why))]
        waits = checked.pricetype is PriceType.SL
        update = self._register.put(at, _changed(order, terms, waits=waits))
        desk.orders.remove(orderid)
        desk.orders.append(orderid)
        return [update] if waits else [update, *self._work(at, desk, update.order)]

    def withdraw(self, orderid: str, at: datetime) -> list[OrderUpdate]:
        """Let a cancel reach the exchange."""
        return self.end(orderid, VenueStatus.CANCELLED, "", at)

    def end(self, orderid: str, status: VenueStatus, why: str, at: datetime) -> list[OrderUpdate]:
        """Take an order out of the book."""
        order = self._register[orderid]
        desk = self._desks[order.symbol]
        if orderid not in desk.orders:
            return []
        desk.orders.remove(orderid)
        return [self._register.put(at, _ended(order, status, why))]

    def close(self, at: datetime) -> list[OrderUpdate]:
        """End the session."""
        updates = []
        for desk in self._desks.values():
            for orderid in desk.orders:
                order = self._register[orderid]
                updates.append(self._register.put(at, _ended(order, VenueStatus.CANCELLED, LAPSED)))
            desk.orders.clear()
        return updates

    def on_tick(self, desk: Desk, before: Tick | None, tick: Tick) -> list[OrderUpdate]:
        """Match the orders of *desk* with *tick*, its latest; *before* is the one it follows."""
        liquidity = desk.renew(before, tick)
        orders = [self._register[orderid] for orderid in desk.orders]
        updates: list[OrderUpdate] = []
        for order in sorted(filter(_rests, orders), key=_priority):
            fills = liquidity.meet(order.side, order.price, order.pending)
            updates += self._trade(tick.at, desk, order, fills)
        for order in orders:
            if not _rests(order) and reached(order.side, order.trigger, tick.price):
                updates += self._trigger(before, tick, desk, order)
        return updates

    def _trigger(
        self, before: Tick | None, tick: Tick, desk: Desk, order: VenueOrder
    ) -> list[OrderUpdate]:
        at, passage = tick.at, self._passage
        if why := price_protection(order.price, desk.reference, self._rules):
            desk.orders.remove(order.orderid)
            return [self._register.put(at, _ended(order, VenueStatus.CANCELLED, why))]
        released = self._register.put(at, replace(order, status=VenueStatus.OPEN, reason=""))
        if passage is None or not passage.goes_through(before, tick):
            return [released, *self._work(at, desk, released.order)]
        price = passage.set_off(order.side, order.trigger, order.price, tick.price)
        fill = Fill(order.pending, price, Way.PASSED, tick.price)
        return [released, *self._trade(at, desk, released.order, [fill])]

    def _work(self, at: datetime, desk: Desk, order: VenueOrder) -> list[OrderUpdate]:
        """Let *order* come to the book."""
        liquidity = desk.offer()
        if liquidity is None:
            return []
        fills = liquidity.take(order.side, order.price, order.pending)
        return self._trade(at, desk, order, fills)

    def _trade(
        self, at: datetime, desk: Desk, order: VenueOrder, fills: list[Fill]
    ) -> list[OrderUpdate]:
        if not fills:
            return []
        update = self._register.trade(at, order, fills)
        if not update.order.status.is_live:
            desk.orders.remove(order.orderid)
        return [update]

    def _refusal(self, at: datetime, desk: Desk, terms: NewOrder) -> str:
        known = desk.price, desk.reference
        return exchange_refusal(at, terms, self._session, *known, self._rules)


def _ended(order: VenueOrder, status: VenueStatus, why: str) -> VenueOrder:
    return replace(order, status=status, reason=why)


def _rests(order: VenueOrder) -> bool:
    return order.status is VenueStatus.OPEN


def _priority(order: VenueOrder) -> int:
    """Sort the better price first; sorting keeps the older of two alike ahead."""
    return -order.price if order.side is Side.BUY else order.price


def _changed(order: VenueOrder, terms: NewOrder, *, waits: bool) -> VenueOrder:
    return replace(
        order,
        quantity=terms.quantity,
        price=terms.price,
        trigger=terms.trigger,
        pricetype=terms.pricetype,
        status=VenueStatus.TRIGGER_PENDING if waits else VenueStatus.OPEN,
        reason="",
    )
