from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.engine.slices import allotted, cut, largest_slice
from tests.builders import CE, stop

LOT, LARGEST = 65, 130
RESTS, SENT = OrderStatus.ACCEPTED, OrderStatus.SUBMITTED
GOING, CHANGING = OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE


@pytest.mark.parametrize(
    ("freeze", "largest"),
    [(1800, 1755), (130, 130), (129, 65), (65, 65), (64, 65), (0, 65)],
    ids=["27 lots", "two lots", "not quite two", "one lot", "less than a lot", "unknown"],
)
def test_the_largest_slice_is_whole_lots(freeze: int, largest: int) -> None:
    assert largest_slice(replace(CE, freeze=freeze)) == largest


@pytest.mark.parametrize(
    ("quantity", "sizes"),
    [(0, []), (65, [65]), (130, [130]), (195, [130, 65]), (650, [130] * 5)],
)
def test_full_slices_come_first(quantity: int, sizes: list[int]) -> None:
    assert cut(quantity, LARGEST) == sizes


def order(
    quantity: int = LARGEST,
    status: OrderStatus = RESTS,
    *,
    filled: int = 0,
    to: int | None = None,
) -> Order:
    """A closing order; *to* is the total it is being changed to."""
    new = None if to is None else stop(quantity=to)
    return Order("o1", stop(quantity=quantity), status, filled, replacement=new)


@pytest.mark.parametrize(
    ("open_", "live", "shares"),
    [
        (130, {}, {1: 130}),
        (325, {}, {1: 130, 2: 130, 3: 65}),
        (325, {1: order(), 2: order(), 3: order(65)}, {1: 130, 2: 130, 3: 65}),
        (195, {2: order(), 3: order(65)}, {2: 130, 3: 65}),
        (130, {1: order(65)}, {1: 130}),
        (260, {1: order(65)}, {1: 130, 2: 130}),
        (130, {1: order(filled=65)}, {1: 65, 2: 65}),
        (325, {1: order(65), 2: order(65)}, {1: 65, 2: 130, 3: 130}),
        (325, {2: order(), 3: order(65)}, {1: 130, 2: 130, 3: 65}),
        (325, {3: order()}, {1: 130, 2: 65, 3: 130}),
        (260, {1: order(), 2: order(65, GOING)}, {1: 130, 2: 130}),
        (260, {1: order(), 2: order(65, CHANGING, to=130)}, {1: 130, 2: 130}),
        (325, {1: order(260)}, {1: 260, 2: 65}),
        (260, {1: order(), 2: order(), 3: order(65)}, {1: 130, 2: 130}),
        (195, {1: order(), 2: order()}, {1: 130, 2: 65}),
        (65, {1: order(), 2: order()}, {1: 65}),
        (195, {1: order(), 2: order(130, CHANGING, to=65)}, {1: 130, 2: 130}),
        (130, {1: order(), 2: order(65, GOING)}, {1: 130, 2: 65}),
        (195, {1: order(), 2: order(130, SENT)}, {1: 65, 2: 130}),
        (130, {1: order(), 2: order(130, CHANGING, filled=65, to=65)}, {1: 130, 2: 65}),
    ],
    ids=[
        "one order",
        "several",
        "all rest",
        "one has filled",
        "the only one grows",
        "and then there are more",
        "what has traded counts into its size",
        "the last one grows",
        "a free number is filled",
        "free numbers come first, full ones first",
        "one that is going is still counted",
        "one that grows is counted as grown",
        "larger than is allowed now, and left alone",
        "the last one goes",
        "the last one shrinks",
        "the last ones go",
        "one that shrinks is not shrunk twice",
        "one that goes is not followed by another",
        "one in flight cannot shrink: the one before it does",
        "one that shrinks to what it has traded takes from nobody",
    ],
)
def test_what_shall_rest(open_: int, live: dict[int, Order], shares: dict[int, int]) -> None:
    assert allotted(open_, LARGEST, live) == shares


@pytest.mark.parametrize(
    ("open_", "live", "pausing", "shares"),
    [
        (195, {}, {1}, {1: 130, 2: 65}),
        (195, {3: order(65)}, {2}, {2: 130, 3: 65}),
        (260, {1: order(65), 2: order(65)}, {3}, {1: 65, 2: 65, 3: 130}),
        (390, {1: order()}, {3}, {1: 130, 2: 130, 3: 130}),
        (130, {1: order()}, {2}, {1: 130}),
    ],
    ids=["none rests", "before free numbers", "before one grows", "then free numbers", "if any"],
)
def test_a_number_that_pauses_keeps_its_share(
    open_: int, live: dict[int, Order], pausing: set[int], shares: dict[int, int]
) -> None:
    assert allotted(open_, LARGEST, live, pausing) == shares


LOTS = st.integers(1, 2).map(lambda lots: lots * LOT)
SLICES = st.builds(order, LOTS, st.sampled_from([RESTS, SENT, GOING])) | st.builds(
    order, LOTS, st.just(CHANGING), to=LOTS
)


@given(st.integers(1, 12), st.dictionaries(st.integers(1, 6), SLICES))
def test_what_shall_rest_is_what_is_open(lots: int, live: dict[int, Order]) -> None:
    open_, shares = lots * LOT, allotted(lots * LOT, LARGEST, live)
    at_worst = {
        n: max(o.intent.quantity, o.replacement.quantity if o.replacement else 0)
        for n, o in live.items()
    }
    assert all(0 < share <= LARGEST and share % LOT == 0 for share in shares.values())
    if sum(at_worst.values()) <= open_:
        assert sum(shares.values()) == open_
        assert all(shares[n] >= at_worst[n] for n in live)
    else:
        # what can be changed now gives way; nothing grows and nothing is added
        assert all(shares.get(n, 0) <= at_worst[n] for n in at_worst)
        assert shares.keys() <= live.keys()
        assert allotted(open_, LARGEST, {**live}) == shares
