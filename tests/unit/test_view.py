from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swingbreak.domain import events as ev
from swingbreak.domain.commands import HaltDay, SubmitOrder
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.closing import Quote
from swingbreak.engine.state import State
from swingbreak.engine.view import MarketView
from swingbreak.risk.account import no_charge
from tests.builders import CE, PE, at, bar, entry
from tests.engine_bench import LATER, morning, quiet

NEVER = datetime.max.replace(tzinfo=UTC)
LEVEL = f"{CE.symbol}@6:4:17500"
ENTRY = entry(level=LEVEL)


def view(state: State | None = None) -> MarketView:
    contracts = {CE.symbol: CE, PE.symbol: PE}
    made = MarketView(contracts, Parameters(), state or State.empty(no_charge))
    made.learn(ev.HistoryLoaded(at(7), {CE.symbol: morning(), PE.symbol: morning()}), NEVER)
    return made


def working(intent: OrderIntent = ENTRY) -> State:
    state = State.empty(no_charge)
    state.record(SubmitOrder("o1", intent))
    return state


def fill(state: State, quantity: int = 650, stop: int = 18500) -> None:
    event = ev.OrderFilled(at(7), "o1", f"f{quantity}", quantity, quantity * 17495)
    state.learn(event, lambda _intent: stop)


def tick(price: int, ask: int = 0, second: float = 1) -> ev.TickReceived:
    return ev.TickReceived(at(7, second), Tick(CE.symbol, at(7, second), price, ask=ask))


class TestWhatMatters:
    @pytest.mark.parametrize(
        ("price", "matters"), [(17495, True), (17500, False), (18400, False), (18405, True)]
    )
    def test_of_a_level_its_break_and_a_higher_high(self, price: int, matters: bool) -> None:
        assert view().learn(tick(price), NEVER) is matters

    @pytest.mark.parametrize("second", [1, 2])
    def test_of_time_the_moment_to_wake(self, second: int) -> None:
        made = view()
        assert not made.learn(tick(18000, second=second), at(7, 2))
        assert made.learn(ev.TimerFired(at(7, second)), at(7, 2)) is (second == 2)

    @pytest.mark.parametrize(
        "event",
        [
            ev.MinuteClosed(at(8, 1.5), 7, {CE.symbol: quiet(7)}, {}),
            ev.HistoryLoaded(at(8), {}),
            ev.SymbolsHeld(at(8), {}),
        ],
        ids=lambda event: type(event).__name__,
    )
    def test_slices_histories_and_holds_always(self, event: ev.MarketEvent) -> None:
        assert view().learn(event, NEVER)

    @pytest.mark.parametrize(
        ("price", "lost", "halted", "matters"),
        [
            (18000, False, False, False),
            (18500, False, False, True),
            (18000, True, False, True),
            (18000, False, True, True),
        ],
        ids=["the stop rests", "the stop is reached", "the stop is lost", "the day is over"],
    )
    def test_of_a_position_its_stop_and_its_exit(
        self, price: int, lost: bool, halted: bool, matters: bool
    ) -> None:
        state = working()
        made = view(state)
        fill(state)
        made.strategy.mark_filled(LEVEL)
        if lost:
            state.lost.add(CE.symbol)
        if halted:
            state.record(HaltDay("daily_stop"))
        assert made.learn(tick(price), NEVER) is matters

    def test_of_a_reached_stop_every_tick(self) -> None:
        state = working()
        made = view(state)
        fill(state)
        made.learn(tick(18500), NEVER)
        assert made.reached == {CE.symbol: at(7, 1)}
        assert made.learn(tick(18000, second=2), NEVER)
        assert made.reached == {CE.symbol: at(7, 1)}


class TestTriggered:
    def test_at_the_trigger_of_a_live_order(self) -> None:
        state = working()
        made = view(state)
        made.learn(tick(17500), NEVER)
        assert state.triggered == {}
        assert made.learn(tick(17495, second=2), NEVER)
        made.learn(tick(17400, second=3), NEVER)
        assert state.triggered == {"o1": at(7, 2)}

    def test_of_the_orders_own_symbol(self) -> None:
        state = working(entry("OTHER", level="L1"))
        view(state).learn(tick(17000), NEVER)
        assert state.triggered == {}

    def test_never_by_a_tick_where_there_is_no_trigger(self) -> None:
        state = working(entry(trigger=None, level="other"))
        view(state).learn(tick(17000), NEVER)
        assert state.triggered == {}

    def test_of_a_further_slice_whose_first_is_gone(self) -> None:
        state = working(replace(ENTRY, slot=ENTRY.slot._replace(number=2)))
        view(state).learn(tick(17495), NEVER)
        assert state.triggered == {"o1": at(7, 1)}

    def test_not_of_a_further_slice_in_another_symbol(self) -> None:
        state = working(replace(entry("OTHER"), slot=ENTRY.slot._replace(number=2)))
        view(state).learn(tick(17495), NEVER)
        assert state.triggered == {}

    @pytest.mark.parametrize("held", [False, True])
    def test_matters_where_no_level_is_at_its_trigger(self, held: bool) -> None:
        state = working(entry(trigger=17600, level=LEVEL, quantity=1300))
        made = view(state)
        if held:
            fill(state)
            made.strategy.mark_filled(LEVEL)
        assert made.learn(tick(17600), NEVER)

    def test_by_the_bar_that_broke_its_level(self) -> None:
        state = working()
        made = view(state)
        bars = {CE.symbol: bar(7, 18000, 18000, 17400, 17400)}
        made.learn(ev.MinuteClosed(at(8, 1.5), 7, bars, {}), NEVER)
        assert state.triggered == {"o1": at(8, 1.5)}

    def test_by_the_history_that_broke_its_level(self) -> None:
        state = working()
        bars = {CE.symbol: (*morning(), bar(7, 18000, 18000, 17400, 17400))}
        view(state).learn(ev.HistoryLoaded(at(8), bars), NEVER)
        assert state.triggered == {"o1": at(8)}


