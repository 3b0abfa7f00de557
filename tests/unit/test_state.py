from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.domain import events as ev
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    HaltDay,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
)
from swingbreak.domain.orders import OrderIntent, Slot
from swingbreak.engine.state import State
from swingbreak.risk.account import no_charge
from tests.builders import CE, at, entry, stop

ENTRY_SLOT, CLOSE_SLOT = entry().slot, stop().slot
EXIT = replace(stop(trigger=None), reason="force_exit")
SECOND = timedelta(seconds=1)


def stop_of(_intent: OrderIntent) -> int:
    return 18400


def sold() -> State:
    state = State.empty(no_charge)
    state.record(SubmitOrder("o1", entry()))
    state.learn(ev.OrderFilled(at(10), "o1", "f1", 650, 650 * 17495), stop_of)
    return state


def closing(intent: OrderIntent) -> State:
    """A short whose closing order ``o2`` works."""
    state = sold()
    state.record(SubmitOrder("o2", intent))
    state.learn(ev.OrderAccepted(at(11), "o2", "b2"), stop_of)
    return state


def entering() -> State:
    state = State.empty(no_charge)
    state.record(SubmitOrder("o1", entry()))
    return state


def test_a_fill_is_news_once() -> None:
    state = entering()
    fill = ev.OrderFilled(at(10), "o1", "f1", 195, 195 * 17495)
    assert state.learn(fill, stop_of)
    assert not state.learn(fill, stop_of)
    assert state.holdings.positions[CE.symbol].quantity == -195
    assert state.filled_levels == {"L1"}
    assert state.triggered == {"o1": at(10)}


def test_the_clock_of_an_entry_ends_with_it() -> None:
    state = entering()
    state.triggered["o1"] = at(9)
    state.learn(ev.OrderFilled(at(10), "o1", "f1", 195, 1), stop_of)
    assert state.triggered == {"o1": at(9)}
    state.learn(ev.OrderCanceled(at(11), "o1"), stop_of)
    assert state.triggered == {}


def test_a_stop_is_where_it_was_sent() -> None:
    state = sold()
    assert state.holdings.positions[CE.symbol].stop == 18400
    state.record(SubmitOrder("o2", stop()))
    assert state.holdings.positions[CE.symbol].stop == 18500
    state.learn(ev.OrderAccepted(at(11), "o2", "b2"), stop_of)
    state.record(ReplaceOrder("o2", stop(trigger=18600), 0))
    assert state.holdings.positions[CE.symbol].stop == 18600


def test_an_exit_leaves_the_stop_where_it_was() -> None:
    state = closing(stop())
    state.record(ReplaceOrder("o2", EXIT, 0))
    assert state.holdings.positions[CE.symbol].stop == 18500


def test_an_exit_for_want_of_a_stop_is_remembered() -> None:
    state = sold()
    state.record(SubmitOrder("o2", replace(EXIT, reason="stop_lost")))
    assert state.exit_reason(CE.symbol) == "stop_lost"


def test_a_pause_ends_with_a_resume() -> None:
    state = sold()
    state.record(PauseDay("news"))
    assert state.paused
    assert state.exit_reason(CE.symbol) == ""
    state.record(ResumeDay("over"))
    assert not state.paused


def test_the_end_of_the_day_is_a_reason_to_leave_everything() -> None:
    state = sold()
    assert state.exit_reason(CE.symbol) == ""
    state.record(HaltDay("daily_stop"))
    assert (state.halted, state.exit_reason(CE.symbol)) == ("daily_stop", "daily_stop")


@pytest.mark.parametrize(
    ("intent", "event", "lost", "pause"),
    [
        (stop(), ev.OrderRejected(at(20), "o2", "x"), True, 0),
        (stop(), ev.OrderRejected(at(20), "o2", "x", sent=False), False, 1),
        (EXIT, ev.OrderRejected(at(20), "o2", "x"), True, 1),
        (EXIT, ev.OrderRejected(at(20), "o2", "x", sent=False), False, 1),
        (stop(), ev.OrderCanceled(at(20), "o2", "band"), True, 0),
        (EXIT, ev.OrderCanceled(at(20), "o2", "band"), True, 1),
    ],
    ids=[
        "stop rejected",
        "stop not sent",
        "exit rejected",
        "exit not sent",
        "stop taken away",
        "exit taken away",
    ],
)
def test_how_a_closing_order_is_lost(
    intent: OrderIntent, event: ev.OrderEvent, lost: bool, pause: int
) -> None:
    state = closing(intent)
    state.learn(event, stop_of)
    assert state.lost == ({CE.symbol} if lost else set())
    assert state.blocked == ({CLOSE_SLOT: at(20) + pause * SECOND} if pause else {})


