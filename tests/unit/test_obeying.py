"""A person's word: what the engine makes of it, and what the person is told."""

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, PauseDay, ResumeDay, SubmitOrder
from swingbreak.domain.control import Control
from swingbreak.domain.events import ControlGiven
from swingbreak.engine.obeying import obeyed
from swingbreak.runtime.inbox import Word
from swingbreak.runtime.words import Standing, outcome
from tests.builders import CE, at
from tests.engine_bench import LATER, Bench, protected, resting
from tests.runtime_fakes import Rig

OPEN_DAY = Standing("", paused=False)
PAUSED = Standing("", paused=True)
OVER = Standing("daily_stop", paused=False)


def say(bench: Bench, control: Control) -> list[object]:
    return list(bench.do(ControlGiven(bench.now, control, "news")))


def test_a_pause_takes_the_resting_entry_out_and_places_no_other() -> None:
    bench = resting()
    assert say(bench, Control.PAUSE) == [PauseDay("news"), CancelOrder("o1", "paused")]
    assert bench.canceled("o1") == []
    assert bench.closing(*LATER) == []


def test_people_are_told_of_a_pause_and_of_its_end() -> None:
    bench = resting()
    say(bench, Control.PAUSE)
    say(bench, Control.RESUME)
    assert [(each.kind, each.subject, each.detail) for each in bench.told] == [
        ("day.paused", "entries", "news"),
        ("day.resumed", "entries", "news"),
    ]


def test_a_pause_leaves_positions_and_their_stops_alone() -> None:
    bench = protected()
    assert say(bench, Control.PAUSE) == [PauseDay("news")]
    assert bench.position() is not None
    assert bench.live() is not None


def test_a_stop_is_still_placed_while_paused() -> None:
    bench = resting()
    bench.tick(174_90, ask=175_00)
    say(bench, Control.PAUSE)
    (stop,) = bench.fill("o1", 650, 174_95)
    assert isinstance(stop, SubmitOrder)
    assert stop.intent.reason == "stop"


def test_after_a_resume_entries_rest_again() -> None:
    bench = resting()
    say(bench, Control.PAUSE)
    bench.canceled("o1")
    change, order = say(bench, Control.RESUME)
    assert change == ResumeDay("news")
    assert isinstance(order, SubmitOrder)


def test_a_pause_survives_a_restart() -> None:
    bench = resting()
    say(bench, Control.PAUSE)
    assert bench.again().engine.state.paused
    say(bench, Control.RESUME)
    assert not bench.again().engine.state.paused


@pytest.mark.parametrize("control", [Control.FLATTEN, Control.KILL])
def test_everything_is_exited(control: Control) -> None:
    bench = protected()
    halt, leave = say(bench, control)
    assert halt == HaltDay(control.value)
    assert leave.intent.trigger is None  # type: ignore[attr-defined]
    assert bench.again().engine.state.halted == control.value


def test_a_word_comes_at_once_though_nothing_else_happens() -> None:
    bench = resting()
    assert say(bench, Control.FLATTEN) == [HaltDay("flatten"), CancelOrder("o1", "flatten")]


@pytest.mark.parametrize(
    ("control", "halted", "paused", "expected"),
    [
        (Control.PAUSE, "", True, None),
        (Control.RESUME, "", False, None),
        (Control.STOP, "", False, None),
        (Control.PAUSE, "daily_stop", False, None),
        (Control.RESUME, "daily_stop", True, None),
        (Control.FLATTEN, "daily_stop", False, None),
        (Control.FLATTEN, "kill", False, None),
        (Control.KILL, "kill", False, None),
        (Control.KILL, "flatten", False, HaltDay("kill")),
    ],
)
def test_what_is_true_already_changes_nothing(
    control: Control, halted: str, paused: bool, expected: object
) -> None:
    assert obeyed(control, "why", halted=halted, paused=paused) == expected


@pytest.mark.parametrize(
    ("control", "before", "after", "done", "text"),
    [
        (Control.PAUSE, OPEN_DAY, PAUSED, True, "paused: no entries"),
        (Control.PAUSE, PAUSED, PAUSED, True, "already"),
        (Control.PAUSE, OVER, OVER, False, "the day is over (daily_stop): there is nothing to"),
        (Control.RESUME, PAUSED, OPEN_DAY, True, "resumed"),
        (Control.RESUME, OVER, OVER, False, "over"),
        (Control.FLATTEN, OPEN_DAY, Standing("flatten", paused=False), True, "being exited"),
        (Control.FLATTEN, OVER, OVER, True, "over already (daily_stop)"),
        (Control.KILL, OVER, Standing("kill", paused=False), True, "lock"),
    ],
)
def test_the_person_is_told(
    control: Control, before: Standing, after: Standing, done: bool, text: str
) -> None:
    is_done, said = outcome(control, before, after)
    assert is_done is done
    assert text in said


async def test_the_loop_carries_a_word_out_and_answers_when_it_is_durable() -> None:
    answers: list[tuple[bool, str, int]] = []
    async with Rig() as rig:
        rig.engine.answers[ControlGiven] = [[PauseDay("news")]]
        word = Word(
            Control.PAUSE,
            "news",
            lambda _, done, text: answers.append((done, text, len(rig.ledger.kept))),
        )
        await rig.put(word)
    ((done, text, kept),) = answers
    assert done
    assert text.startswith("paused")
    assert kept == 1
    assert rig.engine.state.paused
    assert isinstance(rig.engine.events[0], ControlGiven)
    assert CE.symbol in rig.engine.contracts
    assert at() <= rig.engine.events[0].at