class TestQuotes:
    def test_a_quote_is_the_last_tick_else_the_last_bar(self) -> None:
        made = view()
        assert made.quote(CE.symbol) == Quote(18300, 0)
        made.learn(tick(18000, ask=18010), NEVER)
        assert made.quote(CE.symbol) == Quote(18000, 18010)
        assert made.mark(CE.symbol) == 18010

    def test_a_mark_without_an_offer_is_the_last_price(self) -> None:
        made = view()
        made.learn(tick(18000), NEVER)
        assert made.mark(CE.symbol) == 18000
        assert (
            MarketView({CE.symbol: CE}, Parameters(), State.empty(no_charge)).mark(CE.symbol) == 0
        )

    @pytest.mark.parametrize("held", [False, True])
    def test_a_closed_minute_outdates_the_ticks_of_what_is_not_held(self, held: bool) -> None:
        state = working()
        made = view(state)
        if held:
            fill(state)
        made.learn(tick(18000, ask=18010), NEVER)
        made.learn(ev.MinuteClosed(at(8, 1.5), 7, {CE.symbol: quiet(7)}, {}), NEVER)
        assert made.quote(CE.symbol) == (Quote(18000, 18010) if held else Quote(18300, 0))


class TestStops:
    def test_planned_is_what_the_entry_was_sized_with(self) -> None:
        assert view().planned_stop(ENTRY) == 18500
        assert view().planned_stop(entry(trigger=None)) == 17195 + 5 + 1000

    def test_at_the_fill_it_is_above_the_highest_high_since(self) -> None:
        made = view()
        made.learn(tick(18605), NEVER)
        assert made.stop_of(ENTRY) == 18705

    def test_before_the_bars_are_known_it_is_the_planned_one(self) -> None:
        assert view().stop_of(entry(level="unknown")) == 18500

    def test_a_position_opened_beyond_its_stop_has_reached_it(self) -> None:
        state = working()
        made = view(state)
        made.learn(tick(18500), NEVER)
        fill(state)
        made.position_changed(CE.symbol, at(7, 2))
        assert made.reached == {CE.symbol: at(7, 2)}

    def test_a_closed_position_has_reached_nothing(self) -> None:
        made = view()
        made.reached[CE.symbol] = at(7)
        made.position_changed(CE.symbol, at(7))
        assert made.reached == {}


class TestBarred:
    def test_until_history_is_loaded(self) -> None:
        made = MarketView({CE.symbol: CE, PE.symbol: PE}, Parameters(), State.empty(no_charge))
        assert made.barred() == {CE.symbol: "no_history", PE.symbol: "no_history"}
        made.learn(ev.SymbolsHeld(at(7), {PE.symbol: "stale"}), NEVER)
        made.learn(ev.HistoryLoaded(at(7), {CE.symbol: morning()}), NEVER)
        assert made.barred() == {PE.symbol: "stale"}
        made.learn(ev.SymbolsHeld(at(8), {}), NEVER)
        assert made.barred() == {PE.symbol: "no_history"}

    def test_while_in_position(self) -> None:
        state = working()
        made = view(state)
        assert made.barred() == {}
        fill(state)
        assert made.barred() == {CE.symbol: "position"}

    def test_while_the_refused_level_is_the_newest(self) -> None:
        state = State.empty(no_charge)
        made = view(state)
        state.refused[CE.symbol] = LEVEL
        assert made.barred() == {CE.symbol: "entry_refused"}
        for minute, row in enumerate(LATER, start=7):
            made.learn(ev.MinuteClosed(at(8), minute, {CE.symbol: row}, {}), NEVER)
        assert made.barred() == {}

    def test_in_quarantine_until_loaded_again(self) -> None:
        made = view()
        slice_ = ev.MinuteClosed(at(8), 3, {CE.symbol: quiet(3), PE.symbol: quiet(7)}, {})
        made.learn(slice_, NEVER)
        assert list(made.barred()) == [CE.symbol]
        assert made.barred()[CE.symbol].startswith("quarantined: bar of minute 3 after")
        made.learn(ev.MinuteClosed(at(9), 8, {CE.symbol: quiet(8)}, {}), NEVER)
        made.learn(ev.HistoryLoaded(at(9), {CE.symbol: (quiet(5), quiet(4))}), NEVER)
        assert list(made.barred()) == [CE.symbol]
        made.learn(ev.HistoryLoaded(at(9), {CE.symbol: morning()}), NEVER)
        assert made.barred() == {}


def test_history_does_not_forget_what_was_filled() -> None:
    state = State.empty(no_charge)
    state.filled_levels.update({LEVEL, "unknown", f"{CE.symbol}@99:98:17500"})
    assert view(state).strategy.choice(CE.symbol) == "filled"
