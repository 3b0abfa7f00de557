"""Explains an order, a trade, or why there was none: the day is replayed to that moment."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from swingbreak.domain.commands import Command, SubmitOrder
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import (
    AccountSeen,
    ControlGiven,
    Event,
    HistoryLoaded,
    MinuteClosed,
    OrderEvent,
    SymbolsHeld,
    TickReceived,
    TimerFired,
)
from swingbreak.domain.market import Bar
from swingbreak.domain.money import rupees
from swingbreak.domain.orders import Order, OrderIntent, Purpose
from swingbreak.domain.session import ist_clock
from swingbreak.engine.engine import Engine
from swingbreak.engine.entries import entry_slot
from swingbreak.engine.told import DayTerms, Told
from swingbreak.runtime.order_story import story
from swingbreak.runtime.replay import Kept, Replay, in_words
from swingbreak.runtime.sight import Line, Sight, reason_in_words
from swingbreak.strategy.baseline import WhyNot

__all__ = ["explain_moment", "explain_order"]

_FEW = 4  # symbols that an error names one by one


class _Watch:
    """Collects a symbol's bars while the day is replayed, and what the order's step looked like."""

    def __init__(self, symbol: str, order_id: str = "") -> None:
        self.bars: dict[int, Bar] = {}
        self.step: tuple[Event, list[Line]] | None = None
        self.replay: Replay | None = None
        self._symbol = symbol
        self._order_id = order_id

    def __call__(self, engine: Engine, event: Event, commands: list[Command]) -> None:
        if isinstance(event, HistoryLoaded) and self._symbol in event.bars:
            self.bars = {bar.minute: bar for bar in event.bars[self._symbol]}
        elif isinstance(event, MinuteClosed) and self._symbol in event.bars:
            self.bars[event.minute] = event.bars[self._symbol]
        for each in commands:
            if isinstance(each, SubmitOrder) and each.order_id == self._order_id:
                self.step = event, list(self._chain(engine, each.intent, event.at))

    def sight(self, engine: Engine, at: datetime) -> Sight:
        """Return what *engine* sees of the symbol."""
        return Sight(engine, self._terms, self._symbol, [*self.bars.values()], at)

    @property
    def _terms(self) -> DayTerms:
        terms = self.replay.terms if self.replay is not None else None
        if terms is None:
            raise DataError(f"{self._symbol}: no process had begun on the tape by then")
        return terms

    def _chain(self, engine: Engine, intent: OrderIntent, at: datetime) -> Iterator[Line]:
        if intent.slot.purpose is Purpose.CLOSE:
            yield _position(engine, intent, at)
            return
        sight = self.sight(engine, at)
        yield from sight.lines()
        yield sight.risk(self._order_id)
        yield Line(at, "intent", f"so {intent.slot} should hold: {_wanted(intent)}")


def explain_order(told: Sequence[Told], kept: Sequence[Kept], order_id: str) -> list[Line]:
    """Return the chain that led to *order_id* and what came of it, oldest first.

    Raises:
        DataError: There is no such order, or the day does not replay to what was kept.
    """
    sent = {r.order_id: (at, r.intent) for at, r in kept if isinstance(r, SubmitOrder)}
    if order_id not in sent:
        known = f"o1 to o{len(sent)}" if sent else "none"
        raise DataError(f"there is no order or trade {order_id!r} on that day; there: {known}")
    at, intent = sent[order_id]
    watch = _replayed(told, kept, _Watch(intent.symbol, order_id), at)
    lines = [Line(at, "tape", "what led to it is not on the tape")]
    if watch.step is not None:
        event, chain = watch.step
        lines = [Line(event.at, "cause", _cause(event)), *chain]
    lines += story(kept, order_id)
    return [*lines, *_result(told, kept, order_id, lines[-1].at)]


def explain_moment(
    told: Sequence[Told], kept: Sequence[Kept], symbol: str, at: datetime
) -> list[Line]:
    """Return what was seen of *symbol* at *at*, and why it was or was not sold under.

    Raises:
        DataError: The symbol is not followed, no process had begun by then, or the day does not
            replay to what was kept.
    """
    watch = _replayed(told, kept, _Watch(symbol), at)
    engine = watch.replay.engine if watch.replay is not None else None
    if engine is None:
        raise DataError(f"no engine was running at {ist_clock(at)}, as far as the tape tells")
    if symbol not in engine.contracts:
        names = tuple(engine.contracts)
        many = f"{names[0]} to {names[-1]}, {len(names)} in all" if len(names) > _FEW else ""
        listed = many or ", ".join(names)
        raise DataError(f"{symbol} is not followed on that day; there: {listed}")
    sight = watch.sight(engine, at)
    verdict = Line(at, "verdict", _verdict(engine, sight, symbol, at))
    return [*sight.lines(), sight.risk(), verdict]


def _replayed(told: Sequence[Told], kept: Sequence[Kept], watch: _Watch, at: datetime) -> _Watch:
    watch.replay = Replay(kept, watch)
    if watch.replay.run(told, at).mismatch is not None:
        raise DataError(
            "the day does not replay to what was kept of it, so nothing can be explained by it: "
            "see `swingbreak replay`"
        )
    return watch


def _result(
    told: Sequence[Told], kept: Sequence[Kept], order_id: str, until: datetime
) -> Iterator[Line]:
    replay = Replay(kept)
    replay.run(told, until)
    trade = replay.engine.state.holdings.trades.get(order_id) if replay.engine else None
    if trade is not None:
        text = (
            f"closed by {trade.exit_reason}: gross {rupees(trade.gross)}, charges "
            f"{rupees(trade.charges)}, net {rupees(trade.net)} = {trade.r:+.2f} R"
        )
        values = {"gross": trade.gross / 100, "net": trade.net / 100, "r": round(trade.r, 4)}
        yield Line(trade.closed_at, "result", text, values)


def _verdict(engine: Engine, sight: Sight, symbol: str, at: datetime) -> str:
    held = engine.state.holdings.positions.get(symbol)
    if held is not None:
        since, stop = ist_clock(held.opened_at), rupees(held.stop)
        return f"{-held.quantity} units are short since {since}, stop {stop}"
    resting = list(engine.state.book.slices(entry_slot(sight.standing[symbol].right)).values())
    for order in resting:
        if order.intent.symbol == symbol:
            terms = _wanted(order.resting)
            return f"an entry is there: {order.order_id} is {order.status}, {terms}"
    if barred := engine.entries_barred(at):
        return f"nothing at all may be entered: {reason_in_words(barred)}"
    return f"no entry: {_why_not(engine, sight.standing[symbol], resting, at)}"


def _why_not(engine: Engine, mine: WhyNot, resting: Sequence[Order], at: datetime) -> str:
    slot = entry_slot(mine.right)
    if mine.reason == "no_swing":
        return reason_in_words(engine.view.barred().get(mine.symbol, mine.reason))
    if mine.reason:
        return reason_in_words(mine.reason)
    if resting:
        other = resting[0]
        return (
            f"{slot} holds {other.order_id} in {other.intent.symbol}, and another takes its place "
            "only when a minute closes"
        )
    if engine.state.pausing(slot, at):
        return f"{slot} rests for a moment after the gateway turned an order away"
    return (
        "it is the best of its right, but its price has reached the trigger, or a limit stands in "
        "the way"
    )


def _cause(event: Event) -> str:
    match event:
        case TickReceived(tick=tick):
            text = f"{tick.symbol} ticked at {rupees(tick.price)}"
        case MinuteClosed(minute=minute, bars=bars):
            text = f"minute {minute} of the session closed, with bars of {len(bars)} symbols"
        case HistoryLoaded(bars=bars):
            text = f"the day so far was read from history for {len(bars)} symbols"
        case SymbolsHeld(reasons=reasons):
            text = f"{len(reasons)} symbols may not be entered now, the others may"
        case TimerFired():
            text = "a second passed at which time alone matters"
        case ControlGiven(control=control, reason=reason):
            text = f"a person said {control}: {reason}"
        case AccountSeen():
            text = f"the account was looked at: {len(event.discrepancies)} discrepancies"
        case _:
            assert isinstance(event, OrderEvent)  # noqa: S101 - for the type checker
            text = in_words(event)
    return text


def _position(engine: Engine, intent: OrderIntent, at: datetime) -> Line:
    held = engine.state.holdings.positions.get(intent.symbol)
    if held is None:
        return Line(at, "position", f"nothing is open in {intent.symbol}")
    mark = engine.view.mark(intent.symbol)
    text = (
        f"{-held.quantity} units of {held.trade_id} are short since {ist_clock(held.opened_at)}, "
        f"stop {rupees(held.stop)}, mark {rupees(mark)}: its closing order is wanted for "
        f"{intent.reason}"
    )
    return Line(at, "position", text, {"stop": held.stop / 100, "mark": mark / 100})


def _wanted(intent: OrderIntent) -> str:
    trigger = "" if intent.trigger is None else f"trigger {rupees(intent.trigger)} "
    return f"{intent.side} {intent.quantity} {intent.symbol} {trigger}limit {rupees(intent.limit)}"
