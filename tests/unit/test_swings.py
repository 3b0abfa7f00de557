import pytest

from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import SwingRule
from swingbreak.market.swings import Swing, SwingDetector, SwingKind

LOW, HIGH = SwingKind
WATCH2, ALTERNATING = SwingRule

# Bars as high, low, close in rupees; the VWAP of bar i is given as (i, 1).
Prices = tuple[float, float, float]


def bars_of(prices: list[Prices], first_minute: int = 0) -> list[Bar]:
    paise = [[round(price * 100) for price in one] for one in prices]
    return [
        Bar(first_minute + i, close, high, low, close, 65)
        for i, (high, low, close) in enumerate(paise)
    ]


def detect(prices: list[Prices], rule: SwingRule = WATCH2, first_minute: int = 0) -> list[Swing]:
    detector = SwingDetector(rule)
    bars = bars_of(prices, first_minute)
    swings = [detector.add(bar, (i, 1)) for i, bar in enumerate(bars)]
    return [swing for swing in swings if swing is not None]


def low(index: int, price: int, confirmed: int, *, vwap: int | None = None) -> Swing:
    """A low on bar *index*; with the *vwap* of another bar it is an update."""
    born = index if vwap is None else vwap
    return Swing(LOW, index, index, price * 100, (born, 1), vwap is not None, confirmed)


def high(index: int, price: int, confirmed: int, *, vwap: int | None = None) -> Swing:
    return low(index, price, confirmed, vwap=vwap)._replace(kind=HIGH)


RISE: list[Prices] = [(101, 99, 100), (102, 99.5, 101.5), (103, 101, 102.5)]
FALL: list[Prices] = [(101, 99, 100), (100.5, 98, 98.5), (99, 97, 97.5)]


@pytest.mark.parametrize(
    ("bars", "swings"),
    [
        pytest.param([], [], id="no bars"),
        pytest.param(RISE[:2], [], id="one vote is not enough"),
        pytest.param(RISE, [low(0, 99, 2)], id="two votes make the first low"),
        pytest.param(FALL, [high(0, 101, 2)], id="... or the first high"),
        pytest.param(
            [(101 + i, 99 + i, 100 + i) for i in range(12)], [low(0, 99, 2)], id="a rise is one low"
        ),
        pytest.param([(101, 99, 100)] * 9, [], id="equal bars do not vote"),
        pytest.param(
            [(101, 99, 100), (101, 99, 101), (101, 99, 102)], [], id="an equal high is no vote"
        ),
        pytest.param(
            [(101, 99, 100), (102, 99, 100), (103, 99, 100)], [], id="an equal close is no vote"
        ),
        pytest.param(
            [*RISE[:2], (100, 99.5, 99.8), (100, 99.5, 99.8), (103, 101, 102.5)],
            [low(0, 99, 4)],
            id="votes need not be consecutive",
        ),
        pytest.param(
            [(101, 99, 100), (102, 99, 101), (103, 99, 102)], [low(0, 99, 2)], id="earliest of ties"
        ),
        pytest.param(
            [(101, 99, 100), (102, 98, 101), (103, 97, 102)],
            [low(2, 97, 2)],
            id="the new bar may itself be the extreme",
        ),
        pytest.param(
            [*RISE, (102, 100, 101), (101, 98, 99)],
            [low(0, 99, 2), high(2, 103, 4)],
            id="a high follows a low, from the bars after it",
        ),
        pytest.param(
            [*RISE, (102.5, 98, 102), (103.5, 98.5, 103)],
            [low(0, 99, 2), low(3, 98, 4, vwap=0)],
            id="a lower low is an update with the first VWAP",
        ),
        pytest.param(
            [*RISE, (102.5, 99, 102), (103.5, 99.5, 103), (104, 100, 103.5)],
            [low(0, 99, 2)],
            id="an equal low is no update",
        ),
        pytest.param(
            [*FALL, (102, 97.5, 98), (101.5, 96.5, 97)],
            [high(0, 101, 2), high(3, 102, 4, vwap=0)],
            id="a higher high is an update with the first VWAP",
        ),
    ],
)
def test_watch2(bars: list[Prices], swings: list[Swing]) -> None:
    assert detect(bars) == swings


def test_the_rules_part_where_a_bar_completes_both() -> None:
    """The last bar votes a second time for the low side of bar 1 and the high side of bar 2."""
    both = [*RISE, (102.5, 98, 102), (102.6, 98.5, 102.2)]
    assert detect(both, WATCH2)[1:] == [low(3, 98, 4, vwap=0)]
    assert detect(both, ALTERNATING)[1:] == [high(2, 103, 4)]


def test_index_counts_bars_and_minute_counts_from_the_open() -> None:
    assert detect(RISE, first_minute=30) == [low(0, 99, 2)._replace(minute=30)]


@pytest.mark.parametrize("minute", [4, 5])
def test_a_bar_out_of_order_is_refused_and_changes_nothing(minute: int) -> None:
    detector = SwingDetector(WATCH2)
    one, two, three = bars_of(RISE, first_minute=5)
    assert detector.add(one, (1, 1)) is None
    with pytest.raises(DataError, match=f"minute {minute} after that of minute 5"):
        detector.add(one._replace(minute=minute, high=500_00), (9, 1))
    assert detector.add(two, (2, 1)) is None
    assert detector.add(three, (3, 1)) == Swing(LOW, 0, 5, 99_00, (1, 1), False, 2)
