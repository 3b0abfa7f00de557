import pytest

from swingbreak.domain.errors import InvalidTransition
from swingbreak.market.swings import Swing, SwingKind
from swingbreak.strategy.levels import TRANSITIONS, Level, LevelState, facts_of_id, symbol_of
from tests.builders import CE

LOW = Swing(SwingKind.LOW, 4, 4, 175_00, (165_00, 1), is_update=False, confirmed_index=6)
S = LevelState

# written out, not read from the table under test
ALLOWED = {
    (S.ARMED, S.BROKEN),
    (S.ARMED, S.SUPERSEDED),
    (S.ARMED, S.FILLED),
    (S.ARMED, S.EXPIRED),
    (S.BROKEN, S.FILLED),
    (S.SUPERSEDED, S.FILLED),
    (S.EXPIRED, S.FILLED),
    (S.REJECTED, S.FILLED),
}


def level(state: LevelState = S.ARMED) -> Level:
    return Level.of(CE.symbol, LOW, 6, "")._replace(state=state)


@pytest.mark.parametrize("after", LevelState)
@pytest.mark.parametrize("before", LevelState)
def test_every_pair_of_states(before: LevelState, after: LevelState) -> None:
    if (before, after) in ALLOWED:
        assert level(before).become(after) == level(after)
    else:
        with pytest.raises(InvalidTransition, match=f"{after} while {before}"):
            level(before).become(after)


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(LevelState)


def test_a_level_is_armed_unless_there_is_a_reason() -> None:
    assert Level.of(CE.symbol, LOW, 6, "").state is S.ARMED
    rejected = Level.of(CE.symbol, LOW, 6, "price_low")
    assert (rejected.state, rejected.reason) == (S.REJECTED, "price_low")


def test_an_id_is_made_of_market_facts() -> None:
    made = Level.of(CE.symbol, LOW, 6, "")
    assert made.level_id == "NIFTY01DEC2624500CE@6:4:17500"
    assert symbol_of(made.level_id) == CE.symbol


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Level.of("OTHER", LOW, 6, ""), id="symbol"),
        pytest.param(Level.of(CE.symbol, LOW, 7, ""), id="confirmed-later"),
    ],
)
def test_another_level_has_another_id(other: Level) -> None:
    assert other.level_id != level().level_id


def test_an_id_tells_where_its_level_was() -> None:
    made = level()
    assert facts_of_id(made.level_id) == (made.confirmed_minute, made.minute, made.price)


@pytest.mark.parametrize("level_id", ["", "by hand", "X@1:2", "X@1:2:", "X@1:2:3:4", "X@a:2:3"])
def test_what_is_no_id_of_a_level_tells_nothing(level_id: str) -> None:
    assert facts_of_id(level_id) is None
