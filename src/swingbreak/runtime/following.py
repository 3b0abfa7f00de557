"""Which symbols a running day follows, as its window of strikes moves."""

from collections.abc import Set as AbstractSet

from swingbreak.domain.money import Paise
from swingbreak.engine.engine import Engine
from swingbreak.market.window import Recentring, Window

__all__ = ["Following"]


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
            strikes = where.window.around(where.centre)
            if where.coming is not None:
                strikes |= where.window.around(where.coming)
            contracts = self._engine.contracts.values()
            self._near = frozenset(each.symbol for each in contracts if each.strike in strikes)
        return self._near
