"""A gateway that leaves open what became of new orders, and a time that jumps to what is due."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from swingbreak.adapters.openalgo.books import (
    HeldPosition,
    Mode,
    OrderBook,
    OrderState,
    OrderTerms,
    OrderUpdate,
    TradeBook,
    Traded,
)
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED
from swingbreak.adapters.openalgo.rest import OrderReply
from swingbreak.domain.errors import (
    GatewayUnreachable,
    OrderRefused,
    OutcomeUnknown,
    RequestNotSent,
)
from swingbreak.simulation.generator import DaySpec

__all__ = ["SURE_S", "Gateway", "Row", "World", "asking"]

_SESSION: Final = DaySpec().session
SURE_S: Final = 0.31  # whoever answers so late has taken the order
_TIMEOUT_S: Final = 5.0
_TRADES: Final = 0.5  # share of the orders that trade
_WHOLE: Final = 0.5  # share of the trades that take all that is left
_LOST: Final = 0.1  # share of the cancels that are lost, and as many again whose answer is
_NOTHING: Final = Traded()
asking: ContextVar[str] = ContextVar("asking", default="")


@dataclass(slots=True)
class Row:
    """An order at the gateway, with everything that ever happened to it.

    Attributes:
        placed: Seconds of the story, like the other times.
        origin: Which order of ours it is; empty for somebody else's.
        shown_at: When the book begins to show it.
        stamp: ``placed`` as the gateway writes it.
        trades: When, units, price.
    """

    number: str
    terms: OrderTerms
    placed: float
    origin: str
    shown_at: float
    stamp: datetime
    trades: list[tuple[float, int, int]] = field(default_factory=list)
    end: tuple[float, OrderState] | None = None

    def traded(self, at: float) -> Traded:
        """Units and worth traded by *at*."""
        if not self.trades:
            return _NOTHING
        done = [(units, price) for when, units, price in self.trades if when <= at]
        return Traded(sum(u for u, _ in done), sum(u * price for u, price in done))

    def state(self, at: float) -> OrderState:
        """What a book of *at* calls it."""
        if self.end is not None and self.end[0] <= at:
            return self.end[1]
        waits = self.terms.trigger and not self.traded(at).quantity
        return OrderState.TRIGGER_PENDING if waits else OrderState.OPEN


class World:
    """Time, and what is due.

    Attributes:
        now: Seconds of the story.
        is_stirred: Whether a coroutine has something to go on with.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.is_stirred = False
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, when: float, do: Callable[[], None]) -> None:
        """Let *do* happen then."""
        heapq.heappush(self._due, (max(when, self.now), next(self._order), do))

    def stamp(self, when: float | None = None) -> datetime:
        """An instant of the session."""
        return _SESSION.opens + timedelta(hours=2, seconds=self.now if when is None else when)

    async def wait(self, seconds: float) -> None:
        """Let others go on for *seconds*."""
        future = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not future.done():
                future.set_result(None)
                self.is_stirred = True

        self.at(self.now + seconds, wake)
        await future

    def next(self) -> Callable[[], None] | None:
        """Move to what is due next and return it."""
        if not self._due:
            return None
        self.now, _, do = heapq.heappop(self._due)
        return do


