from datetime import UTC, datetime, timedelta

import pytest

from swingbreak.domain.market import Bar, Tick
from swingbreak.market.bars import BarBuilder, TickVerdict
from tests.builders import SESSION, at

ACCEPTED, NOT_A_TRADE, LATE, OUTDATED, FOREIGN, INVALID = TickVerdict


def tick(price: int, volume: int, minute: int = 0, second: float = 0, symbol: str = "A") -> Tick:
    return Tick(symbol, at(minute, second), price, volume)


def build(*ticks: Tick, baseline: int | None = None) -> BarBuilder:
    builder = BarBuilder(SESSION)
    if baseline is not None:
        builder.baseline("A", baseline)
    for one in ticks:
        assert builder.add(one) is ACCEPTED
    return builder


@pytest.mark.parametrize(
    ("instant", "verdict"),
    [
        pytest.param(SESSION.opens, ACCEPTED, id="first instant"),
        pytest.param(SESSION.opens - timedelta(microseconds=1), FOREIGN, id="before the open"),
        pytest.param(SESSION.closes - timedelta(microseconds=1), ACCEPTED, id="last instant"),
        pytest.param(SESSION.closes, FOREIGN, id="after the close"),
        pytest.param(SESSION.opens - timedelta(days=1), FOREIGN, id="yesterday"),
        pytest.param(SESSION.opens + timedelta(days=1), FOREIGN, id="tomorrow"),
    ],
)
def test_only_this_session_makes_bars(instant: datetime, verdict: TickVerdict) -> None:
    assert BarBuilder(SESSION).add(Tick("A", instant, 100_00, 65)) is verdict


@pytest.mark.parametrize("price", [0, -5])
def test_a_price_that_cannot_be_is_invalid(price: int) -> None:
    builder = BarBuilder(SESSION)
    assert builder.add(tick(price, 65)) is INVALID
    assert builder.day_volume("A") == 0
    assert builder.close(0) == {}


def test_a_foreign_tick_leaves_no_trace() -> None:
    builder = BarBuilder(SESSION)
    builder.add(Tick("A", SESSION.opens - timedelta(days=1), 90_00, 1_000_000))
    builder.add(tick(100_00, 65))
    builder.add(tick(101_00, 130))
    assert builder.close(0) == {"A": Bar(0, 100_00, 101_00, 100_00, 101_00, 65, 2)}


def test_a_bar_is_the_trades_of_its_minute() -> None:
    builder = build(
        tick(100_00, 65, 0, 1),
        tick(103_00, 130, 0, 2),
        tick(99_00, 195, 0, 3),
        tick(101_00, 260, 0, 59.999),
        tick(50_00, 10, 0, 30, "B"),
        tick(102_00, 325, 1, 0),
    )
    assert builder.forming(1) == {"A": Bar(1, 102_00, 102_00, 102_00, 102_00, 65, 1)}
    assert builder.close(0) == {
        "A": Bar(0, 100_00, 103_00, 99_00, 101_00, 195, 4),
        "B": Bar(0, 50_00, 50_00, 50_00, 50_00, 0, 1),
    }
    assert builder.close(0) == {}
    assert builder.forming(0) == {}


@pytest.mark.parametrize(
    ("repeated", "verdict"),
    [
        pytest.param(tick(100_00, 65, 0, 5), NOT_A_TRADE, id="same price and volume"),
        pytest.param(tick(100_00, 130, 0, 5), ACCEPTED, id="volume rose"),
        pytest.param(tick(101_00, 65, 0, 5), ACCEPTED, id="price moved"),
        pytest.param(tick(100_00, 0, 0, 5), ACCEPTED, id="volume unknown"),
        pytest.param(tick(100_00, 65, 2), NOT_A_TRADE, id="in a later minute"),
    ],
)
def test_a_quote_is_not_a_trade(repeated: Tick, verdict: TickVerdict) -> None:
    builder = build(tick(100_00, 65))
    assert builder.add(repeated) is verdict
    assert builder.close(0)["A"].ticks == (2 if verdict is ACCEPTED else 1)
    assert builder.close(2) == {}


def test_quotes_of_an_old_trade_are_not_late() -> None:
    builder = build(tick(100_00, 65))
    builder.close(0)
    assert builder.add(tick(100_00, 65)) is NOT_A_TRADE
    assert builder.late["A"] == 0


def test_a_late_tick_is_counted_and_its_volume_comes_with_the_next() -> None:
    builder = build(tick(100_00, 65))
    assert builder.close(0)["A"].volume == 0
    assert builder.add(tick(90_00, 95, 0, 59)) is LATE
    assert builder.add(tick(90_00, 95, 0, 59)) is NOT_A_TRADE  # the same trade, quoted again
    assert builder.add(tick(101_00, 165, 1)) is ACCEPTED
    assert builder.close(1) == {"A": Bar(1, 101_00, 101_00, 101_00, 101_00, 100, 1)}
    assert builder.late == {"A": 1}


