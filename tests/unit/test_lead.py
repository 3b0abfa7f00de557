"""Which of two feeds leads, case by case."""

from datetime import timedelta

import pytest

from swingbreak.domain.market import Tick
from swingbreak.market.lead import Lead, Source, Turn
from tests.builders import CE, OPEN, PE

FIRST, SECOND = Source.PRIMARY, Source.STANDBY
INDEX = "NIFTY"


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def tick(seconds: float = 0, volume: int = 0, symbol: str = CE.symbol, price: int = 150_00) -> Tick:
    return Tick(symbol, OPEN + after(seconds), price, volume)


class Scene:
    """A lead and its clock; each second both tick unless they are silent."""

    def __init__(self, began: float = 0, **terms: int) -> None:
        terms = {"silent_after_s": 5, "back_after_s": 60} | terms
        self.lead = Lead(INDEX, OPEN, **terms)
        self.second = began
        self.turns: list[tuple[float, Source, str]] = []

    def hear(self, source: Source, given: Tick | None = None) -> Turn | None:
        turn = self.lead.hear(source, OPEN + after(self.second), given or tick(self.second))
        if turn:
            self.turns.append((self.second, turn.to, turn.why))
        return turn

    def go(self, seconds: int, *speakers: Source) -> "Scene":
        for _ in range(seconds):
            for source in speakers:
                self.hear(source)
            self.second += 1
        return self


def test_each_has_the_other() -> None:
    assert (FIRST.other, SECOND.other) == (SECOND, FIRST)


def test_a_primary_that_ticks_is_never_left() -> None:
    scene = Scene().go(600, FIRST, SECOND)
    assert (scene.turns, scene.lead.source) == ([], FIRST)


def test_a_silent_primary_is_left_while_the_standby_ticks() -> None:
    scene = Scene().go(10, FIRST, SECOND).go(8, SECOND)
    assert scene.turns == [(14, SECOND, "no tick of the primary for 5 s")]


def test_a_primary_that_never_ticked_is_left_once_it_had_its_time() -> None:
    scene = Scene(began=-60).go(70, SECOND)
    assert scene.turns == [(5, SECOND, "no tick of the primary for 5 s")], "counted from the open"


def test_both_silent_is_nobodys_fault() -> None:
    scene = Scene().go(10, FIRST, SECOND)
    scene.second += 300
    scene.go(3, SECOND)
    assert scene.turns == [], "who comes back first has proved nothing yet"
    scene.go(10, FIRST, SECOND)
    assert scene.turns == []


def test_a_standby_that_comes_back_alone_leads_when_it_has_ticked_as_long() -> None:
    scene = Scene().go(10, FIRST, SECOND)
    scene.second += 300
    scene.go(10, SECOND)
    assert scene.turns == [(315, SECOND, "no tick of the primary for 306 s")]


def test_the_primary_leads_again_when_it_has_ticked_for_long() -> None:
    scene = Scene().go(10, FIRST, SECOND).go(30, SECOND).go(100, FIRST, SECOND)
    assert scene.turns[1:] == [(100, FIRST, "the primary has ticked for 60 s")]


def test_a_pause_makes_it_wait_anew() -> None:
    scene = Scene().go(10, FIRST, SECOND).go(30, SECOND)
    scene.go(50, FIRST, SECOND).go(6, SECOND).go(59, FIRST, SECOND)
    assert len(scene.turns) == 1
    scene.go(5, FIRST, SECOND)
    assert scene.turns[1][:2] == (156, FIRST)


def test_each_time_it_has_to_tick_twice_as_long() -> None:
    scene = Scene(back_after_s=10)
    waits = []
    for _ in range(7):
        scene.go(20, FIRST, SECOND).go(6, SECOND)
        begun = scene.second
        while scene.lead.source is SECOND:
            scene.go(1, FIRST, SECOND)
        waits.append(scene.turns[-1][0] - begun)
    assert waits == [10, 20, 40, 80, 160, 160, 160]


def test_a_standby_that_falls_silent_gives_the_lead_back() -> None:
    scene = Scene().go(10, FIRST, SECOND).go(10, SECOND).go(8, FIRST)
    assert scene.turns[1] == (25, FIRST, "no tick of the standby for 6 s")


def test_an_index_proves_nothing() -> None:
    scene = Scene().go(10, FIRST, SECOND)
    for _ in range(10):
        scene.hear(FIRST, tick(scene.second, symbol=INDEX))
        scene.go(1, SECOND)
    assert [turn[1] for turn in scene.turns] == [SECOND]
    scene = Scene().go(10, FIRST, SECOND)
    for _ in range(10):
        scene.hear(SECOND, tick(scene.second, symbol=INDEX))
        scene.second += 1
    assert scene.turns == []


def test_a_clock_that_goes_back_is_no_silence() -> None:
    scene = Scene().go(10, FIRST, SECOND)
    scene.second = 5
    scene.go(4, SECOND)
    assert scene.turns == []
    assert scene.lead.silence(FIRST) == after(0)


def turned(*passed: Tick) -> Scene:
    """The standby has just taken over, with *passed* on before."""
    scene = Scene()
    for each in passed:
        scene.hear(FIRST, each)
        assert scene.lead.is_news(FIRST, each)
        assert not scene.lead.is_news(SECOND, each)
    scene.go(10, FIRST, SECOND).go(6, SECOND)
    assert scene.lead.source is SECOND
    return scene


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(tick(9, 650), True, id="the same trade"),
        pytest.param(tick(9.4, 650), True, id="within the second"),
        pytest.param(tick(8.9, 715), False, id="an older trade"),
        pytest.param(tick(10, 585), False, id="a volume that was passed"),
        pytest.param(tick(10, 715), True, id="a new trade"),
        pytest.param(tick(10, 0), True, id="no volume"),
        pytest.param(tick(2, 65, PE.symbol), True, id="a symbol of which nothing was passed on"),
    ],
)
def test_who_takes_over_is_let_in_when_it_has_caught_up(given: Tick, expected: bool) -> None:
    scene = turned(tick(9.9, 650))
    assert scene.lead.is_news(SECOND, given) is expected
    assert not scene.lead.is_news(FIRST, given), "who does not lead is not listened to"


def test_what_has_caught_up_once_is_believed() -> None:
    scene = turned(tick(9, 650))
    assert scene.lead.is_news(SECOND, tick(10, 715))
    assert scene.lead.is_news(SECOND, tick(10, 100)), "a reset is for the bars to notice"


def test_a_feed_that_counts_from_elsewhere_is_let_in_after_a_while() -> None:
    scene = turned(tick(9, 650))
    older = tick(8, 700)
    scene.go(28, SECOND)
    assert not scene.lead.is_news(SECOND, tick(scene.second, 65))
    scene.go(3, SECOND)
    assert not scene.lead.is_news(SECOND, older), "time is never let back"
    assert scene.lead.is_news(SECOND, tick(scene.second, 65))


def test_a_volume_that_is_not_told_leaves_the_last_one_known() -> None:
    lead = turned(tick(8, 650), tick(9, 0)).lead
    assert not lead.is_news(SECOND, tick(10, 585))
