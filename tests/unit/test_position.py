import pytest

from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.position import Trade
from tests.builders import at, position


def test_the_worked_example_of_the_strategy() -> None:
    short = position(price=20000)
    flat = short.buy(650, 650 * 18000)
    assert flat.quantity == 0
    assert flat.cash == 13_000_00
    assert short.pnl_at(18000) == 13_000_00


def test_a_part_bought_back_is_realised_and_the_rest_marked() -> None:
    part = position(price=20000).buy(260, 260 * 19000)
    assert part.quantity == -390
    assert part.pnl_at(20100) == 260 * 1000 - 390 * 100


def test_a_short_never_becomes_a_long() -> None:
    with pytest.raises(InvalidTransition, match=": bought 130 with 65 open: a long"):
        position(quantity=65).buy(130, 1)


def test_r_of_a_trade_is_net_over_planned_risk() -> None:
    trade = Trade(
        trade_id="o1",
        symbol="S",
        level="L",
        quantity=650,
        sold_value=650 * 20000,
        bought_value=650 * 18000,
        points=1000,
        stop=21000,
        charges=650_00,
        orders=2,
        opened_at=at(),
        closed_at=at(5),
        exit_reason="stop",
    )
    assert (trade.gross, trade.net) == (13_000_00, 12_350_00)
    assert trade.r == pytest.approx(1.9)
