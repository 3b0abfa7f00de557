"""How many messages leave in a second, and which go first."""

import random
from collections import deque
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.commands import (
    CancelOrder,
    CancelStray,
    OrderCommand,
    Outgoing,
    ReplaceOrder,
    SubmitOrder,
)
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.runtime.governor import WINDOWS, Governor, Window
from swingbreak.runtime.trader import Trader
from swingbreak.runtime.waiting import Waiting
from tests.builders import CE, PE, SESSION, at, entry, stop
from tests.runtime_fakes import MemoryLedger, Watching

MOST, RESERVED = 8, 3
SECOND = timedelta(seconds=1)


def cancel(number: int) -> OrderCommand:
    return CancelOrder(f"o{number}", "switch")


@pytest.mark.parametrize(
    ("entries", "exits", "admitted"),
    [(9, 0, 5), (0, 9, 8), (5, 3, 8), (4, 9, 8), (9, 2, 7)],
    ids=["only entries", "only exits", "full", "exits take all", "the rest is kept"],
)
def test_room_is_kept_for_exits(entries: int, exits: int, admitted: int) -> None:
    governor = Governor()
    let = [governor.admit(at(), closes=False) for _ in range(entries)]
    let += [governor.admit(at(), closes=True) for _ in range(exits)]
    assert sum(let) == admitted


def test_room_comes_back_a_second_after_each_message() -> None:
    governor = Governor([Window(SECOND, 2, 0)])
    times = (0.0, 0.4, 0.9, 0.999, 1.0, 1.2, 1.4, 1.9)
    let = [governor.admit(at(0, second), closes=True) for second in times]
    assert let == [True, True, False, False, True, False, True, False]


def test_the_longest_window_that_is_full_decides() -> None:
    governor = Governor([Window(SECOND, 2, 0), Window(4 * SECOND, 3, 1)])
    times = (0, 0.5, 0.5, 1, 1.5, 2, 3.5, 4, 4.5)
    let = [governor.admit(at(0, second), closes=True) for second in times]
    assert let == [True, True, False, True, False, False, False, True, True]
    assert not governor.admit(at(0, 5.5), closes=False), "the last place is kept"
    assert governor.admit(at(0, 5.5), closes=True)


def test_what_is_refused_counts_in_no_window() -> None:
    governor = Governor([Window(SECOND, 1, 0), Window(10 * SECOND, 2, 0)])
    assert [governor.admit(at(), closes=True) for _ in range(5)] == [True, *[False] * 4]
    assert governor.admit(at(0, 1), closes=True)


def test_what_never_left_is_uncounted_in_the_longest_window_alone() -> None:
    governor = Governor([Window(SECOND, 1, 0), Window(10 * SECOND, 2, 0)])
    for second in range(5):
        assert governor.admit(at(0, second), closes=True)
        governor.give_back()
        assert not governor.admit(at(0, second), closes=True)
    assert [governor.admit(at(0, second), closes=True) for second in (5, 6, 7)] == [
        True,
        True,
        False,
    ]
    for _ in range(3):
        governor.give_back()
    assert [governor.admit(at(0, second), closes=True) for second in (8, 9, 10)] == [
        True,
        True,
        False,
    ]


def test_every_window_keeps_room_for_exits() -> None:
    assert all(0 < window.reserved < window.most for window in WINDOWS)
    assert [window.length for window in WINDOWS] == sorted(window.length for window in WINDOWS)


def test_entries_wait_while_exits_fill_the_window() -> None:
    governor = Governor()
    assert all(governor.admit(at(), closes=True) for _ in range(6))
    assert not governor.admit(at(), closes=False)
    assert governor.admit(at(), closes=True)


pauses = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 50, 333, 500, 999, 1000]), st.booleans()), max_size=80
)


@given(pauses)
def test_never_more_than_may_leave_in_any_second(asked: list[tuple[int, bool]]) -> None:
    governor, now = Governor([Window(SECOND, MOST, RESERVED)]), at()
    left: list[tuple[datetime, bool]] = []
    for pause_ms, closes in asked:
        now += timedelta(milliseconds=pause_ms)
        if governor.admit(now, closes=closes):
            left.append((now, closes))
        else:
            within = [each for each in left if now - each[0] < SECOND]
            assert len(within) >= (MOST if closes else MOST - RESERVED)  # none waits for nothing
    for since, _ in left:
        within = [closes for when, closes in left if since <= when < since + SECOND]
        assert len(within) <= MOST
        assert within.count(False) <= MOST - RESERVED


SMALL = [
    Window(SECOND, 3, 1),
    Window(10 * SECOND, 7, 2),
    Window(100 * SECOND, 12, 4),
]


def fullest(left: list[tuple[datetime, bool]], window: Window) -> tuple[int, int]:
    """How many messages, and how many of them not closing, the fullest stretch has."""
    stretches = [
        [closes for when, closes in left if since <= when < since + window.length]
        for since, _ in left
    ]
    return max(map(len, stretches), default=0), max((s.count(False) for s in stretches), default=0)


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0, 0.2, 0.5, 1, 3, 10, 40]), st.booleans()), max_size=120
    )
)
def test_every_window_holds_wherever_it_begins(asked: list[tuple[float, bool]]) -> None:
    governor, now = Governor(SMALL), at()
    left: list[tuple[datetime, bool]] = []
    for pause_s, closes in asked:
        now += pause_s * SECOND
        if governor.admit(now, closes=closes):
            left.append((now, closes))
    for window in SMALL:
        most, entries = fullest(left, window)
        assert most <= window.most
        assert entries <= window.most - window.reserved


