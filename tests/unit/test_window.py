"""The window of strikes: where it is, when it moves, and that it does not flutter."""

import itertools
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.market.window import (
    LEAD,
    Recentring,
    Window,
    journey,
    strikes_around,
    window_of,
)

STEP = 50_00
STRIKES = tuple(range(24000_00, 25000_00 + 1, STEP))
MIDDLE = 24500_00
WINDOW = Window(STRIKES, MIDDLE, each_side=3, recentre_after=2)


def opened(window: Window = WINDOW) -> Recentring:
    """A window of a process that goes on."""
    return Recentring(window, window.centre)


def closes(recentring: Recentring, prices: Iterable[int], first: int = 0) -> list[int | None]:
    """Close a minute for each of *prices*; 0 is a minute in which the index said nothing."""
    moved = []
    for minute, price in enumerate(prices, first):
        recentring.tick(minute, price)
        moved.append(recentring.close(minute))
    return moved


def centres_of(prices: Sequence[int], window: Window = WINDOW) -> list[int]:
    """The centre after each minute's close."""
    recentring, centres = Recentring(window), []
    for minute, price in enumerate(prices):
        recentring.tick(minute, price)
        recentring.close(minute)
        centres.append(recentring.centre)
    return centres


# Where it is.


@pytest.mark.parametrize(
    ("spot", "nearest"),
    [
        (24500_00, 24500_00),
        (24524_95, 24500_00),
        (24525_00, 24550_00),  # half-way, the higher
        (24000_00, 24150_00),  # whole: three strikes below it
        (1, 24150_00),
        (25000_00, 24850_00),
        (99999_00, 24850_00),
    ],
)
def test_a_window_stays_whole_and_lies_nearest_the_index(spot: int, nearest: int) -> None:
    assert WINDOW.nearest(spot) == nearest
    assert len(WINDOW.around(nearest)) == 7


def test_at_the_end_of_the_chain_a_window_that_is_begun_there_has_fewer_strikes() -> None:
    assert strikes_around(STRIKES, 24010_00, 2) == {24000_00, 24050_00, 24100_00}
    assert strikes_around(STRIKES, 99999_00, 1) == {24950_00, 25000_00}


@pytest.mark.parametrize(
    ("strikes", "after", "moves"), [(7, 2, False), (8, 2, True), (8, 0, False)]
)
def test_only_a_window_with_room_can_move(strikes: int, after: int, moves: bool) -> None:
    window = window_of(STRIKES[:strikes], STRIKES[3], 3, after)
    assert (window is not None) is moves


def test_one_without_room_goes_nowhere() -> None:
    window = Window(STRIKES[:7], STRIKES[3], 3, 1)
    assert {window.nearest(spot) for spot in (1, MIDDLE, 99999_00)} == {STRIKES[3]}
    found = journey(window, [(0, STRIKES[3]), (5, STRIKES[6])], 10)
    assert (found.moves, found.is_short) == ({}, True)


# When it moves.


def test_the_first_price_of_the_session_is_the_money_however_near_the_guess_was() -> None:
    recentring = Recentring(WINDOW)
    recentring.tick(-1, 24900_00)  # before the open
    recentring.tick(0, 24551_00)
    recentring.tick(0, 24600_00)
    assert recentring.close(0) is None
    assert (recentring.centre, recentring.coming) == (MIDDLE, 24550_00)
    assert closes(recentring, [24551_00, 24551_00], 1) == [None, 24550_00]
    assert (recentring.centre, recentring.coming) == (24550_00, None)


def test_where_the_guess_was_right_it_is_told_once_and_on_a_known_day_not_at_all() -> None:
    assert closes(Recentring(WINDOW), [MIDDLE] * 5) == [None, None, MIDDLE, None, None]
    assert journey(WINDOW, [(minute, MIDDLE) for minute in range(5)], 5).moves == {}


def test_what_an_earlier_process_has_made_sure_of_is_not_asked_again() -> None:
    recentring = Recentring(WINDOW, 24600_00)
    assert recentring.centre == 24600_00
    assert closes(recentring, [24650_00] * 5) == [None] * 5


def test_it_moves_to_the_index_two_minutes_after_a_close_too_far_away() -> None:
    away = MIDDLE + 2 * STEP + STEP // 2  # nearer the third strike than the second
    recentring = opened()
    assert closes(recentring, [away - 5, away, away, away]) == [None, None, None, 24650_00]
    assert LEAD == 2


def test_only_how_a_minute_closes_counts() -> None:
    recentring = opened()
    recentring.tick(0, 24900_00)
    assert closes(recentring, [MIDDLE, MIDDLE, MIDDLE]) == [None] * 3


def test_an_announced_move_stands_though_the_index_comes_back() -> None:
    recentring = opened()
    assert closes(recentring, [24700_00, MIDDLE, MIDDLE])[2] == 24700_00
    assert closes(recentring, [MIDDLE] * 3, 3)[1] == MIDDLE  # seen at the close of the move itself


def test_a_silent_index_moves_nothing_and_an_announced_move_all_the_same() -> None:
    recentring = opened()
    assert closes(recentring, [24700_00, 0, 0, 0]) == [None, None, 24700_00, None]


def test_minutes_that_were_never_closed_are_forgotten() -> None:
    recentring = opened()
    recentring.tick(3, 24900_00)
    assert closes(recentring, [MIDDLE, MIDDLE], 10) == [None, None]
    assert recentring.coming is None


def test_past_the_last_strikes_it_stops_and_says_so() -> None:
    recentring = opened()
    assert closes(recentring, [25400_00] * 3)[2] == 24850_00
    assert recentring.is_short
    assert closes(recentring, [25400_00] * 5, 3) == [None] * 5


# That it does not flutter.


@given(st.lists(st.sampled_from((-1, 0, 1)), max_size=60), st.integers(1, 3))
def test_an_index_that_goes_back_and_forth_at_one_place_moves_it_at_most_once(
    turns: list[int], after: int
) -> None:
    edge = MIDDLE + after * STEP + STEP // 2
    window = Window(STRIKES, MIDDLE, 3, after)
    centres = centres_of([MIDDLE, MIDDLE, MIDDLE, *(edge + turn * 10_00 for turn in turns)], window)
    assert sum(a != b for a, b in itertools.pairwise(centres)) <= 1


@given(st.lists(st.integers(24000_00, 25000_00), min_size=1, max_size=40), st.integers(1, 4))
def test_a_known_day_goes_the_same_way_and_an_index_that_rests_is_within_reach(
    prices: list[int], after: int
) -> None:
    window = Window(STRIKES, MIDDLE, 3, after)
    rests = [*prices, *[prices[-1]] * (2 * LEAD + 1)]
    centres = centres_of(rests, window)
    found = journey(window, enumerate(rests), len(rests))
    known, centre = [], MIDDLE
    for minute in range(len(rests)):
        centre = found.moves.get(minute, centre)
        known.append(centre)
    assert known == centres
    assert not window.is_left(centres[-1], min(max(rests[-1], 24150_00), 24850_00))
    assert all(len(window.around(each)) == 7 for each in centres)


def test_what_comes_after_the_session_counts_for_nothing() -> None:
    prices = [(0, MIDDLE), (5, 24800_00), (90, 24800_00)]
    assert journey(WINDOW, prices, 7).moves == {}
    assert journey(WINDOW, prices, 8).moves == {7: 24800_00}
    assert journey(WINDOW, [], 8).moves == {}
