from datetime import date, datetime, time, timedelta

import pytest

from swingbreak.domain.session import Session
from swingbreak.market.freshness import FeedHealth

SESSION = Session.on(date(2026, 11, 20), time(9, 15), time(15, 30))
STALE_S, FEED_STALE_S = 30, 10


def at(seconds: float) -> datetime:
    return SESSION.opens + timedelta(seconds=seconds)


def health(**ticks: float) -> FeedHealth:
    """Return the health of three symbols subscribed before the open that ticked as told."""
    feed = FeedHealth(SESSION, STALE_S, FEED_STALE_S)
    feed.subscribe(("A", "B", "C"), at(-600))
    for symbol, seconds in sorted(ticks.items(), key=lambda item: item[1]):
        feed.seen(symbol, at(seconds))
    return feed


@pytest.mark.parametrize(
    ("ticks", "now", "watched", "held"),
    [
        pytest.param({}, -1, "ABC", {}, id="before the open nothing is stale"),
        pytest.param({}, 9.9, "ABC", {}, id="silence counts from the open"),
        pytest.param({}, 10, "", dict.fromkeys("ABC", "feed_stale"), id="a feed that never came"),
        pytest.param(
            {"A": 50}, 60, "", dict.fromkeys("ABC", "feed_stale"), id="a feed that fell silent"
        ),
        pytest.param(
            {"A": 50}, 59.9, "", {"B": "no_tick", "C": "no_tick"}, id="first-tick deadline"
        ),
        pytest.param({"A": 29}, 29.9, "ABC", {}, id="... not before its time"),
        pytest.param(
            {"A": 60, "B": 31, "C": 30}, 60, "ABC", {"C": "stale"}, id="silent while watched"
        ),
        pytest.param({"A": 60, "B": 30, "C": 30}, 60, "", {}, id="silent, but nobody watches"),
        pytest.param(
            {"A": 20, "B": -500, "C": 20}, 29.9, "ABC", {}, id="ticks before the open age from it"
        ),
        pytest.param(
            {"A": 29, "B": -500, "C": 29}, 30, "ABC", {"B": "stale"}, id="... and go stale"
        ),
        pytest.param({"A": 100}, 6.25 * 3600, "ABC", {}, id="after the close nothing is stale"),
        pytest.param(
            {"X": 60, "A": 60, "B": 60, "C": 60},
            90,
            "",
            dict.fromkeys("ABCX", "feed_stale"),
            id="a symbol nobody expected counts once it ticks",
        ),
    ],
)
def test_held_says_why(
    ticks: dict[str, float], now: float, watched: str, held: dict[str, str]
) -> None:
    assert health(**ticks).held(at(now), watched) == held


def test_nothing_expected_is_nothing_stale() -> None:
    assert FeedHealth(SESSION, STALE_S, FEED_STALE_S).held(at(3600), "ABC") == {}


def test_a_late_subscription_has_its_own_deadline() -> None:
    feed = health(A=0, B=0, C=0)
    feed.subscribe(("D",), at(100))
    feed.subscribe(("D",), at(120))  # asking again does not extend it
    feed.seen("A", at(129))
    assert feed.held(at(129.9), "") == {}
    assert feed.held(at(130), "") == {"D": "no_tick"}
    feed.seen("D", at(130.5))
    assert feed.held(at(131), "") == {}


def test_one_tick_ends_a_stale_feed() -> None:
    feed = health(A=5, B=5, C=5)
    assert set(feed.held(at(20), "").values()) == {"feed_stale"}
    feed.seen("B", at(20))
    assert feed.held(at(20), "ABC") == {}


def test_who_was_called_stale_stays_so_until_it_ticks() -> None:
    feed = health(A=0, B=39, C=39)
    assert feed.held(at(40), "A") == {"A": "stale"}
    # its entry is withdrawn, so nobody watches it now
    assert feed.held(at(41), "") == {"A": "stale"}
    feed.seen("A", at(42))
    assert feed.held(at(43), "") == {}


def test_who_was_heard_and_who_was_not() -> None:
    assert health(A=5, C=7).heard() == {"A": at(5), "B": None, "C": at(7)}


def test_what_is_not_expected_any_more_is_not_missed() -> None:
    one = health()
    one.drop([*one.heard()])
    assert one.heard() == {}
    one.drop(["unheard of"])