class Gateway:
    """Stands where ``OpenAlgoRest`` does.

    Attributes:
        rows: By its ids.
        sent: How often each order of ours was sent.
        fates: What becomes of each.
        tell: Takes what the order stream says.
        hid: Whether a book has left a row out and not said so.
        is_calm: Whether nothing goes wrong any more, and nothing trades.
    """

    gateway = DOCUMENTED

    def __init__(self, dice: Random, world: World, mode: Mode) -> None:
        self.rows: dict[str, Row] = {}
        self.sent: Counter[str] = Counter()
        self.fates: dict[str, str] = {}
        self.tell: Callable[[Row], None] = lambda _: None
        self.hid = False
        self.is_calm = False
        self._dice, self._world, self._mode = dice, world, mode
        self._book_lag = dice.choice([0.0, 0.0, 0.4, 2.0, 6.0])
        self._trade_lag = dice.choice([0.0, 0.0, 0.7, 3.0])
        self._fails = dice.choice([0.0, 0.1, 0.3])
        self._drops = dice.choice([0.0, 0.0, 0.1])
        self._hidden = dice.choice([0.0, 0.0, 0.0, 0.05, 0.3])

    async def place(self, fields: Mapping[str, str | int]) -> OrderReply:
        """Take a new order, or not, and say so, or not."""
        ours, dice = asking.get(), self._dice
        self.sent[ours] += 1
        fate = self.fates[ours]
        terms = _terms(fields)
        if fate == "not sent":
            raise RequestNotSent("no connection")
        if fate.startswith("refused"):
            if "row" in fate:
                self.book(terms, self._world.now, ours, end=OrderState.REJECTED)
            await self._world.wait(dice.uniform(0.01, 0.5))
            raise OrderRefused("insufficient funds")
        row: list[Row] = []
        if not fate.startswith("not taken"):
            late = {"taken late": (1, 30), "taken very late": (30, 70)}.get(fate, (0, 0.3))
            end = OrderState.REJECTED if "rejected" in fate else None
            arrives = self._world.now + dice.uniform(*late)
            self._world.at(arrives, lambda: row.append(self.book(terms, arrives, ours, end=end)))
        return await self._answer(fate, row)

    async def _answer(self, fate: str, row: list[Row]) -> OrderReply:
        slow = 4.5 if "slowly" in fate else 0.6
        in_time = "time" not in fate and "late" not in fate
        await self._world.wait(self._dice.uniform(SURE_S, slow) if in_time else _TIMEOUT_S)
        if not fate.startswith("answered"):
            raise OutcomeUnknown(fate)
        return OrderReply(row[0].number, "analyze" if self._mode is Mode.ANALYZE else "")

    def book(
        self, terms: OrderTerms, at: float, origin: str, *, end: OrderState | None = None
    ) -> Row:
        """Put an order into the book."""
        number = f"2611200{len(self.rows):05d}"
        shown_at = at + self._book_lag * self._dice.random()
        row = Row(number, terms, at, origin, shown_at, self._world.stamp(at))
        self.rows[number] = row
        if end is not None:
            row.end = (at, end)
        self.tell(row)
        if end is None and origin and self._dice.random() < _TRADES:
            self._world.at(at + self._dice.expovariate(0.2), lambda: self._trade(row))
        return row

    def _trade(self, row: Row) -> None:
        if row.end is not None or self.is_calm:
            return
        now, left = self._world.now, row.terms.quantity - row.traded(self._world.now).quantity
        units = left if self._dice.random() < _WHOLE else min(left, 65 * self._dice.randint(1, 5))
        row.trades.append((now, units, row.terms.limit + 5 * self._dice.randint(0, 9)))
        if units == left:
            row.end = (now, OrderState.COMPLETE)
        else:
            self._world.at(now + self._dice.expovariate(0.2), lambda: self._trade(row))
        self.tell(row)

    async def cancel(self, broker_order_id: str, strategy: str) -> OrderReply:
        """End an order, or lose the request or its answer."""
        del strategy
        row, chance = self.rows[broker_order_id], 1.0 if self.is_calm else self._dice.random()
        if chance < _LOST:
            raise OutcomeUnknown("cancel: lost")
        if row.end is not None:
            raise OrderRefused("it is over")
        row.end = (self._world.now, OrderState.CANCELLED)
        self.tell(row)
        if chance < 2 * _LOST:
            raise OutcomeUnknown("cancel: done, the answer lost")
        return OrderReply(broker_order_id, "analyze" if self._mode is Mode.ANALYZE else "")

    async def order_book(self) -> OrderBook:
        """The book of a moment ago, or not all of it, or none."""
        now, dice = self._world.now, self._dice
        if self._happens(self._fails):
            raise GatewayUnreachable("orderbook: 500")
        shown = [row for row in self.rows.values() if row.shown_at <= now]
        dropped = 0
        if shown and self._happens(self._drops):
            shown.pop(dice.randrange(len(shown)))
            dropped = 1
        if shown and self._happens(self._hidden):
            shown.pop(dice.randrange(len(shown)))
            self.hid = True
        return OrderBook(tuple(self.seen(row, now) for row in reversed(shown)), dropped)

    async def trade_book(self) -> TradeBook:
        """The trades of a moment ago."""
        if self._happens(self._fails / 2):
            raise GatewayUnreachable("tradebook: 500")
        at = self._world.now - self._trade_lag
        found = {row.number: row.traded(at) for row in self.rows.values() if row.trades}
        return TradeBook({number: traded for number, traded in found.items() if traded.quantity})

    async def positions(self) -> tuple[HeldPosition, ...]:
        """Nobody asks for them here but to look."""
        return ()

    async def analyzer(self) -> Mode:
        """Where orders go."""
        return self._mode

    def _happens(self, chance: float) -> bool:
        return not self.is_calm and self._dice.random() < chance

    def seen(self, row: Row, at: float, *, stream: bool = False) -> OrderUpdate:
        """How book or stream show *row*; a live book tells no quantities."""
        traded = row.traded(at)
        tells = stream or self._mode is Mode.ANALYZE
        return OrderUpdate(
            row.number,
            row.terms,
            row.state(at),
            traded.quantity if tells else None,
            traded.value if tells else 0,
            placed=row.stamp,
        )


def _terms(fields: Mapping[str, str | int]) -> OrderTerms:
    limit, trigger = (round(100 * float(fields[name])) for name in ("price", "trigger_price"))
    text = [str(fields[name]) for name in ("symbol", "action", "product")]
    return OrderTerms(*text, int(fields["quantity"]), str(fields["pricetype"]), limit, trigger)
