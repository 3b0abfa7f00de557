from datetime import time, timedelta

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import InvalidTransition, Livelock
from swingbreak.domain.orders import Purpose, Side
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import _NEVER
from swingbreak.risk.account import Account
from swingbreak.strategy.levels import LevelState
from tests.builders import CE, PE, SESSION, bar, contract, stop
from tests.engine_bench import (
    CE_CLOSE,
    CE_ENTRY,
    LATER,
    PARAMETERS,
    Bench,
    armed,
    lost_trade,
    morning,
    protected,
    quiet,
    resting,
    short,
    wanted,
)

FORCE_EXIT = SESSION.at(PARAMETERS.force_exit)
# 650 units at 174.95: a mark at which five R are won or lost to the paisa.
FIVE_R_UP = 174_95 - 50_00
FIVE_R_DOWN = 174_95 + 50_00


def reasons(commands: list[OrderCommand | HaltDay]) -> list[str]:
    return [command.reason for command in commands if isinstance(command, HaltDay)]


class TestDayEnd:
    @pytest.mark.parametrize(
        ("ask", "reason"),
        [
            (FIVE_R_UP, "daily_target"),
            (FIVE_R_UP + 5, ""),
            (FIVE_R_DOWN - 5, ""),
            (FIVE_R_DOWN, "daily_stop"),
        ],
    )
    def test_open_positions_count_at_the_offer(self, ask: int, reason: str) -> None:
        bench = protected()
        seen = bench.tick(180_00, ask=ask)
        assert reasons(seen) == ([reason] if reason else [])

    def test_where_there_is_no_offer_the_last_price_counts(self) -> None:
        halt, leave = protected().tick(FIVE_R_UP)
        assert halt == HaltDay("daily_target")
        assert (wanted(leave).trigger, wanted(leave).reason) == (None, "daily_target")

    @pytest.mark.parametrize(("price", "halts"), [(FIVE_R_DOWN, True), (FIVE_R_DOWN - 5, False)])
    def test_what_is_realised_counts(self, price: int, halts: bool) -> None:
        bench = protected()
        bench.tick(185_00, ask=185_00)
        seen = bench.fill("o2", 650, price)
        assert ([HaltDay("daily_stop")] == seen) is halts

    def test_realised_and_open_count_together(self) -> None:
        bench = armed(CE, PE)
        bench.accept("o1")
        bench.accept("o2")
        bench.fill("o1", 650, 174_95)
        bench.accept("o3")
        bench.fill("o3", 650, 174_95 + 20_00)
        bench.fill("o2", 650, 174_95)
        assert reasons(bench.tick(174_95 + 29_95, PE.symbol)) == []
        assert reasons(bench.tick(174_95 + 30_00, PE.symbol)) == ["daily_stop"]

    def test_costs_count(self) -> None:
        bench = Bench(charge=lambda _sold, _bought, orders: 650 * orders)
        bench.hold()
        bench.load({CE.symbol: morning()})
        bench.fill("o1", 650, 174_95)
        bench.tick(174_95)
        assert bench.engine.account() == Account(0, -1300)
        assert reasons(bench.tick(FIVE_R_UP)) == []
        assert reasons(bench.tick(FIVE_R_UP - 5)) == ["daily_target"]

    def test_it_comes_at_the_force_exit_time(self) -> None:
        bench = protected()
        assert bench.engine.wake == FORCE_EXIT
        assert bench.until(FORCE_EXIT - timedelta(seconds=1)) == []
        halt, leave = bench.until(FORCE_EXIT)
        assert halt == HaltDay("force_exit")
        assert isinstance(leave, ReplaceOrder)
        assert (leave.intent.trigger, leave.intent.reason) == (None, "force_exit")
        assert bench.engine.wake == _NEVER

    def test_it_cancels_entries_and_places_none_ever_after(self) -> None:
        bench = armed(CE, PE)
        bench.accept("o1")
        bench.accept("o2")
        bench.fill("o1", 650, 174_95)
        bench.accept("o3")
        halt, *orders = bench.tick(FIVE_R_UP)
        assert halt == HaltDay("daily_target")
        assert len(orders) == 2
        assert CancelOrder("o2", "daily_target") in orders
        bench.canceled("o2")
        bench.replaced("o3")
        bench.fill("o3", 650, FIVE_R_UP)
        assert bench.tick(200_00) == []
        assert bench.closing(*LATER) == []
        assert bench.load({CE.symbol: morning(), PE.symbol: morning()}) == []
        assert bench.engine.state.book.live == {}

    def test_no_level_is_watched_after_it(self) -> None:
        bench = armed(CE, PE)
        bench.accept("o1")
        bench.accept("o2")
        assert bench.engine.watches(CE.symbol)
        bench.until(FORCE_EXIT)
        for order_id in ("o1", "o2"):
            bench.canceled(order_id)
        assert bench.engine.pinned() == set()
        assert not bench.engine.watches(CE.symbol)

    def test_it_comes_once(self) -> None:
        bench = resting()
        bench.until(FORCE_EXIT)
        bench.canceled("o1")
        assert bench.wait(60) == []
        assert [told.kind for told in bench.told].count("day.halted") == 1

    def test_an_entry_in_flight_is_cancelled_when_it_is_accepted(self) -> None:
        bench = armed()
        assert bench.until(FORCE_EXIT) == [HaltDay("force_exit")]
        assert bench.accept("o1") == [CancelOrder("o1", "force_exit")]

    def test_an_entry_that_fills_all_the_same_is_left_at_once(self) -> None:
        bench = resting()
        bench.until(FORCE_EXIT)
        (leave,) = bench.fill("o1", 650, 174_95)
        assert (wanted(leave).side, wanted(leave).trigger) == (Side.BUY, None)

    def test_an_exit_follows_the_offer_only_when_it_runs_away(self) -> None:
        bench = protected()
        bench.tick(180_00, ask=180_00)
        _, leave = bench.until(FORCE_EXIT)
        assert wanted(leave).limit == 183_00
        bench.replaced("o2")
        assert bench.tick(182_00, ask=183_00) == []
        (again,) = bench.tick(183_00, ask=183_05)
        assert wanted(again).limit == 186_05

    def test_no_entry_time_comes_after_it(self) -> None:
        late = Parameters(last_entry=time(15, 20), force_exit=time(15, 10))
        assert Bench(parameters=late).engine.wake == SESSION.at(time(15, 10))
        assert armed(parameters=late).engine.wake == SESSION.at(time(15, 10))


