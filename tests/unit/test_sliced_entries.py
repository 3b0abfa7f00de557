"""Entries larger than one order may be: all slices of one are one entry."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose
from swingbreak.domain.parameters import Parameters
from swingbreak.risk.gate import review
from swingbreak.risk.limits import limits
from tests.builders import PE, contract, entry, position
from tests.engine_bench import CE_CLOSE, CE_ENTRY, LATER, Bench, armed, morning, quiet
from tests.frozen import FROZEN, FROZEN2, LARGEST

FIVE = ["o1", "o2", "o3", "o4", "o5"]


def resting() -> Bench:
    """The worked example's entry in the market: five slices of two lots."""
    bench = armed(FROZEN)
    for order_id in FIVE:
        bench.accept(order_id)
    return bench


def triggered() -> Bench:
    bench = resting()
    bench.tick(174_90, ask=175_00)
    return bench


def cancels(reason: str, *order_ids: str) -> list[CancelOrder]:
    return [CancelOrder(order_id, reason) for order_id in order_ids]


def wanted(commands: Iterable[OrderCommand | HaltDay]) -> list[OrderIntent]:
    return [c.intent for c in commands if isinstance(c, SubmitOrder | ReplaceOrder)]


def live(bench: Bench) -> dict[int, str]:
    return {n: order.order_id for n, order in bench.engine.state.book.slices(CE_ENTRY).items()}


class TestSlices:
    def test_are_sent_together_on_equal_terms(self) -> None:
        intents = wanted(c for c in armed(FROZEN).records if isinstance(c, SubmitOrder))
        assert [str(intent.slot) for intent in intents] == [
            "entry:CE",
            "entry:CE#2",
            "entry:CE#3",
            "entry:CE#4",
            "entry:CE#5",
        ]
        assert {(i.quantity, i.trigger, i.limit, i.points) for i in intents} == {
            (130, 174_95, 171_95, 10_00)
        }
        assert len({(i.symbol, i.level) for i in intents}) == 1

    def test_of_one_right_keep_no_tick_from_the_other(self) -> None:
        bench = Bench(FROZEN, PE, parameters=Parameters(stop_min_bp=500))
        bench.hold()
        bench.load({FROZEN.symbol: morning(), PE.symbol: morning(high=182_00)})  # too near
        assert bench.engine.state.book.further
        assert bench.tick(182_70, PE.symbol) == []
        assert [i.symbol for i in wanted(bench.tick(182_75, PE.symbol))] == [PE.symbol]

    def test_are_kept_while_nothing_differs(self) -> None:
        assert resting().closing(quiet(7)) == []

    def test_become_fewer_from_the_last(self) -> None:
        commands = resting().tick(187_00)  # 13 points: 7 lots
        assert [c for c in commands if isinstance(c, CancelOrder)] == cancels("surplus", "o5")
        assert [(str(i.slot), i.quantity) for i in wanted(commands)] == [("entry:CE#4", 65)]

    def test_become_one(self) -> None:
        bench = armed(FROZEN, parameters=Parameters(r_value=2_100_00))  # 3 lots
        bench.accept("o1")
        bench.accept("o2")
        assert bench.tick(189_50) == cancels("surplus", "o2")  # 15.5 points: 2 lots

    def test_follow_their_level_together(self) -> None:
        bench = resting()
        commands = bench.closing(*LATER)
        assert [c.order_id for c in commands if isinstance(c, ReplaceOrder)] == FIVE
        assert {i.trigger for i in wanted(commands)} == {178_95}

    def test_are_cancelled_together(self) -> None:
        assert resting().hold(**{FROZEN.symbol: "stale"}) == cancels("stale", *FIVE)

    def test_are_cancelled_for_one_reason_when_their_level_no_longer_qualifies(self) -> None:
        assert resting().tick(230_00) == cancels("stop_too_far", *FIVE)

    def test_are_cancelled_together_when_one_is_refused(self) -> None:
        bench = armed(FROZEN)
        for order_id in ("o1", "o3", "o4", "o5"):
            bench.accept(order_id)
        assert bench.reject("o2") == cancels("entry_refused", "o1", "o3", "o4", "o5")

    def test_wait_for_one_that_was_not_sent(self) -> None:
        bench = armed(FROZEN)
        for order_id in ("o1", "o3", "o4", "o5"):
            bench.accept(order_id)
        assert bench.reject("o2", sent=False) == []
        assert bench.wait(4.5) == []
        (again,) = bench.wait(0.5)
        assert again == SubmitOrder("o6", bench.engine.state.book.orders["o2"].intent)

    @pytest.mark.parametrize(("last", "joins"), [(175_05, True), (175_00, False)])
    def test_are_not_joined_by_one_at_its_trigger(self, last: int, joins: bool) -> None:
        bench = armed(FROZEN, parameters=Parameters(entry_offset_ticks=0))
        for order_id in ("o1", "o3", "o4", "o5"):
            bench.accept(order_id)
        bench.reject("o2", sent=False)
        bench.engine.view.strategy.tick(FROZEN.symbol, last)  # a touch is no break
        commands = bench.wait(5)
        assert [type(c) for c in commands] == ([SubmitOrder] if joins else [])


