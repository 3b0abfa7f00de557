"""Money adds up: of the rates, and of a day in which everything goes wrong."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, Side
from swingbreak.facts.charges import ChargeRates, Dealings
from tests.charging import rates_of
from tests.engine_broker import Faults
from tests.engine_world import CONTRACTS, World, parameters_for, walker

premiums = st.integers(0, 10**10)
counts = st.integers(0, 50)
dealings = st.builds(Dealings, premiums, premiums, counts, st.integers(0, 3))
rates = st.sampled_from(
    [
        rates_of(date(2019, 5, 2)),
        rates_of(date(2023, 12, 14)),
        rates_of(),
        rates_of(date(2024, 6, 3), "BFO"),
    ]
)


@given(rates, dealings)
def test_components_add_up_and_each_is_as_near_as_can_be(of: ChargeRates, what: Dealings) -> None:
    note = of.note(what)
    assert note.exact == sum(line.exact for line in note.lines)
    if not what.squared_off:
        assert note.exact == of.charge(what.sold, what.bought, what.orders)
    stt = [line for line in note.lines if line.rate.component == "stt_sell"]
    assert all(line.billed % 100 == 0 and abs(line.billed - line.exact) <= 51 for line in stt)
    assert all(line.exact >= 0 for line in note.lines)
    assert abs(note.billed - note.exact) <= 51


@given(rates, premiums, premiums, counts, st.integers(0, 10**6))
def test_more_never_costs_less(
    of: ChargeRates, sold: Paise, bought: Paise, orders: int, more: int
) -> None:
    cost = of.charge(sold, bought, orders)
    assert of.charge(sold + more, bought, orders) >= cost
    assert of.charge(sold, bought + more, orders) >= cost
    assert of.charge(sold, bought, orders + 1) >= cost


def cash_of(orders: list[Order]) -> Paise:
    return sum(o.value if o.intent.side is Side.SELL else -o.value for o in orders)


@pytest.mark.parametrize("seed", range(12))
def test_the_sum_of_trades_less_charges_is_the_change_of_cash(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    parameters, faults, moves = parameters_for(60, dice), Faults.drawn(dice), walker(dice)
    of = rates_of()
    world = World(CONTRACTS, parameters, faults, dice, moves, 60, charge=of.charge)
    world.run()
    traded = [o for o in world.engine.state.book.orders.values() if o.filled]
    holdings = world.engine.state.holdings
    trades = holdings.trades.values()
    assert not holdings.positions
    cash, charges = cash_of(traded), sum(trade.charges for trade in trades)
    assert holdings.realised == sum(trade.net for trade in trades) == cash - charges
    assert world.engine.account().net == cash - charges
    assert sum(trade.orders for trade in trades) == len(traded)
    sold = sum(o.value for o in traded if o.intent.side is Side.SELL)
    # each trade is rounded by itself, the day as a whole
    assert abs(charges - of.charge(sold, sold - cash, len(traded))) <= len(trades)
