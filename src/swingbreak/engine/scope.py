"""Which symbols' orders and positions in the account are ours to deal with."""

from collections.abc import Mapping

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.engine.state import State
from swingbreak.market.window import Window

__all__ = ["Scope"]


class Scope:
    """The symbols whose strike is in the window now, and those in which we have sent an order.

    Args:
        state: Knows where the window is, and our orders and positions.
        contracts: All that may come to be followed.
        window: Where it began; ``None`` where all of *contracts* are followed.
    """

    def __init__(
        self, state: State, contracts: Mapping[str, OptionContract], window: Window | None
    ) -> None:
        self._state = state
        self._contracts = contracts
        self._window = window
        self._outside: dict[str, str] = {}
        self._centre = -1  # the one that they are outside of

    @property
    def centre(self) -> int:
        """Where the window is now, paise; 0 where there is none."""
        return self._state.centre or (self._window.centre if self._window is not None else 0)

    def strikes(self) -> frozenset[Paise]:
        """Return the strikes in the window now, paise; all where there is none."""
        if self._window is not None:
            return self._window.around(self.centre)
        return frozenset(contract.strike for contract in self._contracts.values())

    def outside(self) -> dict[str, str]:
        """Return the reason ``outside`` for every symbol that is not in the window."""
        if self._window is not None and self._centre != self.centre:
            self._centre = self.centre
            strikes = self.strikes()
            contracts = self._contracts.items()
            self._outside = {s: "outside" for s, each in contracts if each.strike not in strikes}
        return self._outside

    def __contains__(self, symbol: object) -> bool:
        if symbol not in self._contracts:
            return False
        if symbol not in self.outside():
            return True
        state = self._state
        return symbol in state.holdings.positions or any(
            order.intent.symbol == symbol for order in state.book.orders.values()
        )
