"""Swing events and session VWAP of 50 hand-made and 100 random series, bar by bar."""

import gzip
import json
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import SwingRule
from swingbreak.market.swings import SwingDetector
from swingbreak.market.vwap import SessionVwap

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
PAISE = 5  # in a tick of the vectors

pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason="the golden vectors are not here")


def load(name: str, key: str) -> list[dict[str, Any]]:
    path = GOLDEN / f"{name}.json.gz"
    if not path.exists():
        return []
    with gzip.open(path) as file:
        return list(json.load(file)[key])


HANDCRAFTED = load("swing_handcrafted", "cases")
RANDOM = load("swing_random", "series")
ALL = [
    *(pytest.param(case, id=case["name"]) for case in HANDCRAFTED),
    *(pytest.param(one, id=f"random-{one['id']}") for one in RANDOM),
]
# For the public original a bar of an earlier day wipes the day; we refuse it with what follows it.
WIPED = "older_date_resets_too"


class Played(NamedTuple):
    """What a series gave, in the form of the vectors."""

    events: list[list[Any]]
    vwaps: list[float]
    refused: list[int]


def play(bars: list[list[int]], rule: SwingRule) -> Played:
    """Play days one after the other; a bar of a day that is over is not offered at all."""
    played = Played([], [], [])
    today = -1
    detector, vwap = SwingDetector(rule), SessionVwap()
    for position, row in enumerate(bars):
        minute, *ohlc, volume, day = [*row, 0][:7]
        if day < today:
            continue
        if day > today:
            today, detector, vwap = day, SwingDetector(rule), SessionVwap()
        bar = Bar(minute, *(PAISE * price for price in ohlc), volume)
        after = copy(vwap)
        after.add(bar)
        played.vwaps.append(rupees(after.ratio))
        try:
            swing = detector.add(bar, after.ratio)
        except DataError:
            played.refused.append(position)
            continue
        vwap = after
        if swing is not None:
            change = "update" if swing.is_update else "new"
            event = [position, change, swing.kind.capitalize(), swing.index, swing.price // PAISE]
            played.events.append([*event, rupees(swing.vwap)])
    return played


def rupees(vwap: tuple[int, int]) -> float:
    return vwap[0] / vwap[1] / 100


@pytest.mark.parametrize("case", ALL)
def test_watch2_gives_the_events_and_the_vwap(case: dict[str, Any]) -> None:
    played = play(case["bars"], SwingRule.WATCH2)
    wiped = case.get("name") == WIPED
    expected = case["events"][:1] if wiped else case["events"]
    assert [event[:5] for event in played.events] == [event[:5] for event in expected]
    assert [e[5] for e in played.events] == pytest.approx([e[5] for e in expected], abs=1e-9)
    assert played.refused == case.get("rejected", [])
    # there a refused bar still weighs in the VWAP
    good = min([*played.refused, len(played.vwaps)])
    assert played.vwaps[:good] == pytest.approx(case["vwap"][:good], abs=1e-9)


@pytest.mark.parametrize("case", ALL)
def test_the_alternating_rule_differs_where_the_vectors_say(case: dict[str, Any]) -> None:
    same, other = (play(case["bars"], rule).events for rule in SwingRule)
    assert (same != other) == ("alternate_first" in case.get("differs_under", []))


def test_the_vectors_are_all_here() -> None:
    assert (len(HANDCRAFTED), len(RANDOM)) == (50, 100)
