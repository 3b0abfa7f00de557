"""Messages on their way to several receivers, of whom some are out of reach."""

import pytest

from swingbreak.alerts.delivery import Delivery, Outcome, pause_s
from swingbreak.alerts.undelivered import Parcel, Undelivered


def first_of(box: Undelivered, receiver: str) -> Parcel:
    parcel = box.next_of(receiver)
    assert parcel is not None
    return parcel


def test_each_receiver_gets_everything_in_order_and_waits_for_nobody() -> None:
    box = Undelivered()
    box.put("one", ["a", "b"])
    box.put("two", ["a", "b"])
    got = []
    while (parcel := box.next_of("a")) is not None:
        got.append(box.begin(parcel, "a"))
        box.done(parcel, "a")
    assert got == ["one", "two"]
    assert first_of(box, "b").text == "one"
    box.refused(first_of(box, "b"), "b")
    assert [parcel.number for parcel in box.parcels] == [2]


def test_an_attempt_without_an_answer_says_next_time_that_it_may_be_a_repeat() -> None:
    box = Undelivered()
    box.put("one", ["a"])
    parcel = first_of(box, "a")
    assert box.begin(parcel, "a") == "one"
    assert "may have reached you before" in box.begin(parcel, "a")
    box.not_sent(parcel, "a")
    assert box.begin(parcel, "a") == "one"


def test_a_receiver_that_is_out_of_reach_for_long_hears_how_many_it_missed() -> None:
    box = Undelivered()
    for number in range(302):
        box.put(str(number), ["a", "b"])
        if number < 301:
            box.done(first_of(box, "b"), "b")
    assert first_of(box, "a").text == "2"
    assert not box.room(["a"])
    assert box.room(["a", "b"]), "who keeps up is not kept waiting"
    parcel = first_of(box, "a")
    assert box.begin(parcel, "a") == "2 older messages were dropped on the way to you.\n2"
    box.done(parcel, "a")
    assert box.begin(first_of(box, "a"), "a") == "3"


def test_who_is_no_receiver_any_more_holds_nothing_up() -> None:
    box = Undelivered()
    box.put("one", ["a", "gone"])
    box.known(["a"])
    box.done(first_of(box, "a"), "a")
    assert box.parcels == []


@pytest.mark.parametrize(
    ("failures", "outcome", "wait", "pause"),
    [
        (1, Outcome.NOT_SENT, 0, 1),
        (2, Outcome.NOT_SENT, 0, 2),
        (4, Outcome.UNSURE, 0, 8),
        (4, Outcome.NOT_SENT, 35, 35),
        (90, Outcome.UNSURE, 0, 60),
        (90, Outcome.NOT_SENT, 300, 300),
        (1, Outcome.BARRED, 0, 60),
    ],
)
def test_pauses_grow_and_a_service_is_obeyed(
    failures: int, outcome: Outcome, wait: float, pause: float
) -> None:
    assert pause_s(failures, Delivery(outcome, "", wait)) == pause
