"""Waiting for sessions and trading them day after day, in a world whose clock a test moves."""

import asyncio
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from swingbreak.adapters.controls import Answer, Controls
from swingbreak.adapters.pulse import Stage, pulse_in, read_pulse
from swingbreak.adapters.runlock import folder_lock
from swingbreak.bootstrap.day import DayOutcome
from swingbreak.bootstrap.presence import Presence
from swingbreak.domain.control import Control
from swingbreak.domain.errors import (
    ConfigError,
    DataError,
    DayOver,
    GatewayRefused,
    GatewayUnreachable,
    KillEngaged,
    LedgerError,
    ModeMismatch,
    NothingListed,
    OutcomeUnknown,
    RateLimited,
    SwingbreakError,
)
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import UnknownFact
from tests.attending_world import (
    DOWN,
    END,
    FACTS,
    FRIDAY,
    MONDAY,
    TWO_MINUTES,
    WEDNESDAY,
    World,
    ist,
    over,
)
from tests.day_views import day_view


def test_before_the_open_today_is_waited_for_and_traded_once(tmp_path: Path) -> None:
    world = World(tmp_path, ist(FRIDAY, "09:00"), [6.0], stays=False)
    outcome = world.run()
    assert world.begun == [ist(FRIDAY, "09:10")]
    assert world.shown == [outcome]
    assert world.waited == ["2026-11-20 has not opened yet: waiting for Fri 2026-11-20, 09:10 IST"]


@pytest.mark.parametrize(
    "now", [ist(FRIDAY, "09:10"), ist(FRIDAY, "16:00"), ist(date(2026, 11, 21), "08:00")]
)
def test_without_staying_whether_a_day_can_be_traded_is_for_the_day_to_say(
    tmp_path: Path, now: datetime
) -> None:
    world = World(tmp_path, now, [ConfigError("no session")], stays=False)
    with pytest.raises(ConfigError, match="no session"):
        world.run()
    assert (world.begun, world.slept) == ([now], 0)


def test_without_staying_a_gateway_that_is_down_ends_it(tmp_path: Path) -> None:
    world = World(tmp_path, ist(FRIDAY, "07:00"), [DOWN], offset=None, stays=False)
    with pytest.raises(GatewayUnreachable):
        world.run()
    assert world.slept == 0


def test_days_are_traded_one_after_another(tmp_path: Path) -> None:
    world = World(
        tmp_path, ist(date(2026, 11, 19), "20:00"), [1.0, 6.5, 6.5, 6.5], leap=TWO_MINUTES
    )
    over(world)
    thursday = date(2026, 11, 26)
    assert world.begun == [ist(day, "09:10") for day in (FRIDAY, MONDAY, WEDNESDAY, thursday)]
    assert len(world.shown) == 4
    friday = "waiting for Fri 2026-11-20, 09:10 IST"
    assert world.waited[:2] == [
        f"the session of 2026-11-19 closed at 15:40: {friday}",
        f"2026-11-20 has not opened yet: {friday}",
    ]
    assert "2026-11-20 has been traded: waiting for Mon 2026-11-23, 09:10 IST" in world.waited
    holiday = "2026-11-24 is a holiday (Guru Nanak Jayanti): waiting for Wed 2026-11-25, 09:10 IST"
    assert holiday in world.waited


def test_a_day_that_has_ended_here_before_is_not_begun_again(tmp_path: Path) -> None:
    world = World(tmp_path, ist(FRIDAY, "13:00"), [DayOver("it is over"), 1.0], leap=TWO_MINUTES)
    over(world)
    assert world.begun == [ist(FRIDAY, "13:00"), ist(MONDAY, "09:10")]
    assert "it is over" in world.noted


