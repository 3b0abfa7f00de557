import re
from random import Random

import pytest

from swingbreak.faults.catalogue import CATALOGUE
from swingbreak.faults.weather import Weather, drawn

ON = [fault.name for fault in CATALOGUE.values() if not fault.off]


def test_there_are_many_and_each_is_described() -> None:
    assert len(ON) >= 100
    for fault in CATALOGUE.values():
        assert re.fullmatch(r"[a-z]+\.\w+", fault.name), fault
        assert 0 < fault.chance <= 1, fault
        assert fault.source, fault
        assert fault.what, fault


def test_days_draw_only_what_is_on_and_each_sooner_or_later() -> None:
    days = [drawn(Random(n)) for n in range(300)]  # noqa: S311 - seeded
    assert {name for day in days for name in day} == set(ON)
    assert any(not day for day in days)
    off = [fault.name for fault in CATALOGUE.values() if fault.off]
    assert drawn(Random(1), off) == tuple(off)  # noqa: S311 - seeded


def test_a_fault_has_dice_of_its_own() -> None:
    def strikes(names: tuple[str, ...]) -> list[bool]:
        weather = Weather("7", names, lambda: 0.0, 1.0)
        seen = []
        for _ in range(200):
            seen.append(weather.happens("update.lost"))
            weather.happens("update.twice")
        return seen

    assert strikes(("update.lost",)) == strikes(("update.twice", "update.lost"))
    assert any(strikes(("update.lost",)))


def test_the_end_of_a_day_is_calm() -> None:
    now = 0.0
    weather = Weather("7", ("update.no_stream",), lambda: now, 10.0)
    assert weather.happens("update.no_stream")
    now = 10.0
    assert not weather.happens("update.no_stream")
    assert weather.is_calm
    assert weather.fired == {"update.no_stream": 1}


@pytest.mark.parametrize("name", ["tick.zero", "place.slow"])
def test_a_day_without_a_fault_never_has_it(name: str) -> None:
    weather = Weather("7", (), lambda: 0.0, 10.0)
    assert not weather.has(name)
    assert not any(weather.happens(name) for _ in range(100))
