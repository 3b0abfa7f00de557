"""Bars read from history and bars built live, made one by minute.

Rules of this file:

1. A bar that was acted upon stays as it was. Else history's bar of a minute is better than ours,
   which may have begun in the middle of it.
2. The minute still forming is never taken from history: half of it is not a bar.
3. A row that repeats the close before it at no volume is how some vendors fill a minute without
   trades. It is no bar, for ticks make none of such a minute either.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from swingbreak.domain.market import Bar

__all__ = ["Merge", "merge", "missing", "volume_gap"]


@dataclass(frozen=True, slots=True)
class Merge:
    """What is known of one symbol's day.

    Attributes:
        bars: Every closed bar, oldest first, each minute once.
        fresh: Minutes among them that had not been acted upon, oldest first.
        refused: How many rows of history cannot belong to the day so far.
    """

    bars: tuple[Bar, ...]
    fresh: tuple[int, ...]
    refused: int


def merge(
    consumed: Sequence[Bar],
    loaded: Sequence[Bar],
    forming_minute: int,
    pending: Sequence[Bar] = (),
) -> Merge:
    """Return the day so far of one symbol.

    Args:
        consumed: Bars that were acted upon.
        loaded: Rows of history, in any order; of several of one minute the last counts.
        forming_minute: The minute that has not closed; the session's length once it is over.
        pending: Bars built live that have not been acted upon.
    """
    acted = {bar.minute for bar in consumed}
    known = {bar.minute: bar for bar in (*pending, *_trades(loaded, forming_minute), *consumed)}
    bars = tuple(known[minute] for minute in sorted(known))
    fresh = tuple(bar.minute for bar in bars if bar.minute not in acted)
    refused = sum(not 0 <= bar.minute <= forming_minute for bar in loaded)
    return Merge(bars, fresh, refused)


def missing(have: Iterable[Bar], loaded: Iterable[Bar], forming_minute: int) -> tuple[int, ...]:
    """Return the closed minutes in which history *loaded* reports a trade and *have* has none."""
    present = {bar.minute for bar in have}
    return tuple(bar.minute for bar in _trades(loaded, forming_minute) if bar.minute not in present)


def volume_gap(bars: Iterable[Bar], day_volume: int) -> int:
    """Return how many units of *day_volume* are in none of *bars*; negative if they hold more.

    A day volume of 0 is unknown and leaves no gap.
    """
    return day_volume - sum(bar.volume for bar in bars) if day_volume else 0


def _trades(rows: Iterable[Bar], forming_minute: int) -> Iterator[Bar]:
    """Yield the bars of closed minutes with a trade, oldest first, each minute once."""
    by_minute = {bar.minute: bar for bar in rows if 0 <= bar.minute < forming_minute}
    has_volumes = any(bar.volume for bar in by_minute.values())
    before = 0
    for _, bar in sorted(by_minute.items()):
        is_filler = bar.open == bar.high == bar.low == bar.close == before and not bar.volume
        if not (is_filler and has_volumes):
            yield bar
        before = bar.close
