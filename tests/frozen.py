"""Contracts of which one order may be two lots: every larger quantity is sliced."""

from dataclasses import replace

import pytest

from swingbreak.domain.parameters import Parameters
from swingbreak.strategy.levels import Level, LevelState
from swingbreak.strategy.selection import Choice, qualify
from tests.builders import CE, contract

LARGEST = 130
FROZEN = replace(CE, freeze=LARGEST + 1)
FROZEN2 = replace(contract(24600), freeze=LARGEST + 1)

_LEVEL = Level("L1", CE.symbol, 175_00, 4, (150_00, 1), 6, LevelState.ARMED)
_CHOICE = qualify(FROZEN, _LEVEL, 184_00, Parameters())

needs_sliced_entries = pytest.mark.skipif(
    not isinstance(_CHOICE, Choice) or _CHOICE.quantity <= LARGEST,
    reason="the strategy sizes entries within the freeze quantity, so that none is sliced",
)
