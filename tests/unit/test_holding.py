from datetime import timedelta

import pytest

from swingbreak.domain.orders import Side
from swingbreak.simulation.holding import Holding
from swingbreak.simulation.venue import VenueTrade
from tests.builders import CE, at

LOT = 65


def held(*trades: tuple[int, int]) -> Holding:
    """What lots at prices come to; lots below zero are sold."""
    holding = Holding(CE.symbol, "NRML")
    for number, (lots, price) in enumerate(trades):
        side = Side.BUY if lots > 0 else Side.SELL
        when = at(9) + timedelta(seconds=number)
        holding.take(
            VenueTrade(f"t{number}", f"o{number}", CE.symbol, side, abs(lots) * LOT, price, when)
        )
    return holding


@pytest.mark.parametrize(
    ("trades", "lots", "average", "realised", "open_pnl"),
    [
        pytest.param([], 0, 0, 0, 0, id="nothing"),
        pytest.param([(-2, 150_00)], -2, 150_00, 0, 100_00, id="short"),
        pytest.param([(-2, 150_00), (1, 140_00)], -1, 150_00, 10_00, 50_00, id="closed in part"),
        pytest.param([(-1, 150_00), (1, 140_00)], 0, 0, 10_00, 0, id="flat"),
        pytest.param([(-1, 150_00), (3, 140_00)], 2, 140_00, 10_00, -80_00, id="turned"),
        pytest.param([(1, 90_00), (1, 110_00)], 2, 100_00, 0, 0, id="at average cost"),
    ],
)
def test_at_average_cost(
    trades: list[tuple[int, int]], lots: int, average: int, realised: int, open_pnl: int
) -> None:
    holding = held(*trades)
    assert (holding.quantity, holding.average) == (lots * LOT, average)
    assert (holding.realised, holding.open_pnl(100_00)) == (realised * LOT, open_pnl * LOT)
