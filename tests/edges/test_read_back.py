"""What became of the terms of an order on its way, and what is done about it."""

from datetime import timedelta

import pytest

from swingbreak.adapters.openalgo.books import HeldPosition, OrderState, OrderTerms, OrderUpdate
from swingbreak.adapters.openalgo.capabilities import Capabilities, Changes
from swingbreak.adapters.openalgo.readback import ReadBack
from swingbreak.domain.events import OrderAccepted, OrderCanceled, OrderRejected
from swingbreak.domain.orders import OrderStatus
from tests.broker_rig import Rig
from tests.builders import CE, OPEN, entry

SENT = OrderTerms("X", "BUY", "MIS", 650, "SL", 178_00, 175_35)


def shown(state: OrderState = OrderState.TRIGGER_PENDING, **changes: object) -> OrderUpdate:
    terms = {name: getattr(SENT, name) for name in SENT.__slots__} | changes
    return OrderUpdate("1", OrderTerms(**terms), state, 0, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "seen",
    [
        shown(),
        shown(product=""),
        shown(product="INTRADAY"),
        shown(symbol=""),
        shown(pricetype=""),
        shown(quantity=0),
    ],
    ids=["the same", "no product", "a broker's word", "no symbol", "no type", "no quantity"],
)
def test_what_agrees_or_tells_nothing_is_not_asked_again(seen: OrderUpdate) -> None:
    compared = ReadBack()
    compared.compare(SENT, seen, OPEN)
    assert compared.is_agreed
    for seconds in (0, 2):
        compared.compare(SENT, shown(limit=1), OPEN + timedelta(seconds=seconds))
    assert (compared.is_agreed, compared.altered, compared.lost_trigger) == (True, "", False)


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELLED])
def test_what_never_worked_lost_no_trigger(state: OrderState) -> None:
    compared = ReadBack()
    compared.compare(SENT, shown(state, pricetype="LIMIT", trigger=0), OPEN)
    assert (compared.is_agreed, compared.lost_trigger) == (False, False)


def test_terms_that_were_taken_anew_are_agreed() -> None:
    compared = ReadBack()
    compared.compare(SENT, shown(pricetype="LIMIT", trigger=0), OPEN)
    assert compared.lost_trigger
    compared.settle()
    assert (compared.is_agreed, compared.altered, compared.lost_trigger) == (True, "", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"trigger": 175_00},
        {"limit": 178_05},
        {"quantity": 65},
        {"side": "SELL"},
        {"pricetype": "SL-M"},
        {"symbol": "Y"},
        {"product": "NRML"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_difference_counts_when_it_is_seen_again(changes: dict[str, object]) -> None:
    rig = Rig()
    compared = ReadBack()
    for seconds, certain in ((0.0, False), (0.5, False), (0.5, True)):
        rig.clock.wait(seconds)
        compared.compare(SENT, shown(**changes), rig.clock.now())
        assert (compared.altered != "") == certain
    assert not compared.lost_trigger
    compared.compare(SENT, shown(), rig.clock.now())
    assert (compared.is_agreed, compared.altered) == (True, "")


@pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.COMPLETE])
@pytest.mark.parametrize("pricetype", ["LIMIT", "MARKET"])
def test_a_lost_trigger_counts_at_once(pricetype: str, state: OrderState) -> None:
    compared = ReadBack()
    compared.compare(SENT, shown(state, pricetype=pricetype, trigger=0), OPEN)
    assert compared.lost_trigger
    assert "sent as BUY 650 X SL" in compared.altered


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.COMPLETE])
def test_what_is_over_is_not_called_altered(state: OrderState) -> None:
    rig = Rig()
    compared = ReadBack()
    for _ in range(3):
        compared.compare(SENT, shown(state, limit=177_00), rig.clock.now())
        rig.clock.wait(1)
    assert compared.altered == ""


async def altered(rig: Rig, **changes: object) -> str:
    """Submit an entry that the gateway alters."""
    number = await rig.submit()
    rig.gateway.rows[number] |= changes
    return number


