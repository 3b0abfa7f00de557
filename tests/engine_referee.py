"""Judges every step of an engine by what must always hold; counts what happened.

It believes nothing the engine says of fills and money: it keeps its own books from the events.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from swingbreak.domain import events as ev
from swingbreak.domain.commands import CancelOrder, Command, HaltDay, ReplaceOrder, SubmitOrder
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Side, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.engine.closing import close_slot
from swingbreak.engine.engine import Engine
from swingbreak.engine.slices import largest_slice
from swingbreak.strategy.levels import LevelState

# The longest a closing slot rests after a refusal, with nothing in the market for its position;
# and how much later time may tell, for only timers do and they come once a second.
LONGEST_PAUSE = timedelta(seconds=1)
BEAT = timedelta(seconds=1)
ANSWERS = (
    ev.OrderAccepted
    | ev.OrderRejected
    | ev.OrderCanceled
    | ev.OrderCancelRefused
    | ev.OrderReplaced
    | ev.OrderReplaceRefused
)


def kept_state(engine: Engine) -> tuple[object, ...]:
    """Return all that a restart must bring back; a stop counts once it has been sent."""
    state, holdings = engine.state, engine.state.holdings
    stops = {
        symbol: position.stop
        for symbol, position in holdings.positions.items()
        if any(o.intent.trigger for o in state.book.slices(close_slot(symbol)).values())
    }
    return (
        state.book,
        {s: replace(p, stop=stops.get(s, 0)) for s, p in holdings.positions.items()},
        {t: replace(trade, stop=0) for t, trade in holdings.trades.items()},
        holdings.realised,
        state.halted,
        state.refused,
        state.filled_levels,
        state.lost,
        state.blocked,
        state._fills,
    )


class Referee:
    """Sees what goes in and what comes out.

    Attributes:
        seen: How often each thing happened.
    """

    def __init__(
        self, session: Session, contracts: Iterable[OptionContract], parameters: Parameters
    ) -> None:
        self.seen: Counter[str] = Counter()
        self._contracts = {each.symbol: each for each in contracts}
        self._parameters = parameters
        self._force_exit = session.at(parameters.force_exit)
        self._last_entry = min(session.at(parameters.last_entry), self._force_exit)
        self._held: Mapping[str, str] = {}
        self._fills: dict[str, ev.OrderFilled] = {}
        self._values: dict[str, Paise] = {}  # what each order's fills were worth
        self._asked: set[str] = set()  # orders whose last command has no answer yet
        self._ended: set[str] = set()
        self._late: set[str] = set()
        self._surprises: set[str] = set()  # held because an order that was gone has traded
        self._halted = ""

    def restarted(self) -> None:
        """Note that the engine is another one now."""
        self.seen["restart"] += 1

    def is_late(self, fill: ev.OrderFilled) -> bool:
        """Whether the order was gone already, so that nobody watched its symbol."""
        return fill.fill_id in self._late

    def judge(self, engine: Engine, event: ev.Event, commands: list[Command]) -> None:
        """Look at the step just taken."""
        self._hear(engine, event)
        for command in commands:
            self._overhear(engine, event.at, command)
        self._judge_slots(engine, event.at)
        self._judge_positions(engine, event.at)
        self._judge_limits(engine)
        self._judge_money(engine)
        self._judge_day(engine, event.at)

    def _hear(self, engine: Engine, event: ev.Event) -> None:
        name = type(event).__name__
        if isinstance(event, ev.SymbolsHeld):
            self._held = event.reasons
        if isinstance(event, ANSWERS):
            self._asked.discard(event.order_id)
        if not isinstance(event, ev.OrderFilled):
            self.seen[name] += 1
        elif event.fill_id in self._fills:
            self.seen["fill told twice"] += 1
        else:
            self._hear_fill(engine, event)
        if isinstance(event, ev.OrderPriced):
            filled = sum(f.quantity for f in self._fills.values() if f.order_id == event.order_id)
            if filled == event.filled:
                self._values[event.order_id] = event.value
        if isinstance(event, ev.OrderEvent):
            order = engine.state.book.orders[event.order_id]
            if not order.status.is_live:
                self._asked.discard(event.order_id)
                self._ended.add(event.order_id)

    def _hear_fill(self, engine: Engine, fill: ev.OrderFilled) -> None:
        self._fills[fill.fill_id] = fill
        self._values[fill.order_id] = self._values.get(fill.order_id, 0) + fill.value
        order = engine.state.book.orders[fill.order_id]
        self.seen[f"{order.intent.slot.purpose} fill"] += 1
        if order.filled < order.intent.quantity:
            self.seen["part fill"] += 1
        if fill.order_id in self._ended:
            self.seen["late fill"] += 1
            self._late.add(fill.fill_id)
            if order.intent.slot.purpose is Purpose.ENTRY:
                self._surprises.add(order.intent.symbol)

    def _overhear(self, engine: Engine, at: datetime, command: Command) -> None:
        match command:
            case HaltDay(reason):
                assert not self._halted, "the day ended twice"
                self._halted = reason
                self.seen[f"halt {reason}"] += 1
            case CancelOrder(order_id, reason):
                self._ask(order_id)
                self.seen[f"cancel {reason}"] += 1
            case SubmitOrder(order_id, intent) | ReplaceOrder(order_id, intent):
                self._ask(order_id)
                verb = "submit" if isinstance(command, SubmitOrder) else "change"
                self.seen[f"{verb} {intent.slot.purpose} {intent.reason}"] += 1
                if intent.slot.purpose is Purpose.CLOSE:
                    self._judge_close(engine, at, engine.state.book.orders[order_id], intent)
                elif engine.state.book.orders[order_id].order_id not in engine.state.triggered:
                    self._judge_entry(engine, at, intent)

    def _ask(self, order_id: str) -> None:
        assert order_id not in self._asked, f"{order_id} was commanded twice without an answer"
        self._asked.add(order_id)

    def _judge_close(self, engine: Engine, at: datetime, order: Order, intent: OrderIntent) -> None:
        state, slot = engine.state, intent.slot.first
        position = state.holdings.positions[intent.symbol]
        largest = largest_slice(self._contracts[intent.symbol])
        assert intent.side is Side.BUY
        assert order.filled + intent.quantity <= largest, "above the freeze quantity"
        if len(state.book.slices(slot)) == 1 and not state.pausing(slot, at):
            assert intent.quantity == -position.quantity, "not what is open"
        if intent.trigger is None:
            assert intent.limit >= engine.view.mark(intent.symbol), "an exit below the offer"
        else:
            assert intent.trigger == position.stop
            assert intent.limit >= position.stop + self._parameters.stop_limit_buffer

    def _judge_entry(self, engine: Engine, at: datetime, intent: OrderIntent) -> None:
        strategy, state = engine.view.strategy, engine.state
        assert not self._halted, "an entry after the end of the day"
        assert at < self._last_entry, "an entry after the last entry time"
        assert intent.symbol not in self._held, "an entry while held"
        assert intent.symbol not in state.holdings.positions, "an entry while in position"
        assert intent.level not in state.filled_levels, "an entry on a level that was filled"
        assert state.refused.get(intent.symbol) != intent.level, "an entry that was refused"
        level = strategy.level(intent.level)
        assert level is not None
        assert level.state is LevelState.ARMED
        assert intent.trigger == level.price - self._contracts[intent.symbol].tick
        assert strategy.last(intent.symbol) > intent.trigger, "an entry at or above the market"
        assert intent.limit == intent.trigger - self._parameters.entry_limit_buffer
        self._judge_size(engine, intent)
        symbols = self._exposed(engine)
        assert len(symbols) <= self._parameters.max_positions, "an entry too many"
        for right in {self._contracts[symbol].right for symbol in symbols}:
            taken = sum(self._contracts[symbol].right is right for symbol in symbols)
            own = self._contracts[intent.symbol].right is right
            assert not own or taken <= self._parameters.max_per_right, "an entry too many"

    def _judge_size(self, engine: Engine, intent: OrderIntent) -> None:
        contract = self._contracts[intent.symbol]
        slices = [
            o.replacement or o.intent for o in engine.state.book.slices(intent.slot.first).values()
        ]
        if len(slices) > 1:
            self.seen["entry slices"] += 1
        assert {each.symbol for each in slices} == {intent.symbol}, "two symbols in one entry"
        assert intent.quantity % contract.lot == 0
        assert 0 < intent.quantity <= largest_slice(contract), "above the freeze quantity"
        alike = [
            each for each in slices if (each.level, each.points) == (intent.level, intent.points)
        ]
        whole = sum(each.quantity for each in alike)
        assert whole <= self._parameters.max_lots * contract.lot
        assert whole * intent.points <= self._parameters.r_value

    def _exposed(self, engine: Engine) -> set[str]:
        live = engine.state.book.live
        entries = {o.intent.symbol for slot, o in live.items() if slot.purpose is Purpose.ENTRY}
        return entries | engine.state.holdings.positions.keys()

    def _judge_slots(self, engine: Engine, at: datetime) -> None:
        state = engine.state
        live = [order for order in state.book.orders.values() if order.status.is_live]
        assert len({order.intent.slot for order in live}) == len(live), "two orders in one slot"
        assert {order.intent.slot: order for order in live} == state.book.live
        for order in live:
            if order.status is OrderStatus.ACCEPTED:
                until = state.blocked.get(order.intent.slot)
                if until is None or at >= until + BEAT:
                    self._judge_resting(engine, at, order)

    def _judge_resting(self, engine: Engine, at: datetime, order: Order) -> None:
        symbol = order.intent.symbol
        position = engine.state.holdings.positions.get(symbol)
        if order.intent.slot.purpose is Purpose.CLOSE:
            assert position is not None, "a closing order for nothing"
            known = engine.view.mark(symbol)
            assert not (self._halted and known) or order.intent.trigger is None, "no exit"
            return
        assert not self._halted, "an entry rests after the end of the day"
        assert at < self._last_entry, "an entry rests after the last entry time"
        if order.order_id not in engine.state.triggered:
            assert symbol not in self._held, "an entry rests while held"
            assert position is None
        else:
            longest = timedelta(seconds=self._parameters.entry_fill_s) + BEAT
            since = engine.state.triggered[order.order_id]
            assert at - since < longest, "an entry waits too long"

    def _judge_positions(self, engine: Engine, at: datetime) -> None:
        state = engine.state
        held: Counter[str] = Counter()
        for fill in self._fills.values():
            intent = state.book.orders[fill.order_id].intent
            held[intent.symbol] += fill.quantity if intent.side is Side.BUY else -fill.quantity
        positions = {s: p.quantity for s, p in state.holdings.positions.items()}
        assert positions == {s: quantity for s, quantity in held.items() if quantity}
        self._surprises &= positions.keys()
        for symbol, quantity in positions.items():
            assert quantity < 0, "a long"
            self._judge_cover(engine, at, close_slot(symbol), -quantity)

    def _judge_cover(self, engine: Engine, at: datetime, first: Slot, short: int) -> None:
        """What closes a position is at no moment more than is open, and not less for long."""
        state = engine.state
        live = state.book.slices(first)
        if len(live) > 1:
            self.seen["closing slices"] += 1
        assert sum(map(_at_worst, live.values())) <= short, "more than is open"
        pauses = [until for slot, until in state.blocked.items() if slot.first == first]
        if not live:
            self.seen["pause without a closing order"] += 1
            assert pauses, "a naked position"
            assert at - BEAT < max(pauses) <= at + LONGEST_PAUSE, "a naked position"
        elif all(order.status is OrderStatus.ACCEPTED for order in live.values()):
            rests = sum(order.resting.quantity for order in live.values())
            assert rests == short or max(pauses, default=at - BEAT) > at - BEAT, "naked in part"

    def _judge_limits(self, engine: Engine) -> None:
        expected = self._exposed(engine) - self._surprises
        assert len(expected) <= self._parameters.max_positions
        rights = Counter(self._contracts[symbol].right for symbol in expected)
        assert all(taken <= self._parameters.max_per_right for taken in rights.values())
        self.seen["most exposed"] = max(self.seen["most exposed"], len(expected))

    def _judge_money(self, engine: Engine) -> None:
        book, holdings = engine.state.book, engine.state.holdings
        cash = 0
        for order_id, value in self._values.items():
            assert book.orders[order_id].value == value, "an order is worth something else"
            cash += value if book.orders[order_id].intent.side is Side.SELL else -value
        trades = holdings.trades.values()
        assert cash == sum(t.gross for t in trades) + sum(
            p.cash for p in holdings.positions.values()
        )
        assert holdings.realised == sum(t.net for t in trades)

        def mark(symbol: str) -> Paise:
            position = holdings.positions[symbol]
            return engine.view.mark(symbol) or position.sold_value // position.sold

        assert engine.account() == engine.account_at(mark), "the open P&L has drifted"

    def _judge_day(self, engine: Engine, at: datetime) -> None:
        assert engine.state.halted == self._halted
        assert self._halted or not engine.decides(engine.account())
        assert self._halted or at < self._force_exit
        assert engine.wake > at - BEAT, "it has overslept"


def _at_worst(order: Order) -> int:
    sizes = [order.intent.quantity, order.replacement.quantity if order.replacement else 0]
    return max(sizes) - order.filled
