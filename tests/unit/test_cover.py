"""Positions without a stop at the exchange, and what the engine does about them."""

from dataclasses import replace

import pytest

from swingbreak.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.reconcile import MOST_CHANGES
from tests.builders import CE, PE
from tests.engine_bench import (
    CE_CLOSE,
    LATER,
    PARAMETERS,
    Bench,
    armed,
    protected,
    short,
)

LIMIT = PARAMETERS.unprotected_limit_s


def missing(bench: Bench) -> list[str]:
    return [tell.detail for tell in bench.told if tell.kind == "stop.missing"]


def test_the_time_counts_from_the_fill_to_the_accepted_stop() -> None:
    bench = short()
    assert CE.symbol in bench.engine.cover.unprotected.since
    bench.wait(2)
    bench.accept("o2")
    cover = bench.engine.cover.unprotected
    assert [spell.total_seconds() for spell in cover.spells] == [2]
    assert cover.since == {}
    assert missing(bench) == []


def test_a_stop_that_cannot_be_sent_turns_into_an_exit() -> None:
    bench = short()
    for number in range(2, LIMIT + 1):  # it is tried again each second
        bench.reject(f"o{number}", sent=False)
        (again,) = bench.wait(1)
        assert isinstance(again, SubmitOrder)
        assert again.intent.trigger is not None
    bench.reject(f"o{LIMIT + 1}", sent=False)
    (leave,) = bench.wait(1)
    assert isinstance(leave, SubmitOrder)
    assert (leave.intent.trigger, leave.intent.reason) == (None, "stop_lost")
    assert missing(bench) == [f"650 units open without a stop at the exchange for {LIMIT} s"]
    assert bench.again().engine.state.lost == {CE.symbol}


def test_a_stop_whose_fate_is_unknown_is_waited_for() -> None:
    bench = short()
    bench.unconfirmed("o2")
    assert bench.wait(LIMIT) == []
    assert len(missing(bench)) == 1
    assert bench.engine.state.lost == set()
    assert bench.wait(LIMIT) == []
    assert len(missing(bench)) == 1, "told once"
    bench.accept("o2")
    assert bench.engine.cover.unprotected.since == {}


def test_it_is_told_once_however_often_one_looks() -> None:
    bench = short()
    bench.wait(LIMIT)
    bench.hold()
    bench.hold()
    assert len(missing(bench)) == 1


def test_the_time_ends_with_the_position_too() -> None:
    bench = short()
    bench.wait(2)
    bench.fill("o2", 650, 185_00)  # the yes to it never came
    cover = bench.engine.cover.unprotected
    assert (cover.since, [each.total_seconds() for each in cover.spells]) == ({}, [2])


def test_nothing_is_entered_while_a_position_is_overdue() -> None:
    bench = armed(CE, PE)
    bench.accept("o1")
    bench.accept("o2")
    bench.tick(174_90, ask=175_00)
    bench.fill("o1", 650, 174_95)
    bench.unconfirmed("o3")
    assert bench.wait(LIMIT) == [CancelOrder("o2", "unprotected")]
    bench.canceled("o2")
    assert bench.close({PE.symbol: LATER[0]}) == []
    bench.accept("o3")
    assert any(isinstance(c, SubmitOrder) for c in bench.closing(*LATER[1:], symbol=PE.symbol))


def test_the_engine_wakes_when_the_time_is_up() -> None:
    bench = short()
    began = bench.engine.cover.unprotected.since[CE.symbol]
    bench.unconfirmed("o2")
    assert (bench.engine.wake - began).total_seconds() == LIMIT


def test_an_order_changed_as_often_as_brokers_allow_is_followed_by_a_new_one() -> None:
    bench = protected(parameters=replace(Parameters(), daily_stop_r=-1000))
    ask = 190_00
    bench.tick(186_00, ask=ask)
    (change,) = bench.wait(PARAMETERS.chase_after_s)
    assert isinstance(change, ReplaceOrder)
    bench.replaced("o2")
    for _ in range(MOST_CHANGES - 1):
        ask += 4_00
        (change,) = bench.tick(ask, ask=ask)
        assert isinstance(change, ReplaceOrder)
        bench.replaced("o2")
    ask += 4_00
    assert bench.tick(ask, ask=ask) == [CancelOrder("o2", "terms")]
    (new,) = bench.canceled("o2")
    assert isinstance(new, SubmitOrder)
    order = bench.live(CE_CLOSE)
    assert order is not None
    assert order.changes == 0


@pytest.mark.parametrize("ask", [900_00, 400_00])
def test_an_absurd_offer_neither_marks_nor_ends_the_day(ask: int) -> None:
    bench = protected()
    assert bench.tick(176_00, ask=ask) == []
    assert bench.engine.state.halted == ""


def test_no_limit_is_set_beyond_the_price_protection() -> None:
    parameters = replace(Parameters(), chase_step=100_00)
    bench = protected(parameters=parameters)
    (_, leave) = bench.until(bench.engine._force_exit)
    assert isinstance(leave, ReplaceOrder)
    assert leave.intent.limit <= 175_00 * 140 // 100
