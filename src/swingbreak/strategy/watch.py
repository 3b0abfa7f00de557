"""All the strategy knows of one symbol.

Rules of this file:

1. The highest high since a swing has one definition, :meth:`SymbolWatch.highest_since`; filter,
   size and stop all read it.
2. Bars come in order, each minute once; loading starts afresh.
"""

from collections.abc import Iterable
from typing import TypeAlias

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.market.swings import Swing, SwingKind
from swingbreak.strategy.filters import STOP_TOO_FAR, static_reason
from swingbreak.strategy.levels import Level, LevelState
from swingbreak.strategy.past import BarPast, Past
from swingbreak.strategy.selection import Choice, qualify

__all__ = ["Sighting", "SymbolWatch"]

# A bar confirmed this swing; or it made this level or changed its state.
Sighting: TypeAlias = Swing | Level
_NOTHING: tuple[Sighting, ...] = ()

# the band of a symbol without an armed level
_NO_PRICE = 1 << 62
_ANY_PRICE = (-1, _NO_PRICE)


class SymbolWatch:
    """Follows one symbol's bars and prints; keeps its levels and its current one.

    Attributes:
        contract: The option.
        past: What has been seen of its bars and prints.
        level: The newest level, whatever became of it.
        armed: The same while it may be sold under, should its stop have the right distance.
        levels: Every level of the day by id.
        moved: Whether anything that selection depends on has changed. The owner clears it.
    """

    __slots__ = (
        "_break_at",
        "_broken",
        "_broken_after",
        "_filled",
        "_highest",
        "_is_out",
        "_raise_at",
        "_verdict",
        "armed",
        "contract",
        "level",
        "levels",
        "moved",
        "parameters",
        "past",
    )

    def __init__(
        self, contract: OptionContract, parameters: Parameters, past: Past | None = None
    ) -> None:
        """Follow *contract*; *past* remembers its bars and prints, by default as they come."""
        self.contract = contract
        self.parameters = parameters
        self.past = BarPast(parameters.swing_rule) if past is None else past
        # what loading must not forget
        self._broken: set[str] = set()
        self._filled: set[str] = set()
        self._reset()

    def _reset(self) -> None:
        self.past.reset()
        self.level: Level | None = None
        self.armed: Level | None = None
        self.levels: dict[str, Level] = {}
        self.moved = True
        # what a print must reach, or exceed, to matter to the armed level
        self._break_at: Paise = 0
        self._raise_at: Paise = 0
        self._broken_after = -1
        self._highest: Paise = 0  # of the armed level, as last judged
        self._is_out = False
        self._verdict: Choice | str | None = None

    def load(self, bars: Iterable[Bar]) -> tuple[Sighting, ...]:
        """Start afresh from the day's closed *bars*; return what they showed.

        What has been learned beyond bars, a fill or a break by a print of the minute still
        forming, stays true of the level with the same id.
        """
        self._reset()
        seen = [sighting for bar in bars for sighting in self.close(bar)]
        if self.armed is not None and self.armed.level_id in self._broken:
            seen.append(self._break(self.armed))
        seen.extend(self._fill(key) for key in sorted(self._filled & self.levels.keys()))
        return tuple(seen)

    def close(self, bar: Bar, forming: Bar | None = None) -> tuple[Sighting, ...]:
        """Learn a closed bar; return what it showed, the shared empty tuple if nothing.

        Args:
            bar: The minute's bar.
            forming: What has been seen of the next minute. Both its extremes count: a bar's level
                is confirmed at the end of its minute, though we learn of it a moment later, and a
                replay of the day must see the same break.
        """
        swing = self.past.close(bar, forming)
        if swing is None and self.armed is None:
            return _NOTHING
        seen = self._learn(bar, swing)
        if forming is not None and self.armed is not None and forming.low <= self._break_at:
            seen = (*seen, self._break(self.armed))
        return seen

    def tick(self, price: Paise) -> bool:
        """Learn a print; return whether it raised the armed level's highest high or broke it."""
        self.past.tick(price)
        level = self.armed
        if level is None:
            return False
        if price <= self._break_at:
            self._break(level)
        elif price > self._raise_at:
            self._raised(price)
        else:
            return False
        return True

    def highest_since(self, minute: int) -> Paise:
        """Return the highest high since the swing on the bar of *minute*, paise.

        The highs of the later bars and of the minute still forming; while there is none of
        either, the high of the swing bar itself.
        """
        return self.past.highest_since(minute) or self.past.newest_high

    @property
    def verdict(self) -> Choice | str:
        """On which terms the current level may be sold under now, or why it may not."""
        if self._verdict is None:
            self._verdict = self._judge()
        return self._verdict

    @property
    def is_live(self) -> bool:
        """Whether prints matter: the level may yet qualify, or no bar has closed since it broke."""
        if self.armed is not None:
            return not self._is_out
        return self._broken_after == self.past.minute >= 0

    @property
    def band(self) -> tuple[Paise, Paise]:
        """Prices between which a print changes nothing: above the first, up to the second."""
        if self.armed is None or self._is_out:
            return _ANY_PRICE
        return self._break_at, self._raise_at

    @property
    def edges(self) -> tuple[Paise, Paise]:
        """Prices beyond which the next bar changes the armed level, as :attr:`band` has them.

        They hold for a level that is out, too: its break is one more change of its state.
        """
        return self._break_at, self._raise_at

    def fill(self, level_id: str) -> None:
        """Remember that the level with this id was entered on, now or in a replay to come."""
        self._filled.add(level_id)
        level = self.levels.get(level_id)
        if level is not None and level.state is not LevelState.FILLED:
            self._fill(level_id)

    def expire(self) -> None:
        """End the session: an armed level expires."""
        if self.armed is not None:
            self._adopt(self.armed.become(LevelState.EXPIRED))

    def _learn(self, bar: Bar, swing: Swing | None) -> tuple[Sighting, ...]:
        seen = _NOTHING
        level = self.armed
        if level is not None:
            # prints that did not reach us as ticks are in the bar
            if bar.low <= self._break_at:
                seen = (self._break(level),)
            else:
                highest = self.past.highest_since(level.minute)
                if highest != self._highest:
                    self._raised(highest)
        if swing is None:
            return seen
        if swing.kind is SwingKind.HIGH:
            return (*seen, swing)
        return (*seen, swing, *self._confirm(swing, bar.minute))

    def _confirm(self, swing: Swing, minute: int) -> tuple[Level, ...]:
        old = self.armed
        reason = static_reason(swing.price, swing.vwap, self.parameters)
        level = self._adopt(Level.of(self.contract.symbol, swing, minute, reason))
        if old is None:
            return (level,)
        superseded = self.levels[old.level_id] = old.become(LevelState.SUPERSEDED)
        return (superseded, level)

    def _break(self, level: Level) -> Level:
        self._broken.add(level.level_id)
        self._broken_after = self.past.minute
        return self._adopt(level.become(LevelState.BROKEN))

    def _fill(self, level_id: str) -> Level:
        level = self.levels[level_id].become(LevelState.FILLED)
        if self.level is not None and self.level.level_id == level_id:
            return self._adopt(level)
        self.levels[level_id] = level
        return level

    def _raised(self, highest: Paise) -> None:
        self._highest = highest
        self._verdict = None
        self.moved = True
        # once there is a later print the highest high only rises: a level whose stop is too far is
        # out for good, and neither a higher print nor its break can change what is sold under
        self._is_out = highest > 0 and self.verdict == STOP_TOO_FAR
        self._raise_at = _NO_PRICE if self._is_out else highest

    def _adopt(self, level: Level) -> Level:
        """Make *level*, new or in a new state, the current one."""
        self.levels[level.level_id] = self.level = level
        self._verdict = None
        if level.state is LevelState.ARMED:
            self.armed = level
            self._break_at = level.price - self.contract.tick
            self._raised(self.past.highest_since(level.minute))
        elif self.armed is not None:
            self.armed = None
            self.moved = True
        return level

    def _judge(self) -> Choice | str:
        level = self.level
        if level is None:
            return "no_swing"
        if self.armed is None:
            return level.reason or level.state.value
        return qualify(self.contract, level, self.highest_since(level.minute), self.parameters)
