import pytest

from swingbreak.domain.market import Bar
from swingbreak.market.vwap import SessionVwap

CHEAP = Bar(0, 100_00, 102_00, 98_00, 101_00, 65)  # thrice the typical price: 301.00
DEAR = Bar(1, 200_00, 202_00, 198_00, 200_00, 130)  # 600.00
UNTRADED = Bar(2, 300_00, 300_00, 300_00, 300_00, 0)  # 900.00


@pytest.mark.parametrize(
    ("bars", "ratio"),
    [
        pytest.param([], (0, 1), id="nothing known"),
        pytest.param([CHEAP], (301_00 * 65, 3 * 65), id="one bar"),
        pytest.param([CHEAP, DEAR], (301_00 * 65 + 600_00 * 130, 3 * 195), id="weighted by volume"),
        pytest.param([CHEAP, UNTRADED], (301_00 * 65, 3 * 65), id="no volume adds nothing"),
        pytest.param([UNTRADED], (900_00, 3), id="without volume the typical price"),
        pytest.param([UNTRADED, CHEAP._replace(volume=0)], (301_00, 3), id="... of the last bar"),
        pytest.param([UNTRADED, CHEAP], (301_00 * 65, 3 * 65), id="... until volume comes"),
    ],
)
def test_vwap_is_exact(bars: list[Bar], ratio: tuple[int, int]) -> None:
    vwap = SessionVwap()
    for bar in bars:
        vwap.add(bar)
    assert vwap.ratio == ratio
