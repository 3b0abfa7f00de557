from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.market.day_bars import DayBars
from swingbreak.market.quality import Grade, check_bars, grade_of
from tests.day_bars import DAY, STRIKE, day_of, flat

ALL = range(30)


def one(bars: Sequence[Bar]) -> DayBars:
    return day_of((STRIKE, Right.CE, bars))


def but(bar: Bar, minute: int = 10) -> DayBars:
    """A whole day but for one bar."""
    return one([bar if m == minute else flat([m])[0] for m in ALL])


def chain(*forwards: int) -> DayBars:
    """Pairs of calls and puts, each saying something else of the forward by so many paise."""
    contracts = []
    for n, off in enumerate(forwards):
        strike = STRIKE + n * 50_00
        contracts += [
            (strike, Right.CE, flat(ALL, 3_200_00 - n * 50_00 + off)),
            (strike, Right.PE, flat(ALL, 3_200_00)),
        ]
    return day_of(*contracts)


CASES = {
    "nothing": (one(flat(ALL)), set(), Grade.A),
    "before the open": (one([*flat([-1]), *flat(ALL)]), {"foreign_minute"}, Grade.D),
    "after the close": (one([*flat(ALL), *flat([30])]), {"foreign_minute"}, Grade.D),
    "twice": (one(flat([0, 1, 1, *range(2, 30)])), {"duplicate_minute"}, Grade.D),
    "negative volume": (but(Bar(10, 100, 105, 95, 100, -1)), {"negative"}, Grade.D),
    "no price": (but(Bar(10, 100, 105, 0, 100, 1)), {"negative"}, Grade.D),
    "high below low": (but(Bar(10, 100, 90, 95, 95, 1)), {"high_low"}, Grade.D),
    "close outside": (but(Bar(10, 100, 105, 95, 110, 1)), {"high_low"}, Grade.D),
    "off the grid once": (
        day_of(
            *((STRIKE + n * 50_00, Right.CE, flat(ALL)) for n in range(4)),
            *[(STRIKE + 500_00, Right.CE, [Bar(0, 101, 105, 95, 100, 1), *flat(range(1, 30))])],
        ),
        {"off_grid"},
        Grade.B,
    ),
    "off the grid often": (one(flat(ALL, 150_01)), {"off_grid"}, Grade.C),
    "expired": (day_of((STRIKE, Right.CE, flat(ALL)), expiry=date(2026, 11, 17)), {"expired"}, "D"),
    "starts late": (one(flat(range(6, 30))), {"late_start"}, Grade.C),
    "starts in time": (one(flat(range(5, 30))), set(), Grade.A),
    "no close": (one(flat(range(24))), {"no_close"}, Grade.D),
    "closes in time": (one(flat(range(25))), set(), Grade.A),
    "no bar in the session": (one(flat([40])), {"empty", "foreign_minute", "sparse"}, Grade.D),
    "no bar": (one([]), {"empty", "sparse"}, Grade.D),
    "a hole of a tenth": (one(flat([*range(10), *range(13, 30)])), {"hole"}, Grade.C),
    "a great hole": (one(flat([*range(5), *range(20, 30)])), {"hole"}, Grade.D),
    "no volume": (one(flat(ALL, volume=0)), {"no_volume"}, Grade.C),
    "few bars": (
        day_of(
            (STRIKE, Right.CE, flat([0])),
            (STRIKE, Right.PE, flat([5])),
            (STRIKE + 50_00, Right.CE, flat(ALL)),
        ),
        {"sparse"},
        Grade.B,
    ),
    "parity holds": (chain(0, 5, -10, 10_00), set(), Grade.A),
    "two pairs say nothing": (chain(0, 90_00), set(), Grade.A),
    "parity breaks": (chain(0, 0, 0, 30_00), {"parity"}, Grade.C),
    "rows were left out": (
        replace(one(flat(ALL)), notes=("3 rows left out",)),
        {"set_aside"},
        Grade.B,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_day_is_found_out(case: str) -> None:
    day, checks, grade = CASES[case]
    findings = check_bars(day)
    assert {finding.check for finding in findings} == checks
    assert grade_of(findings) == grade


def test_a_finding_says_where_first_and_how_often() -> None:
    (finding,) = check_bars(but(Bar(10, 100, 105, 95, 100, -650)))
    assert finding.count == 1
    assert finding.what == "1 bars, first NIFTY01DEC2624200CE 09:25: volume -650, low 0.95"


def test_a_short_hole_is_a_blemish() -> None:
    session = day_of().session
    long = replace(session, closes=session.start_of(375))
    minutes = [minute for minute in range(375) if minute not in {100, 101, 200}]
    (finding,) = check_bars(day_of((STRIKE, Right.CE, flat(minutes)), session=long))
    assert (finding.check, finding.grade, finding.count) == ("hole", Grade.B, 3)
    assert "the longest of 2 from 10:55" in finding.what


def test_a_few_breaks_of_parity_are_a_blemish() -> None:
    day = chain(*[0] * 40, 30_00)
    findings = check_bars(day)
    assert [(f.check, f.grade) for f in findings] == [("parity", Grade.B)]
    assert "the worst NIFTY01DEC2626200 by 30.00" in findings[0].what


def test_pairs_are_compared_in_the_minutes_both_traded() -> None:
    day = day_of(
        (STRIKE, Right.CE, flat(ALL)),
        (STRIKE, Right.PE, flat([3])),
        (STRIKE + 50_00, Right.PE, flat(ALL)),
    )
    assert "parity" not in {finding.check for finding in check_bars(day)}


def test_the_worst_finding_comes_first() -> None:
    grades = [finding.grade for finding in check_bars(one(flat([0, 0, 29], 150_01)))]
    assert grades == sorted(grades, reverse=True)


def test_a_day_knows_its_expiries_and_bars() -> None:
    bars = flat(range(3))
    day = day_of((STRIKE, Right.CE, bars), (STRIKE, Right.PE, flat([7])))
    assert (day.day, day.expiries, len(day)) == (DAY, (date(2026, 12, 1),), 4)
    assert (list(day.bars(0)), list(day.bars(1))) == (bars, flat([7]))
