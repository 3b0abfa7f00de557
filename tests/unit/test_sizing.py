import pytest

from swingbreak.domain.parameters import Parameters
from swingbreak.strategy.sizing import entry_terms, lots_for

PARAMETERS = Parameters()


@pytest.mark.parametrize(
    ("points", "lots"),
    [
        pytest.param(5_00, 10, id="5-points-capped"),
        pytest.param(10_00, 10, id="10-points"),
        pytest.param(10_05, 9, id="one-tick-more"),
        pytest.param(12_50, 8, id="12.5-points"),
        pytest.param(15_00, 6, id="15-points"),
        pytest.param(20_00, 5, id="20-points-exact"),
        pytest.param(25_00, 4, id="25-points-exact"),
        pytest.param(30_00, 3, id="30-points"),
        pytest.param(100_00, 1, id="one-lot-is-one-r"),
        pytest.param(100_05, 0, id="one-lot-is-too-many"),
        pytest.param(0, 0, id="no-stop-no-size"),
        pytest.param(-5, 0, id="stop-under-the-swing-no-size"),
    ],
)
def test_lots(points: int, lots: int) -> None:
    assert lots_for(points, 65, PARAMETERS) == lots


@pytest.mark.parametrize(
    ("price", "changes", "terms"),
    [
        pytest.param(175_00, {}, (174_95, 171_95), id="worked-example"),
        pytest.param(175_00, {"entry_offset_ticks": 3}, (174_85, 171_85), id="three-ticks-under"),
        pytest.param(175_03, {}, (174_95, 171_95), id="price-off-the-grid"),
        pytest.param(
            60_05, {"entry_limit_buffer": 20_00}, (60_00, 48_00), id="gap-20-percent-of-trigger"
        ),
        pytest.param(
            60_10, {"entry_limit_buffer": 20_00}, (60_05, 48_05), id="gap-rounded-to-a-tick-within"
        ),
        pytest.param(
            50_10, {"entry_limit_buffer": 20_00}, (50_05, 40_05), id="just-above-50-rupees"
        ),
        pytest.param(50_05, {"entry_limit_buffer": 20_00}, (50_00, 40_00), id="at-50-rupees"),
        pytest.param(20_05, {"entry_limit_buffer": 20_00}, (20_00, 10_00), id="under-50-rupees"),
        pytest.param(2_00, {}, (1_95, 5), id="limit-never-under-a-tick"),
        pytest.param(5, {}, (5, 5), id="trigger-never-under-a-tick"),
        pytest.param(175_00, {"entry_limit_buffer": 1_02}, (174_95, 173_95), id="buffer-off-grid"),
    ],
)
def test_entry_terms(price: int, changes: dict[str, int], terms: tuple[int, int]) -> None:
    assert entry_terms(price, 5, Parameters(**changes)) == terms  # type: ignore[arg-type]
