from dataclasses import replace

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.orders import OrderIntent, OrderStatus, Side
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.closing import Quote, Situation, close_slot, closing_order
from tests.builders import CE, bar, position, stop
from tests.engine_bench import CE_CLOSE, CE_ENTRY, Bench, morning, protected, resting, short

PARAMETERS = Parameters()
NEAR = Quote(180_00, 180_10)
BEYOND = Quote(189_00, 190_00)
EXIT = stop(trigger=None)  # its limit is 188.00


def wanted(command: OrderCommand | HaltDay) -> OrderIntent:
    assert isinstance(command, SubmitOrder | ReplaceOrder)
    return command.intent


@pytest.mark.parametrize(
    ("situation", "trigger", "limit", "reason"),
    [
        (Situation(NEAR, 5), 185_00, 188_00, "stop"),
        (Situation(NEAR, 5, stop()), 185_00, 188_00, "stop"),
        (Situation(NEAR, 5, stop(trigger=184_00)), 185_00, 188_00, "stop"),
        (Situation(NEAR, 5, replace(stop(), limit=187_00)), 185_00, 188_00, "stop"),
        (Situation(NEAR, 5, stop(), reached=True), 185_00, 188_00, "stop"),
        (Situation(BEYOND, 5, stop(), reached=True), 185_00, 188_00, "stop"),
        (Situation(BEYOND, 5, stop(), reached=True, overdue=True), 185_00, 193_00, "stop"),
        (
            Situation(Quote(188_00, 188_00), 5, stop(), reached=True, overdue=True),
            185_00,
            188_00,
            "stop",
        ),
        (Situation(BEYOND, 5, reached=True), None, 193_00, "stop_gapped"),
        (Situation(BEYOND, 5, EXIT, reached=True), None, 193_00, "stop_gapped"),
        (Situation(NEAR, 5, EXIT, reached=True), None, 188_00, "stop_gapped"),
        (Situation(NEAR, 5, stop(), "daily_stop"), None, 183_10, "daily_stop"),
        (Situation(BEYOND, 5, stop(), "daily_stop", reached=True), None, 193_00, "daily_stop"),
        (Situation(NEAR, 5, EXIT, "force_exit"), None, 188_00, "force_exit"),
        (Situation(Quote(188_00, 188_00), 5, EXIT, "force_exit"), None, 188_00, "force_exit"),
        (Situation(Quote(188_00, 188_05), 5, EXIT, "force_exit"), None, 191_05, "force_exit"),
        (Situation(Quote(180_00, 0), 5, None, "force_exit"), None, 183_00, "force_exit"),
        (Situation(Quote(180_00, 180_10), 100, None, "force_exit"), None, 184_00, "force_exit"),
        (Situation(Quote(0, 0), 5, None, "force_exit"), 185_00, 188_00, "stop"),
        (Situation(Quote(0, 0), 5, stop(), "force_exit"), 185_00, 188_00, "stop"),
        (Situation(Quote(0, 0), 5, EXIT, "force_exit"), None, 188_00, "stop"),
    ],
    ids=[
        "nothing rests",
        "the stop rests",
        "the stop rests where the position's was",
        "the stop rests with another limit",
        "reached: a moment to fill",
        "gapped: a moment to fill",
        "overdue: its limit steps up",
        "overdue, but the limit is good enough",
        "gapped without a stop",
        "the offer ran away",
        "the offer is within the limit",
        "the stop becomes the exit",
        "the exit is the reason, not the stop",
        "an exit is not sent again",
        "an exit at the offer is not sent again",
        "an exit below the offer is",
        "no offer is known",
        "whole ticks",
        "no price is known: protect",
        "no price is known: the stop is left",
        "no price is known: the exit is left",
    ],
)
def test_the_closing_order_of_each_situation(
    situation: Situation, trigger: int | None, limit: int, reason: str
) -> None:
    assert closing_order(position(), situation, PARAMETERS) == OrderIntent(
        slot=close_slot(CE.symbol),
        symbol=CE.symbol,
        side=Side.BUY,
        quantity=650,
        limit=limit,
        trigger=trigger,
        reason=reason,
    )


def test_it_is_for_what_is_open_and_no_more() -> None:
    part = position().buy(260, 1)
    assert closing_order(part, Situation(NEAR, 5, stop()), PARAMETERS).quantity == 390


