"""An exchange with an account: what it blocks, when it refuses, what it takes volatility to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.session import Session
from swingbreak.risk.margin import MarginRates
from swingbreak.simulation.cash import CAPITAL, Cash
from swingbreak.simulation.exchange import Exchange
from swingbreak.simulation.funded import funded_exchange, yesterdays_volatility
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.venue import NewOrder, PriceType
from tests.venue_builders import (
    BUY,
    CE,
    CONTRACTS,
    LOT,
    PE,
    PROMPT,
    SELL,
    SESSION,
    at,
    limit,
    now,
    quoted,
    stop,
    tick,
)

SPOT = 24_500_00


@dataclass
class FakeDay:
    """What is known before the open."""

    closes: Mapping[str, int] = field(default_factory=dict)
    contracts: tuple[OptionContract, ...] = CONTRACTS
    session: Session = SESSION
    spot_symbol: str = "NIFTY"

    def previous_close(self, symbol: str) -> int:
        return self.closes.get(symbol, 0)


def exchange_with(lots: float, rates: MarginRates | None = None) -> tuple[Exchange, Cash]:
    """An exchange and an account with the margin of so many lots at the money."""
    capital = round(lots * 0.1135 * SPOT * LOT)
    venue, cash = funded_exchange(FakeDay(), lambda _: SPOT, PROMPT, rates=rates, capital=capital)
    venue.on_tick(quoted(0, 200_00, 199_50, 200_50))
    venue.on_tick(tick(0, 200_00, symbol=PE))
    return venue, cash


def test_an_entry_without_its_margin_is_refused_at_the_door() -> None:
    venue, cash = exchange_with(1.5)
    venue.submit(at(1), stop(SELL, 190_00, 187_00))
    free = cash.available(at(1))
    with pytest.raises(
        OrderRefused, match=r"Insufficient funds\. Required margin is 179955\."
    ) as e:
        venue.submit(at(1), stop(SELL, 190_00, 187_00, symbol=PE))
    assert f"available margin is {free // 100}." in str(e.value)
    assert len(venue.orders()) == 1


def test_what_was_cancelled_is_free_again() -> None:
    venue, cash = exchange_with(1.5)
    order, _ = venue.submit(at(1), stop(SELL, 190_00, 187_00))
    venue.cancel(at(1), order.orderid)
    venue.advance(at(2))
    assert cash.blocked(at(2)) == 0
    venue.submit(at(2), stop(SELL, 190_00, 187_00, symbol=PE))


def test_a_short_is_always_bought_back() -> None:
    venue, cash = exchange_with(1.1)
    venue.submit(at(1), limit(SELL, 199_50))
    venue.on_tick(quoted(2, 600_00, 599_50, 600_50))
    assert cash.available(at(2)) < 600_00 * LOT
    buy, _ = venue.submit(at(3), limit(BUY, 600_50))
    venue.advance(at(4))
    assert now(venue, buy.orderid).filled == LOT
    assert cash.available(at(4)) == cash.available(at(1))
    assert cash.blocked(at(4)) == 0


def test_a_change_that_adds_needs_the_margin_of_what_it_adds() -> None:
    venue, _ = exchange_with(2.5)
    order, _ = venue.submit(at(1), stop(SELL, 190_00, 187_00))
    terms = {"price": 187_00, "trigger": 190_00, "pricetype": PriceType.SL}

    def change(quantity: int) -> None:
        venue.modify(at(2), order.orderid, quantity=quantity, **terms)  # type: ignore[arg-type]

    with pytest.raises(OrderRefused, match="Insufficient funds"):
        change(3 * LOT)
    change(2 * LOT)
    venue.advance(at(3))
    assert now(venue, order.orderid).quantity == 2 * LOT
    change(LOT)


def test_margin_follows_the_index() -> None:
    levels = {at(0): SPOT, at(1): SPOT + 500_00}
    _, cash = funded_exchange(FakeDay(), levels.__getitem__)
    assert cash.available(at(0)) == CAPITAL
    before = cash.required(at(0), [(CE, -LOT)])
    after = cash.required(at(1), [(CE, -LOT)])
    assert after.exposure - before.exposure == 500_00 * LOT // 50
    assert after.span > before.span


def test_the_rates_of_the_day_count() -> None:
    _, cash = exchange_with(9, replace(MarginRates(), exposure=0.05))
    assert cash.required(at(0), [(CE, -LOT)]).exposure == SPOT * LOT // 20


def test_a_market_order_costs_the_last_price_and_nothing_before_there_is_one() -> None:
    venue, cash = funded_exchange(FakeDay(), lambda _: SPOT, PROMPT, capital=100)
    order = NewOrder(CE, BUY, LOT, PriceType.MARKET, 0, 0)
    assert cash.refusal(at(0), order) == ""
    venue.on_tick(tick(0, 200_00))
    assert "Required margin is 13000.00" in cash.refusal(at(0), order)


def test_volatility_is_what_yesterdays_straddle_implied() -> None:
    tape = generate_day(DaySpec(seed=23))
    assert yesterdays_volatility(tape) == pytest.approx(DaySpec().volatility, rel=0.1)


@pytest.mark.parametrize(
    ("day", "volatility"),
    [
        (FakeDay({"NIFTY": SPOT}), 0.15),
        (FakeDay({"NIFTY": SPOT, CE: 200_00}), 0.15),
        (FakeDay({"NIFTY": SPOT, CE: 200_00}, CONTRACTS[:1]), 0.15),
        (FakeDay({CE: 200_00, PE: 200_00}), 0.15),
        (FakeDay({"NIFTY": SPOT}, ()), 0.15),
        (FakeDay({"NIFTY": SPOT, CE: 5, PE: 5}), 0.08),
        (FakeDay({"NIFTY": SPOT, CE: SPOT, PE: SPOT}), 1.0),
    ],
    ids=["no option", "one option", "one listed", "no index", "nothing", "least", "most"],
)
def test_volatility_has_bounds_and_a_mean(day: FakeDay, volatility: float) -> None:
    assert yesterdays_volatility(day) == volatility


def test_the_capital_carries_five_positions_of_ten_lots() -> None:
    """Calls and puts of 26,000, a hundred in the money, on their day of expiry, at a high VIX."""
    spot, day = 26_000_00, SESSION.day
    contracts = tuple(
        replace(one, expiry=day, strike=spot + (-100_00 if one.symbol == CE else 100_00))
        for one in CONTRACTS
    )
    _, cash = funded_exchange(FakeDay({}, contracts), lambda _: spot)
    units = 10 * LOT
    held = cash.required(at(0), [(CE, -3 * units), (PE, -units)]).total
    last = cash.required(at(0), [(PE, -units)]).total
    assert held + last * 11 // 10 < CAPITAL * 3 // 4


def test_no_time_passes_in_a_question() -> None:
    venue, cash = exchange_with(3)
    venue.submit(at(1), stop(SELL, 190_00, 187_00))
    instant: datetime = at(1) + timedelta(hours=1)
    assert cash.balance(instant) == (cash.available(instant), cash.blocked(instant))
    assert venue.next_due() is not None
