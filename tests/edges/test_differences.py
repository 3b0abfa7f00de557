import pytest

from swingbreak.runtime.differences import compared

AT, LATER = "2026-11-20T04:01:05.250000+00:00", "2026-11-20T04:02:00+00:00"
PLACE = "place entry:CE SELL 650 NIFTY01DEC2624500CE trigger 174.95 limit 171.95 break L1"
LINES = [f"{AT} {PLACE}", f"{LATER} cancel o1 switch", f"{LATER} halt daily_stop"]


def test_equal_lines_do_not_part() -> None:
    assert compared(LINES, list(LINES)) is None
    assert compared([], []) is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{AT} {PLACE.replace('650', '585')}", "the quantity differs: 650 in A, 585 in B"),
        (
            f"{AT} {PLACE.replace('174.95', '1.9').replace('171.95', '1.8')}",
            "the trigger differs: 174.95 in A, 1.9 in B; the limit differs: 171.95 in A, 1.8 in B",
        ),
        (f"{LATER} {PLACE}", "the time differs: 09:31:05 in A, 09:32:00 in B"),
        (f"{AT} cancel o1 switch", "A and B decide different things at 09:31:05"),
        (f"{LATER} cancel o1 switch", "A decides one thing at 09:31:05, B another at 09:32:00"),
        (f"{AT} {PLACE} once more", "A and B decide different things at 09:31:05"),
    ],
    ids=["quantity", "two terms", "time", "another decision", "another time", "a word more"],
)
def test_what_the_first_difference_is(line: str, says: str) -> None:
    parting = compared(LINES, [line, *LINES[1:]])
    assert parting is not None
    assert (parting.alike, parting.before, parting.what) == (0, (), says)


@pytest.mark.parametrize(
    ("mine", "yours", "says"),
    [
        (LINES[:2], LINES, "A decides nothing more, B does"),
        (LINES, LINES[:2], "B decides nothing more, A does"),
    ],
)
def test_one_that_ends_sooner(mine: list[str], yours: list[str], says: str) -> None:
    parting = compared(mine, yours)
    assert parting is not None
    assert (parting.alike, parting.before, parting.what) == (2, tuple(LINES[:2]), says)
    assert {parting.ours, parting.theirs} == {"", LINES[2]}
    assert parting.only_ours + parting.only_theirs == 1


def test_the_lines_before_and_all_that_differ_are_counted() -> None:
    many = [f"{AT} cancel o{n} switch" for n in range(9)]
    parting = compared([*many, *LINES], [*many, LINES[2], LINES[0]])
    assert parting is not None
    assert parting.before == tuple(many[-3:])
    assert (parting.alike, parting.only_ours, parting.only_theirs) == (9, 1, 0)
