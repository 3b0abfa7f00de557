"""An honest NSE-like exchange behind a broker, in simulated time.

Rules of this file, as they stood on 2026-11-22; the figures of 6 and 11 are those of the traded day
(``ExchangeRules.prices``). At the broker's door, at once, by ``OrderRefused``:

1. Only listed contracts, only between the session's open and its close, only MIS and NRML.
2. SL-M does not exist for index options (NSE, 27 September 2021, code 16052).
3. MARKET is turned away (API orders need market protection since 1 April 2026; NSE codes 17181
   and 17182): a marketable LIMIT does the same honestly.
4. Quantity is a multiple of the lot and at most the freeze quantity of the contract.
5. Prices are positive multiples of the tick.
6. A stop's limit is at or beyond its trigger (buy: above, sell: below), by at most 20 % of the
   trigger, or Rs 10 where that is Rs 50 or less (NSE circular 54/2023, code 16448).
7. A stop's trigger has not been reached by the last price (broker reject texts). Checked again on
   arrival, where it ends the order as ``rejected``.
8. ``margin`` may turn away a new order, and a change that adds to one.

On the way:

9. An accepted order, change or cancel takes effect after a seeded latency; until then the book
   shows ``open`` or ``trigger pending`` and the old terms. Messages about one symbol keep their
   order; one due at the instant of a tick is ahead of it. What comes too late does nothing.
10. A seeded share of orders, and those that ``ExchangeRules.fault`` names, are rejected on arrival
    with a broker's text.

At the exchange:

11. Price protection: a limit beyond 40 % of the reference price (Rs 20 where that is Rs 50 or
    less) is rejected on entry; a change to it is refused, the order keeps its terms and says why
    until it next trades, triggers or is asked to change; a stop whose limit is so when it triggers
    is ``cancelled`` (NSE/FAOP/54242, 28 October 2022).
12. An order that comes to the book fills against the displayed levels at displayed prices; what is
    left rests. Nothing ever fills worse than its limit.
13. A resting order fills at its limit: by what is displayed at or through it, or trades strictly
    through it, up to those sizes and in whole lots. A print at the limit alone does not fill it.
14. Where neither bid nor ask is known, a marketable order fills whole at the last price; a resting
    one fills by rule 13's prints.
15. Displayed size, once taken, is gone until the symbol's next tick. Our resting orders are served
    by price, then time; they never trade with each other.
16. A stop triggers when a tick's last price is at or through its trigger, then is a limit order
    that comes to the book with that tick. Gapped through, it stays ``open`` until price returns. A
    trigger is spent once: later changes move only its limit and quantity.
17. A change that leaves no more than what has traded is refused. A changed order goes to the back.
18. At the close what is left is ``cancelled``.
19. On a day that is known by its bars, ``ExchangeRules.passage`` says what an order that is set off
    between two prices of one minute trades at; whole, for of sizes nothing is known.

Not modelled: queue position ahead of us, market impact on later ticks, daily price ranges,
circuit breakers, trade cancellations, immediate-or-cancel.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.facts.order_rules import NSE_PRICES, PriceRules
from swingbreak.simulation.checks import broker_refusal, size_refusal
from swingbreak.simulation.desk import REFERENCE_WINDOW, Desk, Windows, is_trade
from swingbreak.simulation.fills import Passage
from swingbreak.simulation.latency import Action, Draw, Line
from swingbreak.simulation.matching import Matcher, checked_terms, terms_of
from swingbreak.simulation.register import Register
from swingbreak.simulation.venue import (
    Margin,
    NewOrder,
    OrderUpdate,
    PriceType,
    VenueOrder,
    VenueStatus,
)

__all__ = ["Exchange", "ExchangeRules"]

_FAULT = "RMS: Rule: Check circuit limit including square off order exceeds"


@dataclass(frozen=True, slots=True)
class ExchangeRules:
    """What may be set.

    Attributes:
        seed: Of every random draw.
        latency_ms: Least and most milliseconds from the broker to the exchange, both possible.
        reject_share: Share of accepted orders that are rejected on arrival, 0 to 1.
        fault: Says why one is rejected on arrival besides; empty text lets it pass.
        prices: What is checked of prices on the traded day.
        passage: How a stop fills between the prices of a bar; ``None`` where every tick is known.
    """

    seed: int = 0
    latency_ms: tuple[int, int] = (30, 120)
    reject_share: float = 0.0
    fault: Callable[[NewOrder], str] | None = None
    prices: PriceRules = NSE_PRICES
    passage: Passage | None = None


_DEFAULT = ExchangeRules()


class Exchange:
    """The default venue; see ``Venue`` for its methods.

    Attributes:
        books: What it shows of our orders.
        desks: Its market, by symbol.
    """

    def __init__(
        self,
        contracts: Iterable[OptionContract],
        session: Session,
        rules: ExchangeRules = _DEFAULT,
        *,
        margin: Margin | None = None,
    ) -> None:
        """Open the books of one day, with endless funds where there is no *margin*.

        Ticks of what is not among *contracts* are only remembered.
        """
        self._contracts = {contract.symbol: contract for contract in contracts}
        self._session = session
        self._rules = rules
        self._margin = margin
        self._desks: defaultdict[str, Desk] = defaultdict(Desk)
        self._desks.update((c.symbol, Desk(c.lot)) for c in self._contracts.values())
        self._windows = Windows(session.opens, self._desks)
        self._register = Register(session.day)
        self._matcher = Matcher(session, self._register, self._desks, rules.prices, rules.passage)
        self._line = Line(rules.seed, rules.latency_ms)
        self._line.post(session.closes, self._matcher.close)
        self._wake = session.opens
        # the books answer for themselves; neither they nor the desks know of the exchange
        self.books = self._register
        self.desks: Mapping[str, Desk] = self._desks
        self.orders = self._register.orders
        self.order = self._register.order
        self.trades = self._register.trades
        self.positions = self._register.positions

    def submit(self, at: datetime, new: NewOrder) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a new order; refusals by rules 1 to 8."""
        _raise(self._refusal(at, new) or self._unfunded(at, new))
        updates = self.advance(at)
        waits = new.pricetype is PriceType.SL
        status = VenueStatus.TRIGGER_PENDING if waits else VenueStatus.OPEN
        entered = self._register.enter(at, new, status)
        draw = self._line.draw(new.symbol, new.side)
        fault = self._rules.fault(new) if self._rules.fault else ""
        if draw.luck < self._rules.reject_share:
            fault = _FAULT
        arrive = partial(self._matcher.arrive, entered.order.orderid, fault)
        updates.append(entered)
        return self._send(at, entered.order, draw, arrive, updates)

    def modify(  # noqa: PLR0913 - the wire's own terms
        self,
        at: datetime,
        orderid: str,
        *,
        quantity: int,
        price: Paise,
        trigger: Paise,
        pricetype: PriceType,
    ) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a change of terms; refusals by rules 1 to 8 and 17."""
        order = _live(self.order(orderid), orderid)
        terms = replace(
            terms_of(order), quantity=quantity, price=price, trigger=trigger, pricetype=pricetype
        )
        _raise(size_refusal(order, quantity) or self._refusal(at, checked_terms(order, terms)))
        if quantity > order.quantity:
            _raise(self._unfunded(at, replace(terms, quantity=quantity - order.quantity)))
        change = partial(self._matcher.change, orderid, terms)
        draw = self._line.draw(order.symbol, order.side)
        updates = self.advance(at)
        self._register.forget_reason(orderid)
        return self._send(at, order, draw, change, updates)

    def cancel(self, at: datetime, orderid: str) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take the wish to cancel."""
        order = _live(self.order(orderid), orderid)
        withdraw = partial(self._matcher.withdraw, orderid)
        draw = self._line.draw(order.symbol, order.side)
        return self._send(at, order, draw, withdraw, self.advance(at))

    def on_tick(self, tick: Tick) -> list[OrderUpdate]:
        """Learn *tick*, after whatever was due at its instant."""
        updates = self.advance(tick.at) if tick.at >= self._wake else []
        desk = self._desks[tick.symbol]
        before, desk.last = desk.last, tick
        if is_trade(tick, before):
            desk.prints.append(tick.price)
        if desk.orders:
            updates += self._matcher.on_tick(desk, before, tick)
        return updates

    def advance(self, at: datetime) -> list[OrderUpdate]:
        """Let time pass to *at*."""
        updates: list[OrderUpdate] = []
        while (due := self._line.next_due()) is not None and due <= at:
            _, action = self._line.receive()
            self._windows.pass_time(due)
            updates += action(due)
        self._windows.pass_time(at)
        self._wake = min(due or self._windows.ends, self._windows.ends)
        return updates

    def expel(self, at: datetime, orderid: str, status: VenueStatus, why: str) -> list[OrderUpdate]:
        """End an order that rests at the exchange, as brokers do of their own accord."""
        return [*self.advance(at), *self._matcher.end(orderid, status, why, at)]

    def next_due(self) -> datetime | None:
        """Return when the next message arrives, or the close; ``None`` after it."""
        return self._line.next_due()

    def recall(self, at: datetime, ticks: Sequence[Tick]) -> None:
        """Know at *at* what a symbol's recent *ticks* told; see ``Desk.recall``."""
        self._windows.pass_time(at)
        starts = self._windows.ends - REFERENCE_WINDOW
        self._desks[ticks[-1].symbol].recall(ticks, starts)

    def last(self, symbol: str) -> Tick | None:
        """Return the latest tick of *symbol*."""
        desk = self._desks.get(symbol)
        return desk.last if desk else None

    def _send(
        self,
        at: datetime,
        order: VenueOrder,
        draw: Draw,
        action: Action,
        updates: list[OrderUpdate],
    ) -> tuple[VenueOrder, list[OrderUpdate]]:
        self._line.send(at + draw.delay, order.symbol, action)
        updates += self.advance(at)
        return self._register[order.orderid], updates

    def _refusal(self, at: datetime, new: NewOrder) -> str:
        last = self.last(new.symbol)
        contract = self._contracts.get(new.symbol)
        price = last.price if last else 0
        return broker_refusal(at, new, self._session, contract, price, self._rules.prices)

    def _unfunded(self, at: datetime, new: NewOrder) -> str:
        return self._margin(at, new) if self._margin else ""


def _live(order: VenueOrder | None, orderid: str) -> VenueOrder:
    if order is None:
        raise OrderRefused(f"Order {orderid} not found")
    if not order.status.is_live:
        raise OrderRefused(f"Order {orderid} cannot be changed: it is {order.status}")
    return order


def _raise(why: str) -> None:
    if why:
        raise OrderRefused(why)