@pytest.mark.parametrize(
    ("event", "refused", "pause"),
    [
        (ev.OrderRejected(at(20), "o1", "margin"), True, 5),
        (ev.OrderRejected(at(20), "o1", "down", sent=False), False, 5),
        (ev.OrderCanceled(at(20), "o1", "RMS"), True, 0),
    ],
    ids=["rejected", "not sent", "taken away"],
)
def test_how_an_entry_is_refused(event: ev.OrderEvent, refused: bool, pause: int) -> None:
    state = entering()
    state.learn(event, stop_of)
    assert state.refused == ({CE.symbol: "L1"} if refused else {})
    assert state.blocked == ({ENTRY_SLOT: at(20) + pause * SECOND} if pause else {})
    assert state.lost == set()


@pytest.mark.parametrize(
    ("sent", "pauses"),
    [(True, [1] * 9 + [2, 4, 8, 16, 32, 60, 60]), (False, [1] * 16)],
    ids=["a broker that refuses for hours", "a gateway that is away"],
)
def test_an_exit_that_is_turned_away_again_and_again_waits_longer(
    sent: bool, pauses: list[int]
) -> None:
    state = closing(EXIT)
    for number, pause in enumerate(pauses, start=2):
        state.learn(ev.OrderRejected(at(20), f"o{number}", "no", sent=sent), stop_of)
        assert state.blocked == {CLOSE_SLOT: at(20) + pause * SECOND}
        state.record(SubmitOrder(f"o{number + 1}", EXIT))
    last = f"o{len(pauses) + 2}"
    state.learn(ev.OrderAccepted(at(21), last, "b"), stop_of)
    state.learn(ev.OrderCanceled(at(22), last, "band"), stop_of)
    assert state.blocked == {CLOSE_SLOT: at(22) + SECOND}, "one that was taken ends the row"


@pytest.mark.parametrize(
    ("sent", "pauses"),
    [(True, [1] * 9 + [2, 4, 8, 16, 30, 30]), (False, [1] * 15)],
    ids=["a broker that refuses for hours", "a gateway that is away"],
)
def test_an_order_that_is_kept_again_and_again_is_asked_for_less_often(
    sent: bool, pauses: list[int]
) -> None:
    """Once a second would use up the messages of the day in less than half an hour."""
    state = closing(stop())
    for pause in pauses:
        state.record(CancelOrder("o2", "flat"))
        state.learn(ev.OrderCancelRefused(at(20), "o2", "no", sent=sent), stop_of)
        assert state.blocked == {CLOSE_SLOT: at(20) + pause * SECOND}
    state.record(ReplaceOrder("o2", stop(), 0))
    state.learn(ev.OrderReplaced(at(21), "o2"), stop_of)
    state.record(CancelOrder("o2", "flat"))
    state.learn(ev.OrderCancelRefused(at(22), "o2", "no"), stop_of)
    assert state.blocked == {CLOSE_SLOT: at(22) + SECOND}, "a change that was made ends the row"
    state.learn(ev.OrderCanceled(at(23), "o2", ""), stop_of)
    assert not state._kept, "and so does the end of the order"


def test_a_slot_rests_until_its_time() -> None:
    state = entering()
    state.learn(ev.OrderRejected(at(20), "o1", "margin"), stop_of)
    assert state.pausing(ENTRY_SLOT, at(20, 4.9)) == {1}
    assert state.pausing(ENTRY_SLOT, at(20, 5)) == set()
    assert state.pausing(CLOSE_SLOT, at(20)) == set()


