from dataclasses import replace
from datetime import time

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.domain.orders import OrderIntent, OrderStatus, Side
from swingbreak.domain.parameters import EntryType, Parameters
from tests.builders import CE, PE, bar, contract
from tests.engine_bench import (
    CE_ENTRY,
    LATER,
    PE_ENTRY,
    Bench,
    armed,
    morning,
    quiet,
    resting,
    short,
)

CE2 = contract(24600)

# Of the worked example's level, and of the level that follows it.
L1 = f"{CE.symbol}@6:4:17500"
L2 = f"{CE.symbol}@10:8:17900"

# 8 points: the cap of 10 lots holds up to 10 points.
SLACK = morning(high=182_00)


def wanted(command: OrderCommand | HaltDay) -> OrderIntent:
    assert isinstance(command, SubmitOrder | ReplaceOrder)
    return command.intent


def two_calls(first: tuple[Bar, ...], second: tuple[Bar, ...]) -> Bench:
    """CE rests as ``o1``; CE2 is the other choice."""
    bench = Bench(CE, CE2)
    bench.hold()
    bench.load({CE.symbol: first})
    bench.load({CE2.symbol: second})
    bench.accept("o1")
    return bench


def test_the_worked_example_is_placed_as_soon_as_it_qualifies() -> None:
    (submit,) = armed().records
    assert submit == SubmitOrder(
        "o1",
        OrderIntent(
            slot=CE_ENTRY,
            symbol=CE.symbol,
            side=Side.SELL,
            quantity=650,
            limit=171_95,
            trigger=174_95,
            reason="break",
            level=L1,
            points=10_00,
        ),
    )


def test_each_right_has_its_own_entry() -> None:
    bench = armed(CE, PE)
    assert {slot: order.intent.symbol for slot, order in bench.engine.state.book.live.items()} == {
        CE_ENTRY: CE.symbol,
        PE_ENTRY: PE.symbol,
    }


def test_nothing_is_placed_before_history_and_the_holds_are_known() -> None:
    bench = Bench()
    assert bench.closing(*morning()) == []
    assert bench.load({CE.symbol: morning()}) != []


def test_an_entry_of_type_limit_has_no_trigger() -> None:
    bench = armed(parameters=Parameters(entry_type=EntryType.LIMIT))
    order = bench.live(CE_ENTRY)
    assert order is not None
    assert (order.intent.trigger, order.intent.limit) == (None, 174_95)
    bench.accept("o1")
    assert bench.closing(quiet(7, 176_00)) == []


@pytest.mark.parametrize(
    ("offset", "last", "placed"),
    [(1, 174_95, False), (1, 175_00, True), (0, 175_00, False), (0, 175_05, True)],
)
def test_it_is_placed_only_while_the_price_is_above_its_trigger(
    offset: int, last: int, placed: bool
) -> None:
    bench = Bench(parameters=Parameters(entry_offset_ticks=offset))
    bench.hold()
    bench.load({CE.symbol: morning()[:-1]})
    forming = bar(7, last, last, last, last)
    assert bool(bench.close({CE.symbol: morning()[-1]}, {CE.symbol: forming})) is placed


def test_what_cannot_be_placed_yet_stands_in_nobodys_way() -> None:
    bench = Bench(CE, CE2, parameters=Parameters(entry_offset_ticks=0))
    bench.hold()
    bench.load({CE.symbol: morning()[:-1], CE2.symbol: morning(high=186_00)})
    bench.accept("o1")
    # CE is the better one now, but the market is at its trigger
    touching = bar(7, 175_00, 175_00, 175_00, 175_00)
    assert bench.close({CE.symbol: morning()[-1]}, {CE.symbol: touching}) == []
    assert bench.closing(quiet(7)) == [CancelOrder("o1", "switch")]


def test_a_tick_that_makes_it_qualify_places_it() -> None:
    bench = Bench(parameters=Parameters(stop_min_bp=500))
    bench.hold()
    assert bench.load({CE.symbol: SLACK}) == []  # 8 points are too near
    assert bench.tick(182_70) == []
    (submit,) = bench.tick(182_75)
    assert wanted(submit).points == 8_75


class TestKeep:
    def test_what_rests_at_its_trigger_is_not_withdrawn_for_a_touch(self) -> None:
        bench = resting(Parameters(entry_offset_ticks=0))
        touching = bar(8, 175_00, 175_00, 175_00, 175_00)
        assert bench.close({CE.symbol: quiet(7)}, {CE.symbol: touching}) == []

    def test_what_rests_as_a_limit_is_not_withdrawn_for_a_touch(self) -> None:
        bench = resting(Parameters(entry_type=EntryType.LIMIT, entry_offset_ticks=0))
        touching = bar(8, 175_00, 175_00, 175_00, 175_00)
        assert bench.close({CE.symbol: quiet(7)}, {CE.symbol: touching}) == []

    @pytest.mark.parametrize("price", [175_00, 180_00, 184_00])
    def test_while_nothing_differs(self, price: int) -> None:
        bench = resting()
        assert bench.tick(price) == []
        assert bench.closing(quiet(7, price)) == []

    def test_a_higher_high_that_leaves_the_size_alone(self) -> None:
        bench = Bench()
        bench.hold()
        bench.load({CE.symbol: SLACK})
        bench.accept("o1")
        assert bench.tick(183_00) == []

    @pytest.mark.parametrize("status", ["submitted", "unconfirmed"])
    def test_whatever_is_in_flight_until_its_answer(self, status: str) -> None:
        bench = armed()
        if status == "unconfirmed":
            bench.unconfirmed("o1")
        assert bench.hold(**{CE.symbol: "stale"}) == []
        assert bench.closing(quiet(7), quiet(8)) == []
        assert bench.accept("o1") == [CancelOrder("o1", "stale")]


