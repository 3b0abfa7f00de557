from dataclasses import replace

import pytest

from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    Command,
    HaltDay,
    MoveWindow,
    ReplaceOrder,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.events import (
    Event,
    MinuteClosed,
    OrderAccepted,
    OrderFilled,
    OrderPriced,
    TimerFired,
)
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.runtime.day_record import DayRecord, lines_of
from tests.builders import CE, PE, SESSION, at, entry, stop

NOW = at(16, 5.25)
TIMER = TimerFired(NOW)
BOUGHT = BookByHand(NOW, CE.symbol, 65, 117_00)
ADOPTED = AdoptPosition(NOW, "hand1", CE.symbol, 65, 110_50, 10_00, 180_00, leaves=False)


@pytest.fixture
def record() -> DayRecord:
    return DayRecord(Engine(SESSION, (CE, PE), Parameters()))


@pytest.mark.parametrize(
    ("command", "line", "sent"),
    [
        (
            SubmitOrder("o1", entry()),
            f"place entry:CE SELL 650 {CE.symbol} trigger 174.95 limit 171.95 break L1",
            1,
        ),
        (
            ReplaceOrder("o2", stop(trigger=None), filled=65),
            f"modify close:{CE.symbol} BUY 650 {CE.symbol} trigger - limit 188.00 stop after 65",
            1,
        ),
        (CancelOrder("o1", "switch"), "cancel o1 switch", 1),
        (HaltDay("daily_stop"), "halt daily_stop", 0),
        (BOUGHT, f"by hand {CE.symbol} bought 65 for 117.00", 0),
        (ADOPTED, f"adopt {CE.symbol} sold 65 for 110.50 stop 180.00", 0),
        (CancelStray("b9", CE.symbol, "foreign"), f"cancel stray b9 {CE.symbol} foreign", 1),
        (MoveWindow(24600_00, before=24500_00), "window at 24600.00 from 24500.00", 0),
    ],
    ids=["place", "modify", "cancel", "halt", "by hand", "adopt", "stray", "window"],
)
def test_a_line_for_each_decision(
    record: DayRecord, command: Command, line: str, sent: int
) -> None:
    record.saw(NOW, TIMER, [command])
    assert record.decisions == [f"2026-11-20T04:01:05.250000+00:00 {line}"]
    assert record.orders_sent == sent


def test_what_is_merely_told_is_no_decision(record: DayRecord) -> None:
    record.saw(NOW, TIMER, [Tell("entry.filled", "o1", "")])
    assert (record.decisions, record.orders_sent, record.curve) == ([], 0, [])


def test_a_window_that_stays_where_it_is_is_no_decision(record: DayRecord) -> None:
    stays = MoveWindow(24500_00, before=24500_00)
    record.saw(NOW, TIMER, [stays])
    record.recall([(NOW, stays), (NOW, MoveWindow(24600_00, before=24500_00))])
    assert len(record.decisions) == 1


@pytest.mark.parametrize(
    ("event", "commands", "is_kept"),
    [
        (MinuteClosed(NOW, 15, {}, {}), [], True),
        (OrderFilled(NOW, "o1", "f1", 65, 65), [], True),
        (OrderPriced(NOW, "o1", 65, 65), [], True),
        (TIMER, [HaltDay("daily_stop")], True),
        (TIMER, [BOUGHT], True),
        (TIMER, [ADOPTED], True),
        (TIMER, [], False),
        (OrderAccepted(NOW, "o1", "b1"), [SubmitOrder("o1", entry())], False),
    ],
    ids=["minute", "fill", "correction", "end", "by hand", "adopted", "timer", "order"],
)
def test_when_the_curve_has_a_point(
    record: DayRecord, event: Event, commands: list[Command], is_kept: bool
) -> None:
    record.saw(NOW, event, commands)
    assert record.curve == ([(NOW, 0)] if is_kept else [])


def test_equal_decisions_have_equal_digests_and_others_do_not() -> None:
    engine = Engine(SESSION, (CE, PE), Parameters())
    one, same, other = DayRecord(engine), DayRecord(engine), DayRecord(engine)
    for each in (one, same):
        each.saw(NOW, TIMER, [SubmitOrder("o1", entry())])
    other.saw(NOW, TIMER, [SubmitOrder("o1", replace(entry(), quantity=585))])
    assert one.digest() == same.digest() != other.digest()
    assert len(one.digest()) == 16


def test_a_day_that_is_taken_up_again_has_all_its_decisions() -> None:
    engine = Engine(SESSION, (CE, PE), Parameters())
    through, heir = DayRecord(engine), DayRecord(engine)
    steps: list[tuple[Event, list[Command]]] = [
        (TIMER, [SubmitOrder("o1", entry()), Tell("entry.filled", "o1", "")]),
        (OrderAccepted(NOW, "o1", "b1"), [HaltDay("daily_stop")]),
        (TIMER, [CancelOrder("o1", "halted")]),
    ]
    for event, commands in steps:
        through.saw(NOW, event, commands)
    kept: list[Record] = [SubmitOrder("o1", entry()), OrderAccepted(NOW, "o1", "b1")]
    heir.recall([(NOW, record) for record in [*kept, HaltDay("daily_stop")]])
    heir.saw(NOW, *steps[2])
    assert heir.decisions == through.decisions
    assert (heir.digest(), heir.orders_sent) == (through.digest(), 2)
    assert lines_of([(NOW, record) for record in kept]) == through.decisions[:1]
