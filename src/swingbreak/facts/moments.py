"""What lies ahead in a trading day, and how many minutes away it is."""

from datetime import date, datetime, time
from typing import NamedTuple

from swingbreak.domain.session import MINUTE, Session
from swingbreak.facts.order_rules import CutOff

__all__ = ["Moment", "moments_of"]


class Moment(NamedTuple):
    """An instant that matters.

    Attributes:
        at: When, aware.
        name: ``open``, ``index stands``, ``index moves``, ``cut-off zerodha``, ``expiry``,
            ``close``.
    """

    at: datetime
    name: str

    def minutes_from(self, now: datetime) -> int:
        """Return the whole minutes that are left, rounded down; negative once it is past."""
        return (self.at - now) // MINUTE


def moments_of(
    session: Session,
    *,
    index_stands: tuple[time, time] | None = None,
    cut_offs: tuple[CutOff, ...] = (),
    expiry: date | None = None,
) -> tuple[Moment, ...]:
    """Return the moments of the day in order of time; *expiry* counts where it is that day."""
    found = [Moment(session.opens, "open"), Moment(session.closes, "close")]
    if index_stands is not None:
        begins, ends = map(session.at, index_stands)
        found += [Moment(begins, "index stands"), Moment(ends, "index moves")]
    found += [Moment(session.at(one.at), f"cut-off {one.broker}") for one in cut_offs]
    if expiry == session.day:
        found.append(Moment(session.closes, "expiry"))
    return tuple(sorted(found))
