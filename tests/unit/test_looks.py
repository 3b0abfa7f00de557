from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.domain.account import (
    AccountBooks,
    ForeignOrder,
    HandTrades,
    OrderMissing,
    PositionDiffers,
    SeenOrder,
)
from swingbreak.domain.commands import BookByHand, CancelOrder
from swingbreak.domain.events import AccountSeen, OrderCanceled, OrderFilled
from swingbreak.engine.looks import Looks
from tests.builders import CE, PE, at, position
from tests.engine_bench import Bench, protected

STOP = SeenOrder("b-o2", "o2", CE.symbol, True, 650, 188_00, 185_00, works=True)
THEIRS = SeenOrder("x1", "", PE.symbol, False, 65, 170_00, 0, works=True)
HELD = {CE.symbol: -650}
AGREES = AccountBooks((STOP,), HELD)
UNREAD = AccountBooks(None, HELD)
BOUGHT = SeenOrder("x2", "", CE.symbol, True, 650, 180_00, 0, False, 650, 650 * 180_00)
BY_HAND = AccountBooks((STOP, BOUGHT), {CE.symbol: 0})
FOREIGN = ForeignOrder(PE.symbol, "x1", buys=False, quantity=65)


class Looking:
    """Looks at the account of a bench, two seconds apart."""

    def __init__(self) -> None:
        self.bench: Bench = protected()
        self.looks = Looks(self.bench.engine.state, {CE.symbol, PE.symbol})
        self.second = 0.0

    def look(self, books: AccountBooks, *, after: float = 2) -> AccountSeen | None:
        self.second += after
        self.looks.begin()
        return self.looks.end(at(20, self.second), books)

    def first(self) -> None:
        assert self.look(AGREES) == AccountSeen(at(20, self.second))


def believed(seen: AccountSeen | None) -> list[object]:
    return [] if seen is None else list(seen.discrepancies)


def test_the_first_look_is_told_and_then_only_news() -> None:
    day = Looking()
    assert day.looks.is_unsure
    day.first()
    assert not day.looks.is_unsure
    assert day.look(AGREES) is None


def test_the_first_look_is_told_when_it_is_sure() -> None:
    day = Looking()
    assert day.look(BY_HAND) is None
    assert day.looks.is_unsure
    assert believed(day.look(BY_HAND)) == [PositionDiffers(CE.symbol, -650, 0)]
    assert not day.looks.is_unsure


def test_a_difference_is_believed_when_two_looks_in_a_row_show_it() -> None:
    day = Looking()
    day.first()
    foreign = replace(AGREES, orders=(STOP, THEIRS))
    assert day.look(foreign) is None
    assert day.looks.is_unsure
    assert day.look(AGREES) is None
    assert day.look(foreign) is None
    assert believed(day.look(foreign)) == [FOREIGN]


def test_what_is_believed_is_told_with_every_look_and_gone_when_two_do_not_show_it() -> None:
    day = Looking()
    day.first()
    foreign = replace(AGREES, orders=(STOP, THEIRS))
    day.look(foreign)
    for _ in range(3):
        assert believed(day.look(foreign)) == [FOREIGN]
    assert believed(day.look(AGREES)) == [FOREIGN]
    assert day.looks.is_unsure
    assert believed(day.look(foreign)) == [FOREIGN]
    day.look(AGREES)
    assert day.look(AGREES) == AccountSeen(at(20, day.second))
    assert day.look(AGREES) is None


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        pytest.param(AccountBooks((), HELD), [OrderMissing(CE.symbol, "o2")], id="whole"),
        pytest.param(AccountBooks((), HELD, is_whole=False), [], id="in part"),
        pytest.param(AccountBooks((STOP,), {}), [], id="no positions"),
    ],
)
def test_a_missing_row(empty: AccountBooks, expected: list[object]) -> None:
    day = Looking()
    day.first()
    day.look(empty)
    assert believed(day.look(empty)) == expected


