"""The swing detector against its rule written down literally, and the cost of a bar."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import SwingRule
from swingbreak.market.swings import Swing, SwingDetector, SwingKind

LOW, HIGH = SwingKind

Prices = tuple[int, int, int]  # high, low, close


def literal(bars: list[Prices], rule: SwingRule) -> list[Swing]:
    """Return the swings of *bars*; the VWAP of bar ``i`` is taken as ``(i, 1)``."""
    swings: list[Swing] = []
    votes: Counter[tuple[SwingKind, int]] = Counter()
    for i in range(len(bars)):
        last = swings[-1] if swings else None
        lo = last.index + 1 if last else 0
        # per earlier bar the opposite side first; before any swing the low side
        sides = (HIGH, LOW) if last and last.kind is LOW else (LOW, HIGH)
        tests = [(side, j) for j in range(lo, i) for side in sides]
        if last and rule is SwingRule.WATCH2_ALTERNATING:
            tests.sort(key=lambda test: sides.index(test[0]))
        for side, j in tests:
            if not votes_for(side, bars[i], bars[j]):
                continue
            votes[side, j] += 1
            at = extreme(side, bars, lo, i)
            price = bars[at][1] if side is LOW else bars[at][0]
            is_update = last is not None and last.kind is side
            if votes[side, j] < 2 or (is_update and not is_beyond(side, price, last)):
                continue
            if not is_update:
                votes.clear()
            vwap = last.vwap if is_update else (at, 1)
            swings.append(Swing(side, at, at, price, vwap, is_update, i))
            break
    return swings


def votes_for(side: SwingKind, bar: Prices, earlier: Prices) -> bool:
    if side is LOW:
        return bar[0] > earlier[0] and bar[2] > earlier[2]
    return bar[1] < earlier[1] and bar[2] < earlier[2]


def extreme(side: SwingKind, bars: list[Prices], lo: int, i: int) -> int:
    if side is LOW:
        return min(range(lo, i + 1), key=lambda k: bars[k][1])
    return max(range(lo, i + 1), key=lambda k: bars[k][0])


def is_beyond(side: SwingKind, price: int, last: Swing) -> bool:
    return price < last.price if side is LOW else price > last.price


def detected(bars: list[Prices], rule: SwingRule) -> list[Swing]:
    detector = SwingDetector(rule)
    found = (
        detector.add(Bar(i, close, high, low, close, 1), (i, 1))
        for i, (high, low, close) in enumerate(bars)
    )
    return [swing for swing in found if swing is not None]


def walk(seed: int, length: int, stride: int, drift: int = 0, top: int = 20_000) -> list[Prices]:
    """A random walk between 1 and *top*; a low *top* pins it to few prices."""
    random = Random(seed)  # noqa: S311 - no secret
    bars, price = [], top // 2
    for _ in range(length):
        path = [
            price := min(top, max(1, price + drift + random.randint(-stride, stride)))
            for _ in range(4)
        ]
        bars.append((max(path), min(path), path[-1]))
    return bars


def as_bar(one: int, two: int, close: int) -> Prices:
    return max(one, two, close), min(one, two, close), close


# Independent bars of few prices are full of ties; walks linger and turn; trends and walks pinned to
# few prices grow long windows; plateaus are stretches of one bar.
ties = st.lists(st.builds(as_bar, *[st.integers(1, 4)] * 3), max_size=40)
noise = st.lists(st.builds(as_bar, *[st.integers(1, 60)] * 3), max_size=40)
walks = st.builds(
    walk,
    st.integers(0, 2**32),
    st.integers(0, 120),
    st.integers(0, 20),
    st.sampled_from((-6, -1, 0, 0, 1, 6)),
    st.sampled_from((2, 3, 5, 100, 20_000)),
)
plateaus = st.lists(
    st.tuples(st.builds(as_bar, *[st.integers(1, 9)] * 3), st.integers(1, 8)), max_size=15
).map(lambda runs: [bar for bar, length in runs for _ in range(length)])
rules = st.sampled_from(SwingRule)


@given(st.one_of(ties, noise, walks, plateaus), rules)
def test_always_what_the_rule_says(bars: list[Prices], rule: SwingRule) -> None:
    assert detected(bars, rule) == literal(bars, rule)


@pytest.mark.parametrize("rule", SwingRule)
@pytest.mark.parametrize(
    ("stride", "top"), [(1, 2), (1, 3), (2, 6), (1, 20_000), (3, 20_000), (60, 20_000)]
)
def test_always_what_the_rule_says_on_a_sweep(stride: int, top: int, rule: SwingRule) -> None:
    """Shrinking strategies stay shallow: seeded walks reach what they do not."""
    for seed in range(25):
        bars = walk(seed, 150, stride, top=top)
        assert detected(bars, rule) == literal(bars, rule), seed


@given(st.one_of(ties, noise, walks), rules)
def test_the_high_side_is_the_mirrored_low_side(bars: list[Prices], rule: SwingRule) -> None:
    mirrored = [(20_000 - low, 20_000 - high, 20_000 - close) for high, low, close in bars]
    flipped = [
        swing._replace(kind=LOW if swing.kind is HIGH else HIGH, price=20_000 - swing.price)
        for swing in detected(mirrored, rule)
    ]
    assert flipped == detected(bars, rule)


class Counted(int):
    """A price that counts how often prices are compared."""

    comparisons = 0

    def __lt__(self, other: int) -> bool:
        Counted.comparisons += 1
        return int.__lt__(self, other)

    def __le__(self, other: int) -> bool:
        Counted.comparisons += 1
        return int.__le__(self, other)

    def __gt__(self, other: int) -> bool:
        Counted.comparisons += 1
        return int.__gt__(self, other)

    def __ge__(self, other: int) -> bool:
        Counted.comparisons += 1
        return int.__ge__(self, other)

    def __neg__(self) -> "Counted":
        return Counted(int.__neg__(self))


def cost(bars: list[Prices], rule: SwingRule) -> float:
    """Return how many comparisons of prices one bar takes."""
    Counted.comparisons = 0
    detected([(Counted(high), Counted(low), Counted(close)) for high, low, close in bars], rule)
    return Counted.comparisons / len(bars)


@pytest.mark.parametrize("rule", SwingRule)
@pytest.mark.parametrize(
    "bars",
    [
        pytest.param(walk(1, 375, 1, top=2), id="two prices"),
        pytest.param([(10 * i + 9, 10 * i, 10 * i + 8) for i in range(375)], id="straight up"),
        pytest.param([(9_999 - 10 * i, 9_990 - 10 * i, 9_991 - 10 * i) for i in range(375)],
                     id="straight down"),
        pytest.param(walk(1, 375, 8, drift=5), id="noisy up"),
        pytest.param(walk(1, 375, 8, drift=-5), id="noisy down"),
        pytest.param([(60, 50, 55)] * 375, id="flat"),
        pytest.param([(60 + i % 2, 50 - i % 2, 55 + i % 3) for i in range(375)], id="sideways"),
        pytest.param([(2_000 - i, 1_000 + i, 1_500) for i in range(375)], id="narrowing"),
        pytest.param([(2_000 + i, 1_000 - i, 1_500) for i in range(375)], id="widening"),
    ],
)  # fmt: skip
def test_a_bar_never_costs_much_more_than_on_a_walk(bars: list[Prices], rule: SwingRule) -> None:
    assert cost(bars, rule) <= 3 * cost(walk(1, 375, 8), rule)
