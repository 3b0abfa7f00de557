"""The fills behind each trade: their price, that of other fill models, and what is doubtful.

Rules of this file:

1. A trade's fills are those of its symbol from flat to flat, in the order of the trade book.
2. Under another model the same orders fill at the same moments; only the price is that model's.
3. Ambiguous is a trade whose outcome hangs on which extreme of a bar came first: entered and
   stopped within one bar; entered in a bar that reached the stop it was sized with, and kept;
   stopped, or closed by a daily limit, in a bar that reached both its stop and the day's target.
   The stake is what the other order would have changed, before charges.
   A minute in which nothing of the contract traded hides nothing.
4. What an entry that was stopped in its bar would have become: the stop over that bar's high, or
   the force-exit, whichever the later bars reach first. Other trades are left as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Trade
from swingbreak.domain.session import Session
from swingbreak.simulation.fills import Passage
from swingbreak.simulation.track import Track
from swingbreak.simulation.venue import VenueTrade, Way

__all__ = ["Trip", "ambiguity", "slippage", "trips_of"]

_MS = timedelta(milliseconds=1)
_STOPPED = frozenset({"stop", "stop_gapped"})
_DAY_LIMITS = frozenset({"daily_target", "daily_stop"})


@dataclass(frozen=True, slots=True)
class Trip:
    """A trade and its fills, in order.

    Attributes:
        trade: As the engine closed it.
        fills: Rows of the venue's trade book.
    """

    trade: Trade
    fills: tuple[VenueTrade, ...]

    def values(self, track: Track, passage: Passage) -> tuple[Paise, Paise]:
        """Return what its units would have been sold and bought for under *passage*, paise."""
        value = {Side.SELL: 0, Side.BUY: 0}
        for fill in self.fills:
            value[fill.side] += fill.quantity * _repriced(fill, track, passage)
        return value[Side.SELL], value[Side.BUY]

    @property
    def entry(self) -> VenueTrade:
        """The fill that opened it."""
        return self.fills[0]

    @property
    def last(self) -> VenueTrade:
        """The fill that closed it."""
        return self.fills[-1]


def trips_of(fills: Iterable[VenueTrade], trades: Iterable[Trade]) -> list[Trip]:
    """Return *trades* in their order with the *fills* of each."""
    closed: dict[str, list[tuple[VenueTrade, ...]]] = {}
    running: dict[str, list[VenueTrade]] = {}
    open_units: dict[str, int] = {}
    for fill in fills:
        symbol = fill.symbol
        signed = fill.quantity if fill.side is Side.SELL else -fill.quantity
        running.setdefault(symbol, []).append(fill)
        open_units[symbol] = open_units.get(symbol, 0) + signed
        if not open_units[symbol]:
            closed.setdefault(symbol, []).append(tuple(running.pop(symbol)))
    found = {symbol: iter(groups) for symbol, groups in closed.items()}
    return [Trip(trade, next(found[trade.symbol])) for trade in trades]


def slippage(trip: Trip) -> Paise:
    """Return what the fills cost against the triggers of their orders, paise.

    An exit that was sent without a trigger because its stop was gapped is measured against that
    stop; any other has none to be measured against.
    """
    cost = 0
    for fill in trip.fills:
        trigger = fill.trigger
        if not trigger and fill.side is Side.BUY and trip.trade.exit_reason in _STOPPED:
            trigger = trip.trade.stop
        if trigger:
            worse = trigger - fill.price if fill.side is Side.SELL else fill.price - trigger
            cost += worse * fill.quantity
    return cost


def ambiguity(
    trip: Trip,
    track: Track,
    session: Session,
    parameters: Parameters,
    curve: Sequence[tuple[datetime, Paise]],
) -> Paise:
    """Return what hangs on the order of prices within a bar of *trip*, paise; 0 where nothing.

    Args:
        trip: A closed trade.
        track: Its contract's bars.
        session: Of the day.
        parameters: Of the run.
        curve: The day's net P&L by time.
    """
    first, last = (session.minute_of(fill.at) for fill in (trip.entry, trip.last))
    began, ended = track.row(first), track.row(last)
    # what is set off by the first price of a bar has all of the bar behind it
    inside = began >= 0 and trip.entry.at > session.start_of(first)
    if first == last and trip.trade.exit_reason in _STOPPED:
        return abs(_survival(trip, track, session, parameters, began)) if inside else 0
    found: list[Paise] = []
    offset = parameters.entry_offset_ticks * track.contract.tick
    planned = trip.entry.trigger + offset + trip.trade.points
    if inside and first != last and track.high[began] >= planned:
        found.append(_difference(trip, planned))
    if trip.last.at > session.start_of(last):
        found.extend(_at_the_end(trip, track, ended, parameters, _before(curve, session, last)))
    return max(map(abs, found), default=0)


def _at_the_end(
    trip: Trip, track: Track, row: int, parameters: Parameters, net: Paise
) -> Iterator[Paise]:
    if row < 1 or trip.trade.exit_reason not in _STOPPED | _DAY_LIMITS:
        return
    target = parameters.daily_target_r * parameters.r_value
    fall = track.close[row - 1] - track.low[row]
    reaches_target = net + fall * trip.trade.quantity >= target
    reaches_stop = track.high[row] >= trip.trade.stop
    if not (reaches_target and reaches_stop):
        return
    stopped = trip.trade.exit_reason in _STOPPED
    yield _difference(trip, track.low[row] if stopped else trip.trade.stop)


def _survival(
    trip: Trip, track: Track, session: Session, parameters: Parameters, row: int
) -> Paise:
    stop = track.high[row] + parameters.stop_buffer
    ends = session.minute_of(session.at(parameters.force_exit))
    for later in range(row + 1, len(track.minutes)):
        if track.minutes[later] >= ends:
            return _difference(trip, track.open[later])
        if track.high[later] >= stop:
            return _difference(trip, max(stop, track.open[later]))
    return _difference(trip, track.close[-1])


def _difference(trip: Trip, exit_price: Paise) -> Paise:
    return trip.trade.bought_value - exit_price * trip.trade.quantity


def _before(curve: Sequence[tuple[datetime, Paise]], session: Session, minute: int) -> Paise:
    """Return the day's net P&L as *minute* began, paise."""
    starts = session.start_of(minute)
    return next((net for at, net in reversed(curve) if at <= starts), 0)


def _repriced(fill: VenueTrade, track: Track, passage: Passage) -> Paise:
    if fill.way is Way.RESTED:
        return fill.price
    if fill.way is Way.PASSED:
        return passage.set_off(fill.side, fill.trigger, fill.limit, fill.reached)
    row = track.row_at((fill.at - passage.session.opens) // _MS)
    bid, ask = passage.quote(fill.reached, track.low[row], track.high[row])
    return min(ask, fill.limit) if fill.side is Side.BUY else max(bid, fill.limit)