async def test_an_altered_order_is_cancelled_and_told_as_lost() -> None:
    rig = Rig()
    number = await altered(rig, trigger_price=174.0)
    await rig.poll_for(1)
    assert rig.gateway.calls["cancel"] == 0
    await rig.poll_for(1)
    assert rig.gateway.calls["cancel"] == 1
    assert rig.gateway.rows[number]["order_status"] == "cancelled"
    assert rig.broker.needs_poll
    await rig.poll_for(1)
    last = rig.events[-1]
    assert isinstance(last, OrderCanceled)
    assert "the gateway has it as" in last.reason
    assert not rig.broker.needs_poll


async def test_the_cancel_is_asked_for_until_it_works() -> None:
    rig = Rig()
    await altered(rig, quantity=65)
    rig.gateway.fail("cancel", "dropped", "dropped")
    await rig.poll_for(6)
    assert rig.gateway.calls["cancel"] == 3
    assert rig.status is OrderStatus.CANCELED


async def test_an_order_is_open_until_the_book_has_shown_it() -> None:
    rig = Rig()
    await rig.submit()
    rig.hear()
    assert rig.broker.needs_poll
    await rig.poll_for(1)
    assert not rig.broker.needs_poll
    assert rig.told() == [OrderAccepted]


async def test_an_altered_order_that_is_changed_may_stay() -> None:
    rig = Rig()
    await altered(rig, trigger_price=174.0)
    await rig.poll_for(1)
    await rig.replace(entry(trigger=174_50))
    rig.hear()
    await rig.poll_for(3)
    assert rig.gateway.calls["cancel"] == 0
    assert rig.status is OrderStatus.ACCEPTED
    assert not rig.broker.needs_poll


async def test_no_stop_goes_where_one_lost_its_trigger() -> None:
    rig = Rig()
    await altered(rig, pricetype="LIMIT", trigger_price=0.0, order_status="open")
    await rig.poll_for(2)
    await rig.submit(order_id="o2")
    last = rig.events[-1]
    assert isinstance(last, OrderRejected)
    assert last.sent
    assert "stops are no stops here" in last.reason
    assert rig.gateway.calls["place"] == 1
    await rig.submit(entry(trigger=None), order_id="o3")  # a limit is what it says
    assert rig.gateway.calls["place"] == 2


class TestStream:
    async def test_books_are_wanted_until_it_has_told_of_an_order(self) -> None:
        rig = Rig()
        await rig.submit()
        await rig.poll_for(1)
        assert rig.broker.needs_poll
        rig.hear()
        assert not rig.broker.needs_poll

    async def test_a_fill_that_it_missed_is_a_reason_to_doubt_it(self) -> None:
        rig = Rig()
        number = await rig.submit()
        rig.hear()
        await rig.poll_for(1)
        rig.gateway.fill(number, 65, 174_50)
        rig.gateway.stream.clear()
        await rig.poll_for(2)
        assert rig.orders["o1"].filled == 65
        assert rig.broker.needs_poll
        rig.gateway.fill(number, 65, 174_50)
        rig.hear()
        await rig.poll_for(2)
        assert not rig.broker.needs_poll


@pytest.mark.parametrize("changes", [Changes.IGNORED, Changes.REFUSED])
async def test_a_change_is_not_sent_where_none_is_made(changes: Changes) -> None:
    rig = Rig()
    rig.gateway.gateway = Capabilities(changes=changes)
    await rig.submit()
    await rig.replace(entry(trigger=174_50))
    assert rig.gateway.calls["modify"] == 0
    assert rig.orders["o1"].stubborn


@pytest.mark.parametrize(
    ("product", "held"), [("MIS", -65), ("INTRADAY", -65), ("", -65), ("NRML", 0), ("CNC", 0)]
)
async def test_a_product_of_a_brokers_own_counts_as_ours(product: str, held: int) -> None:
    rig = Rig()
    rig.gateway.held = [HeldPosition(CE.symbol, "NFO", product, -65)]
    assert (await rig.broker.positions()).get(CE.symbol, 0) == held