class TestStop:
    def test_it_is_sent_in_the_step_that_sees_the_fill(self) -> None:
        bench = resting()
        bench.tick(174_90, ask=175_00)
        assert bench.fill("o1", 650, 174_95) == [SubmitOrder("o2", stop())]

    def test_it_is_a_rupee_above_the_highest_high_at_the_time_of_the_fill(self) -> None:
        bench = resting()
        bench.tick(184_50)  # nine lots still
        bench.replaced("o1")
        bench.tick(174_90)
        (sent,) = bench.fill("o1", 585, 174_95)
        assert (wanted(sent).trigger, wanted(sent).limit) == (185_50, 188_50)

    def test_it_does_not_move_with_later_highs(self) -> None:
        bench = protected()
        assert bench.tick(184_95) == []
        assert bench.closing(bar(7, 184_00, 184_95, 184_00, 184_00)) == []

    def test_it_covers_every_part_at_once_and_grows(self) -> None:
        bench = resting()
        bench.tick(174_90)
        (first,) = bench.fill("o1", 195, 174_95)
        assert wanted(first).quantity == 195
        assert bench.fill("o1", 130, 174_90) == []  # the stop is on its way
        (grown,) = bench.accept("o2")
        assert isinstance(grown, ReplaceOrder)
        assert (grown.intent.quantity, grown.intent.trigger, grown.filled) == (325, 185_00, 0)
        bench.replaced("o2")
        (whole,) = bench.fill("o1", 325, 174_90)
        assert wanted(whole).quantity == 650
        assert bench.live(CE_ENTRY) is None

    def test_it_shrinks_by_its_own_fills_only(self) -> None:
        bench = protected()
        bench.tick(185_00, ask=185_10)
        assert bench.fill("o2", 195, 185_10) == []
        order = bench.live()
        assert order is not None
        assert order.resting.quantity == 455

    def test_a_fill_above_it_is_left_at_once(self) -> None:
        bench = resting()
        bench.tick(174_95)
        bench.tick(186_00, ask=186_50)
        (leave,) = bench.fill("o1", 650, 174_95)
        assert leave == SubmitOrder("o2", wanted(leave))
        assert (wanted(leave).trigger, wanted(leave).limit) == (187_00, 190_00)

    def test_an_old_price_does_not_count_as_reaching_it(self) -> None:
        bench = Bench()
        bench.hold()
        bench.load({CE.symbol: morning()[:-1]})
        bench.tick(190_00)  # of the minute that the next bar says nothing of
        bench.closing(morning()[-1])
        (sent,) = bench.fill("o1", 650, 174_95)
        assert wanted(sent) == stop()
        assert bench.engine.view.reached == {}


class TestChase:
    def test_a_reached_stop_has_its_moment_then_steps_up(self) -> None:
        bench = protected()
        assert bench.tick(185_00, ask=190_00) == []
        assert (bench.engine.wake - bench.now).total_seconds() == PARAMETERS.chase_after_s
        (step,) = bench.until(bench.engine.wake)
        assert isinstance(step, ReplaceOrder)
        assert (step.intent.trigger, step.intent.limit) == (185_00, 193_00)
        bench.replaced("o2")
        assert bench.tick(192_00, ask=193_00) == []
        (step,) = bench.tick(194_00, ask=195_00)
        assert wanted(step).limit == 198_00

    def test_a_stop_that_fills_in_time_is_not_chased(self) -> None:
        bench = protected()
        bench.tick(185_00, ask=185_10)
        assert bench.fill("o2", 650, 185_10) == []
        assert bench.engine.view.reached == {}
        assert bench.wait(2) == []

    def test_a_gateway_that_takes_no_change_gets_a_limit_instead(self) -> None:
        bench = protected()
        bench.tick(189_00, ask=190_00)
        bench.wait(2)
        assert bench.replace_refused("o2") == [CancelOrder("o2", "terms")]
        (leave,) = bench.canceled("o2")
        assert (wanted(leave).trigger, wanted(leave).reason) == (None, "stop_gapped")
        assert wanted(leave).limit == 193_00


