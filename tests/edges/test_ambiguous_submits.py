"""New orders of which nobody said what became of them: a share of the million, and its judge."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.adapters.openalgo.rest import OpenAlgoRest, OrderReply
from swingbreak.domain.errors import OutcomeUnknown

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def submits(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("ambiguous_submits")


@pytest.mark.parametrize(
    "ambiguous", [250, pytest.param(20_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_none_is_sent_twice_and_each_is_accounted_for(submits: ModuleType, ambiguous: int) -> None:
    tally, faults, _ = submits.stories("test", ambiguous)
    assert faults == []
    assert tally["sent twice"] == 0
    assert all(tally[f"fate: {fate}"] for fate in submits.FATES)
    assert tally["turned up after it was given up, cancelled"] > 0
    assert tally["fills of what was given up, told"] > 0


class _Eager:
    """A gateway's client that sends an order again when it does not know."""

    def __init__(self, rest: OpenAlgoRest) -> None:
        self._rest = rest

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rest, name)

    async def place(self, fields: Any) -> OrderReply:
        try:
            return await self._rest.place(fields)
        except OutcomeUnknown:
            return await self._rest.place(fields)


class _SendsAgain(OpenAlgoBroker):
    def __init__(self, rest: OpenAlgoRest, *others: Any, **named: Any) -> None:
        super().__init__(_Eager(rest), *others, **named)  # type: ignore[arg-type]


class _ForgetsFills(OpenAlgoBroker):
    def on_update(self, update: Any) -> None:
        """Hear nothing."""

    async def poll(self) -> None:
        """Ask nothing."""


@pytest.mark.parametrize(
    ("broker", "found"),
    [(_SendsAgain, "was sent 2 times"), (_ForgetsFills, "is left")],
    ids=["sends again", "asks nothing"],
)
def test_the_judge_finds(submits: ModuleType, broker: type[OpenAlgoBroker], found: str) -> None:
    faults = [fault for seed in range(5) for fault in submits.told(f"t{seed}", broker).faults]
    assert any(found in fault for fault in faults)
