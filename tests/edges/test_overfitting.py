"""How likely the best of many trials is luck, against figures worked out apart from the code."""

from math import sqrt
from random import Random
from statistics import NormalDist

import pytest

from swingbreak.reporting.overfitting import (
    Moments,
    deflated_sharpe,
    moments_of,
    overfitting,
    sharpe_of_luck,
)

NORMAL = NormalDist()


def test_moments_of_a_few_days() -> None:
    found = moments_of([1.0, 2.0, 3.0, 6.0])
    assert found is not None
    # mean 3, squares 4 1 0 9: population variance 3.5, sample variance 14/3
    assert found.days == 4
    assert found.sharpe == pytest.approx(3 / sqrt(14 / 3))
    assert found.skewness == pytest.approx((-8 - 1 + 27) / 4 / 3.5**1.5)
    assert found.kurtosis == pytest.approx((16 + 1 + 81) / 4 / 3.5**2)


@pytest.mark.parametrize("results", [[], [1.0], [2.0, 2.0, 2.0], [0.1] * 7, [1 / 3] * 11])
def test_what_never_varies_has_no_moments(results: list[float]) -> None:
    assert moments_of(results) is None


def test_the_example_of_the_paper() -> None:
    # Bailey and Lopez de Prado 2014, "A numerical example": the best of 100 trials has an annual
    # Sharpe ratio of 2.5 over 1,250 days of 250 a year, skewness -3, kurtosis 10, and the trials'
    # annual ratios vary with 1/2: luck comes to 0.1132 a day, and the deflated ratio is 0.9004.
    spread = sqrt(0.5 / 250)
    trials = [spread * sqrt(99 / 100) * sign for sign in (-1, 1) for _ in range(50)]
    luck = sharpe_of_luck(trials)
    assert luck == pytest.approx(0.1132, abs=0.0001)
    found = deflated_sharpe(Moments(1250, 2.5 / sqrt(250), -3.0, 10.0), trials)
    assert found == pytest.approx(0.9004, abs=0.0005)


def test_one_trial_was_not_chosen() -> None:
    moments = Moments(101, 0.2, 0.0, 3.0)
    expected = NORMAL.cdf(0.2 * 10 / sqrt(1 + 0.5 * 0.04))
    assert deflated_sharpe(moments, [0.2]) == pytest.approx(expected)


def test_moments_that_leave_no_variance_say_nothing() -> None:
    assert deflated_sharpe(Moments(100, 3.0, 3.0, 3.0), [3.0]) is None


def test_more_trials_are_more_luck() -> None:
    dice = Random(3)  # noqa: S311 - seeded test data
    trials = [dice.gauss(0, 0.05) for _ in range(1000)]
    assert sharpe_of_luck(trials[:10]) < sharpe_of_luck(trials[:100]) < sharpe_of_luck(trials)


def test_a_trial_that_is_always_best_is_not_overfitted() -> None:
    dice = Random(1)  # noqa: S311 - seeded test data
    noise = [[dice.gauss(0, 1) for _ in range(100)] for _ in range(9)]
    found = overfitting([*noise, [dice.gauss(3, 1) for _ in range(100)]])
    assert found is not None
    assert (found.probability, found.halves, found.losing) == (0.0, 252, 0.0)


def test_trials_that_take_turns_are_overfitted_always() -> None:
    # each is good in one half of the blocks and as bad in the other
    good, bad = [2.0, 1.0], [-2.0, -1.0]
    first = good + bad
    second = bad + good
    found = overfitting([first, second], blocks=2)
    assert found is not None
    assert (found.probability, found.halves, found.losing) == (1.0, 2, 1.0)


def test_noise_is_overfitted_more_often_than_not() -> None:
    # the days are the same in all halves, so what one half has too much the other has too little
    dice = Random(7)  # noqa: S311 - seeded test data
    shares = []
    for _ in range(24):
        found = overfitting([[dice.gauss(0, 1) for _ in range(60)] for _ in range(20)], blocks=6)
        assert found is not None
        shares.append(found.probability)
    assert 0.5 < sum(shares) / len(shares) < 0.8


def test_equal_trials_are_no_better_than_the_median() -> None:
    found = overfitting([[0.0] * 8, [0.0] * 8, [0.0] * 8], blocks=4)
    assert found is not None
    assert found.probability == 1.0


@pytest.mark.parametrize(
    "results",
    [[], [[1.0] * 40], [[1.0, 2.0] * 5, [2.0, 1.0] * 5]],
    ids=["nothing", "one trial", "a day in a block"],
)
def test_too_little_says_nothing(results: list[list[float]]) -> None:
    assert overfitting(results) is None
