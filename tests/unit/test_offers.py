"""Which offers can be bought at, and how far a limit may go."""

import pytest

from swingbreak.facts.order_rules import NSE_PRICES
from swingbreak.market.offers import PROTECTION, ceiling, is_freak, offer


@pytest.mark.parametrize(
    ("last", "ask", "expected"),
    [
        (100_00, 100_05, 100_05),
        (100_00, 140_00, 140_00),
        (100_00, 140_05, 0),
        (20_00, 40_00, 40_00),
        (20_00, 40_05, 0),
        (100_00, 0, 0),
        (0, 900_00, 900_00),
    ],
    ids=["usual", "at the band", "beyond", "cheap", "cheap, beyond", "no offer", "no price yet"],
)
def test_an_offer_beyond_the_price_protection_is_nobodys(
    last: int, ask: int, expected: int
) -> None:
    assert offer(last, ask) == expected


@pytest.mark.parametrize(
    ("last", "bid", "ask", "freak"),
    [
        (100_00, 99_95, 100_05, False),
        (140_07, 99_95, 100_05, False),
        (140_08, 99_95, 100_05, True),
        (59_97, 99_95, 100_05, False),
        (59_96, 99_95, 100_05, True),
        (40_00, 19_00, 20_00, False),
        (40_05, 19_00, 20_00, True),
        (5, 20_00, 21_00, False),
        (900_00, 0, 0, False),
        (900_00, 100_00, 0, False),
        (1_00, 0, 100_00, False),
    ],
    ids=[
        "usual",
        "swept upwards",
        "beyond the offer's band",
        "swept downwards",
        "beyond the bid's band",
        "cheap",
        "cheap, beyond",
        "cheap, next to nothing",
        "no book",
        "no offer to tell",
        "no bid to tell",
    ],
)
def test_a_print_far_outside_the_book_is_nobodys(
    last: int, bid: int, ask: int, *, freak: bool
) -> None:
    assert is_freak(last, bid, ask) is freak


@pytest.mark.parametrize(("last", "limit"), [(100_00, 140_00), (50_00, 70_00), (3_00, 23_00)])
def test_the_ceiling_is_the_band_above_the_price(last: int, limit: int) -> None:
    assert ceiling(last) == limit
    assert PROTECTION.allows(limit, last)
    assert not PROTECTION.allows(limit + 1, last)


def test_the_band_is_the_one_of_the_facts() -> None:
    assert NSE_PRICES.protection == PROTECTION