def test_a_trade_of_ours_told_during_a_look_makes_it_say_nothing_of_the_symbol() -> None:
    day = Looking()
    day.first()
    half = AccountBooks((STOP,), {CE.symbol: -585})
    day.look(half)
    day.looks.begin()
    day.bench.do(OrderFilled(at(20, 3), "o2", "f9", 65, 65 * 180_00))
    assert day.looks.end(at(20, 4), half) is None
    assert day.look(half) is None


def test_an_order_in_flight_makes_a_look_say_nothing_of_its_symbol() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    day.bench.engine.state.record(CancelOrder("o2", "test"))
    assert day.look(BY_HAND) is None
    day.looks.begin()
    day.bench.do(OrderCanceled(at(20, 9), "o2"))
    assert day.looks.end(at(20, 10), BY_HAND) is None, "it was in flight when the look began"


def test_a_position_that_no_trades_explain_has_to_last() -> None:
    day = Looking()
    day.first()
    flat = AccountBooks((STOP,), {CE.symbol: 0})
    for _ in range(3):
        assert day.look(flat, after=19) is None
    assert believed(day.look(flat, after=19)) == []
    assert believed(day.look(flat, after=3)) == [PositionDiffers(CE.symbol, -650, 0)], "a minute"


def test_trades_that_come_late_explain_it_at_once() -> None:
    day = Looking()
    day.first()
    flat = AccountBooks((STOP,), {CE.symbol: 0})
    day.look(flat)
    assert day.look(flat) is None
    (seen,) = believed(day.look(BY_HAND))
    assert isinstance(seen, PositionDiffers)
    assert seen.trades.bought == 650


def test_what_has_been_dealt_with_is_no_difference_any_more() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    assert believed(day.look(BY_HAND)) == [PositionDiffers(CE.symbol, -650, 0)]
    day.bench.engine.state.record(BookByHand(at(20), CE.symbol, 650, 650 * 180_00))
    assert believed(day.look(BY_HAND)) == []


@pytest.mark.parametrize(
    ("books", "what"),
    [(UNREAD, "order and trade books"), (AccountBooks((STOP,), None), "position book")],
)
def test_looks_that_cannot_be_had_are_told_when_they_last(books: AccountBooks, what: str) -> None:
    day = Looking()
    day.first()
    for _ in range(18):
        assert day.look(books, after=10) is None
    seen = day.look(books, after=10)
    assert seen is not None
    assert seen.unread == f"the {what} cannot be read"
    assert day.look(books, after=10) is None, "once"
    assert day.look(AGREES) == AccountSeen(at(20, day.second))
    assert day.look(books, after=10) is None, "it begins again"


def test_what_was_believed_outlasts_looks_that_cannot_be_had() -> None:
    day = Looking()
    day.first()
    foreign = replace(AGREES, orders=(STOP, THEIRS))
    day.look(foreign)
    day.look(foreign)
    day.look(UNREAD)
    seen = day.look(UNREAD, after=timedelta(minutes=3).total_seconds())
    assert believed(seen) == [FOREIGN]


def test_a_row_that_shows_a_position_as_it_should_be_is_believed_at_once() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    assert believed(day.look(BY_HAND)) != []
    assert believed(day.look(AGREES)) == []


def test_a_position_without_a_row_is_still_told_but_as_of_before() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    day.look(BY_HAND)
    (seen,) = believed(day.look(AccountBooks((STOP,), {})))
    assert isinstance(seen, PositionDiffers)
    assert not seen.is_current
    assert believed(day.look(AccountBooks((STOP,), {}))) == []


def test_a_trade_between_two_looks_makes_the_counting_begin_afresh() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    day.bench.do(OrderFilled(at(20, 3), "o2", "f9", 65, 65 * 180_00))
    day.bench.engine.state.holdings.positions[CE.symbol] = position()  # as if nothing had happened
    assert day.look(BY_HAND) is None
    assert believed(day.look(BY_HAND)) != []


