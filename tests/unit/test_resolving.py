"""What the engine does about discrepancies, by policy."""

from dataclasses import replace

import pytest

from swingbreak.domain.account import (
    Discrepancy,
    ForeignOrder,
    ForeignPosition,
    HandTrades,
    OrderAltered,
    OrderLives,
    OrderMissing,
    PositionDiffers,
)
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    HaltDay,
    ReplaceOrder,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.events import OrderFilled
from swingbreak.domain.orders import OrderStatus
from swingbreak.domain.parameters import Foreign
from tests.builders import CE, PE, at
from tests.engine_bench import (
    CE_CLOSE,
    CE_ENTRY,
    PARAMETERS,
    Bench,
    armed,
    morning,
    protected,
    resting,
    short,
)

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


# closed by hand


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


# sold by others


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


# orders of ours


@pytest.mark.parametrize("policy", Foreign)
def test_an_order_that_had_ended_is_cancelled_whatever_the_policy(policy: Foreign) -> None:
    bench = by(policy)
    lives = OrderLives(CE.symbol, "o9", "b9")
    assert bench.see(lives)[0] == CancelStray("b9", CE.symbol, "o9 had ended")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (OrderLives(CE.symbol, "o9", "b9"), "stray_order"),
        (STRANGER, "foreign_order"),
        (OrderMissing(CE.symbol, "o9"), "order_missing"),
        (LONG, "foreign_position"),
        (PositionDiffers(CE.symbol, 0, 1), "foreign_position"),
    ],
)
def test_why_a_symbol_may_not_be_entered(seen: Discrepancy, why: str) -> None:
    bench = by(Foreign.REPORT)
    bench.see(seen)
    assert bench.engine.view.barred() == {CE.symbol: why}


def test_an_order_that_is_being_changed_is_not_put_right_as_well() -> None:
    bench = short()  # its stop is in flight
    assert bench.see(OrderAltered(CE.symbol, "o2", 65, 188_00, 185_00)) == []


def test_an_order_that_somebody_altered_is_put_right_once() -> None:
    bench = protected()
    altered = OrderAltered(CE.symbol, "o2", 65, 188_00, 185_00)
    (change,) = bench.see(altered)
    assert isinstance(change, ReplaceOrder)
    assert (change.intent.quantity, change.intent.trigger) == (650, 185_00)
    assert bench.see(altered) == [], "in flight"
    bench.replaced("o2")
    assert bench.see(altered) == [], "a book may lag"
    order = bench.live(CE_CLOSE)
    assert order is not None
    assert order.status is OrderStatus.ACCEPTED


def test_a_missing_order_is_told_and_its_position_keeps_it() -> None:
    bench = protected()
    assert bench.see(OrderMissing(CE.symbol, "o2")) == []
    assert told(bench) == ["account.order_missing"]


def test_what_is_missing_elsewhere_bars_nothing() -> None:
    bench = armed()
    bench.see(OrderMissing("OTHER", "o9"))
    assert bench.engine.state.foreign == {}


# not being able to look


def test_while_the_account_cannot_be_read_nothing_is_entered_and_stops_stay() -> None:
    bench = resting()
    (cancel,) = bench.see(unread="the position book cannot be read")
    assert cancel == CancelOrder("o1", "account_unread")
    bench.canceled("o1")
    bench.tick(183_00)
    assert bench.live(CE_ENTRY) is None
    (again,) = bench.see()
    assert isinstance(again, SubmitOrder)
    assert told(bench) == ["account.unread", "account.unread"]
    stopped = protected()
    assert stopped.see(unread="no") == []


# before the first look


def test_nothing_is_done_before_the_first_look() -> None:
    bench = short().again()
    bench.engine.await_look(bench.now)
    bench.reject("o2", sent=False)
    assert bench.tick(176_00, ask=176_10) == []
    assert bench.see(FLAT) == [BookByHand(bench.now, CE.symbol, 650, 650 * 180_00)]
    assert bench.wait(60) == []


def test_a_position_waits_for_it_only_so_long() -> None:
    bench = short().again()
    bench.engine.await_look(bench.now)
    bench.reject("o2", sent=False)
    assert bench.wait(14) == []
    (stop,) = bench.wait(1)
    assert isinstance(stop, SubmitOrder)
    assert stop.intent.quantity == 650


def test_an_entry_waits_for_it_however_long() -> None:
    bench = armed()
    fresh = Bench(parameters=bench.parameters)
    fresh.engine.await_look(fresh.now)
    fresh.hold()
    assert fresh.load({CE.symbol: morning()}) == []
    assert fresh.wait(100) == []
    fresh.see(unread="no")
    assert fresh.wait(100) == []
    (entry,) = fresh.see()
    assert isinstance(entry, SubmitOrder)


def test_an_entry_waits_for_the_first_good_look_only() -> None:
    fresh = Bench()
    fresh.engine.await_look(fresh.now)
    fresh.hold()
    assert fresh.load({CE.symbol: morning()}) == []
    (entry,) = fresh.see()
    assert isinstance(entry, SubmitOrder)


def test_the_end_of_the_day_does_not_wait() -> None:
    bench = armed()
    bench.engine.await_look(bench.now)
    assert isinstance(bench.until(at(360))[0], HaltDay)


# what people are told


@pytest.mark.parametrize(
    ("seen", "kind", "words"),
    [
        (
            OrderAltered(CE.symbol, "o1", 65, 188_00, 185_00),
            "account.order_altered",
            "o1 works as 65 limit 188.00 trigger 185.00",
        ),
        (OrderLives(CE.symbol, "o9", "b9"), "account.stray_order", "o9 (b9) works"),
        (STRANGER, "account.foreign_order", "order x1 to sell 65"),
        (replace(STRANGER, buys=True), "account.foreign_order", "order x1 to buy 65"),
        (LONG, "account.position_differs", "ours 0, the account's 65"),
    ],
)
def test_a_discrepancy_is_told_with_what_it_is_about(
    seen: Discrepancy, kind: str, words: str
) -> None:
    bench = by(Foreign.REPORT)
    bench.see(seen)
    (tell,) = [each for each in bench.told if each.kind.startswith("account.")]
    assert (tell.kind, tell.subject) == (kind, CE.symbol)
    assert words in tell.detail


def test_that_the_account_cannot_be_read_is_told_with_the_reason_and_so_is_its_end() -> None:
    bench = by(Foreign.REPORT)
    bench.see(unread="the position book cannot be read")
    bench.see()
    texts = [(each.subject, each.detail) for each in bench.told if each.kind == "account.unread"]
    assert texts == [
        ("account", "the position book cannot be read"),
        ("account", "can be read again"),
    ]
