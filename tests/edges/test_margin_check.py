"""Entries leave only with margin; nothing else is asked for any."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from swingbreak.domain.commands import CancelOrder, CancelStray, Outgoing, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import BrokerError, DataError, GatewayUnreachable, ModeMismatch
from swingbreak.domain.events import (
    OrderAccepted,
    OrderEvent,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus
from swingbreak.ports import Funds
from swingbreak.runtime import margin_check
from swingbreak.runtime.entry_margin import EntryMargin, Question
from swingbreak.runtime.local_broker import LocalBroker
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.margin_check import CheckedBroker
from swingbreak.simulation.funded import funded_exchange
from tests import gateway_fakes
from tests.builders import CE, PE, Right, at, entry, stop
from tests.engine_bench import resting
from tests.runtime_fakes import FakeBroker, settle

LAKH: Paise = 1_00_000_00
A_UNIT: Paise = 2_800_00  # what one unit of margin costs, about that of NIFTY


@dataclass
class FakeAccount:
    """Answers from what it is given; every accepted order blocks as a broker would."""

    free: Paise
    used: Paise = 0
    asked: list[str] = field(default_factory=list)
    faults: deque[Exception] = field(default_factory=deque)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    silent: bool = False  # about funds

    def __post_init__(self) -> None:
        self.gate.set()

    async def margin(self, intent: OrderIntent, units: int) -> Paise:
        self.asked.append(f"margin {intent.symbol} {units}")
        await self.gate.wait()
        if self.faults:
            raise self.faults.popleft()
        return units * A_UNIT

    async def funds(self) -> Funds:
        self.asked.append("funds")
        if self.silent:
            raise GatewayUnreachable("it does not say")
        return Funds(self.free, self.used)

    def block(self, amount: Paise) -> None:
        self.free, self.used = self.free - amount, self.used + amount


class Clock:
    """Market time, moved by the test."""

    def __init__(self) -> None:
        self.time = at(1)

    def now(self) -> datetime:
        return self.time


class Desk:
    """A checked broker with everything around it."""

    def __init__(self, free: Paise, headroom_bp: int = 1000) -> None:
        self.orders: dict[str, Order] = {}
        self.barred = ""
        self.account = FakeAccount(free)
        self.broker = FakeBroker()
        self.margins = EntryMargin(self.orders, headroom_bp, lambda _: self.barred)
        self.clock = Clock()
        self.events: list[OrderEvent] = []
        self.checked = CheckedBroker(
            self.broker, self.account, self.margins, self.clock, self.events.append
        )

    async def send(self, *commands: Outgoing) -> None:
        """Send as the outbox does, each in a task of its own."""
        async with asyncio.TaskGroup() as tasks:
            for command in commands:
                tasks.create_task(self.checked.execute(command))


ENTRY = SubmitOrder("o1", entry(quantity=650))
OTHER = SubmitOrder("o2", entry(PE.symbol, Right.PE, quantity=650))
NEED = 650 * A_UNIT
WITH_HEADROOM = NEED * 11 // 10


async def test_an_entry_the_account_can_carry_leaves() -> None:
    desk = Desk(WITH_HEADROOM)
    await desk.send(ENTRY)
    assert desk.broker.sent == [ENTRY]
    assert desk.account.asked == [f"margin {CE.symbol} 650", "funds"]
    assert desk.events == []
    assert desk.margins.peak == NEED


async def test_an_entry_it_cannot_carry_is_refused_with_the_numbers() -> None:
    desk = Desk(WITH_HEADROOM - 1)
    await desk.send(ENTRY)
    assert desk.broker.sent == []
    reason = (
        f"margin of 650 {CE.symbol} is short by Rs 0.01: required Rs 1820000.00, with headroom "
        "Rs 2002000.00; free Rs 2001999.99"
    )
    assert desk.events == [OrderRejected(at(1), "o1", reason, sent=True)]
    assert desk.margins.peak == 0


async def test_the_headroom_is_a_setting() -> None:
    desk = Desk(NEED, headroom_bp=0)
    await desk.send(ENTRY)
    assert desk.broker.sent == [ENTRY]


NOT_ASKED = [
    pytest.param(SubmitOrder("o3", stop()), id="stop"),
    pytest.param(SubmitOrder("o3", stop(trigger=None)), id="exit"),
    pytest.param(ReplaceOrder("o3", stop(), 0), id="change of a stop"),
    pytest.param(CancelOrder("o1", "switch"), id="cancel"),
    pytest.param(CancelStray("b9", CE.symbol, "foreign"), id="cancel of a stray"),
    pytest.param(ReplaceOrder("o1", entry(quantity=650), 0), id="entry moved"),
    pytest.param(ReplaceOrder("o1", entry(quantity=585), 65), id="entry part filled, moved"),
    pytest.param(ReplaceOrder("o1", entry(quantity=325), 0), id="entry made smaller"),
]


@pytest.mark.parametrize("command", NOT_ASKED)
async def test_what_adds_nothing_never_waits(command: Outgoing) -> None:
    desk = Desk(0)
    desk.orders["o1"] = Order("o1", ENTRY.intent, OrderStatus.PENDING_REPLACE)
    desk.account.gate.clear()
    waiting = asyncio.create_task(desk.checked.execute(OTHER))
    await settle()
    await desk.send(command)
    assert desk.broker.sent == [command]
    assert desk.account.asked == [f"margin {PE.symbol} 650", "funds"]
    waiting.cancel()


async def test_a_larger_entry_needs_margin_for_what_it_adds() -> None:
    desk = Desk(130 * A_UNIT)
    desk.orders["o1"] = Order("o1", entry(quantity=390), OrderStatus.PENDING_REPLACE, filled=65)
    await desk.send(ReplaceOrder("o1", entry(quantity=390), 65))
    assert desk.account.asked[0] == f"margin {CE.symbol} 65"
    assert len(desk.broker.sent) == 1
    larger = ReplaceOrder("o1", entry(quantity=520), 65)
    await desk.send(larger)
    assert larger not in desk.broker.sent
    (refusal,) = desk.events
    assert isinstance(refusal, OrderReplaceRefused)
    assert (refusal.order_id, refusal.sent) == ("o1", True)
    assert refusal.reason.startswith(f"margin of 195 {CE.symbol} is short by Rs 418600.00")


async def test_two_entries_at_once_do_not_share_the_same_money() -> None:
    desk = Desk(2 * NEED)
    desk.broker.gate.clear()
    sending = asyncio.create_task(desk.send(ENTRY, OTHER))
    await settle()
    # the second one is not even asked about before the first one's answer
    assert desk.broker.sent == [ENTRY]
    assert desk.account.asked == [f"margin {CE.symbol} 650", "funds"]
    desk.account.block(NEED)
    desk.margins.heard(OrderAccepted(at(1), "o1", "b1"))
    desk.broker.gate.set()
    await sending
    assert desk.broker.sent == [ENTRY]
    assert [event.order_id for event in desk.events] == ["o2"]


@pytest.mark.parametrize(
    ("heard", "leaves"),
    [
        (OrderUnconfirmed(at(1), "o1"), False),
        (OrderAccepted(at(1), "o1", "b1"), True),
        (OrderRejected(at(1), "o1", "no"), True),
        (OrderReplaced(at(1), "o9"), False),
    ],
    ids=["unknown", "accepted", "refused", "of another order"],
)
async def test_what_was_granted_is_pledged_until_its_answer(
    heard: OrderEvent, *, leaves: bool
) -> None:
    desk = Desk(2 * NEED)  # the broker has not blocked anything yet
    await desk.send(ENTRY)
    desk.margins.heard(heard)
    await desk.send(OTHER)
    assert (OTHER in desk.broker.sent) is leaves
    assert desk.margins.peak == NEED


async def test_a_margin_is_good_for_a_minute_and_money_is_counted_afresh() -> None:
    desk = Desk(10 * NEED)
    await desk.send(ENTRY)
    desk.margins.heard(OrderAccepted(at(1), "o1", "b1"))
    desk.clock.time = at(1, 59.9)
    desk.account.block(9 * NEED)
    await desk.send(replace(ENTRY, order_id="o3"))
    assert desk.account.asked == [f"margin {CE.symbol} 650", "funds", "funds"]
    assert [event.order_id for event in desk.events] == ["o3"]
    desk.clock.time = at(2)
    await desk.send(replace(ENTRY, order_id="o4"))
    assert desk.account.asked[3:] == [f"margin {CE.symbol} 650", "funds"]


async def test_a_margin_is_kept_per_symbol_and_quantity() -> None:
    desk = Desk(10 * NEED)
    smaller = SubmitOrder("o3", entry(quantity=325))
    for command in (ENTRY, OTHER, smaller):
        await desk.send(command)
    asked = [question for question in desk.account.asked if question != "funds"]
    assert asked == [
        f"margin {CE.symbol} 650",
        f"margin {PE.symbol} 650",
        f"margin {CE.symbol} 325",
    ]


@pytest.mark.parametrize(
    "fault", [GatewayUnreachable("it is down"), DataError("margin of -1")], ids=["down", "absurd"]
)
async def test_without_an_answer_the_entry_waits(fault: BrokerError | DataError) -> None:
    desk = Desk(10 * NEED)
    desk.account.faults.append(fault)
    await desk.send(ENTRY)
    assert desk.broker.sent == []
    why = f"not sent, its margin is not known: {fault}"
    assert desk.events == [OrderRejected(at(1), "o1", why, sent=False)]
    await desk.send(OTHER)  # the turn was given back
    assert desk.broker.sent == [OTHER]


async def test_a_margin_is_kept_though_the_funds_are_not_told() -> None:
    desk = Desk(10 * NEED)
    desk.account.silent = True
    await desk.send(ENTRY)
    why = "not sent, its margin is not known: it does not say"
    assert desk.events == [OrderRejected(at(1), "o1", why, sent=False)]
    desk.account.silent = False
    await desk.send(replace(ENTRY, order_id="o3"))
    assert desk.account.asked == [f"margin {CE.symbol} 650", "funds", "funds"]
    assert [command.order_id for command in desk.broker.sent] == ["o3"]


@pytest.mark.parametrize("before", [True, False], ids=["at the door", "while it was asked"])
async def test_an_entry_that_is_barred_meanwhile_does_not_leave(*, before: bool) -> None:
    desk = Desk(10 * NEED)
    desk.account.gate.clear()
    sending = asyncio.create_task(desk.send(ENTRY))
    await settle()
    desk.barred = "daily_stop"
    desk.account.gate.set()
    await sending
    if before:
        desk.events.clear()
        await desk.send(ENTRY)
    assert desk.broker.sent == []
    assert desk.events == [OrderRejected(at(1), "o1", "not sent: daily_stop", sent=False)]
    covering = SubmitOrder("o3", stop())
    await desk.send(covering)
    assert desk.broker.sent == [covering]


async def test_another_mode_at_the_gateway_ends_the_day() -> None:
    desk = Desk(100 * LAKH)
    desk.account.faults.append(ModeMismatch("it is live now"))
    with pytest.raises(ModeMismatch):
        await desk.checked.execute(ENTRY)
    assert desk.broker.sent == []


async def test_it_does_not_wait_for_an_answer_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(margin_check, "_PATIENCE_S", 0.01)
    desk = Desk(10 * NEED)
    desk.account.gate.clear()
    desk.orders["o1"] = Order("o1", entry(quantity=325), OrderStatus.PENDING_REPLACE)
    await desk.send(ReplaceOrder("o1", entry(quantity=650), 0))
    why = "not sent, its margin is not known: no answer in time"
    assert desk.events == [OrderReplaceRefused(at(1), "o1", why, sent=False)]


async def test_the_rest_of_the_port_goes_through() -> None:
    desk = Desk(0)
    desk.broker.needs_poll = True
    desk.broker.held = {"X": 65}
    assert desk.checked.needs_poll
    await desk.checked.poll()
    held: Mapping[str, int] = await desk.checked.positions()
    assert (held, desk.broker.asked) == ({"X": 65}, ["poll", "positions"])
    assert not desk.checked.needs_look
    assert await desk.checked.look() == desk.broker.books


# In one process the same is asked of a simulated account.

SELL = replace(entry(gateway_fakes.CE, quantity=65, trigger=140_00), limit=137_00)


def rig(capital: Paise) -> tuple[LocalBroker, EntryMargin]:
    tape = gateway_fakes.quiet_tape()
    venue, cash = funded_exchange(tape, lambda _: 24_200_00, capital=capital)
    margins = EntryMargin({}, 1000)
    return LocalBroker(venue, LocalCheck(cash, margins)), margins


def test_a_local_entry_leaves_with_its_margin() -> None:
    broker, margins = rig(10 * LAKH)
    now = gateway_fakes.at(5)
    events = [*broker.execute(now, SubmitOrder("o1", SELL))]
    assert [type(event) for event in events] == [OrderAccepted]
    assert margins.peak == pytest.approx(1.78 * LAKH, rel=0.01)
    # the answer has come and the pledge is gone: the venue has it blocked
    again = [*broker.execute(now, SubmitOrder("o2", SELL))]
    assert [type(event) for event in again] == [OrderAccepted]
    assert margins.peak == pytest.approx(2 * 1.78 * LAKH, rel=0.01)


def test_a_local_entry_without_its_margin_is_refused_and_an_exit_is_not_asked() -> None:
    broker, margins = rig(LAKH)
    (event,) = broker.execute(gateway_fakes.at(5), SubmitOrder("o1", SELL))
    assert isinstance(event, OrderRejected)
    assert event.sent
    assert "is short by Rs" in event.reason
    assert margins.peak == 0
    (close,) = broker.execute(
        gateway_fakes.at(5), SubmitOrder("o2", replace(stop(gateway_fakes.CE, 65), limit=188_00))
    )
    assert isinstance(close, OrderAccepted)


def test_a_local_margin_is_kept_for_the_minute_too() -> None:
    levels = iter([24_200_00, 24_200_00, 30_000_00, 30_000_00, 30_000_00, 30_000_00])
    tape = gateway_fakes.quiet_tape()
    _, cash = funded_exchange(tape, lambda _: next(levels))
    margins = EntryMargin({}, 0)
    check = LocalCheck(cash, margins)
    command = SubmitOrder("o1", SELL)
    asked = Question(SELL, 65)
    assert check.refusal(gateway_fakes.at(0), command) is None
    first = margins.known(gateway_fakes.at(59.9), asked)
    assert check.refusal(gateway_fakes.at(59.9), command) is None
    assert margins.known(gateway_fakes.at(59.9), asked) == first
    assert margins.known(gateway_fakes.at(60), asked) is None


def test_it_asks_the_engine_at_the_door() -> None:
    engine = resting().engine
    margins = EntryMargin.of(engine, 500)
    order = engine.state.book.orders["o1"]
    assert margins.question(ReplaceOrder("o1", order.intent, 65)) == Question(order.intent, 65)
    assert margins.too_late(at(10), SubmitOrder("o9", order.intent)) == ""
    engine.state.paused = True
    assert margins.too_late(at(10), SubmitOrder("o9", order.intent)) == "not sent: paused"
    question = Question(order.intent, 65)
    assert "with headroom Rs 105.00" in margins.refusal("o9", question, 100_00, Funds(1, 0))
