"""Which settings a sweep tries."""

import pytest

from swingbreak.bootstrap.sweep.space import Axis, grid, listed, ranged, sampled
from swingbreak.domain.errors import ConfigError

A = Axis("max_positions", ("1", "2", "3"))
B = Axis("max_per_right", ("1", "2"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("stop_max_percent=8,10", ("8", "10")),
        (" stop_max_percent = 8 , 10 , 8 ", ("8", "10")),
        ("swing_rule=watch2,watch2-alternating", ("watch2", "watch2-alternating")),
    ],
)
def test_values_are_listed(text: str, values: tuple[str, ...]) -> None:
    assert listed(text).values == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("max_positions=1..3", ("1", "2", "3")),
        ("stop_max_percent=8..9:0.5", ("8", "8.5", "9")),
        ("stop_max_percent=8..9.4:0.5", ("8", "8.5", "9")),
        ("r_value_rupees=1000..3000:1000", ("1000", "2000", "3000")),
        ("max_positions=4..4", ("4",)),
    ],
)
def test_a_range_has_its_steps(text: str, values: tuple[str, ...]) -> None:
    assert ranged(text).values == values


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stop_max_percent", "is no axis"),
        ("stop_max_percent=", "is no axis"),
        ("stop_max=8", "did you mean stop_max_percent"),
        ("mode=paper,live", "cannot be swept"),
    ],
)
def test_what_is_no_axis_is_told(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        listed(text)


@pytest.mark.parametrize(
    ("span", "told"),
    [
        ("1..x", "with numbers"),
        ("5", "with numbers"),
        ("3..1", "HIGH not below LOW"),
        ("1..3:0", "above 0"),
        ("0..1:0.000001", "at most"),
    ],
)
def test_what_is_no_range_is_told(span: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        ranged(f"max_positions={span}")


def test_a_grid_has_every_combination_once() -> None:
    points = [tuple(point.values()) for point in grid([A, B])]
    assert points == [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"), ("3", "1"), ("3", "2")]


def test_what_is_drawn_is_of_the_grid_and_the_same_for_a_seed() -> None:
    drawn = sampled([A, B], 4, seed=5)
    assert drawn == sampled([A, B], 4, seed=5)
    assert drawn != sampled([A, B], 4, seed=6)
    assert len({str(point) for point in drawn}) == 4
    assert all(point in grid([A, B]) for point in drawn)
    assert [*drawn[0]] == [A.key, B.key]


def test_more_than_there_are_is_all() -> None:
    assert sampled([A, B], 100, seed=1) == grid([A, B])


def test_a_key_comes_once() -> None:
    with pytest.raises(ConfigError, match="twice"):
        grid([A, A])


def test_too_many_are_refused_before_they_are_made() -> None:
    many = [Axis(str(n), tuple(map(str, range(100)))) for n in range(4)]
    with pytest.raises(ConfigError, match="at most"):
        grid(many)
    assert len(sampled(many, 3, seed=1)) == 3
