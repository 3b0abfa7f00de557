"""Whether data flows, judged by ticks and by nothing else.

Rules of this file:

1. The session is asked first: before the open and after the close nothing is stale, and silence
   counts from the open at the earliest.
2. No tick is no evidence of health: a symbol that was subscribed and never ticked has a deadline.
3. Who has been called stale stays so until it ticks, watched or not: an entry that is withdrawn for
   it would else be wanted again at once.
4. A tick costs two writes; the symbols are gone through only when somebody asks.
"""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from swingbreak.domain.session import Session

__all__ = ["FeedHealth"]


class FeedHealth:
    """Knows how long each symbol, and the feed as a whole, has been silent.

    All times are of receipt: the last trade of a quiet symbol may be old and its feed in order.
    """

    def __init__(self, session: Session, stale_after_s: int, feed_stale_after_s: int) -> None:
        self._session = session
        self._stale_after = timedelta(seconds=stale_after_s)
        self._feed_stale_after = timedelta(seconds=feed_stale_after_s)
        self._feed: datetime | None = None
        self._expected: dict[str, datetime] = {}
        self._ticked: dict[str, datetime] = {}
        self._stale: dict[str, datetime] = {}  # last heard, of those called stale

    def subscribe(self, symbols: Iterable[str], at: datetime) -> None:
        """Expect ticks of *symbols* from *at* on; a symbol expected already is left as it is."""
        for symbol in symbols:
            self._expected.setdefault(symbol, at)
        if self._feed is None:
            self._feed = at

    def drop(self, symbols: Iterable[str]) -> None:
        """Expect nothing of *symbols* any more."""
        for symbol in symbols:
            for known in (self._expected, self._ticked, self._stale):
                known.pop(symbol, None)

    def seen(self, symbol: str, at: datetime) -> None:
        """Note that a tick of *symbol*, quote or trade, was received at *at*."""
        self._ticked[symbol] = at
        self._feed = at

    def heard(self) -> dict[str, datetime | None]:
        """Return when each symbol last ticked; ``None`` for one that is expected and never did."""
        return dict.fromkeys(self._expected) | self._ticked

    def held(self, at: datetime, watched: Container[str]) -> dict[str, str]:
        """Return the symbols not to be entered at *at*, and why.

        ``feed_stale`` names every symbol; ``no_tick`` those that were subscribed for as long as a
        symbol may be silent and never ticked; ``stale`` those that fell silent while in *watched*.
        """
        if self._feed is None or not self._session.is_open(at):
            return {}
        last_heard = self._expected | self._ticked
        if self._is_silent(self._feed, at, self._feed_stale_after):
            return dict.fromkeys(last_heard, "feed_stale")
        reasons: dict[str, str] = {}
        for symbol, heard in last_heard.items():
            if symbol not in self._ticked:
                reason = "no_tick"
            elif symbol in watched or self._stale.get(symbol) == heard:
                reason = "stale"
            else:
                continue
            if self._is_silent(heard, at, self._stale_after):
                reasons[symbol] = reason
                self._stale[symbol] = heard
        return reasons

    def _is_silent(self, heard: datetime, at: datetime, limit: timedelta) -> bool:
        return at - max(heard, self._session.opens) >= limit
