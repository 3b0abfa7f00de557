"""Differences between the account and our books, and a bench that sees them under a policy."""

from dataclasses import replace

from swingbreak.domain.account import ForeignOrder, HandTrades, PositionDiffers
from swingbreak.domain.parameters import Foreign
from tests.builders import CE
from tests.engine_bench import PARAMETERS, Bench, resting

FLAT = PositionDiffers(
    CE.symbol, -650, 0, HandTrades(bought=650, bought_value=650 * 180_00), is_explained=True
)
LESS = PositionDiffers(
    CE.symbol, -650, -585, HandTrades(bought=65, bought_value=65 * 180_00), is_explained=True
)
MORE = PositionDiffers(
    CE.symbol, -650, -715, HandTrades(sold=65, sold_value=65 * 170_00), is_explained=True
)
NEW = PositionDiffers(
    CE.symbol, 0, -65, HandTrades(sold=65, sold_value=65 * 170_00), is_explained=True
)
LONG = PositionDiffers(CE.symbol, 0, 65)
STRANGER = ForeignOrder(CE.symbol, "x1", buys=False, quantity=65)


def by(policy: Foreign) -> Bench:
    """A free bench with this policy and a price known, its entry ``o1`` in the market."""
    bench = resting(replace(PARAMETERS, foreign=policy))
    bench.tick(183_00, ask=183_10)
    return bench


def told(bench: Bench) -> list[str]:
    return [tell.kind for tell in bench.told if tell.kind.startswith("account.")]
