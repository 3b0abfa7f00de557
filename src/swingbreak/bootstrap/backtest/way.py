"""Which contracts of a stored day are followed, and when."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.facts.contracts import nearest_strike
from swingbreak.market.window import Window, journey, strikes_around
from swingbreak.settings import Settings
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.track import MINUTE_MS

__all__ = ["Followed", "Way", "followed_of", "index_of", "way_of"]

_SHORT: Final = (
    "the index went further than the stored strikes reach: the window of strikes stayed behind it"
)


@dataclass(frozen=True, slots=True)
class Followed:
    """What is traded on each day, and what it costs beside the facts.

    Attributes:
        strikes_each_side: Of the money, as it stood when the day opened.
        expiry: Of the contracts; ``None`` for the nearest that is stored.
        atm: Strike in the middle, paise; ``None`` for the one nearest the index.
        brokerage: Per order that trades, paise.
        headroom_bp: What must be free beyond an entry's margin, basis points of it.
        grace_ms: How long after its end a minute closes.
        recentre_after: As of a :class:`Window`; 0 for one that never moves.
    """

    strikes_each_side: int
    expiry: date | None
    atm: Paise | None
    brokerage: Paise
    headroom_bp: int
    grace_ms: int
    recentre_after: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """What is followed in the course of a day.

    Attributes:
        contracts: All that are, in the order of the day's.
        window: Which of these are at first; ``None`` for all, all day.
        moves: Its new centres, paise, by the minute with whose close they begin.
        notes: What a reader must know.
    """

    contracts: tuple[OptionContract, ...]
    window: Window | None = None
    moves: Mapping[int, Paise] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def followed_of(settings: Settings) -> Followed:
    """Return what of a day is made ready for *settings*."""
    return Followed(
        strikes_each_side=settings.strikes_each_side,
        expiry=settings.expiry,
        atm=settings.atm,
        recentre_after=settings.recentre_after,
        brokerage=settings.brokerage,
        headroom_bp=settings.margin_headroom_bp,
        grace_ms=settings.parameters.bar_grace_ms,
    )


def way_of(
    followed: Followed,
    contracts: Sequence[OptionContract],
    spot: Paise,
    index: Callable[[], Iterable[tuple[int, Paise]]],
    session: Session,
) -> Way:
    """Return what is followed of *contracts*, as the live program chooses it.

    Args:
        followed: What is wanted.
        contracts: All that are stored.
        spot: The index before the open, paise.
        index: Its prices with the minute of each, in order of time.
        session: Hours.
    """
    strikes = sorted({contract.strike for contract in contracts})
    side, after = followed.strikes_each_side, followed.recentre_after
    kept = strikes_around(strikes, followed.atm or spot, side)
    if followed.atm is not None or not after:
        return Way(tuple(each for each in contracts if each.strike in kept))
    window = Window(tuple(strikes), nearest_strike(strikes, spot), side, after)
    found = journey(window, index(), session.minutes)
    kept = kept.union(*map(window.around, found.moves.values()))
    return Way(
        contracts=tuple(each for each in contracts if each.strike in kept),
        window=window if found.moves else None,
        moves=found.moves,
        notes=(_SHORT,) if found.is_short else (),
    )


def index_of(tape: ArrayTape) -> Iterator[tuple[int, Paise]]:
    """Yield the prices of the index on *tape* with the minute of each, in order of time."""
    spot, columns = tape.symbols.index(tape.spot_symbol), tape.columns
    for symbol, ms, price in zip(columns.symbol, columns.time_ms, columns.price, strict=True):
        if symbol == spot:
            yield ms // MINUTE_MS, price
