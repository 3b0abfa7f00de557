"""What the log of a day tells a person beside the ledger."""

from typing import Any

import pytest

from swingbreak.alerts.alert import Severity
from swingbreak.alerts.log_story import LogStory, alarm
from tests.builders import at

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
NOW = at(10).isoformat()


def line(event: str, level: str = "info", **fields: Any) -> dict[str, Any]:
    return {"at": NOW, "level": level, "event": event, **fields}


SAID = {
    "a process": (line("log.opened", "debug"), INFO, "run.began", ""),
    "a naked short": (
        line("stop.missing", "warning", subject="X", detail="65 units"),
        CRITICAL,
        "stop.missing",
        "65 units",
    ),
    "a word": (
        line("control.given", "warning", control="pause", by="cli", reason=""),
        INFO,
        "control.given",
        "pause by cli: no reason given",
    ),
    "the end": (
        line("day.given_up", "error", error="LedgerError", reason="disk"),
        CRITICAL,
        "day.given_up",
        "LedgerError: disk",
    ),
    "a book that cannot be read": (
        line("account.unread", "warning", subject="account", detail="500"),
        WARNING,
        "account.unread",
        "500",
    ),
    "a book that can be read": (
        line("account.unread", "warning", subject="account", detail="can be read again"),
        INFO,
        "account.unread",
        "can be",
    ),
    "books that agree": (
        line("account.agrees", "warning", subject="account", detail="again"),
        INFO,
        "account.agrees",
        "again",
    ),
    "an order of others": (
        line("account.foreign_order", "warning", subject="X", detail="BUY 65"),
        WARNING,
        "account.foreign_order",
        "BUY 65",
    ),
    "an error": (
        line("tables.not_published", "error", reason="full"),
        WARNING,
        "tables.not_published",
        "full",
    ),
    "a difference": (line("facts.differ", "warning", line="lot"), WARNING, "facts.differ", "lot"),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_told(name: str) -> None:
    said, severity, kind, text = SAID[name]
    (alert,) = LogStory().hear(said, at_risk=False)
    assert (alert.severity, alert.kind) == (severity, kind)
    assert text in alert.text


QUIET = [
    line("order.placed", order_id="o1"),
    line("account.by_hand", "warning", subject="X"),
    line("library.warned", "warning", text="slow"),
    line("feed.restored"),
    line("symbols.held", stale=3),
    {"event": "no time"},
    {"at": "yesterday", "level": "error", "event": "x"},
]


@pytest.mark.parametrize("said", QUIET, ids=str)
def test_what_is_not_told(said: dict[str, Any]) -> None:
    assert LogStory().hear(said, at_risk=True) == ()


@pytest.mark.parametrize(("at_risk", "severity"), [(True, CRITICAL), (False, WARNING)])
def test_a_feed_is_told_when_it_fails_and_when_it_is_back(
    *, at_risk: bool, severity: Severity
) -> None:
    story = LogStory()
    lines = [
        line("symbols.held", stale=1, feed_stale=41),
        line("symbols.held", feed_stale=40, no_tick=1),
        line("symbols.held", stale=1),
        line("symbols.held"),
        line("feed.lost", "warning", reason="closed"),
        line("feed.restored", missing=0),
        line("feed.restored", missing=0),
    ]
    said = [alert for each in lines for alert in story.hear(each, at_risk=at_risk)]
    assert [(a.severity, a.subject, a.text) for a in said] == [
        (severity, "ticks", "silent: nothing is entered, stops rest"),
        (INFO, "ticks", "ticks again"),
        (severity, "connection", "lost: closed"),
        (INFO, "connection", "restored"),
    ]


def test_a_standby_is_told_of_as_gravely_as_it_is() -> None:
    story = LogStory()
    lines = [
        line("standby.restored", missing=0),
        line("standby.lost", "warning", reason="closed"),
        line("standby.restored", missing=0),
        line("feed.turned", "warning", subject="standby", reason="no tick of the primary for 5 s"),
        line("feed.lost", "warning", reason="no tick for 65 s"),
        line("feed.turned", "warning", subject="primary", reason="the primary has ticked for 60 s"),
        line("feed.lost", "warning", reason="closed"),
        line("standby.refused", "error", reason="no such key"),
    ]
    said = [alert for each in lines for alert in story.hear(each, at_risk=True)]
    leads = "is listened to"
    assert [(a.severity, a.kind, a.subject, a.text) for a in said] == [
        (WARNING, "feed", "standby", "lost: closed"),
        (INFO, "feed", "standby", "restored"),
        (WARNING, "feed", "lead", f"the standby {leads}: no tick of the primary for 5 s"),
        (WARNING, "feed", "connection", "lost: no tick for 65 s"),
        (INFO, "feed", "lead", f"the primary {leads}: the primary has ticked for 60 s"),
        (CRITICAL, "feed", "connection", "lost: closed"),
        (WARNING, "standby.refused", "run", "no such key"),
    ]


def test_what_bars_entries_is_remembered_until_another_process_begins() -> None:
    story = LogStory()
    story.hear(line("symbols.held", stale=2), at_risk=False)
    story.hear(line("risk.refused", subject="entry:CE", detail="margin: X"), at_risk=False)
    assert (story.held, story.refusals) == ({"stale": 2}, {"entry:CE": "margin: X"})
    story.hear(line("log.opened"), at_risk=False)
    assert (story.held, story.refusals) == ({}, {})


@pytest.mark.parametrize(
    ("word", "severity"), [("note", INFO), ("warning", WARNING), ("critical", CRITICAL)]
)
def test_what_the_watchdog_says_is_told_as_gravely(word: str, severity: Severity) -> None:
    (found,) = alarm({"at": NOW, "severity": word, "text": "silent for 3 s"})
    assert (found.severity, found.kind) == (severity, "watchdog.says")
    assert found.text == "silent for 3 s"
    assert list(alarm({"at": NOW, "severity": "loud"})) == []
