"""The watch over a folder whose process is gone: what is told, and how often it is begun again."""

from datetime import timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.pulse import PulseWriter, Stage, pulse_in
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.bootstrap.watching import Alarm, Policy, Severity, Watch, what_is_open
from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.control import Control
from swingbreak.domain.events import OrderAccepted, OrderFilled
from swingbreak.runtime.vigil import Condition, Vigil
from tests.builders import CE, at, entry, stop


class Watched:
    """A watch over a folder, with a clock of its own."""

    def __init__(self, folder: Path, policy: Policy, *arguments: str) -> None:
        self.folder = folder
        self.now = 0.0
        self.alarms: list[Alarm] = []
        tell = self.alarms.append
        self.watch = Watch(folder, policy, arguments, Vigil(3, 10), tell, lambda: self.now)

    def look(self, seconds: float = 0.25) -> Condition:
        self.now += seconds
        return self.watch.look()

    def told(self) -> list[tuple[Severity, str]]:
        told = [(alarm.severity, alarm.text) for alarm in self.alarms]
        self.alarms.clear()
        return told

    def child_ends(self) -> None:
        child = self.watch._child
        assert child is not None
        child.wait(60)


def died(folder: Path, stage: Stage = Stage.RUNS, *, short: bool = False) -> None:
    """Leave what a process leaves that is gone: its last sign of life, and its ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder), PulseWriter(pulse_in(folder)) as pulse:
        pulse.beat()
        pulse.end(stage)
    with open_writer(database_in(folder)) as database:
        if short:
            records = [
                SubmitOrder("o1", entry()),
                OrderAccepted(at(1), "o1", "b1"),
                OrderFilled(at(2), "o1", "f1", 650, 650 * 150_00),
                SubmitOrder("o2", stop()),
            ]
            SqliteLedger(database).append(at(2), records)


def test_what_is_open_is_read_from_the_ledger(tmp_path: Path) -> None:
    assert what_is_open(tmp_path) == ""
    died(tmp_path)
    assert what_is_open(tmp_path) == ""
    died(tmp_path, short=True)
    assert what_is_open(tmp_path) == f"-650 {CE.symbol}, 1 live order"
    database_in(tmp_path).write_bytes(b"no database")
    assert what_is_open(tmp_path).startswith("what is open is not known: ")


@pytest.mark.parametrize(
    ("stage", "short", "condition", "told"),
    [
        (Stage.RUNS, True, Condition.DEAD, (Severity.CRITICAL, "the process is gone; -650 ")),
        (Stage.BEGINS, False, Condition.DEAD, (Severity.WARNING, "the process is gone; nothing")),
        (Stage.LEFT, True, Condition.LEFT, (Severity.WARNING, "somebody ended the process; -650 ")),
        (Stage.LEFT, False, Condition.LEFT, (Severity.NOTE, "somebody ended the process; nothing")),
        (Stage.OVER, False, Condition.OVER, (Severity.NOTE, "the day is over")),
    ],
)
def test_who_is_gone_is_told_of_once(
    tmp_path: Path, stage: Stage, condition: Condition, told: tuple[Severity, str], *, short: bool
) -> None:
    died(tmp_path, stage, short=short)
    watched = Watched(tmp_path, Policy.ALARM)
    assert [watched.look(), watched.look()] == [condition, condition]
    ((severity, text),) = watched.told()
    assert (severity, text.startswith(told[1])) == (told[0], True), text


def test_a_day_that_does_not_begin_again_is_tried_less_and_less_often(tmp_path: Path) -> None:
    died(tmp_path, short=True)
    watched = Watched(tmp_path, Policy.RESTART, "--no-such-option")
    watched.look()
    (_, gone), (_, begun) = watched.told()
    assert gone.startswith("the process is gone")
    assert begun.startswith("`swingbreak run --no-such-option` is begun, process ")
    tried: list[float] = []
    for _ in range(600):
        watched.child_ends()
        watched.look()
        if told := watched.told():
            tried.append(watched.now)
            assert "`run` ended with code 2: " in told[0][1]
        if len(tried) == 3:
            break
    watched.child_ends()
    assert tried == [5.25, 15.25, 35.25]


def test_who_is_to_exit_is_told_to_once(tmp_path: Path) -> None:
    died(tmp_path, short=True)
    watched = Watched(tmp_path, Policy.FLATTEN, "--no-such-option")
    for _ in range(30):
        watched.look()
        watched.child_ends()
    (given,) = Controls(tmp_path).waiting()
    assert (given.control, given.by) == (Control.FLATTEN, "watchdog")


def test_who_is_to_exit_what_is_open_does_nothing_where_nothing_is(tmp_path: Path) -> None:
    died(tmp_path)
    watched = Watched(tmp_path, Policy.FLATTEN, "--no-such-option")
    assert [watched.look() for _ in range(60)] == [Condition.DEAD] * 60
    assert [text for _, text in watched.told()] == ["the process is gone; nothing is open"]
    assert list(Controls(tmp_path).waiting()) == []


def test_one_that_lives_is_well_and_its_end_is_seen(tmp_path: Path) -> None:
    watched = Watched(tmp_path, Policy.RESTART, "--no-such-option")
    assert watched.look() is Condition.ABSENT
    with folder_lock(tmp_path), PulseWriter(pulse_in(tmp_path)) as pulse:
        for _ in range(40):
            assert watched.look() is Condition.WELL
            pulse.beat()
        assert [watched.look() for _ in range(13)][-2:] == [Condition.WELL, Condition.SILENT]
        pulse.beat()
        assert watched.look() is Condition.WELL
        pulse.end(Stage.OVER)
    assert watched.look() is Condition.OVER
    severities = [severity for severity, _ in watched.told()]
    assert severities == [Severity.NOTE, Severity.WARNING, Severity.NOTE, Severity.NOTE]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--policy", "hope"), "there are alarm, restart, flatten"),
        (("--alarm-after", "4", "--act-after", "3"), "is before --alarm-after 4 s"),
    ],
)
def test_bad_words_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    asked = ("watchdog", "--state-dir", str(tmp_path), *words)
    code = run_reporting(lambda: application("watchdog")(list(asked)), asked)
    assert (code, why in capsys.readouterr().err) == (ExitCode.CONFIGURATION, True)


def test_the_time_of_an_alarm_is_the_wall_clocks(tmp_path: Path) -> None:
    died(tmp_path)
    watched = Watched(tmp_path, Policy.ALARM)
    watched.look()
    assert abs(watched.alarms[0].at - WallClock().now()) < timedelta(minutes=1)