class TestModify:
    def test_the_size_in_place_as_the_stop_moves_away(self) -> None:
        bench = resting()
        (change,) = bench.tick(190_00)
        order = resting().live(CE_ENTRY)
        assert order is not None
        assert change == ReplaceOrder("o1", replace(order.intent, quantity=390, points=16_00), 0)
        bench.replaced("o1")
        assert bench.closing(quiet(7, 190_00)) == []

    def test_the_trigger_in_place_for_the_next_level_of_the_same_symbol(self) -> None:
        (change,) = resting().closing(*LATER)
        intent = wanted(change)
        assert isinstance(change, ReplaceOrder)
        assert (intent.trigger, intent.limit, intent.level) == (178_95, 175_95, L2)

    def test_not_onto_a_trigger_that_the_market_is_at(self) -> None:
        bench = resting()
        assert bench.closing(*LATER[:-1]) == []
        forming = bar(11, 178_95, 178_95, 178_95, 178_95)
        assert bench.close({CE.symbol: LATER[-1]}, {CE.symbol: forming}) == [
            CancelOrder("o1", "broken")
        ]

    @pytest.mark.parametrize(("offset", "last"), [(1, 178_95), (0, 179_00)])
    def test_nor_once_the_answer_that_kept_it_waiting_comes(self, offset: int, last: int) -> None:
        bench = armed(parameters=Parameters(entry_offset_ticks=offset))
        assert bench.closing(*LATER[:-1]) == []
        forming = bar(11, last, last, last, last)
        assert bench.close({CE.symbol: LATER[-1]}, {CE.symbol: forming}) == []
        (command,) = bench.accept("o1")
        assert isinstance(command, CancelOrder)

    @pytest.mark.parametrize("stubborn", [False, True])
    def test_the_level_alone_unless_the_gateway_takes_no_change(self, stubborn: bool) -> None:
        bench = Bench()
        bench.hold()
        bench.load({CE.symbol: SLACK})
        bench.accept("o1")
        if stubborn:
            book = bench.engine.state.book
            book._keep(replace(book.orders["o1"], stubborn=True))
        # as low again
        seen = bench.closing(
            bar(7, 181_00, 181_00, 176_00, 176_50),
            bar(8, 176_50, 176_80, 175_00, 175_50),
            bar(9, 176_00, 180_50, 175_60, 180_20),
            bar(10, 180_00, 180_60, 179_00, 180_40),
        )
        if stubborn:
            assert seen == []
        else:
            (change,) = seen
            assert isinstance(change, ReplaceOrder)
            assert (change.intent.level, change.intent.points) == (f"{CE.symbol}@10:8:17500", 660)

    def test_by_cancel_and_submit_where_the_gateway_ignores_a_change(self) -> None:
        bench = resting()
        bench.tick(190_00)
        assert bench.replace_refused("o1") == [CancelOrder("o1", "terms")]
        (submit,) = bench.canceled("o1")
        assert isinstance(submit, SubmitOrder)
        assert (submit.order_id, submit.intent.quantity) == ("o2", 390)

    def test_what_is_cancelled_late_by_our_own_wish_is_not_taken_from_us(self) -> None:
        bench = resting()
        bench.tick(190_00)
        bench.replace_refused("o1")
        bench.cancel_refused("o1")
        (submit,) = bench.canceled("o1", "by hand, it says")
        assert isinstance(submit, SubmitOrder)