class TestTicks:
    def test_a_tick_that_changes_nothing_is_no_step(self) -> None:
        bench = protected()
        wake = bench.engine.wake
        assert bench.tick(180_00) == []
        assert bench.engine.wake == wake
        assert bench.engine.account().open == -650 * 505

    def test_only_a_timer_tells_the_time(self) -> None:
        # else the same day would be decided at other moments where other symbols tick
        bench = resting()
        bench.now = FORCE_EXIT
        assert bench.tick(180_00, after=0) == []
        assert bench.wait(0)[0] == HaltDay("force_exit")

    def test_a_timer_before_its_time_is_no_step(self) -> None:
        assert resting().wait(1) == []

    def test_ticks_matter_of_a_level_without_an_order(self) -> None:
        bench = armed()
        bench.reject("o1", sent=False)  # it rests a while
        assert bench.engine.pinned() == set()
        assert bench.engine.watches(CE.symbol)

    def test_ticks_matter_of_levels_positions_and_orders(self) -> None:
        bench = armed(CE, PE)
        assert bench.engine.watches(PE.symbol)
        bench.tick(174_90)
        bench.closing(bar(7, 175_00, 175_00, 174_00, 174_50))
        bench.closing(quiet(8))
        assert bench.engine.watches(CE.symbol)  # its order
        assert bench.engine.pinned() == {CE.symbol, PE.symbol}
        bench.fill("o1", 650, 174_95)
        bench.accept("o3")
        assert bench.engine.watches(CE.symbol)
        assert bench.engine.pinned() == {CE.symbol, PE.symbol}
        assert not Bench(CE).engine.watches(CE.symbol)

    def test_the_account_can_be_marked_at_any_price(self) -> None:
        bench = protected()
        account = bench.engine.account_at(lambda _symbol: 170_00)
        assert account == Account(0, 650 * 4_95)
        assert not bench.engine.decides(account)
        assert bench.engine.decides(bench.engine.account_at(lambda _symbol: FIVE_R_UP))


