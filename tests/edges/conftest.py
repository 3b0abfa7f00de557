"""What several files here begin with: a broker over a scripted gateway, on paper and live."""

import pytest

from tests.broker_rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def live() -> Rig:
    return Rig(live=True)