class TestSwitch:
    """From one of 8 lots in four slices to one of 10 in five, or back."""

    FOUR = FIVE[:4]

    def switching(self) -> Bench:
        bench = Bench(FROZEN, FROZEN2)
        bench.hold()
        bench.load({FROZEN.symbol: morning(high=186_00)})
        for order_id in self.FOUR:
            bench.accept(order_id)
        assert bench.load({FROZEN2.symbol: morning()}) == cancels("switch", *self.FOUR)
        return bench

    def test_waits_for_the_last_slice(self) -> None:
        bench = self.switching()
        for order_id in self.FOUR[:-1]:
            assert bench.canceled(order_id) == []
        sent = wanted(bench.canceled("o4"))
        assert [(i.symbol, i.quantity) for i in sent] == [(FROZEN2.symbol, LARGEST)] * 5

    def test_is_put_off_to_the_next_bar_when_one_will_not_go(self) -> None:
        bench = self.switching()
        for order_id in self.FOUR[1:]:
            bench.canceled(order_id)
        sent = wanted(bench.cancel_refused("o1"))
        assert [(i.symbol, i.slot.number) for i in sent] == [(FROZEN.symbol, n) for n in (2, 3, 4)]
        for order_id in ("o5", "o6", "o7"):
            bench.accept(order_id)
        assert bench.closing(quiet(7)) == cancels("switch", "o1", "o5", "o6", "o7")

    def test_goes_to_one_that_is_smaller(self) -> None:
        bench = self.switching()
        for order_id in self.FOUR:
            bench.canceled(order_id)
        for order_id in ("o5", "o6", "o7", "o8", "o9"):
            bench.accept(order_id)
        assert bench.load({FROZEN2.symbol: morning(high=188_00)}) == cancels(
            "switch", "o5", "o6", "o7", "o8", "o9"
        )


