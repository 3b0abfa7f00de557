from collections.abc import Callable
from dataclasses import replace

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, SubmitOrder
from swingbreak.domain.events import OrderAccepted, OrderFilled, OrderRejected, TimerFired
from swingbreak.engine.told import LookAwaited, ProcessBegan, ProcessEnded, RowsKept, Told
from swingbreak.runtime.day_record import digest_of, lines_of
from swingbreak.runtime.replay import Kept, Replay, Replayed, in_words
from tests.builders import at, entry
from tests.taped_days import TapedDay, short_day

DAY = short_day(5)
MANY = range(10)
END = ProcessEnded(DAY.terms.session.closes)


def replayed(told: list[Told], kept: list[Kept] | None = None) -> Replayed:
    return Replay(DAY.kept if kept is None else kept).run(told)


def moments(day: TapedDay) -> list[int]:
    """Where in what was heard something was kept."""
    rows = []

    def watch(engine: object, event: object, commands: list[object]) -> None:
        del engine, event, commands
        rows.append(replay._row)

    replay = Replay(day.kept, watch)
    replay.run(day.told)
    return [n for n, row in enumerate(rows) if row > (rows[n - 1] if n else 0)]


def test_a_day_is_replayed_to_the_same_decisions() -> None:
    seen = replayed([*DAY.told, RowsKept(99, "link"), END])
    assert seen.mismatch is None
    assert seen.decisions == DAY.record.decisions == lines_of(DAY.kept)
    assert (seen.processes, seen.events, seen.unheard) == (1, len(DAY.heard), [])
    assert digest_of(seen.decisions) == DAY.record.digest()
    assert seen.versions == {"0.1.0"}


def test_many_days_are_replayed_to_the_same_decisions() -> None:
    for seed in MANY:
        day = short_day(seed, freeze_lots=2 if seed % 4 == 1 else 27)
        seen = Replay(day.kept).run([*day.told, END])
        assert (seen.mismatch, seen.decisions) == (None, day.record.decisions), seed
        assert seen.unheard == []


def test_a_look_that_is_awaited_holds_back_as_it_did() -> None:
    waiting: list[Told] = [DAY.told[0], LookAwaited(DAY.heard[0].at), *DAY.heard]  # type: ignore[union-attr]
    seen = replayed([*waiting, END])
    assert seen.mismatch is not None
    assert seen.mismatch.row == 1


def changed(kept: list[Kept]) -> list[Kept]:
    n = next(n for n, (_, record) in enumerate(kept) if isinstance(record, SubmitOrder))
    when, order = kept[n]
    assert isinstance(order, SubmitOrder)
    other = replace(order, intent=replace(order.intent, quantity=order.intent.quantity + 65))
    return [*kept[:n], (when, other), *kept[n + 1 :]]


def without_the_last(kept: list[Kept]) -> list[Kept]:
    return kept[:-1]


def with_one_more(kept: list[Kept]) -> list[Kept]:
    return [*kept, (kept[-1][0], CancelOrder("o1", "switch"))]


def with_one_between(kept: list[Kept]) -> list[Kept]:
    return [*kept[:3], (kept[3][0], CancelOrder("o1", "switch")), *kept[3:]]


@pytest.mark.parametrize(
    ("spoil", "row"),
    [(changed, 1), (without_the_last, len(DAY.kept)), (with_one_more, len(DAY.kept) + 1),
     (with_one_between, 4)],
)  # fmt: skip
def test_the_first_difference_is_named(spoil: Callable[[list[Kept]], list[Kept]], row: int) -> None:
    kept = spoil(DAY.kept)
    seen = replayed([*DAY.told, END], kept)
    assert seen.mismatch is not None
    assert seen.mismatch.row == row
    there = kept[row - 1] if row <= len(kept) else None
    assert seen.mismatch.kept == there
    assert seen.mismatch.decided != there


def restarted(died: int, lost: int = 0) -> tuple[list[Told], list[Kept]]:
    """The day with a process that died after it had kept what *died* events led to.

    Its heir is told the rest as a new process would be: nothing, for what matters here.
    """
    heard = DAY.heard[: died + 1]
    count = replay_row(heard)
    kept = DAY.kept[:count]
    return [DAY.told[0], *heard[: len(heard) - lost]], kept


