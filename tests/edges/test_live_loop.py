from dataclasses import replace

import pytest

from swingbreak.domain.account import AccountBooks, ForeignOrder, SeenOrder
from swingbreak.domain.commands import CancelOrder, CancelStray, Command, SubmitOrder, Tell
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.events import (
    AccountSeen,
    HistoryLoaded,
    OrderAccepted,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderReplaceRefused,
    OrderUnconfirmed,
    SymbolsHeld,
    TickReceived,
)
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.runtime.governor import WINDOWS
from swingbreak.runtime.inbox import (
    AccountRead,
    Beat,
    FeedBack,
    FeedGone,
    HistoryRead,
    OrderTold,
    QuotesRead,
    TickIn,
)
from tests.builders import CE, OPEN, PE, at, entry, position, stop, tick
from tests.runtime_fakes import Rig, settle

SUBMIT = SubmitOrder("o1", entry())
TICK = TickIn(at(0, 5), tick(150_00, 0, 5))


def answering(rig: Rig) -> Rig:
    """A rig whose next tick wants an order."""
    rig.engine.answers[TickReceived] = [[SUBMIT]]
    return rig


# Steps: market time waits for our pong.


async def test_a_pong_comes_when_all_before_it_is_acted_upon_and_nothing_is_in_flight() -> None:
    async with answering(Rig()) as rig:
        await rig.put(rig.mark("first", at(0, 1)))
        assert rig.pongs == ["first"]
        rig.broker.gate.clear()
        await rig.put(TICK, rig.mark("second", at(0, 6)))
        assert rig.broker.sent == [SUBMIT]
        assert rig.pongs == ["first"]
        rig.broker.gate.set()
        await settle()
        assert rig.pongs == ["first", "second"]


async def test_within_a_step_nothing_takes_effect_before_its_end() -> None:
    learnt: list[str] = []
    async with answering(Rig()) as rig:
        await rig.put(rig.mark("start", at(0, 1)))
        await rig.put(TICK, OrderTold(lambda: learnt.append("told")), TICK)
        assert [type(event) for event in rig.engine.events].count(TickReceived) == 2
        assert (rig.broker.sent, learnt) == ([], [])
        await rig.put(rig.mark("end", at(0, 6)))
        assert (rig.broker.sent, learnt, rig.pongs) == ([SUBMIT], ["told"], ["start", "end"])


async def test_time_passes_to_the_mark_before_what_was_told_is_learnt() -> None:
    async with Rig() as rig:
        rig.engine.wake = OPEN
        learnt: list[int] = []
        await rig.put(rig.mark("start", at(0, 1)))
        told = OrderTold(lambda: learnt.append(len(rig.engine.events)))
        await rig.put(told, rig.mark("end", at(0, 4)))
        assert learnt == [len(rig.engine.events)]
        assert rig.engine.events[-1].at == at(0, 4)


async def test_what_an_order_became_is_acted_upon_before_the_pong() -> None:
    async with Rig() as rig:
        rig.hold(Order("o1", entry()))
        accepted = OrderAccepted(at(0, 2), "o1", "b1")
        await rig.put(rig.mark("start", at(0, 1)))
        await rig.put(OrderTold(lambda: rig.live.learn(accepted)), rig.mark("end", at(0, 2)))
        assert rig.engine.events[-1] == accepted
        assert rig.pongs == ["start", "end"]


async def test_an_answer_brings_more_orders_before_the_pong() -> None:
    async with Rig() as rig:
        second = SubmitOrder("o2", stop())
        rig.engine.answers[TickReceived] = [[SUBMIT]]
        rig.engine.answers[OrderFilled] = [[second]]
        await rig.put(rig.mark("start", at(0, 1)))
        rig.broker.gate.clear()
        await rig.put(TICK, rig.mark("end", at(0, 6)))
        rig.live.learn(OrderFilled(at(0, 6), "o1", "f1", 650, 650))
        await settle()
        assert rig.broker.sent == [SUBMIT, second]
        assert rig.pongs == ["start"]
        rig.broker.gate.set()
        await settle()
        assert rig.pongs == ["start", "end"]


# Running time.


async def test_without_steps_everything_takes_effect_at_once() -> None:
    learnt: list[str] = []
    async with answering(Rig()) as rig:
        await rig.put(rig.mark("beat", at(0, 1), steps=False), TICK)
        assert rig.broker.sent == [SUBMIT]
        await rig.put(OrderTold(lambda: learnt.append("told")))
        assert learnt == ["told"]
        assert rig.pongs == ["beat"]