def test_a_whole_day_of_asking_all_the_time_stays_within_all_limits() -> None:
    governor, dice = Governor(), random.Random(4)  # noqa: S311 - the same day every time
    left: list[tuple[datetime, bool]] = []
    for tenth in range(20_000):
        now, closes = at(0, tenth / 10), dice.random() < 0.05
        if governor.admit(now, closes=closes):
            left.append((now, closes))
    second, minute, day = WINDOWS
    assert len(left) == day.most
    assert 0 < [closes for _, closes in left].count(False) <= day.most - day.reserved
    for window in (second, minute):
        sliding, entries, most = deque[tuple[datetime, bool]](), 0, (0, 0)
        for when, closes in left:
            sliding.append((when, closes))
            entries += not closes
            while when - sliding[0][0] >= window.length:
                entries -= not sliding.popleft()[1]
            most = max(most[0], len(sliding)), max(most[1], entries)
        assert most[0] <= window.most
        assert most[1] <= window.most - window.reserved


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 0, 0.2, 0.5, 1, 3, 10]),
            st.sampled_from([0, 0, 0, 0.3, 2, 50, 4000]),
            st.booleans(),
        ),
        max_size=80,
    )
)
def test_a_clock_that_goes_back_admits_no_more(asked: list[tuple[float, float, bool]]) -> None:
    governor, true, behind = Governor(SMALL), at(), 0.0
    left: list[tuple[datetime, bool]] = []
    for pause_s, back_s, closes in asked:
        true += pause_s * SECOND
        behind += back_s
        if governor.admit(true - behind * SECOND, closes=closes):
            left.append((true, closes))
    for window in SMALL:
        most, entries = fullest(left, window)
        assert most <= window.most
        assert entries <= window.most - window.reserved


def test_a_clock_that_goes_back_holds_an_exit_up_for_a_second_and_not_for_an_hour() -> None:
    governor = Governor()
    assert all(governor.admit(at(70), closes=True) for _ in range(MOST))
    assert not governor.admit(at(10), closes=True)
    assert not governor.admit(at(10, 0.99), closes=True)
    assert governor.admit(at(10, 1), closes=True)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60))
def test_places_changes_and_cancels_count_alike(asked: list[tuple[int, bool]]) -> None:
    commands: list[Outgoing] = [
        SubmitOrder("o1", entry()),
        ReplaceOrder("o1", entry(), 0),
        CancelOrder("o1", "switch"),
        CancelStray("b1", CE.symbol, "foreign"),
    ]
    waiting, now, left = Waiting(), at(), []
    for kind, closes in asked:
        waiting.put(commands[kind], closes=closes)
    while waiting:
        left += [(now, True) for _ in waiting.admitted(now)]
        now += SECOND / 4
    assert len(left) == len(asked)
    assert fullest(left, WINDOWS[0])[0] <= MOST


def test_exits_leave_first_and_each_kind_in_its_order() -> None:
    waiting = Waiting()
    for number in range(6):
        waiting.put(cancel(number), closes=number % 2 == 1)
    assert len(waiting) == 6
    assert list(waiting.admitted(at())) == [cancel(n) for n in (1, 3, 5, 0, 2)]
    assert list(waiting.admitted(at(0, 1))) == [cancel(4)]
    assert len(waiting) == 0
    assert list(waiting.admitted(at(0, 2))) == []


def test_what_has_no_room_stays_and_leaves_a_second_later() -> None:
    waiting = Waiting()
    for number in range(7):
        waiting.put(cancel(number), closes=False)
    assert len(list(waiting.admitted(at()))) == 5
    waiting.put(cancel(7), closes=True)
    assert list(waiting.admitted(at(0, 0.5))) == [cancel(7)]
    assert len(waiting) == 2
    assert list(waiting.admitted(at(0, 1))) == [cancel(5), cancel(6)]


def test_what_comes_while_leaving_leaves_too() -> None:
    waiting = Waiting()
    waiting.put(cancel(0), closes=True)
    left = []
    for command in waiting.admitted(at()):
        left.append(command)
        if len(left) < 3:
            waiting.put(cancel(len(left)), closes=True)
    assert left == [cancel(0), cancel(1), cancel(2)]


@given(st.lists(st.booleans(), max_size=60))
def test_everything_leaves_in_the_end_once(kinds: list[bool]) -> None:
    waiting, now = Waiting(), at()
    for number, closes in enumerate(kinds):
        waiting.put(cancel(number), closes=closes)
    left: list[OrderCommand] = []
    for _ in range(len(kinds) + 1):
        left += waiting.admitted(now)
        now += SECOND
    assert sorted(command.order_id for command in left) == sorted(
        f"o{number}" for number in range(len(kinds))
    )


@pytest.mark.parametrize(
    ("command", "urgent"),
    [
        (SubmitOrder("o1", entry()), False),
        (SubmitOrder("o2", stop()), True),
        (ReplaceOrder("o1", entry(), 0), False),
        (CancelOrder("o1", "daily_stop"), True),
        (CancelOrder("o2", "flat"), True),
    ],
    ids=["entry", "stop", "change of an entry", "cancel of an entry", "cancel of a stop"],
)
def test_what_closes_or_leaves_the_market_is_urgent(command: OrderCommand, urgent: bool) -> None:
    engine = Engine(SESSION, (CE, PE), Parameters())
    for order_id, intent in (("o1", entry()), ("o2", stop())):
        engine.state.record(SubmitOrder(order_id, intent))
    assert Trader(engine, MemoryLedger(), Watching()).closes(command) is urgent
