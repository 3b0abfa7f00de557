"""What the ledger of a day tells a person."""

from dataclasses import replace
from datetime import date

import pytest

from swingbreak.alerts.alert import Alert, Severity, short
from swingbreak.alerts.day_story import DayStory
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    HaltDay,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
)
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.records import Record
from swingbreak.risk.account import Charge
from tests.builders import CE, DAY, at, entry, stop

NOW = at(10)
ENTERED: tuple[Record, ...] = (
    SubmitOrder("o1", entry()),
    OrderAccepted(NOW, "o1", "b1"),
    OrderFilled(NOW, "o1", "f1", 650, 650 * 17490),
)
PROTECTED: tuple[Record, ...] = (
    *ENTERED,
    SubmitOrder("o2", stop()),
    OrderAccepted(NOW, "o2", "b2"),
)
MOVED = replace(stop(), trigger=18000)
EXIT = replace(stop(), trigger=None, reason="daily_target")


def charge(_sold: int, _bought: int, orders: int) -> int:
    return 10_000 * orders


def told(
    *records: Record, day: date = DAY, charge: Charge | None = charge
) -> tuple[DayStory, list[Alert]]:
    story = DayStory(day, 650_000, charge)
    return story, [alert for record in records for alert in story.hear(NOW, record)]


def kinds(*records: Record) -> list[str]:
    return [alert.kind for alert in told(*records)[1]]


def last(*records: Record) -> Alert:
    return told(*records)[1][-1]


def test_an_entry_is_told_with_its_risk_and_then_its_stop() -> None:
    story, alerts = told(*PROTECTED)
    assert [(a.kind, a.subject, a.text) for a in alerts] == [
        ("entry.filled", CE.symbol, "sold 650 at 174.90; planned risk Rs 6500.00"),
        ("stop.rests", CE.symbol, "BUY 650 at trigger 185.00 (stop) rests"),
    ]
    assert story.at_risk


def test_parts_of_a_fill_are_told_together_with_what_came_before() -> None:
    parts = [OrderFilled(NOW, "o1", f"f{n}", 65, 65 * 17490) for n in (1, 2)]
    assert last(*ENTERED[:2], *parts).text.startswith("sold 130 at 174.90")


def test_the_same_fill_is_told_once() -> None:
    assert kinds(*ENTERED, ENTERED[-1]) == ["entry.filled"]


@pytest.mark.parametrize("with_charges", [True, False])
def test_an_exit_is_told_with_what_it_came_to(*, with_charges: bool) -> None:
    fill = OrderFilled(NOW, "o2", "f2", 650, 650 * 18510)
    story, alerts = told(*PROTECTED, fill, charge=charge if with_charges else None)
    net, money, r = (
        ("-6830.00", "net", "-1.05") if with_charges else ("-6630.00", "before charges", "-1.02")
    )
    assert alerts[-1].kind == "trade.closed"
    assert alerts[-1].text == (
        f"650 sold at 174.90, bought at 185.10 (stop): {money} Rs {net}, {r} R; the day Rs {net}"
    )
    assert not story.at_risk


def test_a_part_of_an_exit_is_told() -> None:
    part = OrderFilled(NOW, "o2", "f2", 65, 65 * 18510)
    assert (last(*PROTECTED, part).kind, last(*PROTECTED, part).text) == (
        "exit.filled",
        "bought back 65 of 650 (stop)",
    )


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        pytest.param(MOVED, "stop.moved", "from 185.00 to 180.00", id="moved"),
        pytest.param(EXIT, "exit.begun", "the stop at 185.00 has become an exit", id="exit"),
        pytest.param(replace(stop(), limit=19000), "stop.rests", "", id="only its limit"),
    ],
)
def test_a_stop_that_moves_is_told_and_a_chase_is_not(change, kind: str, text: str) -> None:  # type: ignore[no-untyped-def]
    found = last(*PROTECTED, ReplaceOrder("o2", change, 0), OrderReplaced(NOW, "o2"))
    assert found.kind == kind
    assert text in found.text


def test_an_exit_whose_limit_steps_up_and_an_entry_that_moves_are_not_told() -> None:
    turned = (*PROTECTED, ReplaceOrder("o2", EXIT, 0), OrderReplaced(NOW, "o2"))
    chased = (ReplaceOrder("o2", replace(EXIT, limit=19500), 0), OrderReplaced(NOW, "o2"))
    assert kinds(*turned, *chased) == kinds(*turned)
    entered = (SubmitOrder("o1", entry()), OrderAccepted(NOW, "o1", "b1"))
    assert kinds(*entered, ReplaceOrder("o1", entry(), 0), OrderReplaced(NOW, "o1")) == []


INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
TROUBLE = {
    "stop refused": (
        (*ENTERED, SubmitOrder("o2", stop())),
        OrderRejected(NOW, "o2", "no"),
        CRITICAL,
        "stop.refused",
    ),
    "exit refused": (
        (*ENTERED, SubmitOrder("o2", EXIT)),
        OrderRejected(NOW, "o2", "no"),
        CRITICAL,
        "exit.refused",
    ),
    "entry refused": (
        (SubmitOrder("o1", entry()),),
        OrderRejected(NOW, "o1", "no"),
        WARNING,
        "entry.refused",
    ),
    "not sent": (
        (*ENTERED, SubmitOrder("o2", stop())),
        OrderRejected(NOW, "o2", "no", sent=False),
        WARNING,
        "order.not_sent",
    ),
    "stop lost": (PROTECTED, OrderCanceled(NOW, "o2", "no"), CRITICAL, "stop.lost"),
    "exit lost": (
        (*ENTERED, SubmitOrder("o2", EXIT)),
        OrderCanceled(NOW, "o2", "no"),
        CRITICAL,
        "exit.lost",
    ),
    "entry lost": (ENTERED[:2], OrderCanceled(NOW, "o1", "no"), WARNING, "entry.lost"),
    "no answer": (
        (SubmitOrder("o1", entry()),),
        OrderUnconfirmed(NOW, "o1"),
        WARNING,
        "order.unconfirmed",
    ),
    "change refused": (
        (*PROTECTED, ReplaceOrder("o2", MOVED, 0)),
        OrderReplaceRefused(NOW, "o2", "no"),
        WARNING,
        "order.change_refused",
    ),
    "impossible": (ENTERED, OrderAccepted(NOW, "o9", "b"), CRITICAL, "ledger.contradiction"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_is_told_by_how_grave_it_is(name: str) -> None:
    before, event, severity, kind = TROUBLE[name]
    found = last(*before, event)
    assert (found.severity, found.kind) == (severity, kind)


QUIET: dict[str, tuple[Record, ...]] = {
    "a cancel of ours": (CancelOrder("o1", "why"), OrderCanceled(NOW, "o1")),
    "an entry that stays": (CancelOrder("o1", "why"), OrderCancelRefused(NOW, "o1", "no")),
    "an exact price": (OrderPriced(NOW, "o1", 0, 0),),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_changes_nothing_for_a_person_is_not_told(name: str) -> None:
    assert kinds(*ENTERED[:2], *QUIET[name]) == []


@pytest.mark.parametrize(
    ("record", "severity", "kind", "text"),
    [
        pytest.param(PauseDay("news"), WARNING, "day.paused", "news", id="paused"),
        pytest.param(ResumeDay(""), INFO, "day.resumed", "no reason", id="resumed"),
        pytest.param(
            BookByHand(NOW, CE.symbol, 65, 65 * 17000),
            WARNING,
            "account.by_hand",
            "65 at 170.00",
            id="by-hand",
        ),
        pytest.param(
            AdoptPosition(NOW, "h1", CE.symbol, 65, 65 * 17000, 100, 100, leaves=False),
            WARNING,
            "account.adopted",
            "ours now",
            id="adopted",
        ),
        pytest.param(
            CancelStray("b7", CE.symbol, "not ours"),
            WARNING,
            "account.stray_cancelled",
            "not ours",
            id="stray",
        ),
    ],
)
def test_what_others_do_is_told(record: Record, severity: Severity, kind: str, text: str) -> None:
    found = last(*PROTECTED, record)
    assert (found.severity, found.kind) == (severity, kind)
    assert text in found.text


@pytest.mark.parametrize(
    ("reason", "severity"),
    [
        ("daily_target", INFO),
        ("daily_stop", CRITICAL),
        ("force_exit", INFO),
        ("flatten", WARNING),
        ("x", CRITICAL),
    ],
)
def test_the_end_of_a_day_is_told_and_summed_up_once_it_is_flat(
    reason: str, severity: Severity
) -> None:
    bought = OrderFilled(NOW, "o2", "f2", 650, 650 * 16510)
    late = OrderPriced(NOW, "o2", 650, 650 * 16500)
    _, alerts = told(*PROTECTED, HaltDay(reason), bought, late, HaltDay("kill"))
    ends = [(a.kind, a.severity) for a in alerts[2:]]
    kill = [("day.halted", WARNING)]
    assert ends == [("day.halted", severity), ("trade.closed", INFO), ("day.summary", INFO), *kill]
    assert alerts[4].text == (
        "1 trades, 1 with a profit: gross Rs 6370.00, charges Rs 200.00, net Rs 6170.00, +0.95 R "
        f"({reason})"
    )


def test_a_day_without_a_trade_is_summed_up_too() -> None:
    story, alerts = told(HaltDay("force_exit"))
    assert [a.kind for a in alerts] == ["day.halted", "day.summary"]
    assert (alerts[-1].subject, alerts[-1].text) == ("2026-11-20", "no trade (force_exit)")
    assert DayStory(DAY, 1, None, "live").summary() == "live: no trade (it goes on)"
    assert story.is_over


def test_an_adopted_position_has_no_risk_of_its_own_to_be_measured_by() -> None:
    adopted = AdoptPosition(NOW, "h1", CE.symbol, 65, 65 * 17000, 0, 100, leaves=False)
    closed = last(adopted, BookByHand(NOW, CE.symbol, 65, 65 * 16000))
    assert closed.kind == "trade.closed"
    assert " R;" not in closed.text


def test_a_line_has_severity_time_and_subject_and_is_short() -> None:
    alert = Alert(NOW, CRITICAL, "stop.lost", "X", "a\n  b " + "c" * 1000)
    assert alert.line.startswith("CRITICAL 09:25:00 stop.lost X: a b ccc")
    assert len(alert.line) < 700
    assert Alert(NOW, INFO, "k", "s", "t").line == "09:25:00 k s: t"
    assert short("x" * 10, 5) == "xx..."