async def test_a_ping_without_market_time_is_answered_and_moves_no_clock() -> None:
    async with Rig(at(3)) as rig:
        await rig.put(rig.mark("alive", None, steps=False))
        assert rig.pongs == ["alive"]
        assert rig.clock.now() == at(3)


async def test_ticks_carry_the_clock() -> None:
    async with Rig() as rig:
        await rig.put(TICK)
        assert rig.clock.now() == at(0, 5)
        assert isinstance(rig.engine.events[-1], TickReceived)


async def test_orders_over_the_rate_wait_for_the_next_second() -> None:
    async with Rig() as rig:
        many = [SubmitOrder(f"o{n}", stop(f"S{n}")) for n in range(9)]
        rig.engine.answers[TickReceived] = [list(many)]
        await rig.put(TICK)
        assert rig.broker.sent == many[:8]
        await rig.put(rig.mark("later", at(0, 5.9), steps=False))
        assert rig.broker.sent == many[:8]
        await rig.put(rig.mark("later", at(0, 6), steps=False))
        assert rig.broker.sent == many


# Durable first.


async def test_nothing_is_sent_that_the_ledger_did_not_keep() -> None:
    async with answering(Rig()) as rig:
        rig.ledger.fails = LedgerError("the disk is full")
        await rig.put(TICK)
        assert rig.is_over
        assert rig.task is not None
        with pytest.raises(ExceptionGroup) as raised:
            rig.task.result()
        assert raised.group_contains(LedgerError, match="the disk is full")
        assert rig.broker.sent == []


async def test_a_cause_and_its_commands_are_one_commit() -> None:
    async with Rig() as rig:
        rig.hold(Order("o1", entry()))
        filled = OrderFilled(at(0, 1), "o1", "f1", 650, 650 * 174_95)
        protect = SubmitOrder("o2", stop())
        rig.engine.answers[OrderFilled] = [[protect, Tell("entry.filled", CE.symbol, "")]]
        rig.live.learn(filled)
        await settle()
        assert rig.ledger.commits == [[filled, protect]]
        assert rig.broker.sent == [protect]


async def test_a_task_that_fails_ends_the_day() -> None:
    async with answering(Rig()) as rig:

        async def explode(_command: object) -> None:
            raise ZeroDivisionError

        rig.broker.execute = explode  # type: ignore[method-assign]
        await rig.put(TICK)
        assert rig.task is not None
        with pytest.raises(ExceptionGroup) as raised:
            rig.task.result()
        assert raised.group_contains(ZeroDivisionError)


# The feed.


async def test_a_lost_feed_holds_everything_and_steps_no_more() -> None:
    async with answering(Rig()) as rig:
        await rig.put(rig.mark("start", at(0, 1)))
        await rig.put(FeedGone("gone"))
        held = [event for event in rig.engine.events if isinstance(event, SymbolsHeld)]
        assert held[-1].reasons == dict.fromkeys((CE.symbol, PE.symbol), "incomplete")
        await rig.put(TICK)
        assert rig.broker.sent == [SUBMIT]


async def test_a_feed_that_is_back_has_its_history_read() -> None:
    async with Rig() as rig:
        await rig.put(FeedBack(tells_orders=True), rig.mark("m0", at(0, 30), steps=False))
        assert rig.history.asked == []
        await rig.put(rig.mark("m1", at(1, 2), steps=False))
        assert rig.history.asked == [CE.symbol, PE.symbol]
        assert rig.pongs == ["m0", "m1"]
        loaded = [e for e in rig.engine.events if isinstance(e, HistoryLoaded)]
        assert [event.bars.keys() for event in loaded] == [{CE.symbol, PE.symbol}]


async def test_what_is_held_is_quoted_while_no_tick_comes() -> None:
    async with Rig() as rig:
        rig.hold(position=position())
        rig.desk.started(OPEN)
        rig.history.quoted = {CE.symbol: (180_00, 181_00), PE.symbol: (90_00, 91_00)}
        await rig.put(FeedGone("gone"), rig.mark("m0", at(0, 9), steps=False))
        assert rig.history.quoted_at == []
        await rig.put(rig.mark("m1", at(0, 10), steps=False))
        quoted = Tick(CE.symbol, at(0, 10), 180_00, ask=181_00)
        assert rig.engine.events[-1] == TickReceived(at(0, 10), quoted)


