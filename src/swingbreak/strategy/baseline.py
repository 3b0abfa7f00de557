"""The strategy ``baseline_v1``: which level of which symbol should be sold under, per right.

Rules of this file:

1. Only armed levels take part: a broken, filled or rejected one can neither be chosen nor stand
   in the way of another.
2. Nothing is ranked again before something it depends on has changed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.strategy.levels import Level, symbol_of
from swingbreak.strategy.past import Past
from swingbreak.strategy.selection import Choice, ranked
from swingbreak.strategy.watch import Sighting, SymbolWatch

__all__ = ["Baseline", "WhyNot"]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Where one symbol stands in the selection.

    Attributes:
        symbol: The instrument.
        right: Call or put.
        state: State of its newest level; empty before the first.
        reason: Why it is not sold under now; empty for the best of its right.
        price: The swing low, paise; 0 without a level, like all that follows.
        highest: Highest high since the swing, paise.
        points: Stop above the swing low, paise.
        lots: Lots it would be sold with; 0 while it does not qualify.
    """

    symbol: str
    right: Right
    state: str
    reason: str
    price: Paise = 0
    highest: Paise = 0
    points: Paise = 0
    lots: int = 0


@dataclass(slots=True)
class _Side:
    """The armed symbols of one right, and their ranking while it holds."""

    armed: dict[str, SymbolWatch] = field(default_factory=dict)
    ranking: list[Choice] | None = None


