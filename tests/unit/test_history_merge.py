import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.market import Bar
from swingbreak.market.history import merge, missing, volume_gap

FORMING = 10


def read(minute: int, close: int = 200_00, volume: int = 65) -> Bar:
    return Bar(minute, close - 1_00, close + 1_00, close - 2_00, close, volume)


def built(minute: int, close: int = 150_00, volume: int = 65) -> Bar:
    return read(minute, close, volume)._replace(ticks=7)


def filler(minute: int, close: int = 200_00) -> Bar:
    return Bar(minute, close, close, close, close, 0)


@pytest.mark.parametrize(
    ("consumed", "loaded", "pending", "bars", "fresh", "refused"),
    [
        pytest.param([], [], [], [], [], 0, id="a day without trades"),
        pytest.param([], [read(3), read(1)], [], [read(1), read(3)], [1, 3], 0, id="put in order"),
        pytest.param(
            [], [read(1), read(1, 210_00)], [], [read(1, 210_00)], [1], 0, id="a minute once"
        ),
        pytest.param(
            [built(2)], [read(1), read(2), read(3)], [], [read(1), built(2), read(3)], [1, 3], 0,
            id="what was acted upon stays, holes fill around it",
        ),
        pytest.param(
            [], [read(2)], [built(2), built(3)], [read(2), built(3)], [2, 3], 0,
            id="what was not gives way to history",
        ),
        pytest.param([built(2)], [], [built(2, 1_00)], [built(2)], [], 0, id="acted upon wins"),
        pytest.param(
            [], [read(9), read(10)], [], [read(9)], [9], 0, id="never the forming minute"
        ),
        pytest.param(
            [], [read(-1), read(1), read(11)], [], [read(1)], [1], 2, id="another session's rows"
        ),
        pytest.param(
            [], [read(1), filler(2), read(3)], [], [read(1), read(3)], [1, 3], 0,
            id="a filled-in minute is no bar",
        ),
        pytest.param(
            [], [read(1), filler(2, 201_00)], [], [read(1), filler(2, 201_00)], [1, 2], 0,
            id="a price that moved was traded",
        ),
        pytest.param(
            [], [read(1, volume=0), filler(2)], [], [read(1, volume=0), filler(2)], [1, 2], 0,
            id="without any volumes nobody can tell",
        ),
    ],
)  # fmt: skip
def test_merge_by_minute(
    consumed: list[Bar],
    loaded: list[Bar],
    pending: list[Bar],
    bars: list[Bar],
    fresh: list[int],
    refused: int,
) -> None:
    merged = merge(consumed, loaded, FORMING, pending)
    assert merged.bars == tuple(bars)
    assert merged.fresh == tuple(fresh)
    assert merged.refused == refused


@pytest.mark.parametrize(
    ("have", "loaded", "minutes"),
    [
        pytest.param([], [], (), id="nothing traded"),
        pytest.param([built(1)], [read(1)], (), id="whole"),
        pytest.param([built(5)], [read(3), read(2), read(5)], (2, 3), id="holes"),
        pytest.param([], [read(1), filler(2)], (1,), id="a filled-in minute has no trade"),
        pytest.param([], [read(FORMING), read(-4)], (), id="not of the day so far"),
    ],
)
def test_missing_is_what_the_exchange_traded_and_we_have_not(
    have: list[Bar], loaded: list[Bar], minutes: tuple[int, ...]
) -> None:
    assert missing(have, loaded, FORMING) == minutes


@pytest.mark.parametrize(
    ("day_volume", "gap"),
    [
        pytest.param(130, 0, id="whole"),
        pytest.param(200, 70, id="some are missing"),
        pytest.param(100, -30, id="too many"),
        pytest.param(0, 0, id="unknown"),
    ],
)
def test_volume_gap(day_volume: int, gap: int) -> None:
    assert volume_gap([built(1), built(2)], day_volume) == gap


rows = st.lists(st.builds(read, st.integers(-3, 14), st.integers(1_00, 400_00)), max_size=20)
own = st.lists(st.builds(built, st.integers(0, FORMING - 1)), unique_by=lambda bar: bar.minute)


@given(own, rows, own)
def test_always_ordered_whole_and_true_to_what_was_acted_upon(
    consumed: list[Bar], loaded: list[Bar], pending: list[Bar]
) -> None:
    merged = merge(consumed, loaded, FORMING, pending)
    minutes = [bar.minute for bar in merged.bars]
    assert minutes == sorted(set(minutes))
    assert set(consumed) <= set(merged.bars)
    assert set(merged.fresh) == set(minutes) - {bar.minute for bar in consumed}
    assert missing(merged.bars, loaded, FORMING) == ()
    again = merge(merged.bars, loaded, FORMING)
    assert (again.bars, again.fresh) == (merged.bars, ())