class TestSwitch:
    def test_waits_for_the_close_of_a_bar_and_for_the_cancel(self) -> None:
        bench = two_calls(morning(), morning(high=183_50))
        (change,) = bench.tick(185_00)  # CE is the worse one from here
        assert isinstance(change, ReplaceOrder)
        assert bench.replaced("o1") == []
        assert bench.wait(30) == []
        assert bench.closing(quiet(7, 185_00)) == [CancelOrder("o1", "switch")]
        assert bench.wait(1) == []
        (submit,) = bench.canceled("o1")
        assert isinstance(submit, SubmitOrder)
        assert submit.intent.symbol == CE2.symbol

    def test_waits_while_the_present_one_is_touched(self) -> None:
        limit = Parameters(entry_type=EntryType.LIMIT, entry_offset_ticks=0)
        bench = Bench(CE, CE2, parameters=limit)
        bench.hold()
        bench.load({CE.symbol: morning()})
        bench.load({CE2.symbol: morning(high=183_50)})
        bench.accept("o1")
        bench.tick(185_00)
        bench.replaced("o1")
        assert bench.tick(175_00) == []
        assert bench.hold() == []

    def test_is_judged_again_once_the_slot_is_free(self) -> None:
        bench = two_calls(morning(), morning(high=183_50))
        bench.tick(185_00)
        bench.replaced("o1")
        bench.closing(quiet(7, 185_00))
        assert bench.tick(174_90, CE2.symbol) == []  # the other one is gone
        (submit,) = bench.canceled("o1")
        assert isinstance(submit, SubmitOrder)
        assert submit.intent.symbol == CE.symbol

    def test_is_not_kept_waiting_for_when_the_present_one_no_longer_qualifies(self) -> None:
        bench = two_calls(morning(), morning(high=183_50))
        assert bench.tick(193_00) == [CancelOrder("o1", "switch")]

    def test_is_decided_too_when_history_is_read_again(self) -> None:
        bench = two_calls(morning(), morning(high=183_50))
        assert bench.load({CE.symbol: morning(high=186_00)}) == [CancelOrder("o1", "switch")]

    def test_a_fill_on_the_way_out_opens_a_protected_position(self) -> None:
        bench = two_calls(morning(), morning(high=183_50))
        bench.tick(193_00)
        bench.canceled("o1")
        (stop,) = bench.fill("o1", 65, 174_95)
        assert (wanted(stop).symbol, wanted(stop).quantity) == (CE.symbol, 65)


class TestCancel:
    def test_at_once_when_the_level_no_longer_qualifies(self) -> None:
        assert resting().tick(193_00) == [CancelOrder("o1", "stop_too_far")]

    def test_at_a_hold_and_place_again_after_it(self) -> None:
        bench = resting()
        assert bench.hold(**{CE.symbol: "stale"}) == [CancelOrder("o1", "stale")]
        assert bench.canceled("o1") == []
        assert isinstance(bench.hold()[0], SubmitOrder)

    def test_at_the_last_entry_time(self) -> None:
        bench = resting(Parameters(last_entry=time(9, 30)))
        assert bench.engine.wake == bench.engine._last_entry
        assert bench.until(bench.engine.wake) == [CancelOrder("o1", "last_entry")]
        assert bench.canceled("o1") == []
        assert bench.closing(quiet(20)) == []
        assert not bench.engine.state.halted

    def test_is_asked_for_again_a_second_after_a_refusal(self) -> None:
        bench = resting()
        bench.hold(**{CE.symbol: "stale"})
        assert bench.cancel_refused("o1") == []
        assert bench.wait(0.999) == []
        assert bench.until(bench.engine.wake) == [CancelOrder("o1", "stale")]

    def test_a_refusal_that_comes_too_late_changes_nothing(self) -> None:
        bench = resting()
        bench.hold(**{CE.symbol: "stale"})
        bench.fill("o1", 650, 174_95)
        assert bench.cancel_refused("o1") == []
        assert not bench.engine.state.pausing(CE_ENTRY, bench.now)

    def test_no_limit_lets_a_fourth_call_rest(self) -> None:
        calls = [contract(24500 + 50 * n) for n in range(4)]
        bench = Bench(*calls)
        bench.hold()
        for number, each in enumerate(calls[:3]):
            bench.load({each.symbol: morning()})
            bench.fill(f"o{2 * number + 1}", 650, 174_95)
        assert bench.load({calls[3].symbol: morning()}) == []
        assert [told.detail.split(":")[0] for told in bench.told[-1:]] == ["max_per_right"]


def test_one_symbols_bad_bars_stop_nobody_else() -> None:
    bench = armed(CE, PE)
    bench.accept("o1")
    bench.accept("o2")
    bad, good = bar(3, 180_00, 180_00, 180_00, 180_00), quiet(7)
    [cancel] = bench.close({CE.symbol: bad, PE.symbol: good})
    assert isinstance(cancel, CancelOrder)
    assert (cancel.order_id, cancel.reason[:12]) == ("o1", "quarantined:")
    order = bench.live(PE_ENTRY)
    assert order is not None
    assert order.status is OrderStatus.ACCEPTED
    bench.canceled("o1")
    assert bench.closing(quiet(8)) == []
    (submit,) = bench.load({CE.symbol: (*morning(), quiet(7))})
    assert wanted(submit).symbol == CE.symbol


def test_after_a_fill_neither_level_nor_symbol_is_entered_again() -> None:
    bench = short()
    assert bench.live(CE_ENTRY) is None
    assert bench.closing(*LATER) == []
    assert bench.engine.view.barred() == {CE.symbol: "position"}


def test_the_slot_goes_to_the_next_symbol_at_once_when_one_has_filled() -> None:
    bench = two_calls(morning(), morning(high=183_50))
    bench.tick(174_90)
    seen = bench.fill("o1", 650, 174_95)
    assert [wanted(command).symbol for command in seen] == [CE.symbol, CE2.symbol]
    assert {wanted(command).slot.key for command in seen} == {CE.symbol, Right.CE.value}
