from collections.abc import Sequence
from dataclasses import replace

import pytest

from swingbreak.domain.instrument import Right
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position
from swingbreak.risk.account import Account, OpenPnl, no_charge
from swingbreak.risk.gate import Refused, Rule, review
from swingbreak.risk.limits import limits
from tests.builders import contract, entry, position, stop

CALLS = [contract(24000 + 50 * n) for n in range(6)]
PUTS = [contract(24000 + 50 * n, Right.PE) for n in range(6)]
BY_SYMBOL = {c.symbol: c for c in [*CALLS, *PUTS]}


def rules(most: int = 5) -> Sequence[Rule]:
    return limits(Parameters(max_positions=most), BY_SYMBOL)


def held(*symbols: str) -> dict[str, Position]:
    return {symbol: position(symbol) for symbol in symbols}


def live(*intents: OrderIntent) -> dict[Slot, Order]:
    return {i.slot: Order("o9", i, OrderStatus.PENDING_CANCEL) for i in intents}


def refused_by(
    intent: OrderIntent, positions: dict[str, Position], orders: dict[Slot, Order]
) -> str:
    approved, refused = review([intent], positions, orders, rules())
    assert len(approved) + len(refused) == 1
    return refused[0].rule if refused else ""


CE_ENTRY = entry(CALLS[5].symbol, Right.CE)
PE_ENTRY = entry(PUTS[5].symbol, Right.PE)


@pytest.mark.parametrize(
    ("intent", "positions", "orders", "rule"),
    [
        (CE_ENTRY, {}, {}, ""),
        (CE_ENTRY, held(*(c.symbol for c in CALLS[:2])), {}, ""),
        (CE_ENTRY, held(*(c.symbol for c in CALLS[:3])), {}, "max_per_right"),
        (PE_ENTRY, held(*(c.symbol for c in CALLS[:3])), {}, ""),
        (
            PE_ENTRY,
            held(*(c.symbol for c in CALLS[:3]), *(c.symbol for c in PUTS[:2])),
            {},
            "max_positions",
        ),
        (
            PE_ENTRY,
            held(*(c.symbol for c in CALLS[:2]), *(c.symbol for c in PUTS[:2])),
            live(CE_ENTRY),
            "max_positions",
        ),
        (CE_ENTRY, held(CALLS[5].symbol), {}, ""),
        (CE_ENTRY, held(*(c.symbol for c in [*CALLS[:2], CALLS[5]])), {}, ""),
        (
            CE_ENTRY,
            held(*(c.symbol for c in [CALLS[0], CALLS[5], *PUTS[:3]])),
            {},
            "",
        ),
        (entry(CALLS[5].symbol, level="L2"), held(CALLS[5].symbol), {}, "one_per_symbol"),
        (entry(CALLS[5].symbol, quantity=1820), {}, {}, "freeze"),
    ],
    ids=[
        "empty",
        "two calls",
        "three calls",
        "other right",
        "five positions",
        "a dying entry counts",
        "rest of a begun entry",
        "its own position takes no room among the calls",
        "nor among all",
        "held on another level",
        "above freeze",
    ],
)
def test_limits_count_what_is_and_what_may_be(
    intent: OrderIntent, positions: dict[str, Position], orders: dict[Slot, Order], rule: str
) -> None:
    assert refused_by(intent, positions, orders) == rule


def test_a_refused_entry_leaves_the_room_of_the_one_that_rests() -> None:
    four = held(*(c.symbol for c in CALLS[:2]), *(c.symbol for c in PUTS[:2]))
    resting = live(entry(CALLS[4].symbol))
    too_many = entry(CALLS[5].symbol, quantity=1820)
    approved, refused = review([too_many, PE_ENTRY], four, resting, rules())
    assert approved == []
    assert [item.rule for item in refused] == ["freeze", "max_positions"]


def test_the_freeze_quantity_itself_may_be_sent() -> None:
    assert refused_by(entry(CALLS[5].symbol, quantity=1800), {}, {}) == ""


def test_an_order_in_its_own_slot_does_not_count_against_itself() -> None:
    four = held(*(c.symbol for c in CALLS[:2]), *(c.symbol for c in PUTS[:2]))
    assert refused_by(CE_ENTRY, four, live(entry(CALLS[4].symbol))) == ""


def test_an_order_of_its_own_slot_leaves_the_others_to_count() -> None:
    _, (refused,) = review([CE_ENTRY], {}, live(CE_ENTRY, PE_ENTRY), rules(1))
    assert refused.rule == "max_positions"


def test_what_closes_a_position_that_is_gone_takes_no_room() -> None:
    (approved,), _ = review([CE_ENTRY], {}, live(stop(PUTS[0].symbol)), rules(1))
    assert approved == CE_ENTRY


def test_two_entries_wanted_at_once_count_each_other() -> None:
    four = held(*(c.symbol for c in CALLS[:2]), *(c.symbol for c in PUTS[:2]))
    approved, refused = review([CE_ENTRY, PE_ENTRY], four, {}, rules())
    assert approved == [CE_ENTRY]
    assert refused == [Refused(PE_ENTRY, "max_positions", "5 of 5 positions taken")]


def test_no_rule_may_trap_us_in_a_position() -> None:
    everything = held(*BY_SYMBOL)
    closing = stop(CALLS[0].symbol, quantity=9999)
    assert review([closing], everything, {}, rules()) == ([closing], [])


@pytest.mark.parametrize(
    ("realised", "open_", "verdict"),
    [
        (32_500_00, 0, "daily_target"),
        (32_499_99, 0, ""),
        (-32_500_00, 0, "daily_stop"),
        (-32_499_99, 0, ""),
        (26_000_00, 6_500_00, "daily_target"),
        (-26_000_00, -6_500_00, "daily_stop"),
        (39_000_00, -6_500_01, ""),
    ],
)
def test_the_day_is_decided_on_realised_and_open_together(
    realised: int, open_: int, verdict: str
) -> None:
    assert Account(realised, open_).verdict(Parameters()) == verdict


def test_open_pnl_is_what_buying_back_would_leave() -> None:
    pnl = OpenPnl(no_charge)
    pnl.mark(position(), 17495 - 1000)
    assert pnl.total == 6_500_00
    pnl.mark(position(CALLS[0].symbol, 65), 17495 + 100)
    assert pnl.total == 6_500_00 - 65_00
    pnl.mark(position().buy(325, 325 * 17395), 17495)
    assert pnl.total == 325_00 - 65_00
    pnl.drop(position().symbol)
    assert pnl.total == -65_00
    pnl.drop("never held")
    assert pnl.total == -65_00


def test_open_positions_carry_their_charges_and_those_of_one_closing_order() -> None:
    pnl = OpenPnl(lambda sold, bought, orders: sold // 1000 + bought // 500 + 20_00 * orders)
    value = 650 * 17495
    begun = replace(position(), orders=1)
    assert pnl.at(begun, 17495) == -(value // 1000) - value // 500 - 40_00
    half_closed = replace(begun.buy(325, 325 * 17495), orders=2)
    assert pnl.at(half_closed, 17495) == -(value // 1000) - value // 500 - 60_00


def test_a_full_day_says_of_what() -> None:
    three = held(*(c.symbol for c in CALLS[:3]))
    _, (calls,) = review([CE_ENTRY], three, {}, rules())
    _, (all_,) = review([CE_ENTRY], three, {}, rules(3))
    assert calls.reason == "3 of 3 CE positions taken"
    assert all_.reason == "3 of 3 positions taken"
