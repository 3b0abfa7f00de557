"""Alerts from a real state folder, through restarts of either side."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
import structlog

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.dayfolder import DayFolder
from swingbreak.adapters.notify_file import Memory
from swingbreak.adapters.openalgo.items import FeedLost, FeedRestored
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.binding import bind
from swingbreak.adapters.sqlite.database import Database, open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.alerts.alert import Alert, Severity
from swingbreak.bootstrap.giving_up import given_up
from swingbreak.bootstrap.notifying.watching import Watcher
from swingbreak.bootstrap.obeying import obey
from swingbreak.bootstrap.onlookers import LogWriter
from swingbreak.bootstrap.wiring import hand_over, noted
from swingbreak.domain.commands import Command, HaltDay, PauseDay, SubmitOrder, Tell
from swingbreak.domain.control import Control
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.events import OrderAccepted, OrderFilled, SymbolsHeld
from swingbreak.domain.records import Record
from swingbreak.logs import open_log
from swingbreak.runtime.live import LiveDay
from swingbreak.settings import Settings, load
from tests.broker_rig import Rig
from tests.builders import at, entry, stop
from tests.openalgo_fakes import ManualClock

NOW = at(10)
ENTERED: tuple[Record, ...] = (
    SubmitOrder("o1", entry()),
    OrderAccepted(NOW, "o1", "b1"),
    OrderFilled(NOW, "o1", "f1", 650, 650 * 17490),
)
STOPPED: tuple[Record, ...] = (
    SubmitOrder("o2", stop()),
    OrderAccepted(NOW, "o2", "b2"),
    OrderFilled(NOW, "o2", "f2", 650, 650 * 18510),
)


@dataclass
class Folder:
    """A state folder with a day in it."""

    state: Path
    writer: Database

    @property
    def settings(self) -> Settings:
        return load(None, environment={}, overrides={"state_dir": str(self.state)})

    def keep(self, *records: Record, day: int = 0) -> None:
        SqliteLedger(self.writer).append(NOW.replace(day=20 + day), records)

    def log(self, *lines: dict[str, Any], day: int = 20, torn: str = "") -> None:
        path = self.state / "logs" / f"swingbreak_202611{day}.log"
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"at": NOW.isoformat()} | line) + "\n" for line in lines)
            file.write(torn)

    def watcher(self, memory: Memory | None = None) -> tuple[Watcher, Memory]:
        used = memory or Memory()
        clock = ManualClock(NOW)
        return Watcher(self.settings, clock, used, is_first=memory is None), used


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    state = tmp_path / "state"
    with open_writer(state / "live_state.db") as writer:
        yield Folder(state, writer)


def kinds(alerts: Sequence[Alert]) -> list[str]:
    return [alert.kind for alert in alerts]


def reread(memory: Memory) -> Memory:
    """What another process finds on the disk."""
    return msgspec.json.decode(msgspec.json.encode(memory), type=Memory)


LOST = {"event": "feed.lost", "level": "warning", "reason": "closed"}
BACK = {"event": "feed.restored", "level": "info", "missing": 0}
BEGAN = {"event": "log.opened", "level": "debug"}


def test_what_happens_is_told_once_through_restarts_at_every_point(folder: Folder) -> None:
    records = [*ENTERED, *STOPPED, HaltDay("flatten")]
    expected = [
        *("entry.filled", "stop.rests", "trade.closed", "day.halted", "day.summary"),
    ]
    _, memory = folder.watcher()
    found: list[str] = []
    for number in range(len(records) + 1):
        watcher, memory = folder.watcher(reread(memory))
        if number < len(records):
            folder.keep(records[number])
        found += kinds(watcher.news())
        assert watcher.news() == []
    assert found == expected
    assert folder.watcher(reread(memory))[0].news() == []


def test_what_happened_while_nobody_listened_is_told_later_over_days(folder: Folder) -> None:
    _, memory = folder.watcher()
    folder.keep(*ENTERED)
    folder.keep(*STOPPED)
    folder.keep(PauseDay("news"), day=1)
    watcher, _ = folder.watcher(reread(memory))
    told = watcher.news()
    assert kinds(told) == ["entry.filled", "stop.rests", "trade.closed", "day.paused"]
    assert watcher.story is not None
    assert watcher.story.day.day == 21


def test_a_summary_says_whose_money_it_was(folder: Folder) -> None:
    watcher, _ = folder.watcher()
    bind(folder.writer, at().date(), mode="live", api_key="k")
    folder.keep(HaltDay("force_exit"))
    assert watcher.news()[-1].text == "live: no trade (force_exit)"


def test_what_was_before_the_first_time_is_history_but_known(folder: Folder) -> None:
    folder.keep(*ENTERED)
    folder.log(LOST)
    watcher, memory = folder.watcher()
    assert watcher.news() == []
    assert watcher.story is not None
    assert watcher.story.at_risk
    folder.log(BACK)
    folder.keep(*STOPPED)
    assert kinds(watcher.news()) == ["stop.rests", "trade.closed", "feed"]
    again, _ = folder.watcher(reread(memory))
    assert again.news() == []


def test_a_log_is_read_by_whole_lines_and_into_the_next_day(folder: Folder) -> None:
    watcher, memory = folder.watcher()
    folder.log(LOST, torn='{"at": "half')
    assert kinds(watcher.news()) == ["feed"]
    folder.log({"event": "x"}, torn="")
    folder.log(BACK, day=21)
    (back,) = watcher.news()
    assert back.text == "restored"
    assert (memory.log, watcher.news()) == ("swingbreak_20261121.log", [])
    path = folder.state / "logs" / "swingbreak_20261121.log"
    path.write_text("")  # cut by others, and shorter than it was
    folder.log({"event": "feed.lost", "level": "info", "reason": "c"}, day=21)
    (lost,) = watcher.news()
    assert lost.severity is Severity.WARNING, "nothing is open"


def test_another_database_is_told_and_its_last_day_with_it(folder: Folder) -> None:
    folder.keep(PauseDay("before"), day=-1)
    folder.keep(*ENTERED)
    stranger = Memory(seq=2, link="of another file")
    watcher, memory = folder.watcher(stranger)
    assert sorted(kinds(watcher.news())) == ["entry.filled", "ledger.replaced"]
    assert (memory.seq, watcher.news()) == (4, [])


def test_a_process_that_ends_is_told_as_gravely_as_it_left_things(folder: Folder) -> None:
    with folder_lock(folder.state):
        watcher, memory = folder.watcher()
        assert memory.runs
        folder.keep(*ENTERED)
        assert kinds(watcher.news()) == ["entry.filled"]
    (ended,) = watcher.news()
    assert (ended.kind, ended.severity) == ("run.ended", Severity.CRITICAL)
    assert "1 positions open and 0 orders live" in ended.text
    folder.log(BEGAN)
    folder.keep(*STOPPED)
    assert set(kinds(watcher.news())) == {"run.began", "stop.rests", "trade.closed"}
    assert memory.runs
    (ended,) = watcher.news()
    assert (ended.kind, ended.severity) == ("run.ended", Severity.WARNING)
    assert "the day is not over" in ended.text
    folder.log(BEGAN)
    folder.keep(HaltDay("force_exit"))
    assert {"run.began", "day.summary"} <= set(kinds(watcher.news()))
    (ended,) = watcher.news()
    assert (ended.severity, ended.text) == (Severity.INFO, "no process runs the day any more")
    assert watcher.news() == []


def test_a_database_that_cannot_be_read_is_told_and_read_later(folder: Folder) -> None:
    watcher, _ = folder.watcher()
    with folder.writer.write() as connection:
        connection.execute("INSERT INTO migrations VALUES (99, 'create_future', '9.9')")
    (alert,) = watcher.news()
    assert (alert.kind, alert.severity) == ("notify.unreadable", Severity.WARNING)
    with folder.writer.write() as connection:
        connection.execute("DELETE FROM migrations WHERE number = 99")
    folder.keep(PauseDay("news"))
    assert kinds(watcher.news()) == ["day.paused"]


def test_a_row_that_cannot_be_read_while_catching_up_makes_nothing_news_again(
    folder: Folder,
) -> None:
    folder.keep(*ENTERED)
    _, memory = folder.watcher()
    folder.keep(PauseDay("news"))
    row = (5, "2026-11-20", NOW.isoformat(), "of_the_future", 9, None, "{}", "")
    with folder.writer.write() as connection:
        connection.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    later = reread(memory)
    later.seq, later.link = 5, ""
    watcher, _ = folder.watcher(later)
    assert kinds(watcher.news()) == ["notify.unreadable"]
    assert kinds(watcher.news()) == ["notify.unreadable"]
    assert later.seq == 5


def test_the_watchdog_is_heard_once_and_not_for_what_it_said_before(folder: Folder) -> None:
    path = folder.state / "watchdog.jsonl"
    text = json.dumps({"at": NOW.isoformat(), "severity": "critical", "text": "it is dead"})
    path.write_text(f"{text}\n")
    watcher, memory = folder.watcher()
    assert watcher.news() == []
    with path.open("a") as file:
        file.write(f"{text}\n{text[:20]}")
    assert kinds(watcher.news()) == ["watchdog.says"]
    assert folder.watcher(reread(memory))[0].news() == []


def test_an_empty_folder_has_no_news(tmp_path: Path) -> None:
    settings = load(None, environment={}, overrides={"state_dir": str(tmp_path / "none")})
    watcher = Watcher(settings, ManualClock(NOW), Memory(), is_first=True)
    assert (watcher.news(), watcher.tables()) == ([], {})
    assert not (tmp_path / "none").exists()


async def test_what_a_running_day_logs_is_what_alerts_are_made_of(tmp_path: Path) -> None:
    state = tmp_path / "state"
    settings = load(None, environment={}, overrides={"state_dir": str(state)})
    watcher = Watcher(settings, ManualClock(NOW), Memory(), is_first=True)
    day = cast("LiveDay", SimpleNamespace(inbox=asyncio.Queue[object]()))
    controls = Controls(state)
    path = DayFolder(state, at().date(), settings.log_name).log
    with open_log(path, now=lambda: NOW, secrets=(), console=None):
        hand_over(noted(FeedLost("closed")), day, Rig().broker)
        hand_over(noted(FeedRestored({}, order_updates=False)), day, Rig().broker)
        telling = [
            Tell("stop.missing", "X", "65 units open"),
            Tell("account.unread", "account", "HTTP 500"),
            Tell("risk.refused", "entry:CE", "margin: X"),
            Tell("entry.filled", "X", "65 at 174.90"),
        ]
        LogWriter().saw(NOW, SymbolsHeld(NOW, {"X": "feed_stale"}), list[Command](telling))
        controls.give(Control.PAUSE, "news", by="cli", at=WallClock().now())
        task = asyncio.create_task(obey(controls, lambda _: None, lambda _: None))
        await asyncio.sleep(0)
        task.cancel()
        given_up(ExceptionGroup("", [LedgerError("the disk is full")]))
    structlog.reset_defaults()
    found = {(alert.kind, alert.subject, alert.severity.name) for alert in watcher.news()}
    assert found == {
        ("run.began", "run", "INFO"),
        ("feed", "connection", "WARNING"),
        ("feed", "connection", "INFO"),
        ("feed", "ticks", "WARNING"),
        ("stop.missing", "X", "CRITICAL"),
        ("account.unread", "account", "WARNING"),
        ("control.given", "pause", "INFO"),
        ("day.given_up", "run", "CRITICAL"),
    }
    assert watcher.log.held == {"feed_stale": 1}
    assert watcher.log.refusals == {"entry:CE": "margin: X"}