def replay_row(heard: list[Told]) -> int:
    """How many records *heard* leads to."""
    replay = Replay(DAY.kept)
    replay.run([DAY.told[0], *heard], until=None)
    unheard = replay.outcome.unheard
    return unheard[0][0] - 1 if unheard else len(DAY.kept)


MOMENT = moments(DAY)[3]


def test_a_process_that_died_is_followed_by_the_next() -> None:
    told, kept = restarted(MOMENT)
    heir: list[Told] = [DAY.began(at(20), len(kept)), LookAwaited(at(20)), TimerFired(at(20))]
    seen = replayed([*told, *heir, END], kept)
    assert (seen.mismatch, seen.unheard, seen.undone, seen.processes) == (None, [], 0, 2)
    assert seen.decisions == lines_of(kept)


def test_a_step_that_a_process_died_before_it_could_keep_is_no_difference() -> None:
    told, kept = restarted(MOMENT)
    before = kept[: replay_row(DAY.heard[:MOMENT])]
    assert len(before) < len(kept)
    seen = replayed([*told, DAY.began(at(20), len(before))], before)
    assert (seen.mismatch, seen.undone) == (None, 1)
    assert replayed(told, before).undone == 1
    # but one that ended with manners would have kept it
    assert replayed([*told, END], before).mismatch is not None


def test_what_the_next_process_kept_is_not_what_the_last_one_had_kept() -> None:
    """Both heard at the same instant that an order was taken; the first died before keeping it."""
    moment = next(n for n in moments(DAY) if isinstance(DAY.heard[n], OrderAccepted))
    told, kept = restarted(moment)
    *before, taken = kept
    heir = [DAY.began(taken[0], len(before)), LookAwaited(taken[0]), DAY.heard[moment], END]
    seen = replayed([*told, *heir], [*before, taken])
    assert (seen.mismatch, seen.undone, seen.processes) == (None, 1, 2)
    assert seen.decisions == lines_of(kept)


def test_what_the_tape_lost_is_said_and_not_guessed() -> None:
    told, kept = restarted(MOMENT, lost=1)
    before = replay_row(DAY.heard[:MOMENT])
    heir = [DAY.began(at(20), len(kept)), END]
    seen = replayed([*told, *heir], kept)
    assert (seen.mismatch, seen.unheard) == (None, [(before + 1, len(kept))])
    assert seen.decisions == lines_of(kept)
    assert replayed(told, kept).unheard == [(before + 1, len(kept))]


def test_a_ledger_that_has_fewer_records_than_a_process_began_with_differs() -> None:
    told, kept = restarted(MOMENT)
    heir = [DAY.began(at(20), len(kept)), END]
    seen = replayed([*told, *heir], kept[:-1])
    assert seen.mismatch is not None
    assert seen.mismatch.kept is None


def test_a_record_that_nobody_decided_is_found_where_the_next_one_is() -> None:
    told, kept = restarted(MOMENT)
    began = DAY.began(at(20), len(kept) - 1)
    assert replayed([*told, began, END], kept).mismatch is not None


def test_a_replay_may_stop_in_the_middle() -> None:
    until = DAY.heard[len(DAY.heard) // 2].at  # type: ignore[union-attr]
    replay = Replay(DAY.kept)
    seen = replay.run(DAY.told, until)
    assert 0 < seen.events < len(DAY.heard)
    assert seen.mismatch is None
    assert replay.engine is not None


def test_an_engine_that_gave_up_gives_up_again() -> None:
    told: list[Told] = [*DAY.told, OrderFilled(at(29), "o1", "f99", 0, 1), TimerFired(at(29))]
    seen = replayed([*told, DAY.began(at(30), len(DAY.kept)), END])
    assert len(seen.gave_up) == 1
    assert "InvalidTransition: o1" in seen.gave_up[0]
    assert seen.mismatch is None


def test_records_in_words() -> None:
    assert in_words(HaltDay("daily_stop")) == "halt daily_stop"
    assert in_words(SubmitOrder("o1", entry())).startswith("place entry:CE SELL")
    assert in_words(OrderRejected(at(1), "o1", "margin")) == (
        "order rejected o1: reason margin, sent True, proof True"
    )


def test_a_beginning_says_what_it_begins_with() -> None:
    assert isinstance(DAY.told[0], ProcessBegan)
    assert DAY.told[0].terms.engine().contracts == DAY.engine.contracts
