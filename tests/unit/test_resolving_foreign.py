"""What the engine does, by policy, about what others sold in the account."""

from dataclasses import replace

import pytest

from swingbreak.domain.account import (
    Discrepancy,
    ForeignPosition,
    HandTrades,
    OrderMissing,
    PositionDiffers,
)
from swingbreak.domain.commands import (
    AdoptPosition,
    CancelOrder,
    CancelStray,
    ReplaceOrder,
    SubmitOrder,
)
from swingbreak.domain.parameters import Foreign
from tests.builders import CE, PE
from tests.discrepancies import LONG, MORE, NEW, STRANGER, by, told
from tests.engine_bench import CE_ENTRY, PARAMETERS, Bench, armed, protected


@pytest.mark.parametrize("seen", [NEW, LONG, STRANGER, OrderMissing(CE.symbol, "o9")])
def test_reported_and_left_alone_but_nothing_is_entered_there(seen: Discrepancy) -> None:
    bench = by(Foreign.REPORT)
    acts = bench.see(seen)
    assert [type(act) for act in acts] == [CancelOrder]
    bench.canceled("o1")
    assert CE.symbol in bench.engine.view.barred()
    bench.tick(183_00)
    assert bench.live(CE_ENTRY) is None
    assert len(told(bench)) == 1
    bench.see(seen)
    assert len(told(bench)) == 1, "once"
    (again,) = bench.see()
    assert isinstance(again, SubmitOrder)
    assert told(bench)[-1] == "account.agrees"


def test_reported_what_was_sold_on_top_of_ours_and_our_stop_stays() -> None:
    bench = protected()
    assert bench.see(MORE) == []
    assert bench.engine.view.barred()[CE.symbol] == "position"
    assert told(bench) == ["account.position_differs"]


def test_adopted_with_a_stop_at_the_usual_distance() -> None:
    bench = by(Foreign.ADOPT)
    acts = bench.see(NEW)
    assert acts[0] == AdoptPosition(
        at=bench.now,
        trade_id="hand1",
        symbol=CE.symbol,
        quantity=65,
        value=65 * 170_00,
        points=10_00,
        stop=180_00,
        leaves=False,
    )
    assert {type(act) for act in acts[1:]} == {SubmitOrder, CancelOrder}  # a stop, no entry
    position = bench.position()
    assert position is not None
    assert (position.quantity, position.points) == (-65, 10_00)
    assert bench.engine.account().open != 0
    assert told(bench) == ["account.position_differs", "account.adopted"]
    assert bench.told[-1].detail == "65 sold by somebody else at 170.00"


@pytest.mark.parametrize(
    ("price", "points"),
    [
        pytest.param(20_00, 2_00, id="cheap: at most ten percent"),
        pytest.param(150_00, 10_00, id="ten rupees"),
        pytest.param(700_00, 14_00, id="dear: at least two percent"),
        pytest.param(33_33, 3_35, id="on a tick"),
    ],
)
def test_the_stop_of_an_adopted_short(price: int, points: int) -> None:
    bench = armed(CE, PE, parameters=replace(PARAMETERS, foreign=Foreign.ADOPT))
    trades = HandTrades(sold=65, sold_value=65 * price)
    acts = bench.see(PositionDiffers(PE.symbol, 0, -65, trades, is_explained=True))
    (adopted,) = [act for act in acts if isinstance(act, AdoptPosition)]
    assert adopted.points == points
    assert adopted.stop >= price + points
    assert adopted.stop % 5 == 0


def test_an_adopted_short_gets_its_stop_with_the_same_event() -> None:
    bench = armed(CE, PE, parameters=replace(PARAMETERS, foreign=Foreign.ADOPT))
    bench.tick(160_00, symbol=PE.symbol, ask=160_10)
    trades = HandTrades(sold=65, sold_value=65 * 160_00)
    acts = bench.see(PositionDiffers(PE.symbol, 0, -65, trades, is_explained=True))
    (stop,) = [a for a in acts if isinstance(a, SubmitOrder) and a.intent.symbol == PE.symbol]
    assert (stop.intent.quantity, stop.intent.trigger, stop.intent.reason) == (65, 170_00, "stop")


