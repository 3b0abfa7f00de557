"""When silence is too long, and who is dead rather than gone."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.runtime.vigil import Condition, Sight, Vigil

WELL, SILENT, HUNG, DEAD = Condition.WELL, Condition.SILENT, Condition.HUNG, Condition.DEAD


def sight(
    sign: int | None,
    *,
    begins: bool = False,
    parted: Condition | None = None,
    holds_lock: bool = True,
) -> Sight:
    return Sight(sign, begins, parted, holds_lock)


def looks(vigil: Vigil, one: Sight, seconds: float, *, since: float = 0.0) -> Iterator[Condition]:
    for quarter in range(round(seconds * 4) + 1):
        yield vigil.see(since + quarter / 4, one)


def test_silence_is_told_first_and_then_not_waited_for() -> None:
    seen = list(looks(Vigil(3, 10), sight(7), 12))
    assert seen.index(SILENT) == 3 * 4
    assert seen.index(HUNG) == 10 * 4
    assert set(seen[:12]) == {WELL}


def test_a_sign_of_life_makes_it_well_again() -> None:
    vigil = Vigil(3, 10)
    assert list(looks(vigil, sight(7), 5))[-1] is SILENT
    assert vigil.see(5.25, sight(8)) is WELL
    assert vigil.silent_s == 0


def test_who_begins_takes_its_time() -> None:
    seen = list(looks(Vigil(3, 10), sight(0, begins=True), 120))
    assert (seen.index(HUNG), SILENT in seen) == (90 * 4, False)


@pytest.mark.parametrize(
    ("one", "condition"),
    [
        (sight(None, holds_lock=False), Condition.ABSENT),
        (sight(7, holds_lock=False), DEAD),
        (sight(0, begins=True, holds_lock=False), DEAD),
        (sight(7, holds_lock=False, parted=Condition.LEFT), Condition.LEFT),
        (sight(7, holds_lock=False, parted=Condition.OVER), Condition.OVER),
        (sight(7, parted=Condition.OVER), WELL),
    ],
    ids=["nobody", "dead", "dead at once", "left", "over", "writing its reports"],
)
def test_who_is_gone_is_known_at_once(one: Sight, condition: Condition) -> None:
    assert Vigil(3, 10).see(0, one) is condition


@given(st.lists(st.floats(0.05, 600), max_size=30))
def test_only_time_that_was_watched_counts(gaps: list[float]) -> None:
    """A laptop that slept, with both on it, has not hung."""
    vigil, now, watched = Vigil(3, 10), 0.0, 0.0
    vigil.see(now, sight(7))
    for gap in gaps:
        now += gap
        watched += gap if gap <= 1 else 0
        condition = vigil.see(now, sight(7))
        assert vigil.silent_s == pytest.approx(watched)
        assert (condition is WELL) == (vigil.silent_s < 3)
