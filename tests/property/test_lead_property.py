"""Two feeds of one exchange, each with its delays and silences: what is passed on is one feed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.market import Tick
from swingbreak.market.bars import BarBuilder, TickVerdict
from swingbreak.market.lead import Lead, Source, Turn
from tests.builders import CE, OPEN, PE, SESSION

SECONDS = 240
SILENT_S, BACK_S = 5, 20

lists_of_silences = st.lists(st.tuples(st.integers(0, SECONDS), st.integers(1, 60)), max_size=6)
trades = st.lists(
    st.tuples(
        st.integers(0, 10 * SECONDS - 1),  # tenths of a second
        st.sampled_from((CE.symbol, PE.symbol)),
        st.integers(1, 10),  # lots
        st.integers(100_00, 200_00),
    ),
    max_size=60,
)


@dataclass
class Exchange:
    """What traded: the truth that both feeds tell of."""

    ticks: list[Tick] = field(default_factory=list)

    @classmethod
    def of(cls, drawn: list[tuple[int, str, int, int]]) -> "Exchange":
        volumes = {CE.symbol: 0, PE.symbol: 0}
        one = cls()
        beat = [(10 * n, CE.symbol, 1, 150_00) for n in range(SECONDS)]  # it trades every second
        for tenths, symbol, lots, price in sorted([*drawn, *beat]):
            volumes[symbol] += 65 * lots
            at = OPEN + timedelta(seconds=tenths / 10)
            one.ticks.append(Tick(symbol, at, price, volumes[symbol]))
        return one

    def told(
        self, source: Source, delay_s: float, silences: list[tuple[int, int]]
    ) -> Iterator[tuple[datetime, Source, Tick]]:
        """The ticks of one feed with when each is received."""
        for tick in self.ticks:
            received = tick.at + timedelta(seconds=delay_s)
            second = (received - OPEN).total_seconds()
            if not any(begin <= second < begin + length for begin, length in silences):
                yield received, source, tick


@dataclass
class Heard:
    """What came of a day."""

    turns: list[Turn] = field(default_factory=list)
    passed: list[tuple[datetime, Source, Tick]] = field(default_factory=list)


def run(
    exchange: Exchange,
    delays: tuple[float, float],
    first: list[tuple[int, int]],
    second: list[tuple[int, int]],
) -> Heard:
    lead = Lead("NIFTY", OPEN, silent_after_s=SILENT_S, back_after_s=BACK_S)
    heard = Heard()
    told = [
        *exchange.told(Source.PRIMARY, delays[0], first),
        *exchange.told(Source.STANDBY, delays[1], second),
    ]
    for received, source, tick in sorted(told, key=lambda each: each[:2]):
        if turn := lead.hear(source, received, tick):
            heard.turns.append(turn)
        if lead.is_news(source, tick):
            heard.passed.append((received, source, tick))
    return heard


delays = st.tuples(st.sampled_from((0.0, 0.3, 2.0)), st.sampled_from((0.0, 0.4, 3.7)))
days = settings(max_examples=40, deadline=None)


@days
@given(trades, delays, lists_of_silences, lists_of_silences)
def test_what_is_passed_on_never_goes_back_and_counts_nothing_twice(
    drawn: list[tuple[int, str, int, int]],
    late: tuple[float, float],
    first: list[tuple[int, int]],
    second: list[tuple[int, int]],
) -> None:
    exchange = Exchange.of(drawn)
    heard = run(exchange, late, first, second)
    builder = BarBuilder(SESSION)
    known: dict[str, Tick] = {}
    begun: dict[str, int] = {}
    trades_taken = 0
    for _, _, tick in heard.passed:
        last = known.get(tick.symbol)
        if last is not None:
            assert tick.volume >= last.volume, "a trade that was counted comes again"
            assert tick.at.replace(microsecond=0) >= last.at.replace(microsecond=0)
        known[tick.symbol] = tick
        verdict = builder.add(tick)
        is_new = last is None or tick.volume > last.volume
        assert (verdict is TickVerdict.ACCEPTED) == is_new
        trades_taken += is_new
        begun.setdefault(tick.symbol, tick.volume)
    bars = [builder.close(minute) for minute in range(SECONDS // 60 + 1)]
    assert not builder.resets
    for symbol, tick in known.items():
        in_bars = sum(bar[symbol].volume for bar in bars if symbol in bar)
        assert in_bars == tick.volume - begun[symbol], "every unit is in one bar"
    assert trades_taken <= len(exchange.ticks)


@days
@given(delays, lists_of_silences, lists_of_silences)
def test_it_never_flaps(
    late: tuple[float, float], first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    turns = run(Exchange.of([]), late, first, second).turns
    assert [turn.to for turn in turns] == [
        Source.STANDBY if n % 2 == 0 else Source.PRIMARY for n in range(len(turns))
    ]
    lost = 0
    for before, turn in zip([None, *turns], turns, strict=False):
        lost += turn.to is Source.STANDBY
        if before is not None:
            apart = turn.at - before.at
            assert apart >= timedelta(seconds=SILENT_S)
            if "has ticked" in turn.why:  # nothing forced it
                assert apart >= timedelta(seconds=BACK_S * 2 ** min(lost - 1, 4))


@days
@given(delays, lists_of_silences)
def test_as_long_as_one_of_them_ticks_something_is_heard(
    late: tuple[float, float], first: list[tuple[int, int]]
) -> None:
    """A standby without silences: no gap is longer than the deadline and what it is behind by."""
    passed = run(Exchange.of([]), late, first, []).passed
    times = [OPEN, *(received for received, _, _ in passed)]
    longest = max(b - a for a, b in pairwise(times))
    behind = max(late) + 1
    assert longest <= timedelta(seconds=SILENT_S + behind + 1)


@days
@given(trades, delays, lists_of_silences)
def test_a_primary_without_silences_is_passed_on_as_it_is(
    drawn: list[tuple[int, str, int, int]],
    late: tuple[float, float],
    second: list[tuple[int, int]],
) -> None:
    exchange = Exchange.of(drawn)
    heard = run(exchange, late, [], second)
    assert heard.turns == []
    assert [tick for _, _, tick in heard.passed] == exchange.ticks
