"""What is found ahead of a day is what the live parts learn bar by bar; nothing of it is early."""

from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters, SwingRule
from swingbreak.market.swings import SwingKind
from swingbreak.simulation.foreseen import DaySwings, Foreseen
from swingbreak.simulation.track import Track
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.past import BarPast
from tests.bar_days import day_bars
from tests.builders import CE, PE, SESSION, bar

PARAMETERS = Parameters(
    price_min=60_00, price_max=400_00, vwap_premium_min_bp=-9000, stop_min_bp=1, stop_max_bp=3000
)


def walk(dice: Random, minutes: int) -> list[Bar]:
    """A day with holes."""
    price, rows = dice.randrange(80_00, 300_00, 5), []
    for minute in range(minutes):
        open_ = price + 5 * dice.randint(-2, 2)
        close = max(50_00, open_ + 5 * dice.randint(-60, 60))
        high, low = (
            end(open_, close) + 5 * way * dice.randint(0, 20) for end, way in ((max, 1), (min, -1))
        )
        if dice.random() < 0.9:
            rows.append(bar(minute, open_, high, low, close, dice.choice([65, 130])))
        price = close
    return rows


def tracks(days: Sequence[list[Bar]]) -> dict[str, Track]:
    stored = day_bars([CE, PE][: len(days)], days, SESSION)
    return {c.symbol: Track(stored, place) for place, c in enumerate(stored.contracts)}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(SwingRule))
def test_a_known_past_is_the_past(seed: int, rule: SwingRule) -> None:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    rows = walk(dice, 60)
    run = Foreseen(DaySwings(tracks([rows]), rule), PARAMETERS)
    run.next_change(Baseline([CE], PARAMETERS), (), 300)  # however far it has looked ahead
    known, live = run.past(CE.symbol), BarPast(rule)
    known.reset()
    assert (known.last, known.minute) == (live.last, live.minute) == (0, -1)
    for row, this in enumerate(rows):
        for price in [this.open, *(dice.choice([this.low, this.high]) for _ in range(2))]:
            if dice.random() < 0.5:  # prints are told where they matter
                known.tick(price)
                live.tick(price)
                assert (known.last, known.highest_since(0)) == (live.last, live.highest_since(0))
        follows = rows[row + 1] if row + 1 < len(rows) else None
        is_next = follows is not None and follows.minute == this.minute + 1
        first = Bar(follows.minute, *[follows.open] * 4, 65) if follows and is_next else None
        run.minute = this.minute
        found, expected = known.close(this, first), live.close(this, first)
        assert found == (expected if expected and expected.kind is SwingKind.LOW else None)
        assert (known.last, known.minute) == (live.last, live.minute)
        assert known.newest_high == live.newest_high
        for since in {0, this.minute, dice.randint(0, this.minute)}:
            assert known.highest_since(since) == live.highest_since(since)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([-9000, 0, 300]), st.booleans())
def test_a_minute_that_is_passed_over_changes_no_level(
    seed: int,
    premium: int,
    pins: bool,
) -> None:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    days = [walk(dice, 80), walk(dice, 80)]
    parameters = Parameters(
        price_min=100_00, price_max=250_00, vwap_premium_min_bp=premium, stop_max_bp=3000
    )
    pinned = (CE.symbol,) if pins else ()
    known = tracks(days)
    run = Foreseen(DaySwings(known, parameters.swing_rule), parameters)
    quick, slow = Baseline([CE, PE], parameters, run.past), Baseline([CE, PE], parameters)
    passed = 0
    for minute in range(80):
        passed += run.next_change(quick, pinned, minute) > minute
        changed = run.changed(quick, pinned, minute)
        assert not changed or run.next_change(quick, pinned, minute) == minute
        # what trades again as a minute without a bar closes is a print: the runner shows it
        for symbol, track in known.items():
            follows = track.row(minute + 1)
            if track.minutes[0] < minute and track.row(minute) < 0 <= follows:
                slow.tick(symbol, track.open[follows])
                floor, ceiling = quick.band(symbol)
                if quick.watched(symbol) and not floor < track.open[follows] <= ceiling:
                    quick.tick(symbol, track.open[follows])
        run.minute = minute
        for symbol, (this, first) in changed.items():
            quick.close(symbol, this, first)
        for symbol, track in known.items():
            row, follows = track.row(minute), track.row(minute + 1)
            if row >= 0:
                slow.close(symbol, track.bar(row), track.first(follows) if follows >= 0 else None)
        assert [quick.best(c.right, {}) for c in (CE, PE)] == [
            slow.best(c.right, {}) for c in (CE, PE)
        ]
        assert sorted(quick.edges()) == sorted(slow.edges())
        assert sorted(quick.live_symbols()) == sorted(slow.live_symbols())
        assert [quick.last(symbol) for symbol in known] == [slow.last(symbol) for symbol in known]
    assert passed


def test_what_comes_later_is_not_known_yet() -> None:
    days = [walk(Random(7), 60)]  # noqa: S311 - seeded on purpose
    whole, cut = (
        Foreseen(DaySwings(tracks([rows]), SwingRule.WATCH2), PARAMETERS)
        for rows in (days[0], days[0][:30])
    )
    for run in (whole, cut):
        run.next_change(Baseline([CE], PARAMETERS), (), 0)
    ends = days[0][29].minute
    for minute in range(ends):
        whole.minute = cut.minute = minute
        ours, its = whole.past(CE.symbol), cut.past(CE.symbol)
        assert (ours.last, ours.minute, ours.highest_since(0)) == (
            its.last,
            its.minute,
            its.highest_since(0),
        )
