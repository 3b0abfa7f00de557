"""What the engine does about a position that was closed by hand, whole or in part."""

from dataclasses import replace

from swingbreak.domain.account import HandTrades, PositionDiffers
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    ReplaceOrder,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.events import OrderFilled
from tests.builders import CE
from tests.discrepancies import FLAT, LESS, told
from tests.engine_bench import CE_CLOSE, protected


def test_a_position_closed_by_hand_is_closed_here_and_its_stop_cancelled_at_once() -> None:
    bench = protected()
    acts = bench.see(FLAT)
    assert acts == [
        BookByHand(bench.now, CE.symbol, 650, 650 * 180_00),
        CancelOrder("o2", "flat"),
    ]
    (trade,) = bench.engine.state.holdings.trades.values()
    assert (trade.exit_reason, trade.bought_value, trade.orders) == ("by_hand", 650 * 180_00, 2)
    assert bench.position() is None
    assert told(bench) == ["account.position_differs", "account.by_hand"]
    assert bench.told[-1].detail == "650 bought back by somebody else at 180.00"
    assert bench.engine.state.foreign == {}, "it is dealt with"
    assert bench.engine.account().open == 0
    bench.canceled("o2")
    assert bench.live(CE_CLOSE) is None


def test_a_position_closed_by_hand_in_part_keeps_a_stop_for_the_rest() -> None:
    bench = protected()
    acts = bench.see(LESS)
    assert acts[0] == BookByHand(bench.now, CE.symbol, 65, 65 * 180_00)
    (change,) = acts[1:]
    assert isinstance(change, ReplaceOrder)
    assert (change.order_id, change.intent.quantity) == ("o2", 585)
    position = bench.position()
    assert position is not None
    assert position.quantity == -585


def test_what_no_trades_explain_is_counted_at_the_market() -> None:
    bench = protected()
    bench.tick(181_00, ask=181_50)
    acts = bench.see(replace(FLAT, trades=HandTrades(), is_explained=False))
    assert acts[0] == BookByHand(bench.now, CE.symbol, 650, 650 * 181_50)


def test_what_nobody_bought_back_after_all_is_ours_again_whatever_the_policy() -> None:
    bench = protected()
    bench.see(replace(FLAT, trades=HandTrades(), is_explained=False))
    bench.canceled("o2")
    back = PositionDiffers(CE.symbol, 0, -715, HandTrades(sold=65), is_explained=True)
    adopted, protect = bench.see(back)
    assert isinstance(adopted, AdoptPosition)
    assert (adopted.quantity, adopted.leaves) == (650, False), "65 were sold by somebody else"
    assert isinstance(protect, SubmitOrder)
    assert (protect.intent.slot, protect.intent.quantity) == (CE_CLOSE, 650)
    assert bench.see(replace(back, ours=-650)) == []
    assert bench.engine.state.foreign == {CE.symbol: "foreign_position"}


def test_a_stop_that_was_reached_is_forgotten_with_what_others_bought_back() -> None:
    bench = protected()
    bench.tick(186_00, ask=186_10)
    assert CE.symbol in bench.engine.view.reached
    bench.see(FLAT)
    assert bench.engine.view.reached == {}


def test_what_others_trade_again_is_counted_without_what_is_counted_already() -> None:
    bench = protected()
    bench.see(LESS)
    trades = HandTrades(bought=195, bought_value=65 * 180_00 + 130 * 190_00)
    acts = bench.see(PositionDiffers(CE.symbol, -585, -455, trades, is_explained=True))
    assert acts[0] == BookByHand(bench.now, CE.symbol, 130, 130 * 190_00)


def test_trades_without_a_price_are_counted_at_the_market() -> None:
    bench = protected()
    bench.tick(181_00, ask=181_50)
    trades = HandTrades(bought=650, bought_value=0)
    assert bench.see(replace(FLAT, trades=trades))[0] == BookByHand(
        bench.now, CE.symbol, 650, 650 * 181_50
    )


def test_fewer_trades_than_are_missing_say_nothing_of_the_price() -> None:
    bench = protected()
    bench.tick(181_00, ask=181_50)
    trades = HandTrades(bought=65, bought_value=65 * 170_00)
    assert bench.see(replace(FLAT, trades=trades))[0] == BookByHand(
        bench.now, CE.symbol, 650, 650 * 181_50
    )


def test_it_waits_for_a_price_when_there_is_none() -> None:
    bench = protected().again()
    bare = replace(FLAT, trades=HandTrades(), is_explained=False)
    assert bench.see(bare) == []
    bench.tick(181_00, ask=181_50)
    assert bench.see(bare)[0] == BookByHand(bench.now, CE.symbol, 650, 650 * 181_50)


def test_only_the_share_of_what_others_bought_is_counted_at_their_average() -> None:
    bench = protected()
    trades = HandTrades(bought=1300, bought_value=1300 * 180_00, sold=650, sold_value=1)
    acts = bench.see(replace(FLAT, trades=trades))
    assert acts[0] == BookByHand(bench.now, CE.symbol, 650, 650 * 180_00)


def test_a_difference_that_has_been_dealt_with_is_not_dealt_with_twice() -> None:
    bench = protected()
    bench.see(LESS)
    assert bench.see(LESS) == []
    assert bench.see() == []
    assert told(bench)[-1] == "account.agrees"
    assert bench.told[-1] == Tell("account.agrees", "account", "the books and ours agree again")


def test_nothing_is_done_about_what_the_last_look_did_not_show() -> None:
    bench = protected()
    assert bench.see(replace(FLAT, is_current=False)) == []
    assert bench.engine.state.foreign == {CE.symbol: "foreign_position"}


def test_bought_back_by_hand_beyond_flat_leaves_a_long_that_is_told() -> None:
    bench = protected()
    bench.tick(181_00, ask=181_50)
    acts = bench.see(PositionDiffers(CE.symbol, -650, 65))
    assert acts[0] == BookByHand(bench.now, CE.symbol, 650, 650 * 181_50)
    assert bench.engine.view.barred()[CE.symbol] == "foreign_position"


def test_a_stop_that_fills_after_all_is_their_long_and_no_contradiction() -> None:
    bench = protected()
    bench.see(FLAT)
    bench.do(OrderFilled(bench.now, "o2", "f1", 650, 650 * 185_00))
    assert bench.position() is None
    (trade,) = bench.engine.state.holdings.trades.values()
    assert trade.bought_value == 650 * 180_00
    assert bench.engine.state.holdings.by_hand[CE.symbol].net == 0


def test_a_stop_that_fills_whole_after_a_part_was_bought_by_hand_closes_only_the_rest() -> None:
    bench = protected()
    bench.see(LESS)
    bench.do(OrderFilled(bench.now, "o2", "f1", 650, 650 * 185_00))
    (trade,) = bench.engine.state.holdings.trades.values()
    assert trade.bought_value == 65 * 180_00 + 585 * 185_00
    assert bench.engine.state.holdings.by_hand[CE.symbol].net == 0


def test_a_restart_remembers_what_was_done_by_hand() -> None:
    bench = protected()
    bench.see(LESS)
    again = bench.again()
    assert again.engine.state.holdings == bench.engine.state.holdings
    assert again.see(LESS) == []