async def test_a_quote_that_comes_after_a_tick_says_nothing_new() -> None:
    async with Rig() as rig:
        await rig.put(TickIn(at(0, 3), tick(170_00, 0, 3)))
        seen = list(rig.engine.events)
        await rig.put(QuotesRead((Tick(CE.symbol, at(0, 2), 180_00),)))
        assert rig.engine.events == seen
        await rig.put(QuotesRead((Tick(CE.symbol, at(0, 4), 180_00),)))
        news = TickReceived(at(0, 3), Tick(CE.symbol, at(0, 4), 180_00))
        assert rig.engine.events == [*seen, news]


async def test_history_that_was_read_is_learnt() -> None:
    async with Rig() as rig:
        await rig.put(HistoryRead({CE.symbol: ()}))
        assert rig.engine.events[0] == HistoryLoaded(OPEN, {CE.symbol: ()})


BY_HAND = AccountBooks(
    (SeenOrder("x1", "", CE.symbol, False, 65, 170_00, 0, works=True),), {CE.symbol: 0}
)


async def test_what_a_look_shows_reaches_the_engine() -> None:
    async with Rig() as rig:
        await rig.put(AccountRead(BY_HAND), AccountRead(BY_HAND))
        (*_, seen) = rig.engine.looked
        assert isinstance(seen, AccountSeen)
        assert [type(each) for each in seen.discrepancies] == [ForeignOrder]


async def test_what_was_told_of_our_orders_comes_before_what_the_look_shows() -> None:
    async with Rig() as rig:
        rig.hold(Order("o1", entry()))
        rig.live.learn(OrderAccepted(at(1), "o1", "b1"))
        await rig.put(AccountRead(BY_HAND))
        assert isinstance(rig.engine.events[-1], OrderAccepted)


@pytest.mark.parametrize(
    "event",
    [
        OrderUnconfirmed(at(1), "o1"),
        OrderCancelRefused(at(1), "o1", "busy"),
        OrderReplaceRefused(at(1), "o1", "busy"),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_an_order_in_doubt_makes_the_account_be_looked_at(event: OrderEvent) -> None:
    async with Rig() as rig:
        await rig.put(Beat())
        looks = rig.broker.looks
        rig.live.learn(event)
        rig.clock.advance(at(0, 30))
        await rig.put(Beat())
        assert rig.broker.looks == looks + 1


@pytest.mark.parametrize("sent", [True, False])
async def test_what_never_left_does_not_use_up_the_messages_of_the_day(*, sent: bool) -> None:
    """A gateway that is down for long: its time is a minute here for every eight attempts."""
    day, batch = WINDOWS[-1].most, 8
    rounds = day // batch + 2
    strays: list[Command] = [CancelStray(f"x{number}", CE.symbol, "no") for number in range(batch)]
    async with Rig() as rig:
        rig.engine.answers[TickReceived] = [strays for _ in range(rounds)]
        for minute in range(rounds):
            rig.clock.advance(at(minute))
            await rig.put(TICK)
            for each in strays:
                rig.live.learn(OrderCancelRefused(at(minute), str(each), "no", sent))
            await settle()
        assert len(rig.broker.sent) == (day if sent else batch * rounds)


async def test_a_stray_is_cancelled_at_once() -> None:
    async with Rig() as rig:
        stray = CancelStray("x1", CE.symbol, "foreign")
        rig.engine.answers[TickReceived] = [[stray]]
        await rig.put(TICK)
        assert rig.broker.sent == [stray]
        assert rig.ledger.commits == [[stray]]


# A process that begins after one that died.


async def test_a_cancel_that_may_never_have_left_is_sent_again_at_once_and_once() -> None:
    rig = Rig()
    rig.hold(replace(Order("o1", stop()), status=OrderStatus.PENDING_CANCEL, broker_order_id="b1"))
    async with rig:
        await rig.put(Beat())
        (sent,) = rig.broker.sent
        assert isinstance(sent, CancelOrder)
        assert sent.order_id == "o1"
        await rig.put(Beat(), rig.mark("later", at(0, 9)))
        assert rig.broker.sent == [sent]
        assert rig.ledger.kept == []


@pytest.mark.parametrize("status", sorted(set(OrderStatus) - {OrderStatus.PENDING_CANCEL}))
async def test_nothing_else_is_sent_again(status: OrderStatus) -> None:
    rig = Rig()
    rig.hold(replace(Order("o1", stop()), status=status, replacement=entry()))
    async with rig:
        await rig.put(Beat(), rig.mark("later", at(0, 9)))
        assert rig.broker.sent == []
