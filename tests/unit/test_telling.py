from dataclasses import replace

import pytest

from swingbreak.domain import events as ev
from swingbreak.domain.commands import Tell
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.engine.telling import Refusals, news
from swingbreak.risk.gate import Refused
from tests.builders import CE, at, entry, stop

ENTRY = Order("o1", entry(), OrderStatus.ACCEPTED)
STOP = Order("o1", stop(), OrderStatus.ACCEPTED)
LEAVING = replace(
    STOP,
    status=OrderStatus.PENDING_REPLACE,
    replacement=replace(stop(trigger=None), reason="force_exit"),
)
DYING = replace(ENTRY, status=OrderStatus.PENDING_CANCEL)


@pytest.mark.parametrize(
    ("event", "before", "told"),
    [
        (
            ev.OrderFilled(at(), "o1", "f", 65, 65 * 17495),
            ENTRY,
            Tell("entry.filled", CE.symbol, "65 at 174.95 (break)"),
        ),
        (
            ev.OrderFilled(at(), "o1", "f", 65, 65 * 18510),
            STOP,
            Tell("exit.filled", CE.symbol, "65 at 185.10 (stop)"),
        ),
        (
            ev.OrderFilled(at(), "o1", "f", 65, 65 * 18510),
            LEAVING,
            Tell("exit.filled", CE.symbol, "65 at 185.10 (force_exit)"),
        ),
        (
            ev.OrderRejected(at(), "o1", "margin"),
            ENTRY,
            Tell("order.rejected", "entry:CE", "margin"),
        ),
        (ev.OrderUnconfirmed(at(), "o1"), ENTRY, Tell("order.unconfirmed", "entry:CE", "o1")),
        (
            ev.OrderCanceled(at(), "o1", "RMS"),
            STOP,
            Tell("order.lost", f"close:{CE.symbol}", "RMS"),
        ),
        (ev.OrderCanceled(at(), "o1"), ENTRY, Tell("order.lost", "entry:CE", "no reason given")),
        (ev.OrderCanceled(at(), "o1"), DYING, None),
        (
            ev.OrderCancelRefused(at(), "o1", "busy"),
            DYING,
            Tell("order.change_refused", "entry:CE", "busy"),
        ),
        (
            ev.OrderReplaceRefused(at(), "o1", "ignored"),
            ENTRY,
            Tell("order.change_refused", "entry:CE", "ignored"),
        ),
        (ev.OrderAccepted(at(), "o1", "b1"), ENTRY, None),
        (ev.OrderPriced(at(), "o1", 65, 1), ENTRY, None),
        (ev.OrderReplaced(at(), "o1"), ENTRY, None),
    ],
    ids=lambda case: type(case).__name__,
)
def test_what_is_said_of_each_event(event: ev.OrderEvent, before: Order, told: Tell | None) -> None:
    assert list(news(event, before)) == ([told] if told else [])


def test_a_refusal_is_said_once_until_its_reason_changes() -> None:
    refusals = Refusals()
    full = Refused(entry(), "max_positions", "5 of 5 positions taken")
    other = Refused(entry(), "max_positions", "6 of 5 positions taken")
    freeze = Refused(entry(), "freeze", "too many")
    said = [len(list(refusals.tell([item]))) for item in (full, full, other, freeze, other, full)]
    assert said == [1, 0, 1, 1, 0, 1]
    (tell,) = Refusals().tell([full])
    text = f"max_positions: {CE.symbol}: 5 of 5 positions taken"
    assert tell == Tell("risk.refused", "entry:CE", text)


def test_a_refusal_is_said_once_for_all_slices() -> None:
    slices = [replace(entry(), slot=entry().slot._replace(number=n)) for n in (1, 2, 3)]
    refused = [Refused(each, "max_positions", "5 of 5 positions taken") for each in slices]
    assert [tell.subject for tell in Refusals().tell(refused)] == ["entry:CE"]
