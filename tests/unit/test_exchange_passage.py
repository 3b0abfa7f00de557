"""Rule 19: what stops trade at on a day that is known by its bars."""

import pytest

from swingbreak.domain.orders import Side
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.venue import NewOrder, PriceType, VenueStatus, Way
from tests.bar_days import SPREADS
from tests.builders import CE, SESSION, at, tick

STOP = NewOrder(CE.symbol, Side.SELL, 650, PriceType.SL, 171_95, 174_95)


def exchange(model: FillModel) -> Exchange:
    passage = Passage(model, SESSION, SPREADS)
    made = Exchange([CE], SESSION, ExchangeRules(passage=passage))
    made.on_tick(tick(180_00, 3, 0))
    made.submit(at(3, 1), STOP)
    return made


@pytest.mark.parametrize(
    ("model", "price"),
    [
        (FillModel.PESSIMISTIC, 171_95),
        (FillModel.CALIBRATED, 174_60),
        (FillModel.OPTIMISTIC, 174_95),
    ],
)
def test_a_stop_that_is_passed_trades_on_the_way(model: FillModel, price: int) -> None:
    made = exchange(model)
    released, filled = made.on_tick(tick(165_00, 3, 20))
    assert (released.order.status, released.order.filled) == (VenueStatus.OPEN, 0)
    assert (filled.order.status, filled.order.filled) == (VenueStatus.COMPLETE, 650)
    (trade,) = made.trades()
    assert (trade.price, trade.quantity, trade.way) == (price, 650, Way.PASSED)
    assert (trade.trigger, trade.limit, trade.reached) == (174_95, 171_95, 165_00)


def test_a_stop_that_a_jump_sets_off_takes_what_is_there() -> None:
    made = exchange(FillModel.OPTIMISTIC)
    made.on_tick(tick(173_00, 4, 0))
    (trade,) = made.trades()
    assert (trade.price, trade.way, trade.reached) == (173_00, Way.BOOK, 173_00)


def test_a_stop_that_a_jump_leaves_behind_rests_and_is_met_at_its_limit() -> None:
    made = exchange(FillModel.PESSIMISTIC)
    made.on_tick(tick(170_00, 4, 0))
    assert made.trades() == ()
    made.on_tick(tick(173_00, 4, 20))
    (trade,) = made.trades()
    assert (trade.price, trade.way, trade.reached) == (171_95, Way.RESTED, 0)
