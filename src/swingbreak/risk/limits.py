"""The position limits, each counting what is open and what may still open.

Source of the numbers: the strategy's own document; they are settings.
"""

from collections.abc import Mapping, Sequence

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.parameters import Parameters
from swingbreak.risk.gate import Exposure, Rule

__all__ = ["limits"]


def limits(parameters: Parameters, contracts: Mapping[str, OptionContract]) -> Sequence[Rule]:
    """Return the rules on how many positions there may be, and how large one order."""

    def one_per_symbol(intent: OrderIntent, exposure: Exposure) -> str:
        # the rest of an entry that has begun to fill is the position's own, not a second one
        begun = exposure.positions.get(intent.symbol)
        if begun is not None and begun.level != intent.level:
            return f"{intent.symbol} is already held"
        return ""

    def max_positions(intent: OrderIntent, exposure: Exposure) -> str:
        taken = len(exposure.symbols - {intent.symbol})
        return _full(taken, parameters.max_positions, "positions")

    def max_per_right(intent: OrderIntent, exposure: Exposure) -> str:
        right = contracts[intent.symbol].right
        others = exposure.symbols - {intent.symbol}
        taken = sum(contracts[symbol].right is right for symbol in others)
        return _full(taken, parameters.max_per_right, f"{right} positions")

    def freeze(intent: OrderIntent, _exposure: Exposure) -> str:
        # larger entries come in slices: this is for what cannot be cut, a lot above the freeze
        most = contracts[intent.symbol].freeze
        if intent.quantity > most:
            return f"{intent.quantity} units are above the freeze quantity {most}"
        return ""

    return (
        ("one_per_symbol", one_per_symbol),
        ("max_positions", max_positions),
        ("max_per_right", max_per_right),
        ("freeze", freeze),
    )


def _full(taken: int, most: int, what: str) -> str:
    return f"{taken} of {most} {what} taken" if taken >= most else ""
