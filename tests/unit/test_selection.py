from dataclasses import replace

import pytest

from swingbreak.domain.parameters import Parameters
from swingbreak.market.swings import Swing, SwingKind
from swingbreak.strategy.levels import Level
from swingbreak.strategy.selection import Choice, qualify, ranked
from tests.builders import CE, contract

PARAMETERS = Parameters()


def level(symbol: str = CE.symbol, price: int = 175_00, confirmed: int = 6) -> Level:
    swing = Swing(SwingKind.LOW, 4, 4, price, (1, 1), is_update=False, confirmed_index=confirmed)
    return Level.of(symbol, swing, confirmed, "")


def choice(strike: int, price: int, points: int, confirmed: int = 6) -> Choice:
    option = contract(strike)
    highest = price + points - PARAMETERS.stop_buffer
    made = qualify(option, level(option.symbol, price, confirmed), highest, PARAMETERS)
    assert isinstance(made, Choice)
    return made


def test_the_worked_example() -> None:
    assert qualify(CE, level(), 184_00, PARAMETERS) == Choice(
        contract=CE,
        level=level(),
        highest=184_00,
        stop=185_00,
        points=10_00,
        lots=10,
        quantity=650,
        trigger=174_95,
        limit=171_95,
    )


@pytest.mark.parametrize(
    ("highest", "changes", "reason"),
    [
        pytest.param(177_45, {}, "stop_too_near", id="too-near"),
        pytest.param(191_55, {}, "stop_too_far", id="too-far"),
        pytest.param(184_00, {"r_value": 649_99}, "below_one_lot", id="one-lot-risks-more-than-r"),
    ],
)
def test_what_does_not_qualify(highest: int, changes: dict[str, int], reason: str) -> None:
    assert qualify(CE, level(), highest, Parameters(**changes)) == reason  # type: ignore[arg-type]


def test_the_freeze_quantity_limits_an_order_and_not_the_size() -> None:
    made = qualify(replace(CE, freeze=600), level(), 184_00, PARAMETERS)
    assert made == qualify(CE, level(), 184_00, PARAMETERS)._replace(  # type: ignore[union-attr]
        contract=replace(CE, freeze=600)
    )


def test_a_lot_over_the_freeze_does_not_qualify() -> None:
    assert qualify(replace(CE, freeze=64), level(), 184_00, PARAMETERS) == "below_one_lot"


NEAR = choice(24500, 150_00, 9_00)
LESS = choice(24450, 150_00, 8_00)
MORE = choice(24550, 200_00, 12_00)
ROUND = choice(24600, 150_00, 8_00)
DEAR = choice(24650, 200_00, 8_00)
EARLY = choice(24750, 150_00, 8_00, confirmed=5)


@pytest.mark.parametrize(
    ("better", "worse", "prefers_round"),
    [
        pytest.param(NEAR, ROUND, True, id="distance-before-roundness"),
        pytest.param(NEAR, DEAR, False, id="distance-before-price"),
        pytest.param(MORE, LESS, False, id="as-far-above-as-below-the-target-is-a-tie"),
        pytest.param(ROUND, DEAR, True, id="roundness-before-price"),
        pytest.param(DEAR, ROUND, False, id="roundness-only-when-preferred"),
        pytest.param(DEAR, EARLY, False, id="price-before-age"),
        pytest.param(EARLY, LESS, False, id="earlier-level"),
        pytest.param(LESS, ROUND, False, id="id-settles-the-rest"),
    ],
)
def test_ranking(better: Choice, worse: Choice, prefers_round: bool) -> None:
    parameters = Parameters(prefer_round_strike=prefers_round)
    assert ranked([better, worse], parameters) == [better, worse]
    assert ranked([worse, better], parameters) == [better, worse]


def test_what_counts_as_round_is_a_setting() -> None:
    parameters = Parameters(prefer_round_strike=True, round_strike=500_00)
    assert ranked([ROUND, choice(24500, 150_00, 8_00)], parameters)[-1] is ROUND


def test_nothing_ranks_to_nothing() -> None:
    assert ranked([], PARAMETERS) == []
