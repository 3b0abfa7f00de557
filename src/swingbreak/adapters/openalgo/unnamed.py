"""Orders whose id at the gateway is not known, and how they are found in its book; pure.

The gateway takes no id of ours, so an order whose answer was lost is known by what it says:

1. It is the order in the book with the same terms and product that was not there before it was
   sent, that no other order claims, and that was not placed earlier.
2. While an order with the same terms awaits its own answer, and in a book begun before that was
   lost, nothing is decided.
3. Orders with the same terms, such as the slices of a large one, are interchangeable: each gets a
   row of its own, and it does not matter which, but as many as can be do: who was sent last has the
   fewest rows to choose from and comes first, and everybody takes the oldest. Where the one that
   may be a row has taken another row, which may be ours, the first is as good as ours. But a row
   that says ``rejected`` may be that of one whose refusal is known, and is taken for that first.
4. An order that was decided just before a crash may never have been sent. It was not, if two whole
   books after ``ARRIVES_WITHIN``, a second or more apart, do not show it.
5. Another is given up when ``MISSES`` whole books over ``GONE_AFTER`` do not show it. Either is
   looked for still: a gateway may pass an order on long after everybody stopped waiting.
6. A row that leaves out what tells orders apart may be any that fits the rest: while one fits, the
   order stays in doubt.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from swingbreak.adapters.openalgo.books import OrderBook, OrderState, OrderTerms, OrderUpdate
from swingbreak.adapters.openalgo.tracking import Look, TrackedOrder

__all__ = ["ARRIVES_WITHIN", "GONE_AFTER", "MISSES", "UnnamedOrder", "UnnamedOrders"]

MISSES: Final = 3
GONE_AFTER: Final = timedelta(seconds=10)
ARRIVES_WITHIN: Final = timedelta(seconds=15)  # a request has 5; a gateway may pass it on late
_UNSENT_MISSES: Final = 2
_APART: Final = timedelta(seconds=1)
_CLOCKS_APART: Final = timedelta(seconds=60)  # the gateway's book time against ours


@dataclass(slots=True)
class UnnamedOrder:
    """An order sent, of which the gateway's id is not known.

    Attributes:
        terms: As they were sent.
        after_book: Last book complete when it was sent: what that showed is another order.
        lost_at_book: Last book begun when its answer was lost; ``None`` while one may come.
        misses: Whole books since that do not show it.
        missed_at: When the first of them was read.
        given_up: Whether it has been told to be rejected.
        may_be_unsent: Whether an earlier process may have ended between deciding and sending it.
        refused_at: When the gateway said no to it, which may have a row in its book all the same.
    """

    order: TrackedOrder
    sent_at: datetime
    after_book: int
    lost_at_book: int | None = None
    misses: int = 0
    missed_at: datetime | None = None
    given_up: bool = False
    may_be_unsent: bool = False
    refused_at: datetime | None = None
    terms: OrderTerms = field(init=False)

    def __post_init__(self) -> None:
        self.terms = self.order.terms

    def may_be(self, seen: OrderUpdate, first_book: int) -> bool:
        """Whether a book's row *seen*, shown first by *first_book*, can be this order."""
        return (
            self.terms.shown_as(seen.terms)
            and first_book > self.after_book
            and (seen.placed is None or seen.placed >= self.sent_at - _CLOCKS_APART)
        )

    def may_be_hidden(self, seen: OrderUpdate, first_book: int) -> bool:
        """Whether *seen*, a row that leaves out what tells orders apart, can be this order."""
        shown, ours = seen.terms, self.terms
        whole = replace(
            shown,
            symbol=shown.symbol or ours.symbol,
            side=shown.side or ours.side,
            quantity=shown.quantity or ours.quantity,
            pricetype=shown.pricetype or ours.pricetype,
            limit=shown.limit or ours.limit,
            trigger=shown.trigger or ours.trigger,
        )
        return whole != shown and self.may_be(replace(seen, terms=whole), first_book)

    def may_be_refused(self, seen: OrderUpdate, first_book: int) -> bool:
        """Whether *seen* can be the row of this order, which was refused."""
        if self.refused_at is None or seen.state is not OrderState.REJECTED:
            return False
        latest = self.refused_at + _CLOCKS_APART
        return self.may_be(seen, first_book) and (seen.placed is None or seen.placed <= latest)

    def miss(self, at: datetime) -> bool:
        """Count a book asked for at *at* that lacks it; return whether it is given up with that."""
        if self.may_be_unsent and at - self.sent_at < ARRIVES_WITHIN:
            return False
        self.misses += 1
        self.missed_at = self.missed_at or at
        if self.may_be_unsent:
            if self.misses < _UNSENT_MISSES or at - self.missed_at < _APART:
                return False
        elif self.misses < MISSES or at - self.missed_at < GONE_AFTER:
            return False
        self.given_up = self.order.ended = True
        return True