class Baseline:
    """Follows every contract's bars and prints; says what to sell under.

    Args:
        contracts: The options to follow.
        parameters: Settings.
        past: Makes what remembers a symbol's bars and prints; by default they are learned as they
            come.
    """

    def __init__(
        self,
        contracts: Iterable[OptionContract],
        parameters: Parameters,
        past: Callable[[str], Past] | None = None,
    ) -> None:
        self._parameters = parameters
        self._watches = {
            c.symbol: SymbolWatch(c, parameters, past and past(c.symbol)) for c in contracts
        }
        self._sides = {right: _Side() for right in Right}
        self._live: dict[str, SymbolWatch] = {}  # and some whose bar has closed since

    def load(self, symbol: str, bars: Iterable[Bar]) -> tuple[Sighting, ...]:
        """Start *symbol* afresh from the day's closed bars, oldest first; return what they showed.

        Raises:
            DataError: The bars are not in order; the symbol is to be loaded again.
        """
        watch = self._watches[symbol]
        try:
            return watch.load(bars)
        finally:
            self._moved(watch)

    def close(self, symbol: str, bar: Bar, forming: Bar | None = None) -> tuple[Sighting, ...]:
        """Learn a closed bar, and what has been seen of the next minute; return what it showed.

        Raises:
            DataError: The bar does not follow the one before; the symbol is to be loaded again.
        """
        watch = self._watches[symbol]
        seen = watch.close(bar, forming)
        if watch.moved:
            self._moved(watch)
        return seen

    def tick(self, symbol: str, price: Paise) -> bool:
        """Learn a print; return whether it may change what to sell under."""
        watch = self._watches[symbol]
        if not watch.tick(price):
            return False
        self._moved(watch)
        return True

    def best(self, right: Right, barred: Mapping[str, str]) -> Choice | None:
        """Return the best choice of *right* among the symbols that are not *barred*.

        Args:
            right: Call or put.
            barred: Symbols that may not be entered, and why.
        """
        for choice in self._ranking(right):
            if choice.contract.symbol not in barred:
                return choice
        return None

    def why(self, barred: Mapping[str, str]) -> list[WhyNot]:
        """Return where each symbol stands, in the order of the contracts."""
        best = {right: self.best(right, barred) for right in Right}
        return [
            self._why(watch, barred.get(symbol, ""), best[watch.contract.right])
            for symbol, watch in self._watches.items()
        ]

    def mark_filled(self, level_id: str) -> None:
        """Remember that an entry on this level has filled; saying it again changes nothing.

        The level need not be known yet, loading history will make it; a level of a symbol that
        is not followed is nobody's.
        """
        watch = self._watches.get(symbol_of(level_id))
        if watch is not None:
            watch.fill(level_id)
            self._moved(watch)

    def expire(self) -> None:
        """End the session: no level may be sold under any more."""
        for watch in self._watches.values():
            watch.expire()
            self._moved(watch)

    def contract(self, symbol: str) -> OptionContract:
        """Return the contract of *symbol*."""
        return self._watches[symbol].contract

    def choice(self, symbol: str) -> Choice | str:
        """Return the terms on which *symbol* may be sold now, or why it may not."""
        return self._watches[symbol].verdict

    def last(self, symbol: str) -> Paise:
        """Return the last price seen of *symbol*, paise; 0 before the first."""
        return self._watches[symbol].past.last

    def watched(self, symbol: str) -> bool:
        """Whether prints of *symbol* matter: an armed level, or one that broke since its bar."""
        return self._watches[symbol].is_live

    def band(self, symbol: str) -> tuple[Paise, Paise]:
        """Return the prices between which prints of *symbol* cannot change its level.

        A print at or below the first breaks it; one above the second raises its highest high.
        """
        return self._watches[symbol].band

    def live_symbols(self) -> list[str]:
        """Return the symbols whose prints matter, in no particular order."""
        return [symbol for symbol, watch in self._live.items() if watch.is_live]

    def edges(self) -> Iterator[tuple[str, Paise, Paise]]:
        """Yield the symbols with an armed level, each with its :attr:`SymbolWatch.edges`."""
        for side in self._sides.values():
            for symbol, watch in side.armed.items():
                yield symbol, *watch.edges

    def levels(self, symbol: str) -> Iterable[Level]:
        """Return every level of *symbol* today, as each stands now."""
        return self._watches[symbol].levels.values()

    def ranking(self, right: Right) -> list[str]:
        """Return the symbols of *right* that qualify, barred or not, the best first."""
        return [choice.contract.symbol for choice in self._ranking(right)]

    def is_current(self, level_id: str) -> bool:
        """Whether this level is its symbol's newest."""
        level = self.level(level_id)
        return level is not None and level is self._watches[level.symbol].level

    def newest(self, symbol: str) -> Level | None:
        """Return the newest level of *symbol*; ``None`` before the first."""
        return self._watches[symbol].level

    def level(self, level_id: str) -> Level | None:
        """Return the level with this id; ``None`` while its bars are not known."""
        watch = self._watches.get(symbol_of(level_id))
        return watch.levels.get(level_id) if watch is not None else None

    def highest_of(self, level_id: str) -> Paise | None:
        """Return the highest high since this level's swing, paise, whatever its state.

        ``None`` while its bars are not known. Exact while the symbol's ticks are delivered; else as
        of its last closed bar.
        """
        level = self.level(level_id)
        if level is None:
            return None
        return self._watches[level.symbol].highest_since(level.minute)

    def _ranking(self, right: Right) -> list[Choice]:
        side = self._sides[right]
        if side.ranking is None:
            verdicts = (watch.verdict for watch in side.armed.values())
            choices = (verdict for verdict in verdicts if isinstance(verdict, Choice))
            side.ranking = ranked(choices, self._parameters)
        return side.ranking

    def _moved(self, watch: SymbolWatch) -> None:
        watch.moved = False
        symbol, side = watch.contract.symbol, self._sides[watch.contract.right]
        side.ranking = None
        if watch.armed is not None:
            side.armed[symbol] = watch
        else:
            side.armed.pop(symbol, None)
        if watch.is_live:
            self._live[symbol] = watch
        else:
            self._live.pop(symbol, None)

    def _why(self, watch: SymbolWatch, bar: str, best: Choice | None) -> WhyNot:
        symbol, right, level = watch.contract.symbol, watch.contract.right, watch.level
        verdict = watch.verdict
        if level is None:
            return WhyNot(symbol, right, "", "no_swing")
        highest = watch.highest_since(level.minute)
        points = highest + self._parameters.stop_buffer - level.price
        if isinstance(verdict, str):
            return WhyNot(symbol, right, level.state, verdict, level.price, highest, points)
        reason = bar or ("" if verdict is best else "outranked")
        lots = verdict.lots
        return WhyNot(symbol, right, level.state, reason, level.price, highest, points, lots)
