"""Levels: confirmed swing lows that may be sold under, and what becomes of each.

Rules of this file:

1. Every change of a level's state is in ``TRANSITIONS`` below, and nowhere else.
2. A state belongs to a level, never to its symbol: a later swing is a new level.
3. An id is made of market facts alone, so a restart or a replay makes the same one.
"""

from enum import StrEnum
from typing import NamedTuple

from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.money import Paise
from swingbreak.market.swings import Swing

__all__ = ["TRANSITIONS", "Level", "LevelState", "facts_of_id", "symbol_of"]


class LevelState(StrEnum):
    """Where a level is in its life."""

    ARMED = "armed"
    BROKEN = "broken"
    SUPERSEDED = "superseded"
    FILLED = "filled"
    EXPIRED = "expired"
    REJECTED = "rejected"


_S = LevelState

# An order outlives the level it rests on until its cancel is confirmed, so a fill may find the
# level in any state but FILLED.
TRANSITIONS: dict[LevelState, frozenset[LevelState]] = {
    _S.ARMED: frozenset({_S.BROKEN, _S.SUPERSEDED, _S.FILLED, _S.EXPIRED}),
    _S.BROKEN: frozenset({_S.FILLED}),
    _S.SUPERSEDED: frozenset({_S.FILLED}),
    _S.EXPIRED: frozenset({_S.FILLED}),
    _S.REJECTED: frozenset({_S.FILLED}),  # a reload corrected the VWAP under a resting order
    _S.FILLED: frozenset(),
}


# A named tuple, as bars are: a tenth of them makes one.
class Level(NamedTuple):
    """A confirmed swing low of one symbol.

    Attributes:
        level_id: Symbol, confirming minute, swing minute and price.
        symbol: The instrument.
        price: The swing low, paise.
        minute: Minute of the swing bar.
        vwap: Session VWAP the static filter judges by, as numerator and denominator, paise.
        confirmed_minute: Minute of the bar whose close confirmed the swing.
        state: Where it is in its life.
        reason: Why the static filter rejected it; empty when it did not.
    """

    level_id: str
    symbol: str
    price: Paise
    minute: int
    vwap: tuple[int, int]
    confirmed_minute: int
    state: LevelState
    reason: str = ""

    @classmethod
    def of(cls, symbol: str, swing: Swing, confirmed_minute: int, reason: str) -> "Level":
        """Return the level of *swing*: armed, or rejected for *reason* where there is one."""
        return cls(
            f"{symbol}@{confirmed_minute}:{swing.minute}:{swing.price}",
            symbol,
            swing.price,
            swing.minute,
            swing.vwap,
            confirmed_minute,
            LevelState.REJECTED if reason else LevelState.ARMED,
            reason,
        )

    def become(self, state: LevelState) -> "Level":
        """Return the level in its next state.

        Raises:
            InvalidTransition: It cannot get there from where it is.
        """
        if state not in TRANSITIONS[self.state]:
            raise InvalidTransition(f"{self.level_id}: {state} while {self.state}")
        return self._replace(state=state)


def symbol_of(level_id: str) -> str:
    """Return the symbol of the level with this id."""
    return level_id.partition("@")[0]


def facts_of_id(level_id: str) -> tuple[int, int, Paise] | None:
    """Return confirming minute, swing minute and price of the level with this id.

    ``None`` where it is no id of ours: a position made by hand has none.
    """
    parts = level_id.partition("@")[2].split(":")
    if len(parts) != len(("confirmed", "swing", "price")) or not all(map(str.isdecimal, parts)):
        return None
    confirmed, swing, price = map(int, parts)
    return confirmed, swing, price