class TestCancel:
    def cancelling(self) -> State:
        state = closing(stop())
        state.record(CancelOrder("o2", "terms"))
        return state

    def test_that_we_asked_for_loses_nothing(self) -> None:
        state = self.cancelling()
        state.learn(ev.OrderCanceled(at(20), "o2"), stop_of)
        assert (state.lost, state.blocked) == (set(), {})

    @pytest.mark.parametrize("slot", [CLOSE_SLOT, ENTRY_SLOT])
    def test_that_is_refused_rests_for_a_second(self, slot: Slot) -> None:
        state = self.cancelling() if slot == CLOSE_SLOT else entering()
        order_id = state.book.live[slot].order_id
        if slot == ENTRY_SLOT:
            state.record(CancelOrder(order_id, "x"))
        state.learn(ev.OrderCancelRefused(at(20), order_id, "busy"), stop_of)
        assert state.blocked == {slot: at(20, 1)}

    def test_that_is_refused_too_late_is_nothing(self) -> None:
        state = self.cancelling()
        state.learn(ev.OrderFilled(at(20), "o2", "f2", 650, 1), stop_of)
        state.learn(ev.OrderCancelRefused(at(20), "o2", "complete"), stop_of)
        assert state.blocked == {}

    def test_that_comes_after_a_refused_change_and_a_refused_cancel_is_ours(self) -> None:
        state = closing(stop())
        state.record(ReplaceOrder("o2", stop(quantity=715), 0))
        state.learn(ev.OrderReplaceRefused(at(19), "o2", "ignored"), stop_of)
        state.record(CancelOrder("o2", "terms"))
        state.learn(ev.OrderCancelRefused(at(20), "o2", "no answer"), stop_of)
        state.learn(ev.OrderCanceled(at(20), "o2", "cancelled by hand?"), stop_of)
        assert (state.lost, state.blocked) == (set(), {})


def test_a_lost_stop_is_forgotten_when_its_position_is_flat() -> None:
    state = closing(EXIT)
    state.lost.add(CE.symbol)
    state.learn(ev.OrderFilled(at(20), "o2", "f2", 325, 1), stop_of)
    assert state.lost == {CE.symbol}
    state.learn(ev.OrderFilled(at(20), "o2", "f3", 325, 1), stop_of)
    assert state.lost == set()


def test_a_closing_order_without_a_position_is_no_loss() -> None:
    state = closing(stop())
    state.record(CancelOrder("o2", "terms"))
    state.learn(ev.OrderCanceled(at(20), "o2"), stop_of)
    state.record(SubmitOrder("o3", stop()))
    state.learn(ev.OrderFilled(at(20), "o2", "f2", 650, 1), stop_of)
    state.learn(ev.OrderRejected(at(21), "o3", "no position"), stop_of)
    assert state.lost == set()


@pytest.mark.parametrize(
    "event", [ev.OrderUnconfirmed(at(20), "o1"), ev.OrderAccepted(at(20), "o1", "b1")], ids=str
)
def test_other_news_change_the_order_alone(event: ev.OrderEvent) -> None:
    state = entering()
    assert state.learn(event, stop_of)
    assert (state.lost, state.blocked, state.refused, state.triggered) == (set(), {}, {}, {})


def test_an_exact_price_reaches_the_position() -> None:
    state = sold()
    state.learn(ev.OrderPriced(at(20), "o1", 650, 99), stop_of)
    assert state.holdings.positions[CE.symbol].sold_value == 99


def adoption(number: int, symbol: str = CE.symbol, *, leaves: bool = False) -> AdoptPosition:
    return AdoptPosition(
        at(10), f"hand{number}", symbol, 65, 65 * 17000, 1000, 18000, leaves=leaves
    )


def test_each_position_of_others_that_is_taken_over_counts() -> None:
    state = State.empty(no_charge)
    for number, symbol in enumerate(("A", "B", "C"), 1):
        state.record(adoption(number, symbol))
    assert state.adopted == 3


def test_what_others_buy_back_is_no_more_unwanted_and_its_stop_no_more_lost() -> None:
    state = State.empty(no_charge)
    state.record(adoption(1, leaves=True))
    state.lost.add(CE.symbol)
    state.record(BookByHand(at(11), CE.symbol, 65, 65 * 17000))
    assert (state.unwanted, state.lost) == (set(), set())
    assert state.exit_reason(CE.symbol) == ""


def test_a_fill_says_nothing_of_a_slice_in_another_symbol() -> None:
    state = entering()
    other = replace(entry("OTHER"), slot=ENTRY_SLOT._replace(number=2))
    state.record(SubmitOrder("o2", other))
    state.learn(ev.OrderFilled(at(10), "o1", "f1", 195, 1), stop_of)
    assert state.triggered == {"o1": at(10)}


def test_an_entry_sent_beside_a_position_leaves_its_stop_where_it_is() -> None:
    state = sold()
    state.record(SubmitOrder("o2", replace(entry(), slot=ENTRY_SLOT._replace(number=2))))
    assert state.holdings.positions[CE.symbol].stop == 18400


def test_the_end_of_the_day_is_the_reason_to_leave_what_lost_its_stop_too() -> None:
    state = sold()
    state.lost.add(CE.symbol)
    assert state.exit_reason(CE.symbol) == "stop_lost"
    state.record(HaltDay("daily_stop"))
    assert state.exit_reason(CE.symbol) == "daily_stop"