def test_adopted_on_top_of_ours_the_stop_grows() -> None:
    bench = protected(parameters=replace(PARAMETERS, foreign=Foreign.ADOPT))
    acts = bench.see(MORE)
    change = acts[1]
    assert isinstance(change, ReplaceOrder)
    assert change.intent.quantity == 715
    position = bench.position()
    assert position is not None
    assert (position.stop, position.orders) == (185_00, 2)


def test_what_is_adopted_next_is_counted_without_what_is_adopted_already() -> None:
    bench = by(Foreign.ADOPT)
    bench.see(NEW)
    trades = HandTrades(sold=195, sold_value=65 * 170_00 + 130 * 160_00)
    acts = bench.see(PositionDiffers(CE.symbol, -65, -195, trades, is_explained=True))
    adopted = acts[0]
    assert isinstance(adopted, AdoptPosition)
    assert (adopted.trade_id, adopted.quantity, adopted.value) == ("hand2", 130, 130 * 160_00)


def test_nothing_is_adopted_before_a_price_is_known() -> None:
    bench = armed(CE, PE, parameters=replace(PARAMETERS, foreign=Foreign.ADOPT))
    fresh = Bench(CE, PE, parameters=bench.parameters)
    bare = PositionDiffers(PE.symbol, 0, -65)
    assert fresh.see(bare) == []
    assert fresh.engine.view.barred()[PE.symbol] == "foreign_position"


def test_flattened_at_once() -> None:
    bench = armed(CE, PE, parameters=replace(PARAMETERS, foreign=Foreign.FLATTEN))
    bench.tick(160_00, symbol=PE.symbol, ask=160_10)
    trades = HandTrades(sold=65, sold_value=65 * 160_00)
    acts = bench.see(PositionDiffers(PE.symbol, 0, -65, trades, is_explained=True))
    (exit_,) = [a for a in acts if isinstance(a, SubmitOrder) and a.intent.symbol == PE.symbol]
    assert (exit_.intent.trigger, exit_.intent.reason) == (None, "foreign")
    bench.accept(exit_.order_id)
    bench.fill(exit_.order_id, 65, 160_10)
    assert bench.engine.state.unwanted == set()
    (trade,) = bench.engine.state.holdings.trades.values()
    assert (trade.trade_id, trade.exit_reason) == ("hand1", "foreign")


def test_a_restart_remembers_that_it_was_to_be_left() -> None:
    bench = armed(CE, PE, parameters=replace(PARAMETERS, foreign=Foreign.FLATTEN))
    trades = HandTrades(sold=65, sold_value=65 * 160_00)
    bench.see(PositionDiffers(PE.symbol, 0, -65, trades, is_explained=True))
    again = bench.again()
    assert again.engine.state.exit_reason(PE.symbol) == "foreign"
    assert again.engine.state.adopted == 1


def test_flattening_cancels_orders_of_others_and_lets_longs_be() -> None:
    bench = by(Foreign.FLATTEN)
    assert bench.see(STRANGER)[0] == CancelStray("x1", CE.symbol, "foreign")
    assert bench.see(STRANGER)[0] == CancelStray("x1", CE.symbol, "foreign"), "until it is gone"
    bench = by(Foreign.FLATTEN)
    assert [type(act) for act in bench.see(LONG)] == [CancelOrder]


def test_what_is_not_followed_is_only_told() -> None:
    bench = by(Foreign.FLATTEN)
    assert bench.see(ForeignPosition("BANKNIFTY", -30)) == []
    assert told(bench) == ["account.foreign_position"]


def test_adopted_counts_in_the_limits() -> None:
    one = replace(PARAMETERS, foreign=Foreign.ADOPT, max_positions=1)
    bench = armed(CE, PE, parameters=one)
    held = bench.live(CE_ENTRY)
    assert held is not None
    bench.accept(held.order_id)
    trades = HandTrades(sold=65, sold_value=65 * 160_00)
    acts = bench.see(PositionDiffers(PE.symbol, 0, -65, trades, is_explained=True))
    assert CancelOrder(held.order_id, "refused") in acts