def test_what_was_dealt_with_between_two_looks_is_not_believed_again_from_one() -> None:
    """A position book that lags shows what was sold once more, after we have bought it back."""
    day = Looking()
    sold = SeenOrder("x2", "", PE.symbol, False, 65, 170_00, 0, False, 65, 65 * 170_00)
    day.first()
    books = AccountBooks((STOP, sold), {**HELD, PE.symbol: -65})
    day.look(books)
    assert believed(day.look(books)) == [PositionDiffers(PE.symbol, 0, -65)]
    day.bench.engine.state.holdings.by_hand[PE.symbol] = HandTrades(sold=65, sold_value=1)
    for _ in range(10):
        assert believed(day.look(books)) == []


def test_what_a_look_shows_of_a_symbol_in_which_something_traded_does_not_count() -> None:
    day = Looking()
    day.first()
    day.looks.begin()
    day.bench.do(OrderFilled(at(20, 3), "o2", "f9", 65, 65 * 180_00))
    day.bench.engine.state.holdings.positions[CE.symbol] = position()  # as if nothing had happened
    day.second += 2
    assert day.looks.end(at(20, 4), BY_HAND) is None
    assert day.look(BY_HAND) is None, "the first that counts"
    assert believed(day.look(BY_HAND)) != []


def test_an_order_in_flight_when_a_look_ends_makes_it_say_nothing() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    day.looks.begin()
    day.bench.engine.state.record(CancelOrder("o2", "test"))
    assert day.looks.end(at(20, 9), BY_HAND) is None


def test_what_is_believed_and_cannot_be_seen_now_is_as_of_before() -> None:
    day = Looking()
    day.first()
    day.look(BY_HAND)
    day.look(BY_HAND)
    day.bench.engine.state.record(CancelOrder("o2", "test"))
    (seen,) = believed(day.look(BY_HAND))
    assert isinstance(seen, PositionDiffers)
    assert not seen.is_current


def test_a_row_of_the_position_says_nothing_of_an_order() -> None:
    day = Looking()
    day.first()
    foreign = AccountBooks((STOP, THEIRS), {**HELD, PE.symbol: 0})
    day.look(foreign)
    day.look(foreign)
    assert believed(day.look(replace(foreign, orders=(STOP,)))) == [FOREIGN], "missing once"


def test_a_trade_says_nothing_of_an_order_of_others() -> None:
    day = Looking()
    day.first()
    theirs = replace(THEIRS, symbol=CE.symbol)
    day.look(replace(AGREES, orders=(STOP, theirs)))
    day.bench.do(OrderFilled(at(20, 5), "o2", "f9", 65, 65 * 185_00))
    rest = replace(STOP, quantity=0)
    assert believed(day.look(AccountBooks((rest, theirs), {CE.symbol: -585}))) == [
        replace(FOREIGN, symbol=CE.symbol)
    ]


@pytest.mark.parametrize(
    ("ours", "by_hand"),
    [
        (65, None),
        (0, HandTrades(bought=65)),
        (0, HandTrades(bought=65, sold=65)),
        (65, HandTrades(bought=65)),
        (65, HandTrades(sold=65)),
    ],
    ids=["ours", "theirs", "both ways", "ours and theirs", "ours against theirs"],
)
@pytest.mark.parametrize("already", [HandTrades(), HandTrades(bought=130, sold=65)])
def test_whatever_is_counted_has_moved_its_symbol(
    ours: int, by_hand: HandTrades | None, already: HandTrades
) -> None:
    day = Looking()
    state = day.bench.engine.state
    state.holdings.by_hand[CE.symbol] = already
    before = day.looks._now()
    first = state.book.orders["o1"]  # another order follows it
    state.book.orders["o1"] = replace(first, filled=first.filled + ours)
    if by_hand is not None:
        state.holdings.by_hand[CE.symbol] = HandTrades(
            already.bought + by_hand.bought, 0, already.sold + by_hand.sold, 0
        )
    assert day.looks._now().moved_since(before) == {CE.symbol}