class UnnamedOrders:
    """All of them."""

    def __init__(self) -> None:
        self._orders: dict[str, UnnamedOrder] = {}
        self._refused: list[UnnamedOrder] = []  # their rows, if they have any, are not known
        self._rows_of_refused: set[str] = set()
        self._first: dict[str, int] = {}  # by the gateway's id, the first book that showed it
        self._taken: list[tuple[UnnamedOrder, OrderUpdate]] = []  # each with its row

    @property
    def awaited(self) -> bool:
        """Whether the books have yet to settle what became of an order whose answer is lost."""
        return any(
            lost.lost_at_book is not None and not lost.given_up for lost in self._orders.values()
        )

    def add(self, lost: UnnamedOrder) -> None:
        """Remember an order that is being sent."""
        self._orders[lost.order.order_id] = lost

    def take(self, order_id: str) -> UnnamedOrder:
        """Forget *order_id*, now that its id is known or not needed, and return what it was."""
        return self._orders.pop(order_id)

    def refuse(self, order_id: str, at: datetime) -> UnnamedOrder:
        """Forget *order_id*, refused by the gateway, but for the row it may have; return it."""
        lost = self.take(order_id)
        lost.refused_at = at
        self._refused.append(lost)
        return lost

    def lost(self, order_id: str, last_book: int) -> None:
        """Note that no answer settles what became of *order_id*."""
        self._orders[order_id].lost_at_book = last_book

    def may_own(self, seen: OrderUpdate) -> bool:
        """Whether an update of the stream may turn out to be about one of them."""
        symbol = seen.terms.symbol
        return any(lost.terms.symbol == symbol for lost in self._orders.values())

    def found_in(self, book: OrderBook, look: Look) -> list[tuple[UnnamedOrder, OrderUpdate]]:
        """Return the orders that *book* shows, each with its row; those waited for come first."""
        pairs: list[tuple[UnnamedOrder, OrderUpdate]] = []
        free = self._unclaimed(book, look)
        for lost in sorted(self._sought(look), key=lambda one: (one.given_up, -one.after_book)):
            for seen, first_book in free:
                if self._may_take(lost, seen, first_book, look):
                    free.remove((seen, first_book))
                    pairs.append((lost, seen))
                    self._taken.append(pairs[-1])
                    break
        return pairs

    def missing_from(self, book: OrderBook, look: Look) -> list[UnnamedOrder]:
        """Return the orders to give up, now that the whole *book* does not show them."""
        sought = [lost for lost in self._sought(look) if not lost.given_up]
        absent = [lost for lost in sought if not self._may_be_hidden(lost, book, look)]
        return [lost for lost in absent if lost.miss(look.asked)]

    def remember(self, book: OrderBook, look: Look) -> None:
        """Note what *book* shows: an order sent later is none of it."""
        for seen in book.orders:
            self._first.setdefault(seen.broker_order_id, look.number)

    def _may_take(self, lost: UnnamedOrder, seen: OrderUpdate, first_book: int, look: Look) -> bool:
        return lost.may_be(seen, first_book) or any(
            taker.may_be(seen, first_book)
            and lost.may_be(row, self._first.get(row.broker_order_id, look.number))
            for taker, row in self._taken
            if taker.terms == lost.terms
        )

    def _may_be_hidden(self, lost: UnnamedOrder, book: OrderBook, look: Look) -> bool:
        return any(
            lost.may_be_hidden(seen, self._first.get(seen.broker_order_id, look.number))
            for seen in book.orders
        )

    def _unclaimed(self, book: OrderBook, look: Look) -> list[tuple[OrderUpdate, int]]:
        """Return the rows that may be of any order, each with the first book that showed it."""
        first = {row.broker_order_id: look.number for row in book.orders} | self._first
        free: list[tuple[OrderUpdate, int]] = []
        for seen in sorted(book.orders, key=lambda row: first[row.broker_order_id]):
            broker_order_id = seen.broker_order_id
            if broker_order_id in self._rows_of_refused:
                continue
            since = first[broker_order_id]
            own = next((each for each in self._refused if each.may_be_refused(seen, since)), None)
            if own is None:
                free.append((seen, since))
            else:
                self._refused.remove(own)
                self._rows_of_refused.add(broker_order_id)
        return free

    def _sought(self, look: Look) -> list[UnnamedOrder]:
        sought: list[UnnamedOrder] = []
        undecided: set[OrderTerms] = set()
        for lost in self._orders.values():
            if lost.lost_at_book is None or look.number <= lost.lost_at_book:
                undecided.add(lost.terms)
            else:
                sought.append(lost)
        return [lost for lost in sought if lost.terms not in undecided]