@pytest.mark.parametrize(
    "error",
    [
        DOWN,
        GatewayRefused("HTTP 403: Invalid openalgo apikey"),
        RateLimited("HTTP 429"),
        NothingListed("no options"),
        DataError("the answer cannot be read"),
    ],
)
def test_what_may_pass_is_tried_again_less_and_less_often(
    tmp_path: Path, error: SwingbreakError
) -> None:
    class Stubborn(World):
        async def trade(self, presence: Presence | None) -> DayOutcome:
            if self.days and self.days[0] is error:  # before anything has turned
                self.begun.append(self.now)
                raise self.days.pop(0)  # type: ignore[misc]
            return await super().trade(presence)

    world = Stubborn(tmp_path, ist(FRIDAY, "09:10"), [error] * 10)
    over(world)
    begun = [round((at - world.begun[0]).total_seconds()) for at in world.begun]
    pauses = [after - before for before, after in pairwise(begun)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert sum(str(error) in each for each in world.noted) == 1
    assert "tried again" in world.waited


def test_a_day_without_a_gateway_is_given_up_at_the_close_and_explained(tmp_path: Path) -> None:
    class Deaf(World):
        async def trade(self, presence: Presence | None) -> DayOutcome:
            if self.now < ist(FRIDAY, "15:40"):
                raise DOWN
            return await super().trade(presence)

    world = Deaf(tmp_path, ist(FRIDAY, "09:10"), [1.0], offset=None, leap=TWO_MINUTES)
    over(world)
    assert world.begun == [ist(MONDAY, "09:10")]
    given_up = "the session of 2026-11-20 closed at 15:40; the last trouble: nothing answers"
    assert f"no further today: {given_up}" in world.noted


def test_a_day_that_ran_for_a_while_is_gone_on_with_soon(tmp_path: Path) -> None:
    world = World(tmp_path, ist(FRIDAY, "10:00"), [DOWN] * 4)
    over(world)
    begun = [round((at - world.begun[0]).total_seconds()) for at in world.begun]
    assert begun == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "error",
    [
        *(ConfigError("x"), KillEngaged("x"), LedgerError("x"), ModeMismatch("x")),
        *(OutcomeUnknown("x"), UnknownFact("x")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_person_has_to_mend_ends_it(tmp_path: Path, error: SwingbreakError) -> None:
    world = World(tmp_path, ist(FRIDAY, "10:00"), [error, 1.0])
    with pytest.raises(type(error), match="x"):
        world.run()
    assert len(world.begun) == 1
    assert folder_lock(tmp_path).holder() == ""


def test_a_day_that_a_person_ended_or_has_to_look_at_is_the_last(tmp_path: Path) -> None:
    fine = World(tmp_path, ist(FRIDAY, "10:00")).ended()
    left = replace(fine, held=None)
    held = replace(fine, held={"X": -65})
    killed = replace(fine, view=day_view(halted_reason="kill", open_positions=()))
    for last in (left, held, killed):
        assert World(tmp_path, ist(FRIDAY, "10:00"), [last, 1.0]).run() is last
    over(world := World(tmp_path, ist(FRIDAY, "10:00"), [fine, 1.0], leap=TWO_MINUTES))
    assert len(world.begun) == 2


def test_a_clock_that_is_set_neither_skips_nor_doubles_a_session(tmp_path: Path) -> None:
    """Set forward over the close and back again while it waits; set back after the day."""
    jumps = {
        30: ist(FRIDAY, "16:00"),
        60: ist(FRIDAY, "08:00"),
        90: ist(FRIDAY, "09:09:30"),
        200: ist(FRIDAY, "08:00"),  # after the day
        230: ist(MONDAY, "09:09:59"),
    }

    def after(world: World) -> None:
        if (at := jumps.pop(round(world.slept), None)) is not None:
            world.now = at

    world = World(tmp_path, ist(FRIDAY, "08:30"), [1.0, END], after=after)
    over(world)
    assert world.begun == [ist(FRIDAY, "09:10"), ist(MONDAY, "09:10")]
    assert jumps == {}


def test_a_gateway_that_serves_another_time_is_followed(tmp_path: Path) -> None:
    """Days come and go as it serves them, whatever the wall's clock says; none is waited for."""
    saturday = ist(date(2026, 12, 5), "20:00")
    shown = [ist(FRIDAY, "09:14:30"), ist(MONDAY, "08:00")]

    def after(world: World) -> None:
        if round(world.slept) == 10:
            world.offset = None  # away over night
        if round(world.slept) == 40 and shown:
            world.offset = shown.pop() - world.now

    offset = shown.pop(0) - saturday
    world = World(tmp_path, saturday, [1.0, 1.0], offset=offset, after=after)
    world.days.append(END)

    def served(world: World) -> None:
        after(world)
        if len(world.begun) == 2 and world.offset is not None:
            world.offset = ist(WEDNESDAY, "10:00") - world.now

    world.after = served
    over(world)
    first, second, _ = world.begun
    assert first == saturday
    assert timedelta(0) < second - first < timedelta(hours=1, minutes=2)
    waiting = "2026-11-20 has been traded; waiting for another day of the gateway"
    assert waiting in world.waited


@pytest.mark.parametrize("stays", [True, False])
def test_a_gateway_whose_clock_is_a_little_wrong_does_not_begin_the_day_at_night(
    tmp_path: Path, *, stays: bool
) -> None:
    now, offset = ist(FRIDAY, "00:30"), timedelta(seconds=40)
    world = World(tmp_path, now, [END], offset=offset, stays=stays, leap=TWO_MINUTES)
    over(world)
    assert world.begun == [ist(FRIDAY, "09:10")]


def test_on_real_money_a_gateway_with_another_time_is_not_followed(tmp_path: Path) -> None:
    offset = timedelta(days=-3)
    world = World(tmp_path, ist(FRIDAY, "09:00"), [END], offset=offset, follows=False)
    over(world)
    assert world.begun == [ist(FRIDAY, "09:10")]  # where the day refuses the clocks


@pytest.mark.parametrize("stays", [True, False])
def test_whoever_is_told_to_stop_while_it_waits_ends(tmp_path: Path, *, stays: bool) -> None:
    controls = Controls(tmp_path)
    given = {}

    def after(world: World) -> None:
        words = {5: Control.PAUSE, 6: Control.KILL, 8: Control.STOP}
        if word := words.get(round(world.slept)):
            given[word] = controls.give(word, "", by="cli", at=world.now)

    world = World(tmp_path, ist(FRIDAY, "08:00"), [END], stays=stays, after=after)
    assert (world.run(), world.begun, world.slept) == (None, [], 8)
    answers = {word: controls.answered(one) for word, one in given.items()}
    done = {word: each.done for word, each in answers.items() if isinstance(each, Answer)}
    assert done == {Control.PAUSE: False, Control.KILL: True, Control.STOP: True}
    pulse = read_pulse(pulse_in(tmp_path))
    assert pulse is not None
    assert pulse.stage is Stage.LEFT


def test_while_a_day_is_tried_again_words_are_left_to_it(tmp_path: Path) -> None:
    controls = Controls(tmp_path)
    world = World(tmp_path, ist(FRIDAY, "10:00"), [DOWN])
    flatten = controls.give(Control.FLATTEN, "", by="watchdog", at=world.now)
    over_at = []

    def after(world: World) -> None:
        if not over_at and len(world.begun) == 1:
            over_at.append(controls.answered(flatten))

    world.after = after
    over(world)
    assert over_at == [None]


async def test_whoever_is_cancelled_while_it_waits_has_left(tmp_path: Path) -> None:
    def after(_: World) -> None:
        raise asyncio.CancelledError

    world = World(tmp_path, ist(FRIDAY, "08:00"), after=after)
    with pytest.raises(asyncio.CancelledError):
        await world._run()
    pulse = read_pulse(pulse_in(tmp_path))
    assert pulse is not None
    assert pulse.stage is Stage.LEFT
    assert folder_lock(tmp_path).holder() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
@pytest.mark.parametrize("stays", [True, False])
def test_systemd_hears_of_every_second_until_the_days_loop_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stays: bool
) -> None:
    heard = list[str]()

    class Slow(World):
        async def trade(self, presence: Presence | None) -> DayOutcome:
            assert presence is not None
            heard.append(f"begins after {self.listened()}")
            for _ in range(60):
                await asyncio.sleep(0)
            assert self.listened() > 10
            presence.turns()
            for _ in range(9):
                await asyncio.sleep(0)
            self.listened()
            for _ in range(60):
                await asyncio.sleep(0)
            assert self.listened() == 0  # it is for the day to say
            presence.ends(Stage.OVER)
            return replace(self.ended(), held=None)

        def listened(self) -> int:
            count = 0
            with suppress(BlockingIOError):
                while said := server.recv(200).decode():
                    heard.append(said)
                    count += said == "READY=1\nWATCHDOG=1"
            return count

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "notify"))
        server.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        world = Slow(tmp_path, ist(FRIDAY, "09:09:55"), stays=stays)
        world.run()
        world.listened()
    assert "begins after 5" in heard
    assert heard[-1] == f"STOPPING=1\nSTATUS={'the process ends' if stays else 'the day is over'}"
    assert sum(each.startswith("STOPPING") for each in heard) == 1


def test_the_days_of_a_month_are_those_of_the_calendar(tmp_path: Path) -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    days = list(Calendar(FACTS).days(first, last))

    world = World(tmp_path, ist(first, "00:00"), [6.5] * len(days), leap=timedelta(minutes=10))
    over(world)
    assert world.begun == [ist(day, "09:10") for day in days]