class TestLostStop:
    @pytest.mark.parametrize("how", ["rejected", "cancelled", "rejected once triggered"])
    def test_becomes_a_limit_in_the_same_slot_at_once(self, how: str) -> None:
        bench = short() if how == "rejected" else protected()
        bench.tick(180_00, ask=180_10)
        seen = bench.canceled("o2", "price band") if how == "cancelled" else bench.reject("o2")
        (leave,) = seen
        assert isinstance(leave, SubmitOrder)
        assert (leave.intent.slot, leave.intent.trigger) == (CE_CLOSE, None)
        assert (leave.intent.limit, leave.intent.reason) == (183_10, "stop_lost")

    def test_is_forgotten_with_its_position(self) -> None:
        bench = short()
        bench.reject("o2")
        assert bench.engine.state.lost == {CE.symbol}
        bench.accept("o3")
        bench.fill("o3", 650, 178_00)
        assert bench.engine.state.lost == set()

    def test_of_no_position_means_nothing(self) -> None:
        bench = protected()
        bench.tick(189_00, ask=190_00)
        bench.wait(2)
        bench.replace_refused("o2")
        bench.canceled("o2")
        bench.fill("o2", 650, 190_00)  # it crossed the cancel
        bench.accept("o3")
        bench.cancel_refused("o3")
        bench.canceled("o3", "no position")
        assert bench.engine.state.lost == set()

    def test_that_never_left_us_is_sent_again(self) -> None:
        bench = short()
        assert bench.reject("o2", sent=False) == []
        assert bench.wait(0.9) == []
        (again,) = bench.until(bench.engine.wake)
        assert again == SubmitOrder("o3", stop())

    @pytest.mark.parametrize("how", ["rejected", "cancelled"])
    def test_an_exit_that_is_turned_away_too_is_sent_again_after_a_pause(self, how: str) -> None:
        bench = short()
        bench.reject("o2")
        bench.accept("o3")
        seen = bench.canceled("o3", "price band") if how == "cancelled" else bench.reject("o3")
        assert seen == []
        assert (bench.engine.wake - bench.now).total_seconds() == 1
        (again,) = bench.until(bench.engine.wake)
        assert isinstance(again, SubmitOrder)
        assert again.intent.trigger is None


class TestOneOrder:
    def test_whatever_is_in_flight_is_left_alone(self) -> None:
        bench = short()
        bench.unconfirmed("o2")
        assert bench.tick(189_00, ask=190_00) == []
        assert bench.wait(10) == []
        (step,) = bench.accept("o2")
        assert wanted(step).limit == 193_00

    def test_a_refused_cancel_is_not_repeated_before_a_pause(self) -> None:
        bench = protected()
        bench.tick(189_00, ask=190_00)
        bench.wait(2)
        bench.replace_refused("o2")
        assert bench.cancel_refused("o2") == []
        assert bench.tick(195_00, ask=196_00, after=0.5) == []
        assert bench.until(bench.engine.wake) == [CancelOrder("o2", "terms")]

    def test_a_change_that_never_left_us_is_tried_again_after_a_pause(self) -> None:
        bench = protected()
        bench.tick(189_00, ask=190_00)
        (step,) = bench.wait(2)
        assert bench.replace_refused("o2", sent=False) == []
        assert bench.until(bench.engine.wake) == [step]

    @pytest.mark.parametrize("how", ["rejected", "cancelled"])
    def test_a_pause_ends_with_the_order_it_was_for(self, how: str) -> None:
        bench = protected()
        bench.tick(189_00, ask=190_00)
        bench.wait(2)
        bench.replace_refused("o2", sent=False)
        seen = bench.canceled("o2", "band") if how == "cancelled" else bench.reject("o2")
        (leave,) = seen
        assert isinstance(leave, SubmitOrder)
        assert leave.intent.trigger is None

    def test_the_slot_does_not_pause_once_the_cancel_has_come_after_all(self) -> None:
        bench = protected()
        bench.tick(189_00, ask=190_00)
        bench.wait(2)
        bench.replace_refused("o2")
        bench.cancel_refused("o2")
        (leave,) = bench.canceled("o2")
        assert isinstance(leave, SubmitOrder)

    def test_a_short_never_becomes_a_long(self) -> None:
        bench = protected()
        bench.fill("o2", 650, 185_00)
        bench.records.clear()
        with pytest.raises(InvalidTransition):
            bench.fill("o2", 65, 185_00)

    def test_a_late_fill_of_a_grown_size_is_taken(self) -> None:
        bench = resting()
        bench.tick(174_90)
        bench.fill("o1", 195, 174_95)
        bench.accept("o2")
        bench.fill("o1", 455, 174_95)  # the stop grows
        bench.canceled("o2", "RMS")
        bench.fill("o2", 650, 185_00)
        assert bench.position() is None
        assert bench.engine.state.book.orders["o2"].status is OrderStatus.FILLED
