"""The window of strikes whose options may be entered, and when it moves with the index; pure.

Rules of this file:

1. The first price that the index has in the session is the money: the window is centred on the
   strike nearest to it, whatever was thought before the open.
2. From then on it moves when the index is more than ``recentre_after`` strikes from its centre as a
   minute closes, and then to the strike nearest the index. The index has to go as far again to
   move it again, in either direction: going back and forth at one place moves it at most once.
3. A move takes effect ``LEAD`` minutes after it is announced. The strikes that come in are
   subscribed and their day is read meanwhile, so that on real money, on paper and in a backtest
   they may be entered from the same close on.
4. It stays whole: where the strikes that are known end, it stops.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.facts.contracts import nearest_place

__all__ = ["LEAD", "Journey", "Recentring", "Window", "journey", "strikes_around", "window_of"]

LEAD: Final = 2  # minutes


@dataclass(frozen=True, slots=True)
class Window:
    """Which strikes are followed, of those that are known.

    Attributes:
        strikes: All that are known, paise, ascending.
        centre: Where the window begins, paise; one of them.
        each_side: Strikes above and below the centre that belong to it.
        recentre_after: Strikes that the index may be away from the centre.
    """

    strikes: tuple[Paise, ...]
    centre: Paise
    each_side: int
    recentre_after: int

    def around(self, centre: Paise) -> frozenset[Paise]:
        """Return the strikes of the window at *centre*."""
        return strikes_around(self.strikes, centre, self.each_side)

    def nearest(self, spot: Paise) -> Paise:
        """Return the centre of the whole window that lies nearest *spot*; half-way, the higher.

        That is where it begins, where there are no strikes but those of one window.
        """
        last = len(self.strikes) - 1 - self.each_side
        if last <= self.each_side:
            return self.centre
        return self.strikes[min(max(nearest_place(self.strikes, spot), self.each_side), last)]

    def is_left(self, centre: Paise, spot: Paise) -> bool:
        """Whether the index at *spot* has gone too far from *centre*."""
        away = nearest_place(self.strikes, spot) - nearest_place(self.strikes, centre)
        return abs(away) > self.recentre_after


def strikes_around(strikes: Sequence[Paise], spot: Paise, each_side: int) -> frozenset[Paise]:
    """Return the strike nearest *spot* and *each_side* more either way, as far as there are.

    Args:
        strikes: Ascending, paise; at least one.
        spot: Paise; half-way between two strikes, the higher is the nearest.
        each_side: How many.
    """
    place = nearest_place(strikes, spot)
    return frozenset(strikes[max(0, place - each_side) : place + each_side + 1])


def window_of(
    strikes: Iterable[Paise], centre: Paise, each_side: int, recentre_after: int
) -> Window | None:
    """Return the window at *centre*; ``None`` where it can never move.

    Args:
        strikes: All that are known, paise.
        centre: Where it begins.
        each_side: Strikes above and below.
        recentre_after: As in :class:`Window`; 0 for never.
    """
    known = tuple(sorted(set(strikes)))
    if not recentre_after or len(known) <= 2 * each_side + 1:
        return None
    return Window(known, centre, each_side, recentre_after)


class Recentring:
    """A day's window as the index goes on. One writer: whoever closes the minutes.

    Args:
        window: Where it begins.
        centre: Where an earlier process of the day has left it; 0 where none has.

    Attributes:
        centre: Where it is, paise.
        coming: Where it will be soon; ``None`` while no move is announced.
        is_short: Whether it would have moved further, had there been more strikes.
    """

    def __init__(self, window: Window, centre: Paise = 0) -> None:
        self.window = window
        self.centre = centre or window.centre
        self.coming: Paise | None = None
        self.is_short = False
        self._is_open = bool(centre)
        self._due = 0
        self._prices: dict[int, tuple[Paise, Paise]] = {}  # first and last, by minute

    def tick(self, minute: int, price: Paise) -> None:
        """Learn a price of the index, of *minute* since the open."""
        if price > 0:
            first, _ = self._prices.get(minute, (price, price))
            self._prices[minute] = first, price

    def close(self, minute: int) -> Paise | None:
        """Close *minute*; return the centre that the window has from now on, if it is told one.

        The first time it is told even where it stays: from then on it is known.
        """
        moved = None
        if self.coming is not None and minute >= self._due:
            moved, self.coming = self.coming, None
            self.centre = moved
        prices = self._prices.pop(minute, None)
        for late in [each for each in self._prices if each < minute]:
            del self._prices[late]
        if prices is not None and self.coming is None:
            self._weigh(minute, *prices)
        return moved

    def _weigh(self, minute: int, first: Paise, last: Paise) -> None:
        if not self._is_open:
            self._is_open = True
            self.coming, self._due = self.window.nearest(first), minute + LEAD
        elif self.window.is_left(self.centre, last):
            target = self.window.nearest(last)
            self.is_short = self.is_short or self.window.is_left(target, last)
            if target != self.centre:
                self.coming, self._due = target, minute + LEAD


@dataclass(frozen=True, slots=True)
class Journey:
    """How a window moves on a day that is known.

    Attributes:
        moves: New centres by the minute with whose close they begin, in order.
        is_short: As of :class:`Recentring`.
    """

    moves: Mapping[int, Paise]
    is_short: bool


def journey(window: Window, prices: Iterable[tuple[int, Paise]], minutes: int) -> Journey:
    """Return how *window* moves on a day of *minutes*.

    Args:
        window: Where it begins.
        prices: Of the index with the minute of each, in order of time.
        minutes: Of the session.
    """
    known = tuple(each for each in prices if 0 <= each[0] < minutes)
    recentring, moves = Recentring(window), dict[int, Paise]()
    if _stays(window, [price for _, price in known]):
        return Journey(moves, is_short=False)
    centre, closed = window.centre, 0
    for minute, price in (*known, (minutes, 0)):
        while closed < minute:
            moved = recentring.close(closed)
            if moved is not None and moved != centre:
                centre = moves[closed] = moved
            closed += 1
        recentring.tick(minute, price)
    return Journey(moves, recentring.is_short)


def _stays(window: Window, prices: Sequence[Paise]) -> bool:
    # most days: no need to go through them minute by minute
    centre = window.centre
    return not prices or (
        window.nearest(prices[0]) == centre
        and not window.is_left(centre, min(prices))
        and not window.is_left(centre, max(prices))
    )