class TestFills:
    def test_a_fill_counts_once_and_is_said_once(self) -> None:
        bench = short(195)
        talk = len(bench.told)
        assert bench.fill("o1", 195, 174_95, again=True) == []
        position = bench.position()
        assert position is not None
        assert position.quantity == -195
        assert len(bench.told) == talk

    def test_a_fill_ends_its_level_whether_its_break_was_seen_or_not(self) -> None:
        bench = resting()
        level = bench.engine.state.book.orders["o1"].intent.level
        bench.fill("o1", 65, 174_95)
        found = bench.engine.view.strategy.level(level)
        assert found is not None
        assert found.state is LevelState.FILLED

    def test_a_late_fill_after_the_cancel_opens_a_protected_position(self) -> None:
        bench = resting()
        bench.hold(**{CE.symbol: "stale"})
        bench.canceled("o1")
        assert bench.fill("o1", 130, 174_95) == [SubmitOrder("o2", stop(quantity=130))]

    def test_the_rest_of_an_entry_that_fills_after_a_stop_is_another_trip(self) -> None:
        bench = protected(195)
        bench.tick(185_00)
        bench.fill("o2", 195, 185_00)
        (again,) = bench.fill("o1", 65, 185_00)
        assert isinstance(again, SubmitOrder)
        assert list(bench.engine.state.holdings.trades) == ["o1"]
        position = bench.position()
        assert position is not None
        assert position.trade_id == "o1.2"

    @pytest.mark.parametrize("first", [715, 650])
    def test_what_was_sold_beyond_the_order_has_its_stop_too(self, first: int) -> None:
        bench = short(first)
        bench.accept("o2")
        if first < 715:
            bench.fill("o1", 715 - first, 174_95)
            bench.replaced("o2")
        for one in (bench, bench.again()):
            order, position = one.live(CE_CLOSE), one.position()
            assert order is not None
            assert position is not None
            assert (order.intent.quantity, position.quantity) == (715, -715)

    def test_an_exact_price_corrects_an_open_trip(self) -> None:
        bench = protected()
        bench.tick(174_95)
        assert bench.priced("o1", 650 * 174_95 + 100) == []
        assert bench.engine.account() == Account(0, 100)

    def test_an_exact_price_corrects_a_closed_trip(self) -> None:
        bench = lost_trade(protected(), 185_00)
        before = bench.engine.account()
        bench.priced("o2", 650 * 185_00 + 70)
        bench.priced("o1", 650 * 174_95 + 100)
        assert bench.engine.account() == Account(before.realised + 30, 0)

    def test_a_correction_may_end_the_day(self) -> None:
        bench = lost_trade(protected(), FIVE_R_DOWN - 5)
        assert bench.priced("o2", 650 * FIVE_R_DOWN) == [HaltDay("daily_stop")]

    def test_no_order_of_ours_is_an_error(self) -> None:
        with pytest.raises(InvalidTransition, match="o9: OrderAccepted for no order of ours"):
            armed().accept("o9")


def flip(bench: Bench, number: int) -> None:
    """Hold the symbol, or free it, and answer what follows."""
    held = number % 2 == 0
    bench.hold(**({CE.symbol: "stale"} if held else {}))
    order = bench.live(CE_ENTRY)
    assert order is not None
    if held:
        bench.canceled(order.order_id)
    else:
        bench.accept(order.order_id)


def test_a_mind_that_keeps_changing_is_stopped() -> None:
    bench = resting()
    for number in range(149):
        flip(bench, number)
    with pytest.raises(Livelock, match="entry:CE: 150 commands"):
        flip(bench, 149)


def test_positions_and_live_entries_keep_within_five_three_three() -> None:
    calls = [contract(24000 + 50 * n) for n in range(4)]
    puts = [contract(24000 + 50 * n, PE.right) for n in range(3)]
    bench = Bench(*calls, *puts)
    bench.hold()
    for each in [*calls[:3], *puts[:2]]:
        bench.load({each.symbol: morning()})
        slot = next(s for s in bench.engine.state.book.live if s.purpose is Purpose.ENTRY)
        order = bench.live(slot)
        assert order is not None
        bench.fill(order.order_id, 650, 174_95)
    assert bench.load({calls[3].symbol: morning(), puts[2].symbol: morning()}) == []
    assert len(bench.engine.state.holdings.positions) == 5
