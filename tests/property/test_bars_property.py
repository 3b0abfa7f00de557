"""Bars against a grouping of the same ticks that anybody can check."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.market import Bar, Tick
from swingbreak.market.bars import BarBuilder, TickVerdict
from tests.builders import SESSION, at

MINUTES = 4
BEFORE = 1000  # units traded before the first tick

# symbol, second of the day, price, units traded since the symbol's tick before
MOVE = st.tuples(
    st.sampled_from("AB"),
    st.floats(0, 60 * MINUTES, exclude_max=True),
    st.integers(1, 4),
    st.integers(0, 3),
)
Move = tuple[str, float, int, int]


def ticks_of(moves: list[Move]) -> list[Tick]:
    """Ticks in any order of time; the cumulative volume rises in the order they come."""
    volumes = dict.fromkeys("AB", BEFORE)
    ticks = []
    for symbol, second, price, units in moves:
        volumes[symbol] += units
        ticks.append(Tick(symbol, at(0, second), price, volumes[symbol]))
    return ticks


def builder_after_history() -> BarBuilder:
    builder = BarBuilder(SESSION)
    for symbol in "AB":
        builder.baseline(symbol, BEFORE)
    return builder


def naive(ticks: list[Tick]) -> dict[int, dict[str, Bar]]:
    trades: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    last: dict[str, tuple[int, int]] = {}
    for tick in ticks:
        price, volume = last.get(tick.symbol, (None, BEFORE))
        if tick.volume != volume or price not in {None, tick.price}:
            minute = SESSION.minute_of(tick.at)
            trades[minute, tick.symbol].append((tick.price, tick.volume - volume))
        last[tick.symbol] = (tick.price, tick.volume)
    bars: dict[int, dict[str, Bar]] = defaultdict(dict)
    for (minute, symbol), made in trades.items():
        prices = [price for price, _ in made]
        ohlc = (prices[0], max(prices), min(prices), prices[-1])
        bars[minute][symbol] = Bar(minute, *ohlc, sum(units for _, units in made), len(made))
    return bars


@given(st.lists(MOVE, max_size=60))
def test_bars_are_the_trades_grouped_by_minute(moves: list[Move]) -> None:
    ticks = ticks_of(moves)
    builder = builder_after_history()
    for tick in ticks:
        builder.add(tick)
    expected = naive(ticks)
    for minute in range(MINUTES):
        assert builder.forming(minute) == expected[minute]
        assert builder.close(minute) == expected[minute]
        assert builder.forming(minute) == {}


@given(st.lists(st.one_of(MOVE, st.none()), max_size=80))
def test_volume_is_never_lost_nor_made_up(moves: list[Move | None]) -> None:
    """A ``None`` closes the next minute; ticks of closed minutes go on coming."""
    ticks = iter(ticks_of([move for move in moves if move is not None]))
    builder = builder_after_history()
    day = dict.fromkeys("AB", BEFORE)  # cumulative volume of the last accepted tick
    held: Counter[str] = Counter()
    closed = 0
    for move in moves:
        if move is None:
            held.update({symbol: bar.volume for symbol, bar in builder.close(closed).items()})
            closed += 1
        elif builder.add(tick := next(ticks)) is TickVerdict.ACCEPTED:
            day[tick.symbol] = tick.volume
    for minute in range(closed, MINUTES + 1):  # the last instant may round up
        held.update({symbol: bar.volume for symbol, bar in builder.forming(minute).items()})
    assert {symbol: BEFORE + held[symbol] for symbol in "AB"} == day
    assert not builder.resets
