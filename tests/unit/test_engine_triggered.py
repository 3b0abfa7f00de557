"""Entries whose moment has come, and entries that were turned away."""

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, ReplaceOrder, SubmitOrder
from swingbreak.domain.orders import OrderIntent, OrderStatus
from tests.builders import CE, PE, bar
from tests.engine_bench import CE_ENTRY, LATER, armed, morning, protected, resting

GIVEN_UP = [CancelOrder("o1", "unfilled")]
L2 = f"{CE.symbol}@10:8:17900"  # the level that LATER brings


def wanted(command: object) -> OrderIntent:
    assert isinstance(command, SubmitOrder | ReplaceOrder)
    return command.intent


class TestTriggered:
    def test_it_waits_for_its_fill_and_is_given_up_then(self) -> None:
        bench = resting()
        assert bench.tick(174_95) == []
        assert (bench.engine.wake - bench.now).total_seconds() == 60
        assert bench.tick(160_00, after=59) == []
        assert bench.until(bench.engine.wake) == GIVEN_UP
        assert bench.canceled("o1") == []
        assert bench.engine.state.triggered == {}

    def test_a_touch_of_the_low_is_not_a_break(self) -> None:
        bench = resting()
        bench.tick(175_00)
        assert bench.engine.state.triggered == {}

    def test_even_when_held(self) -> None:
        bench = resting()
        bench.tick(174_95)
        assert bench.hold(**{CE.symbol: "stale"}) == []

    @pytest.mark.parametrize("how", ["bar", "history"])
    def test_a_break_that_no_tick_showed_is_the_entry_all_the_same(self, how: str) -> None:
        bench = resting()
        broken = bar(7, 180_00, 180_00, 174_00, 174_50)
        if how == "bar":
            assert bench.closing(broken) == []
        else:
            assert bench.load({CE.symbol: (*morning(), broken)}) == []
        assert bench.wait(59) == []
        assert bench.wait(1) == GIVEN_UP

    def test_a_break_while_its_terms_are_being_changed_is_the_entry(self) -> None:
        bench = resting()
        bench.closing(*LATER)
        assert bench.tick(178_90) == []
        assert bench.replaced("o1") == []
        assert bench.wait(59) == []
        assert bench.wait(1) == GIVEN_UP

    def test_the_rest_of_a_part_fill_is_kept_for_its_time(self) -> None:
        bench = protected(195)
        assert bench.live(CE_ENTRY) is not None
        assert bench.wait(58) == []
        assert bench.wait(2) == GIVEN_UP

    def test_the_rest_is_withdrawn_when_the_position_is_left(self) -> None:
        bench = protected(195)
        cancel, leave = bench.canceled("o2", "price protection")
        assert cancel == GIVEN_UP[0]
        assert wanted(leave).trigger is None

    def test_the_rest_is_withdrawn_when_the_stop_is_reached(self) -> None:
        assert protected(195).tick(185_00) == GIVEN_UP

    def test_the_rest_of_another_symbol_is_nobodys_business(self) -> None:
        bench = armed(CE, PE)
        bench.accept("o1")
        bench.accept("o2")
        bench.fill("o1", 195, 174_95)
        bench.accept("o3")
        assert all(c.order_id != "o2" for c in bench.tick(185_00) if not isinstance(c, HaltDay))


class TestRefused:
    @pytest.mark.parametrize("how", ["rejected", "taken away"])
    def test_the_level_is_not_tried_again_but_the_next_one_is(self, how: str) -> None:
        bench = resting()
        assert (bench.reject("o1") if how == "rejected" else bench.canceled("o1", "RMS")) == []
        assert bench.wait(6) == []
        assert bench.closing(*LATER[:-1]) == []
        (submit,) = bench.closing(LATER[-1])
        assert wanted(submit).level == L2

    def test_what_was_never_sent_is_sent_again_after_a_pause(self) -> None:
        bench = armed()
        assert bench.reject("o1", sent=False) == []
        assert bench.tick(190_00, after=4.9) == []
        (submit,) = bench.until(bench.engine.wake)
        assert isinstance(submit, SubmitOrder)
        assert submit.order_id == "o2"

    def test_what_was_given_up_for_lost_and_fills_is_protected(self) -> None:
        bench = armed()
        bench.unconfirmed("o1")
        bench.reject("o1")
        (stop,) = bench.fill("o1", 650, 174_95)
        assert wanted(stop).trigger == 185_00
        assert bench.engine.state.book.orders["o1"].status is OrderStatus.FILLED