@pytest.mark.parametrize(
    ("volume", "traded"),
    [pytest.param(65, 35, id="is a baseline"), pytest.param(0, 0, id="that does not know volume")],
)
def test_a_first_tick_that_is_late(volume: int, traded: int) -> None:
    builder = BarBuilder(SESSION)
    builder.close(3)
    assert builder.add(tick(100_00, volume, 2)) is LATE
    assert builder.add(tick(101_00, 100, 4)) is ACCEPTED
    assert builder.close(4)["A"].volume == traded


def test_a_fall_of_the_cumulative_volume_is_a_reset() -> None:
    builder = build(tick(100_00, 500), tick(101_00, 40), tick(102_00, 100))
    assert builder.close(0)["A"].volume == 60
    assert builder.resets == {"A": 1}
    assert builder.day_volume("A") == 100


def test_an_old_print_is_an_extreme_of_its_minute_and_neither_a_price_nor_a_reset() -> None:
    builder = build(tick(100_00, 100), tick(101_00, 165, 0, 5), baseline=35)
    assert builder.add(tick(95_00, 130, 0, 3)) is OUTDATED
    assert builder.add(tick(104_00, 130, 0, 4)) is OUTDATED
    assert builder.add(tick(102_00, 230, 0, 6)) is ACCEPTED
    assert builder.close(0)["A"] == Bar(0, 100_00, 104_00, 95_00, 102_00, 195, 5)
    assert builder.add(tick(90_00, 65, 0, 1)) is OUTDATED
    assert builder.late == {"A": 1}
    assert (builder.resets, builder.day_volume("A")) == ({}, 230)


def test_an_old_print_may_be_all_there_is_of_its_minute() -> None:
    builder = build(tick(101_00, 165, 1))
    assert builder.add(tick(95_00, 100, 0, 59)) is OUTDATED
    assert builder.close(0)["A"] == Bar(0, 95_00, 95_00, 95_00, 95_00, 0, 1)


def test_unknown_volume_does_not_reset() -> None:
    builder = build(tick(100_00, 500), tick(101_00, 0), tick(102_00, 565))
    assert builder.close(0)["A"].volume == 65
    assert builder.resets == {}


@pytest.mark.parametrize(
    ("baseline", "volume"),
    [
        pytest.param(None, 0, id="unknown: the first tick contributes nothing"),
        pytest.param(0, 565, id="has not traded"),
        pytest.param(500, 65, id="history has the rest"),
        pytest.param(600, 0, id="history is ahead"),
    ],
)
def test_volume_counts_from_the_baseline(baseline: int | None, volume: int) -> None:
    assert build(tick(100_00, 565), baseline=baseline).close(0)["A"].volume == volume


def test_the_first_tick_after_history_may_be_what_history_has() -> None:
    builder = build(baseline=500)
    assert builder.add(tick(100_00, 500, 3)) is NOT_A_TRADE
    assert builder.add(tick(100_00, 500, 3)) is NOT_A_TRADE
    assert builder.add(tick(100_00, 0, 3)) is ACCEPTED


@pytest.mark.parametrize(
    ("ticks", "baseline", "volumes"),
    [
        pytest.param([tick(1_00, 500), tick(2_00, 565)], 400, (165, 10), id="fills in the first"),
        pytest.param([tick(1_00, 500)], 700, (0, 10), id="never a negative volume"),
        pytest.param([tick(1_00, 0)], 400, (0, 175), id="no volume was known"),
        pytest.param(
            [tick(1_00, 500), tick(2_00, 565, 1)], 400, (100, 75), id="two minutes are forming"
        ),
    ],
)
def test_a_baseline_learnt_late_corrects_what_is_forming(
    ticks: list[Tick], baseline: int, volumes: tuple[int, int]
) -> None:
    builder = build(*ticks)
    builder.baseline("A", baseline)
    last = builder.day_volume("A") or 565
    builder.add(tick(3_00, last + 10, 1, 30))
    assert (builder.close(0)["A"].volume, builder.close(1)["A"].volume) == volumes


def test_after_a_gap_history_has_what_the_feed_missed() -> None:
    builder = build(tick(1_00, 500))
    builder.close(0)
    builder.baseline("A", 900)
    builder.add(tick(2_00, 965, 8))
    assert builder.close(8)["A"].volume == 65


def test_minutes_before_the_first_one_closed_are_late() -> None:
    builder = build(tick(1_00, 500, 2), tick(1_10, 565, 2), tick(1_00, 0, 3, 0, "B"))
    builder.add(tick(2_00, 600, 4))
    assert builder.close(4)["A"].volume == 35
    assert builder.late == {"A": 2, "B": 1}
    assert builder.close(3) == {}
    builder.add(tick(3_00, 610, 5))
    assert builder.close(5)["A"].volume == 75  # and the 65 that found no bar


def test_a_minute_closed_early_stays_closed() -> None:
    builder = BarBuilder(SESSION)
    builder.close(5)
    builder.close(2)
    assert builder.add(tick(100_00, 65, 5)) is LATE


def test_times_of_any_zone_are_understood() -> None:
    builder = BarBuilder(SESSION)
    assert builder.add(Tick("A", SESSION.start_of(7).astimezone(UTC), 100_00)) is ACCEPTED
    assert list(builder.close(7)) == ["A"]