class TestTheBreak:
    def test_is_that_of_every_slice(self) -> None:
        bench = triggered()
        assert bench.engine.state.triggered.keys() == set(FIVE)
        assert bench.hold(**{FROZEN.symbol: "stale"}) == []

    def test_is_known_from_the_first_fill(self) -> None:
        bench = resting()
        (stop,) = bench.fill("o3", LARGEST, 174_95)
        assert isinstance(stop, SubmitOrder)
        assert stop.intent.slot == CE_CLOSE
        assert bench.engine.state.triggered.keys() == set(FIVE) - {"o3"}
        assert bench.tick(175_10) == []

    def test_includes_a_slice_of_which_nothing_is_known(self) -> None:
        bench = armed(FROZEN)
        for order_id in ("o1", "o3", "o4", "o5"):
            bench.accept(order_id)
        bench.unconfirmed("o2")
        bench.fill("o1", LARGEST, 174_95)
        assert bench.accept("o2") == []
        assert "o2" in bench.engine.state.triggered

    def test_leaves_out_a_slice_with_other_terms(self) -> None:
        bench = resting()
        bench.closing(*LATER)
        for order_id in FIVE[:-1]:
            bench.replaced(order_id)
        bench.fill("o1", LARGEST, 178_95)
        assert bench.replace_refused("o5", sent=False) == []
        assert bench.wait(1) == cancels("position", "o5")

    def test_is_one_position(self) -> None:
        bench = triggered()
        for order_id in FIVE:
            bench.fill(order_id, LARGEST, 174_95)
        position_ = bench.position()
        assert position_ is not None
        assert (position_.quantity, position_.trade_id) == (-650, "o1")
        assert len(bench.engine.state.book.slices(CE_CLOSE)) == 5

    def test_sends_no_further_slice(self) -> None:
        bench = armed(FROZEN)
        for order_id in ("o1", "o3", "o4", "o5"):
            bench.accept(order_id)
        bench.reject("o2", sent=False)
        bench.tick(174_90, ask=175_00)
        assert wanted(bench.wait(6)) == []

    def test_has_its_time_and_then_the_rest_is_given_up(self) -> None:
        bench = triggered()
        bench.fill("o1", LARGEST, 174_95)
        bench.accept("o6")
        bench.fill("o2", LARGEST // 2, 174_95)
        bench.accept("o7")
        assert bench.wait(59) == []
        assert bench.wait(1) == cancels("unfilled", "o2", "o3", "o4", "o5")
        for order_id in ("o2", "o3", "o4", "o5"):
            bench.canceled(order_id)
        assert {o.intent.slot.purpose for o in bench.engine.state.book.live.values()} == {
            Purpose.CLOSE
        }

    def test_keeps_the_right_until_the_last_slice_is_gone(self) -> None:
        bench = Bench(FROZEN, FROZEN2)
        bench.hold()
        bench.load({FROZEN.symbol: morning(), FROZEN2.symbol: morning(high=186_00)})
        for order_id in FIVE:
            bench.accept(order_id)
        bench.tick(174_90, ask=175_00)
        for order_id in FIVE[:-1]:
            bench.fill(order_id, LARGEST, 174_95)
        assert live(bench) == {5: "o5"}
        assert bench.tick(186_50, FROZEN2.symbol) == []
        sent = wanted(bench.fill("o5", LARGEST, 174_95))
        assert {i.symbol for i in sent if i.slot.purpose is Purpose.ENTRY} == {FROZEN2.symbol}

    def test_leaves_nothing_behind_when_the_position_is_left(self) -> None:
        bench = triggered()
        bench.fill("o1", LARGEST, 174_95)
        bench.accept("o6")
        assert bench.tick(185_00, ask=185_05) == cancels("unfilled", *FIVE[1:])

    def test_survives_a_restart(self) -> None:
        bench = triggered()
        bench.fill("o1", LARGEST, 174_95)
        again = bench.again()
        assert again.engine.state.book == bench.engine.state.book
        assert again.engine.state.triggered.keys() == set(FIVE[1:])


CALLS = [contract(24000 + 50 * n) for n in range(3)]
RULES = limits(Parameters(max_per_right=2), {each.symbol: each for each in CALLS})


def slices(symbol: str, *numbers: int) -> list[OrderIntent]:
    whole = entry(symbol)
    return [replace(whole, slot=CE_ENTRY._replace(number=number)) for number in numbers]


@pytest.mark.parametrize(
    ("rest", "want", "approved"),
    [
        ([], slices(CALLS[2].symbol, 1, 2, 3), 3),
        (slices(CALLS[2].symbol, 1), slices(CALLS[2].symbol, 1, 2), 2),
        (slices(CALLS[1].symbol, 1, 2), slices(CALLS[2].symbol, 1, 2), 2),
        (slices(CALLS[1].symbol, 2), slices(CALLS[2].symbol, 1), 0),
    ],
    ids=[
        "the slices of one symbol count once",
        "one that joins those that rest",
        "those of another symbol that go are not counted against those that come",
        "but a new one is not sent beside them",
    ],
)
def test_limits_see_one_entry(
    rest: list[OrderIntent], want: list[OrderIntent], approved: int
) -> None:
    orders = {i.slot: Order("o9", i, OrderStatus.ACCEPTED) for i in rest}
    held = {CALLS[0].symbol: position(CALLS[0].symbol)}
    passed, refused = review(want, held, orders, RULES)
    assert (len(passed), len(refused)) == (approved, len(want) - approved)


def test_a_lot_above_the_freeze_quantity_is_refused() -> None:
    rules = limits(Parameters(), {FROZEN.symbol: replace(FROZEN, freeze=64)})
    _, (refused,) = review([entry(quantity=65)], {}, {}, rules)
    assert refused.rule == "freeze"
