"""Positions larger than one order may be: what closes them, slice by slice."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from swingbreak.domain import events as ev
from swingbreak.domain.commands import CancelOrder, HaltDay, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.records import Record
from tests.builders import SESSION, at, entry, stop
from tests.engine_bench import CE_CLOSE, PARAMETERS, Bench
from tests.frozen import FROZEN

FORCE_EXIT = SESSION.at(PARAMETERS.force_exit)


def slice_(number: int, quantity: int) -> OrderIntent:
    """A slice of the stop."""
    return replace(stop(quantity=quantity), slot=CE_CLOSE._replace(number=number))


def leave(number: int, quantity: int, limit: Paise, reason: str) -> OrderIntent:
    """A slice of the exit."""
    return replace(slice_(number, quantity), trigger=None, limit=limit, reason=reason)


def begun(units: int, *more: Record) -> Bench:
    """A bench that begins with a short of *units*, five of them wanted, and what *more* says."""
    bench = Bench(FROZEN)
    fill = ev.OrderFilled(at(7), "o1", "f1", units, units * 174_95)
    accepted = ev.OrderAccepted(at(7), "o1", "b-o1")
    records: list[Record] = [SubmitOrder("o1", entry(quantity=325)), accepted, fill, *more]
    bench.engine.restore(records)
    bench.records = records
    bench.tick(176_00, ask=176_05)
    bench.hold()
    return bench


def protected(units: int = 325) -> Bench:
    """A bench whose stop, ``o2``, ``o3``, ``o4``, rests in slices."""
    bench = begun(units)
    for order_id in bench.engine.state.book.orders.keys() - {"o1"}:
        bench.accept(order_id)
    return bench


def wanted(commands: Iterable[OrderCommand | HaltDay]) -> list[OrderIntent]:
    return [c.intent for c in commands if isinstance(c, SubmitOrder | ReplaceOrder)]


def resting(bench: Bench) -> dict[int, int]:
    live = bench.engine.state.book.slices(CE_CLOSE)
    return {number: order.resting.quantity for number, order in live.items()}


class TestTheStop:
    def test_is_sent_in_slices(self) -> None:
        bench = Bench(FROZEN)
        bench.engine.restore(begun(325).records[:3])
        assert bench.hold() == [
            SubmitOrder("o2", slice_(1, 130)),
            SubmitOrder("o3", slice_(2, 130)),
            SubmitOrder("o4", slice_(3, 65)),
        ]

    def test_is_left_alone_while_a_slice_fills(self) -> None:
        bench = protected()
        assert bench.fill("o2", 130, 185_00) == []
        assert bench.fill("o3", 65, 185_00) == []
        assert resting(bench) == {2: 65, 3: 65}

    def test_has_closed_the_position_when_all_have_filled(self) -> None:
        bench = protected()
        for order_id, units in [("o4", 65), ("o2", 130), ("o3", 130)]:
            assert bench.fill(order_id, units, 185_00) == []
        (trade,) = bench.engine.state.holdings.trades.values()
        assert (trade.quantity, trade.exit_reason) == (325, "stop")
        assert bench.position() is None

    def test_grows_with_the_entry(self) -> None:
        bench = protected(65)
        assert bench.fill("o1", 65, 174_95) == [ReplaceOrder("o2", slice_(1, 130), 0)]
        bench.replaced("o2")
        assert bench.fill("o1", 65, 174_95) == [SubmitOrder("o3", slice_(2, 65))]
        bench.accept("o3")
        bench.fill("o2", 65, 185_00)
        # with what it has traded the first would be above the freeze quantity
        assert bench.fill("o1", 65, 174_95) == [ReplaceOrder("o3", slice_(2, 130), 0)]
        bench.replaced("o3")
        assert bench.fill("o1", 65, 174_95) == [SubmitOrder("o4", slice_(3, 65))]

    def test_slices_step_up_together(self) -> None:
        bench = protected()
        assert bench.tick(185_00, ask=189_00) == []
        assert wanted(bench.wait(2)) == [
            replace(slice_(n, units), limit=192_00) for n, units in [(1, 130), (2, 130), (3, 65)]
        ]


class TestALostSlice:
    def test_makes_an_exit_of_all(self) -> None:
        bench = protected()
        assert bench.canceled("o3", "price band") == [
            ReplaceOrder("o2", leave(1, 130, 179_05, "stop_lost"), 0),
            ReplaceOrder("o4", leave(3, 65, 179_05, "stop_lost"), 0),
            SubmitOrder("o5", leave(2, 130, 179_05, "stop_lost")),
        ]

    def test_that_was_refused_does_too(self) -> None:
        bench = begun(325)
        bench.accept("o2")
        # two are in flight still, one of them is not any more
        assert bench.reject("o3") == [
            ReplaceOrder("o2", leave(1, 130, 179_05, "stop_lost"), 0),
            SubmitOrder("o5", leave(2, 130, 179_05, "stop_lost")),
        ]
        bench.tick(176_00, ask=178_00)
        # it joins them on their terms, not on a newer offer's
        assert bench.accept("o4") == [ReplaceOrder("o4", leave(3, 65, 179_05, "stop_lost"), 0)]

    def test_of_the_exit_rests_before_it_is_sent_again(self) -> None:
        bench = protected()
        bench.canceled("o3", "price band")
        bench.replaced("o2")
        bench.replaced("o4")
        assert bench.reject("o5") == []
        assert resting(bench) == {1: 130, 3: 65}
        assert bench.fill("o2", 130, 179_05) == []
        assert bench.wait(1) == [SubmitOrder("o6", leave(1, 130, 179_05, "stop_lost"))]

    def test_that_trades_after_all_makes_the_others_give_way(self) -> None:
        bench = protected()
        bench.reject("o3")
        for order_id in ("o2", "o4"):
            bench.replaced(order_id)
        bench.accept("o5")
        assert bench.fill("o3", 130, 177_00) == [
            CancelOrder("o4", "surplus"),
            ReplaceOrder("o5", leave(2, 65, 179_05, "stop_lost"), 0),
        ]
        bench.replaced("o5")
        assert bench.canceled("o4") == []
        assert resting(bench) == {1: 130, 2: 65}

    @pytest.mark.parametrize("first", ["in flight", "refused"])
    def test_is_followed_by_one_on_the_terms_asked_for(self, first: str) -> None:
        bench = protected()
        bench.until(FORCE_EXIT)
        if first == "refused":
            assert bench.replace_refused("o2") == [CancelOrder("o2", "terms")]
        bench.tick(176_00, ask=178_00)
        assert bench.canceled("o3") == [SubmitOrder("o5", leave(2, 130, 179_05, "force_exit"))]

    def test_that_rests_keeps_no_other_waiting(self) -> None:
        bench = protected(195)
        bench.until(FORCE_EXIT)
        bench.canceled("o3")
        assert bench.reject("o4") == []
        assert wanted(bench.fill("o1", 130, 174_95)) == [leave(3, 65, 179_05, "force_exit")]

    def test_that_takes_no_change_is_cancelled_alone(self) -> None:
        bench = protected()
        bench.until(FORCE_EXIT)
        bench.replaced("o2")
        bench.replaced("o4")
        assert bench.replace_refused("o3") == [CancelOrder("o3", "terms")]
        assert wanted(bench.canceled("o3")) == [leave(2, 130, 179_05, "force_exit")]


class TestTheExit:
    def test_is_what_all_slices_turn_into(self) -> None:
        bench = protected()
        halt, *orders = bench.until(FORCE_EXIT)
        assert halt == HaltDay("force_exit")
        assert wanted(orders) == [
            leave(n, units, 179_05, "force_exit") for n, units in [(1, 130), (2, 130), (3, 65)]
        ]

    def test_steps_up_together_and_moves_nothing_that_has_filled(self) -> None:
        bench = protected()
        bench.until(FORCE_EXIT)
        for order_id in ("o2", "o3", "o4"):
            bench.replaced(order_id)
        bench.fill("o3", 130, 179_05)
        assert wanted(bench.tick(180_00, ask=180_00)) == [
            leave(1, 130, 183_00, "force_exit"),
            leave(3, 65, 183_00, "force_exit"),
        ]

    def test_of_an_unknown_price_is_left_as_it_rests(self) -> None:
        bench = protected().again()
        halt, *orders = bench.until(FORCE_EXIT)
        assert (halt, orders) == (HaltDay("force_exit"), [])


class TestALowerFreezeQuantity:
    """A stop of 325 units was sent when that was one order's worth."""

    STOP = (SubmitOrder("o2", stop(quantity=325)), ev.OrderAccepted(at(7), "o2", "b-o2"))

    def test_leaves_the_stop_alone(self) -> None:
        assert resting(begun(325, *self.STOP)) == {1: 325}

    def test_is_kept_to_when_the_terms_change(self) -> None:
        bench = begun(325, *self.STOP)
        _, *orders = bench.until(FORCE_EXIT)
        assert orders == [ReplaceOrder("o2", leave(1, 130, 179_05, "force_exit"), 0)]
        assert bench.replaced("o2") == [
            SubmitOrder("o3", leave(2, 130, 179_05, "force_exit")),
            SubmitOrder("o4", leave(3, 65, 179_05, "force_exit")),
        ]

    @pytest.mark.parametrize("traded", [130, 195])
    def test_lets_go_of_an_order_that_has_traded_as_much_or_more(self, traded: int) -> None:
        fill = ev.OrderFilled(at(8), "o2", "f2", traded, traded * 185_00)
        bench = begun(325, *self.STOP, fill)
        _, *orders = bench.until(FORCE_EXIT)
        assert orders == [CancelOrder("o2", "surplus")]
        first, *_ = wanted(bench.canceled("o2"))
        assert first == leave(1, 130, 179_05, "force_exit")


@pytest.mark.parametrize("after", range(4))
def test_a_restart_finds_the_slices(after: int) -> None:
    bench = protected()
    for order_id in ("o2", "o3", "o4")[:after]:
        bench.fill(order_id, 65, 185_00)
    again = bench.again()
    assert again.engine.state.book == bench.engine.state.book
    assert again.hold() == []
