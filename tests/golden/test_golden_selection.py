"""The one-symbol filter loop of the random series: best level and order action after every bar."""

import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from swingbreak.domain.instrument import parse_option_symbol
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.strategy.baseline import Baseline
from tests.builders import contract

VECTORS = Path(__file__).parents[3] / "shared" / "golden" / "swing_random.json.gz"
PARAMETERS = Parameters(prefer_round_strike=True)  # the vectors use that tie-break

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the golden vectors are not here")


class Played(NamedTuple):
    """Per bar: swing, highest high and lots of the best level; and what the slot would do."""

    best: list[list[int] | None]
    trig: list[list[str]]


@pytest.fixture(scope="module")
def series() -> list[dict[str, Any]]:
    with gzip.open(VECTORS) as file:
        return list(json.load(file)["series"])


def play(one: dict[str, Any]) -> Played:
    _, _, strike, right = parse_option_symbol(one["symbol"])
    option = contract(strike // 100, right)
    baseline = Baseline([option], PARAMETERS)
    played = Played([], [])
    rests = False
    for minute, open_, high, low, close, volume in one["bars"]:
        prices = (5 * ticks for ticks in (open_, high, low, close))
        baseline.close(option.symbol, Bar(minute, *prices, volume))
        choice = baseline.best(right, {})
        if choice is None:
            played.best.append(None)
            played.trig.append(["cancel", "NO_CANDIDATE"])
        else:
            played.best.append([choice.level.price // 5, choice.highest // 5, choice.lots])
            played.trig.append(["wait", "KEEP"] if rests else ["place", "NEW"])
        rests = choice is not None
    return played


def newest_low(one: dict[str, Any], n: int) -> tuple[int, float]:
    """Return price in ticks and VWAP in rupees of the last Low confirmed up to bar *n*."""
    price, vwap = [e[4:6] for e in one["events"] if e[2] == "Low" and e[0] <= n][-1]
    return price, vwap


def kept_an_older_low(one: dict[str, Any], n: int, best: list[int]) -> bool:
    """Whether theirs is an older Low whose successor has too little premium."""
    price, vwap = newest_low(one, n)
    return best[0] != price and 100 <= price / 20 <= 300 and price / 20 < 1.04 * vwap


def test_every_bar_of_every_series(series: list[dict[str, Any]]) -> None:
    kinds = ("bars", "best", "float", "superseded", "placed anew", "after a touch")
    seen = dict.fromkeys(kinds, 0)
    for one in series:
        played = play(one)
        touch = min(one["touch_bars"], default=len(one["bars"]))
        kept = False
        for n, theirs in enumerate(one["best"]):
            seen["bars"] += 1
            best = theirs
            if n in one["float_best_bars"]:  # allowed: float rounding there
                best = one["exact_best"][str(n)]
                seen["float"] += 1
            if best is not None and kept_an_older_low(one, n, best):  # allowed: ours supersedes
                assert played.best[n] is None, (one["id"], n)
                seen["superseded"] += 1
                kept = True
                continue
            assert played.best[n] == (best and best[:3]), (one["id"], n)
            seen["best"] += best is not None
            if n >= touch:  # allowed: a touch is a break for them
                seen["after a touch"] += 1
                continue
            assert best is None or not best[3], "they too see no break without a touch"
            trig = one["exact_trig"].get(str(n), one["trig"][n])
            if kept and trig == ["wait", "KEEP"]:  # their order rests since before; ours is gone
                trig = ["place", "NEW"]
                seen["placed anew"] += 1
            assert played.trig[n] == trig, (one["id"], n)
            kept = False
    assert seen == {
        "bars": 32025,
        "best": 6545,
        "float": 1,
        "superseded": 17,
        "placed anew": 1,
        "after a touch": 560,
    }
