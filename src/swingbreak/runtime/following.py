"""Which symbols a running day follows, as its window of strikes moves."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.market.window import Recentring, Window

__all__ = ["Following", "Widening"]


class Following:
    """The window, what it moves to, and whatever has a position, a live order or a trade today.

    Args:
        engine: Whose orders, positions and trades.
        window: Where it began.
        spot: Symbol of the index.

    Attributes:
        spot: Symbol of the index.
        recentring: Where the window is; as the day's ledger has it once the day has begun.
    """

    def __init__(self, engine: Engine, window: Window, spot: str) -> None:
        self.spot = spot
        self.recentring = Recentring(window)
        self._engine = engine
        self._seen: tuple[Paise, Paise | None] = (0, None)
        self._near: frozenset[str] = frozenset()

    def begin(self) -> AbstractSet[str]:
        """Begin where an earlier process of the day has left off; return what is to be followed."""
        self.recentring = Recentring(self.recentring.window, self._engine.state.centre)
        return self.symbols()

    def symbols(self) -> AbstractSet[str]:
        """Return what is to be followed now."""
        state = self._engine.state
        traded = {trade.symbol for trade in state.holdings.trades.values()}
        return self._around() | traded | self._engine.pinned()

    def _around(self) -> frozenset[str]:
        where = self.recentring
        if self._seen != (where.centre, where.coming):
            self._seen = where.centre, where.coming
            self._near = _near(where, self._engine.contracts.values())
        return self._near


class Widening:
    """What a recording follows: the window, what it moves to, and wherever it has been today.

    Args:
        window: Where it began.
        contracts: All that it may come to.
        session: Hours.
        grace_ms: How long after its end a minute closes.

    Attributes:
        recentring: Where the window is.
        symbols: What has been followed since it began; it only grows.
    """

    def __init__(
        self, window: Window, contracts: Iterable[OptionContract], session: Session, grace_ms: int
    ) -> None:
        self.recentring = Recentring(window)
        self._contracts = tuple(contracts)
        self._session = session
        self._grace = timedelta(milliseconds=grace_ms)
        self._minute = 0  # the next one to close
        self.symbols = _near(self.recentring, self._contracts)

    def begin(self, earlier: Iterable[tuple[datetime, Paise]], now: datetime) -> frozenset[str]:
        """Begin at *now*, where the *earlier* prices of the index have left the window.

        Returns:
            What is to be followed.
        """
        for at, price in earlier:
            self.advance(at)
            self.tick(at, price)
        self.advance(now)
        self.symbols = _near(self.recentring, self._contracts)
        return self.symbols

    def tick(self, at: datetime, price: Paise) -> None:
        """Learn a *price* of the index at *at*."""
        self.recentring.tick(self._session.minute_of(at), price)

    def advance(self, now: datetime) -> frozenset[str]:
        """Let time pass to *now*; return the symbols that have come."""
        session, before = self._session, self.symbols
        while (
            self._minute < session.minutes
            and session.start_of(self._minute + 1) + self._grace <= now
        ):
            self.recentring.close(self._minute)
            self._minute += 1
            self.symbols |= _near(self.recentring, self._contracts)
        return self.symbols - before


def _near(where: Recentring, contracts: Iterable[OptionContract]) -> frozenset[str]:
    strikes = where.window.around(where.centre)
    if where.coming is not None:
        strikes |= where.window.around(where.coming)
    return frozenset(each.symbol for each in contracts if each.strike in strikes)
