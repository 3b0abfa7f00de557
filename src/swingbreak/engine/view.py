"""What the engine knows of the market: the strategy's view, quotes, and what must stand aside."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import assert_never

from swingbreak.domain.errors import DataError
from swingbreak.domain.events import (
    HistoryLoaded,
    MarketEvent,
    MinuteClosed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
)
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.closing import Quote
from swingbreak.engine.entries import entry_slot
from swingbreak.engine.scope import Scope
from swingbreak.engine.state import State
from swingbreak.market.offers import offer
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.levels import LevelState
from swingbreak.strategy.past import Past

__all__ = ["MarketView"]


class MarketView:
    """Learns market events; says whether they may change what we want.

    Attributes:
        strategy: Levels and choices.
        reached: When the stop of an open position was first traded through, by symbol.
    """

    def __init__(
        self,
        contracts: Mapping[str, OptionContract],
        parameters: Parameters,
        state: State,
        past: Callable[[str], Past] | None = None,
        scope: Scope | None = None,
    ) -> None:
        self.strategy = Baseline(contracts.values(), parameters, past)
        self.reached: dict[str, datetime] = {}
        self._held: Mapping[str, str] = {}
        self._loaded: set[str] = set()
        self._quarantined: dict[str, str] = {}
        self._quotes: dict[str, Quote] = {}
        self._barred: dict[str, str] | None = None  # but for what the state knows
        self._scope = scope or Scope(state, contracts, None)
        self._outside: Mapping[str, str] = {}  # of the window, when what is barred was reckoned
        self._state = state
        self._parameters = parameters
        self._entry_slot = {s: entry_slot(c.right) for s, c in contracts.items()}

    def learn(self, event: MarketEvent, wake: datetime) -> bool:
        """Take in *event*; return whether anything we want may have changed."""
        match event:
            case TickReceived():
                return self._tick(event.at, event.tick)
            case TimerFired():
                return event.at >= wake
            case MinuteClosed():
                self._close(event)
            case HistoryLoaded():
                self._load(event)
                return not self._is_aside(event.bars)
            case SymbolsHeld():
                self._held = event.reasons
                self._barred = None
            case _:
                assert_never(event)
        return True

    def quote(self, symbol: str) -> Quote:
        """Return the market in *symbol* as last seen."""
        return self._quotes.get(symbol) or Quote(self.strategy.last(symbol), 0)

    def mark(self, symbol: str) -> Paise:
        """Return what buying one unit of *symbol* back would cost, paise; 0 while unknown."""
        return self.quote(symbol).mark

    def planned_stop(self, intent: OrderIntent) -> Paise:
        """Return the stop an entry was sized with, paise."""
        tick = self.strategy.contract(intent.symbol).tick
        below = intent.limit if intent.trigger is None else intent.trigger
        return below + self._parameters.entry_offset_ticks * tick + intent.points

    def stop_of(self, intent: OrderIntent) -> Paise:
        """Return the stop of a position that *intent* opens now, paise."""
        highest = self.strategy.highest_of(intent.level)
        if highest is None:
            return self.planned_stop(intent)
        return highest + self._parameters.stop_buffer

    def position_changed(self, symbol: str, at: datetime) -> None:
        """Look at the entry and the stop of *symbol* afresh after news of an order."""
        self._notice_break(self._entry_slot[symbol], at)
        position = self._state.holdings.positions.get(symbol)
        if position is None:
            self.reached.pop(symbol, None)
        elif self.quote(symbol).price >= position.stop:
            self.reached.setdefault(symbol, at)

    def barred(self) -> dict[str, str]:
        """Return the symbols that may not be entered now, and why."""
        outside = self._scope.outside()
        if self._barred is None or outside is not self._outside:
            unknown = {s: "no_history" for s in self._entry_slot if s not in self._loaded}
            self._barred = unknown | dict(self._held) | self._quarantined | outside
            self._outside = outside
        barred = self._barred | self._state.foreign
        barred |= dict.fromkeys(self._state.holdings.positions, "position")
        for symbol, level_id in self._state.refused.items():
            if self.strategy.is_current(level_id):
                barred.setdefault(symbol, "entry_refused")
        return barred

    def _is_aside(self, symbols: Iterable[str]) -> bool:
        """Whether all of *symbols* are outside the window and without a position."""
        outside, held = self._scope.outside(), self._state.holdings.positions
        return bool(outside) and all(each in outside and each not in held for each in symbols)

    def _tick(self, at: datetime, tick: Tick) -> bool:
        symbol, price = tick.symbol, tick.price
        self._quotes[symbol] = Quote(price, offer(price, tick.ask))
        mattered = self.strategy.tick(symbol, price)
        slot, book = self._entry_slot[symbol], self._state.book
        order = book.live.get(slot)
        if (order is not None and order.intent.symbol == symbol) or book.further:
            mattered = self._trigger(slot, symbol, at, price) or mattered
        position = self._state.holdings.positions.get(symbol)
        if position is None:
            return mattered
        if price >= position.stop:
            self.reached.setdefault(symbol, at)
        # while the stop rests and is not reached a price only moves the P&L
        return mattered or symbol in self.reached or bool(self._state.exit_reason(symbol))

    def _trigger(self, slot: Slot, symbol: str, at: datetime, price: Paise) -> bool:
        mattered = False
        for order in self._state.book.slices(slot).values():
            trigger = order.intent.trigger
            if order.intent.symbol == symbol and trigger is not None and price <= trigger:
                self._state.triggered.setdefault(order.order_id, at)
                mattered = True
        return mattered

    def _close(self, event: MinuteClosed) -> None:
        for symbol, bar in event.bars.items():
            if symbol not in self._quarantined:
                try:
                    self.strategy.close(symbol, bar, event.forming.get(symbol))
                except DataError as error:
                    self._quarantine(symbol, error)
        self._notice_breaks(event.at)
        # where no tick may come, the bar knows better than the last one that did
        held = self._state.holdings.positions
        self._quotes = {symbol: quote for symbol, quote in self._quotes.items() if symbol in held}

    def _notice_breaks(self, at: datetime) -> None:
        for slot in map(entry_slot, Right):
            self._notice_break(slot, at)

    def _notice_break(self, slot: Slot, at: datetime) -> None:
        # a break that no tick showed us, after a gap or a change of terms, is still the entry
        for order in self._state.book.slices(slot).values():
            level = self.strategy.level(order.intent.level)
            if level is not None and level.state is LevelState.BROKEN:
                self._state.triggered.setdefault(order.order_id, at)

    def _load(self, event: HistoryLoaded) -> None:
        for symbol, rows in event.bars.items():
            self._quarantined.pop(symbol, None)
            try:
                self.strategy.load(symbol, tuple(rows))
            except DataError as error:
                self._quarantine(symbol, error)
            self._loaded.add(symbol)
            self._barred = None
        for level_id in self._state.filled_levels:
            if self.strategy.level(level_id) is not None:
                self.strategy.mark_filled(level_id)
        self._notice_breaks(event.at)

    def _quarantine(self, symbol: str, error: DataError) -> None:
        # one symbol's bad data must not stop the others
        self._quarantined[symbol] = f"quarantined: {error}"
        self._barred = None
