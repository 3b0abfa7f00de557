"""What must hold of levels and choices on every tape."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters, SwingRule
from swingbreak.market.swings import Swing, SwingKind
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.filters import dynamic_reason, static_reason
from swingbreak.strategy.levels import TRANSITIONS, Level, LevelState
from swingbreak.strategy.selection import Choice, qualify
from swingbreak.strategy.sizing import entry_terms, lots_for
from tests.builders import CE, PE, contract

CE2, CE3 = contract(24600), contract(24650)

# Nearly every Low of these walks becomes a candidate, so that levels are what is tested.
EAGER = Parameters(price_min=1_00, price_max=900_00, vwap_premium_min_bp=-9_000, stop_min_bp=0)
ALTERNATING = Parameters(
    price_min=1_00,
    price_max=900_00,
    vwap_premium_min_bp=-200,
    swing_rule=SwingRule.WATCH2_ALTERNATING,
    prefer_round_strike=True,
)
parameters = st.sampled_from([EAGER, ALTERNATING])

# One bar: minutes without a trade before it, gap to its open, body, both wicks (ticks), volume.
steps = st.tuples(
    st.sampled_from([0, 0, 0, 0, 1, 3]),
    st.integers(-6, 6),
    st.integers(-40, 40),
    st.integers(0, 15),
    st.integers(0, 15),
    st.integers(0, 50),
)


def build(walk: list[tuple[int, ...]]) -> list[Bar]:
    bars, minute, price = [], -1, 200_00
    for pause, gap, body, up, down, volume in walk:
        minute += 1 + pause
        open_ = max(5_00, price + 5 * gap)
        close = max(5_00, open_ + 5 * body)
        high = max(open_, close) + 5 * up
        low = max(5, min(open_, close) - 5 * down)
        bars.append(Bar(minute, open_, high, low, close, 65 * volume))
        price = close
    return bars


unhurried = settings(deadline=None)  # the first example of a process also imports
tapes = st.lists(steps, min_size=3, max_size=60).map(build)


def levels_of(baseline: Baseline, symbol: str = CE.symbol) -> dict[str, Level]:
    return dict(baseline._watches[symbol].levels)


def picture(baseline: Baseline) -> tuple[dict[str, Level], Choice | str, Choice | None]:
    return levels_of(baseline), baseline.choice(CE.symbol), baseline.best(Right.CE, {})


def closings(bars: list[Bar], settings_: Parameters) -> Iterator[Baseline]:
    baseline = Baseline([CE], settings_)
    for row in bars:
        baseline.close(CE.symbol, row)
        yield baseline


def path(row: Bar, *, low_first: bool) -> tuple[int, ...]:
    middle = (row.low, row.high) if low_first else (row.high, row.low)
    return (row.open, *middle, row.close)


@unhurried
@given(tapes, parameters, st.data())
def test_a_restart_at_any_bar_changes_nothing(
    bars: list[Bar], settings_: Parameters, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(bars)))
    whole = [picture(b) for b in closings(bars, settings_)]
    restarted = Baseline([CE], settings_)
    restarted.load(CE.symbol, bars[:at])
    if at:
        assert picture(restarted) == whole[at - 1]
    for n in range(at, len(bars)):
        restarted.close(CE.symbol, bars[n])
        assert picture(restarted) == whole[n]


@unhurried
@given(tapes, parameters, st.data())
def test_what_is_chosen_does_not_depend_on_what_follows(
    bars: list[Bar], settings_: Parameters, data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(bars)))
    whole = [picture(b) for b in closings(bars, settings_)]
    *_, last = (picture(b) for b in closings(bars[:at], settings_))
    assert last == whole[at - 1]


@unhurried
@given(tapes, parameters, st.booleans())
def test_prints_and_bars_agree_at_every_close(
    bars: list[Bar], settings_: Parameters, low_first: bool
) -> None:
    ticking = Baseline([CE], settings_)
    for row, closing in zip(bars, closings(bars, settings_), strict=True):
        for price in path(row, low_first=low_first):
            ticking.tick(CE.symbol, price)
            assert ticking.last(CE.symbol) == price
        ticking.close(CE.symbol, row)
        assert picture(ticking) == picture(closing)


@unhurried
@given(tapes, parameters)
def test_what_was_seen_of_a_minute_is_nothing_once_it_has_closed(
    bars: list[Bar], settings_: Parameters
) -> None:
    peeking = Baseline([CE], settings_)
    for row, following in zip(bars, [*bars[1:], None], strict=True):
        peeking.close(CE.symbol, row, following)
    *_, closing = closings(bars, settings_)
    assert picture(peeking) == picture(closing)


@unhurried
@given(tapes, parameters, st.booleans())
def test_the_highest_high_is_what_the_rule_says(
    bars: list[Bar], settings_: Parameters, low_first: bool
) -> None:
    baseline = Baseline([CE], settings_)

    def agrees(closed: list[Bar], running: list[int]) -> bool:
        own = {row.minute: row.high for row in closed}
        for key, level in levels_of(baseline).items():
            later = [row.high for row in closed if row.minute > level.minute] + running
            if baseline.highest_of(key) != (max(later) if later else own[level.minute]):
                return False
        return True

    for n, row in enumerate(bars):
        prints = path(row, low_first=low_first)
        for seen in range(1, len(prints) + 1):
            baseline.tick(CE.symbol, prints[seen - 1])
            assert agrees(bars[:n], list(prints[:seen]))
        baseline.close(CE.symbol, row)
        assert agrees(bars[: n + 1], [])


@unhurried
@given(tapes, parameters)
def test_a_print_matters_exactly_when_the_rule_says(bars: list[Bar], settings_: Parameters) -> None:
    baseline = Baseline([CE], settings_)
    for n, row in enumerate(bars):
        prints = path(row, low_first=False)
        for m, price in enumerate(prints):
            matters = False
            armed = baseline._watches[CE.symbol].armed
            if armed is not None:
                later = [closed.high for closed in bars[:n] if closed.minute > armed.minute]
                highest = max([*later, *prints[:m]], default=0)
                matters = price <= armed.price - CE.tick or price > highest
            assert baseline.tick(CE.symbol, price) == matters
        baseline.close(CE.symbol, row)


def ends(bars: list[Bar], settings_: Parameters) -> Counter[LevelState]:
    """Check how each level of the tape ended; return how often each way."""
    baseline = Baseline([CE], settings_)
    seen = baseline.load(CE.symbol, bars)
    lows = [s for s in seen if isinstance(s, Swing) and s.kind is SwingKind.LOW]
    levels = list(levels_of(baseline).values())
    assert [(x.price, x.minute) for x in levels] == [(s.price, s.minute) for s in lows]
    for level, newer in zip_longest(levels, levels[1:]):
        until = newer.confirmed_minute if newer else bars[-1].minute
        life = [row for row in bars if level.confirmed_minute < row.minute <= until]
        if level.reason:
            expected = LevelState.REJECTED
        elif any(row.low <= level.price - CE.tick for row in life):
            expected = LevelState.BROKEN
        else:
            expected = LevelState.SUPERSEDED if newer else LevelState.ARMED
        assert level.state is expected
    return Counter(level.state for level in levels)


@unhurried
@given(tapes, parameters)
def test_a_level_ends_as_the_rule_says(bars: list[Bar], settings_: Parameters) -> None:
    ends(bars, settings_)


def test_long_walks_reach_every_end() -> None:
    total: Counter[LevelState] = Counter()
    for seed in range(20):
        random = Random(seed)  # noqa: S311 - seeded on purpose
        drawn = [
            (0, random.randint(-3, 3), random.randint(-30, 30), *random.choices(range(16), k=3))
            for _ in range(375)
        ]
        total += ends(build(drawn), ALTERNATING)
    unreached = {LevelState.FILLED, LevelState.EXPIRED}  # not from bars alone
    assert total.keys() == set(LevelState) - unreached
    assert min(total.values()) > 5, total


@unhurried
@given(tapes, parameters, st.data())
def test_states_only_move_along_the_table(
    bars: list[Bar], settings_: Parameters, data: st.DataObject
) -> None:
    baseline = Baseline([CE], settings_)
    known: dict[str, Level] = {}

    def check() -> None:
        now = levels_of(baseline)
        for key, old in known.items():
            assert now[key].state in {old.state, *TRANSITIONS[old.state]}
        current = [key for key in now if baseline.is_current(key)]
        assert current == list(now)[-1:], "the newest is the current one"
        armed = [key for key, x in now.items() if x.state is LevelState.ARMED]
        assert armed in ([], current), "nothing but the newest is armed"
        assert (baseline.best(Right.CE, {}) is None) or armed
        known.update(now)

    for row in bars:
        for price in path(row, low_first=True):
            baseline.tick(CE.symbol, price)
            check()
        if known and data.draw(st.integers(0, 9)) == 0:
            baseline.mark_filled(data.draw(st.sampled_from(sorted(known))))
            check()
        baseline.close(CE.symbol, row)
        check()
    baseline.expire()
    check()
    assert baseline.best(Right.CE, {}) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(tapes, min_size=4, max_size=4), parameters, st.sets(st.integers(0, 3)))
def test_the_best_is_the_best_of_all(
    tapes_: list[list[Bar]], settings_: Parameters, held: set[int]
) -> None:
    options = [CE, CE2, CE3, PE]
    baseline = Baseline(options, settings_)
    barred = {options[n].symbol: "stale" for n in held}
    for n in range(max(map(len, tapes_))):
        for option, bars in zip(options, tapes_, strict=True):
            if n < len(bars):
                baseline.close(option.symbol, bars[n])
        for right in Right:
            free = [o for o in options if o.right is right and o.symbol not in barred]
            choices = [c for o in free if isinstance(c := baseline.choice(o.symbol), Choice)]
            expected = min(choices, key=lambda c: key(c, settings_), default=None)
            assert baseline.best(right, barred) is expected
            reasons = [w.reason for w in baseline.why(barred) if w.right is right]
            assert reasons.count("") == (expected is not None)


def key(choice: Choice, settings_: Parameters) -> tuple[object, ...]:
    return (
        abs(choice.points - settings_.target_points),
        settings_.prefer_round_strike and choice.contract.strike % 100_00 != 0,
        -choice.level.price,
        choice.level.confirmed_minute,
        choice.level.level_id,
    )


@given(
    st.integers(1, 200_000),
    st.integers(0, 10**12),
    st.integers(1, 10**9),
    st.integers(-2_000, 5_000),
)
def test_the_static_filter_is_exact(price: int, worth: int, units: int, least: int) -> None:
    settings_ = Parameters(vwap_premium_min_bp=least)
    vwap = Fraction(worth, units)
    premium = (price - vwap) / vwap if vwap else Fraction(0)
    passes = 100_00 <= price <= 300_00 and premium >= Fraction(least, 10_000)
    assert (static_reason(price, (worth, units), settings_) == "") is passes


@given(st.integers(1, 200_000), st.integers(-100_000, 100_000))
def test_the_dynamic_filter_is_exact(price: int, points: int) -> None:
    passes = Fraction(2, 100) <= Fraction(points, price) <= Fraction(10, 100)
    assert (dynamic_reason(price, points, Parameters()) == "") is passes


@given(
    st.integers(1, 100_000),
    st.integers(1, 1_000),
    st.integers(1, 10**8),
    st.integers(1, 50),
    st.integers(1, 5_000),
)
def test_the_size_never_risks_more_than_one_r(
    points: int, lot: int, r_value: int, max_lots: int, freeze: int
) -> None:
    settings_ = Parameters(r_value=r_value, max_lots=max_lots, stop_max_bp=10**9, stop_min_bp=0)
    lots = lots_for(points, lot, settings_)
    assert 0 <= lots <= max_lots
    assert lots * points * lot <= r_value
    assert lots == max_lots or (lots + 1) * points * lot > r_value
    option = replace(CE, lot=lot, freeze=freeze)
    swing = Swing(SwingKind.LOW, 0, 0, 200_00, (1, 1), is_update=False, confirmed_index=0)
    level = Level.of(option.symbol, swing, 0, "")
    choice = qualify(option, level, 200_00 + points - settings_.stop_buffer, settings_)
    if isinstance(choice, Choice):
        assert choice.quantity > 0
        assert freeze >= lot
        assert choice.quantity == choice.lots * lot
        assert choice.points * choice.quantity <= r_value
    else:
        assert choice == "below_one_lot"
        assert lots == 0 or freeze < lot


@given(
    st.integers(1, 40_000),
    st.sampled_from([1, 5, 10]),
    st.integers(0, 5),
    st.integers(0, 100_00),
)
def test_entry_terms_are_what_the_exchange_takes(
    ticks: int, tick: int, offset: int, buffer: int
) -> None:
    price = ticks * tick
    settings_ = Parameters(entry_offset_ticks=offset, entry_limit_buffer=buffer)
    trigger, limit = entry_terms(price, tick, settings_)
    assert trigger % tick == 0
    assert limit % tick == 0
    assert tick <= limit <= trigger <= price
    allowed = Fraction(trigger, 5) if trigger > 50_00 else Fraction(10_00)
    assert trigger - limit <= min(allowed, buffer)
