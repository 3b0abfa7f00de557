"""Which of two feeds is listened to, and which of its ticks are news.

Rules of this file:

1. A feed is judged by its ticks of options, by one clock, and by nothing else: a connection may be
   mute, and an index ticks where options do not.
2. Whoever leads loses the lead by being silent while the other ticks, for as long as that; both
   silent is nobody's fault. The session is asked first: silence counts from its open.
3. The primary gets the lead back when it has ticked without such a silence for long, each time it
   lost it twice as long as before, up to sixteen times.
4. Who takes the lead may be behind: until it has caught up with what was passed on of a symbol, its
   ticks of that symbol are no news. One whose day volume stays lower counts from elsewhere and
   is let in when it has had time to catch up; one whose trades stay older is not.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from swingbreak.domain.market import Tick

__all__ = ["Lead", "Source", "Turn"]

_CATCH_UP: Final = timedelta(seconds=30)
_MOST_DOUBLINGS: Final = 4


class Source(StrEnum):
    """One of the two feeds."""

    PRIMARY = "primary"
    STANDBY = "standby"

    @property
    def other(self) -> "Source":
        """The other one."""
        return Source.STANDBY if self is Source.PRIMARY else Source.PRIMARY


class Turn(NamedTuple):
    """The lead has changed hands.

    Attributes:
        to: Who has it now.
        why: In words.
    """

    at: datetime
    to: Source
    why: str


class Lead:
    """Knows who leads.

    All times are of receipt but for those of trades, which ticks carry.

    Attributes:
        source: Who leads.
        turns: How often that has changed.

    Args:
        index: The symbol whose ticks prove nothing.
        since: When ticks are expected from: the later of the open and the beginning.
        silent_after_s: How long the leader may be silent while the other ticks.
        back_after_s: How long the primary has to tick before it leads again.
    """

    def __init__(
        self, index: str, since: datetime, *, silent_after_s: int, back_after_s: int
    ) -> None:
        self.source = Source.PRIMARY
        self.turns = 0
        self._index = index
        self._silent_after = timedelta(seconds=silent_after_s)
        self._back_after = timedelta(seconds=back_after_s)
        self._now = self._turned = since
        self._heard = dict.fromkeys(Source, since)
        self._steady = dict.fromkeys(Source, since)  # since when without a silence
        self._passed: dict[str, tuple[datetime, int]] = {}  # exchange time and day volume
        self._behind: set[str] = set()

    def hear(self, source: Source, at: datetime, tick: Tick) -> Turn | None:
        """Note that *source* brought *tick* at *at*; return the turn that this makes."""
        now = self._now = max(self._now, at)
        if tick.symbol == self._index:
            return None
        if now - self._heard[source] >= self._silent_after:
            self._steady[source] = now
        self._heard[source] = now
        why = "" if source is self.source else self._why(source, now)
        return self._turn(source, now, why) if why else None

    def is_news(self, source: Source, tick: Tick) -> bool:
        """Whether *tick*, heard just now, is to be passed on; it counts as passed on then."""
        if source is not self.source:
            return False
        symbol, at, _, volume, *_ = tick
        if symbol in self._behind:
            traded, counted = self._passed[symbol]
            # brokers tell times to the second, or to the millisecond
            if at.replace(microsecond=0) < traded.replace(microsecond=0):
                return False
            if 0 < volume < counted and self._now - self._turned < _CATCH_UP:
                return False
            self._behind.discard(symbol)
        self._passed[symbol] = at, volume or self._passed.get(symbol, (at, 0))[1]
        return True

    def silence(self, source: Source) -> timedelta:
        """Return for how long *source* has brought nothing that counts."""
        return self._now - self._heard[source]

    def _why(self, source: Source, now: datetime) -> str:
        """Return why *source*, which has just ticked, is to lead; empty where it is not."""
        leader = self.source
        steady = max(self._steady[source], self._turned)
        if now - max(self._heard[leader], steady) >= self._silent_after:
            seconds = self.silence(leader).total_seconds()
            return f"no tick of the {leader} for {seconds:.0f} s"
        if source is Source.PRIMARY and now - steady >= self._patience:
            return f"the primary has ticked for {(now - steady).total_seconds():.0f} s"
        return ""

    @property
    def _patience(self) -> timedelta:
        lost = (self.turns + 1) // 2  # who loses and gets it in turns
        return self._back_after * (1 << min(lost - 1, _MOST_DOUBLINGS))

    def _turn(self, source: Source, now: datetime, why: str) -> Turn:
        self.source = source
        self.turns += 1
        self._turned = now
        self._behind = set(self._passed)
        return Turn(now, source, why)
