from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import polars as pl
import pytest

from swingbreak.adapters.data_layer import LazyModule
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.files import About
from swingbreak.adapters.store.keeping import Judge
from swingbreak.adapters.store.layout import Kind, Place, Store, columns_of
from swingbreak.adapters.store.snapshot_quality import check_frame
from swingbreak.domain.errors import NeedsExtra
from swingbreak.domain.session import Session
from swingbreak.market.day_bars import Origin
from swingbreak.market.quality import Grade, grade_of

SESSION = Session.on(date(2026, 11, 20), time(9, 15), time(10, 15))
ABOUT = About("test", Origin.RECORDED)
WHOLE = range(60)


def looks(minutes: Sequence[int], **changed: Any) -> pl.DataFrame:
    """One contract, one look a minute; *changed* values are of the 30th look on."""
    usual = {"ltp": 100_00, "bid": 99_95, "ask": 100_05, "bid_size": 65, "ask_size": 65}
    rows = [
        {
            "ts": SESSION.start_of(minute),
            "expiry": date(2026, 12, 1),
            "strike": 24_200_00,
            "right": "CE",
            **usual,
            "volume": 65 * (minute + 2),
            "oi": 0,
            "spot": 0,
            **(changed if n >= 30 else {}),
        }
        for n, minute in enumerate(minutes)
    ]
    return pl.DataFrame(rows, schema=columns_of(Kind.SNAPSHOTS))


def gap(size: int) -> list[int]:
    return [minute for minute in WHOLE if not 10 <= minute < 10 + size]


CASES = {
    "nothing": (looks(WHOLE), set(), Grade.A),
    "begins late": (looks(range(7, 60)), {"late_start"}, Grade.C),
    "no close": (looks(range(50)), {"no_close"}, Grade.D),
    "a hole": (looks(gap(3)), {"hole"}, Grade.C),
    "a great hole": (looks(gap(20)), {"hole"}, Grade.D),
    "before the open": (looks([-1, *WHOLE]), {"foreign_minute"}, Grade.D),
    "no row": (looks([]), {"empty", "no_book"}, Grade.D),
    "the volume falls": (looks(WHOLE, volume=65), {"volume_reset"}, Grade.C),
    "off the grid": (looks(WHOLE, ltp=100_01), {"off_grid"}, Grade.C),
    "no book": (looks(WHOLE).with_columns(ask=pl.lit(0, pl.Int32)), {"no_book"}, Grade.B),
}


@pytest.mark.parametrize("case", CASES)
def test_a_day_of_snapshots_is_found_out(case: str) -> None:
    frame, checks, grade = CASES[case]
    found = check_frame(frame, Kind.SNAPSHOTS, ABOUT, SESSION, 5)
    assert {finding.check for finding in found} == checks
    assert grade_of(found) == grade


@pytest.mark.parametrize(
    ("offs", "checks"),
    [
        ((0, 0, 10_00), set()),
        ((0, 0, 60_00), {"parity"}),
        ((0, 60_00), set()),  # two pairs say nothing
    ],
)
def test_the_pairs_of_a_look_agree_on_the_forward(offs: tuple[int, ...], checks: set[str]) -> None:
    strikes = [24_200_00 + n * 50_00 for n in range(len(offs))]
    frames = [
        looks(WHOLE, ltp=price).with_columns(
            strike=pl.lit(strike, pl.Int32), right=pl.lit(right, pl.Enum(["CE", "PE"]))
        )
        for n, (strike, off) in enumerate(zip(strikes, offs, strict=True))
        for right, price in (("CE", 200_00 - n * 50_00 + off), ("PE", 200_00))
    ]
    late = pl.concat(frames).filter(pl.col("ts") >= SESSION.start_of(30))
    found = check_frame(late, Kind.SNAPSHOTS, ABOUT, SESSION, 5)
    assert {finding.check for finding in found} - {"late_start"} == checks


def test_a_short_hole_of_a_long_day_and_rows_left_out_are_blemishes() -> None:
    long = replace(SESSION, closes=SESSION.start_of(375))
    frame = looks([minute for minute in range(375) if not 100 <= minute < 105])
    about = replace(ABOUT, dropped={"outside the session": 3})
    found = check_frame(frame, Kind.SNAPSHOTS, about, long, 5)
    assert {(finding.check, finding.grade) for finding in found} == {
        ("hole", Grade.B),
        ("set_aside", Grade.B),
    }


def test_the_volume_of_ticks_may_not_fall() -> None:
    types = columns_of(Kind.TICKS)
    rows = [
        {"ts": SESSION.opens + timedelta(seconds=s), "symbol": "A", "price": 100, "volume": volume}
        for s, volume in enumerate([65, 130, 0, 65, *[195] * 3590])
    ]
    frame = pl.DataFrame(rows, schema={name: types[name] for name in rows[0]})
    (finding,) = check_frame(frame, Kind.TICKS, ABOUT, SESSION, 5)
    assert finding.check == "volume_reset"
    assert finding.what == "the day's volume falls 1 times, first at A 09:15:03 by 65"


def test_an_index_without_contracts_has_the_usual_step(tmp_path: Any) -> None:
    judge = Judge(Store(tmp_path), load_facts())
    frame = looks(WHOLE).select("ts", open="ltp", high="ltp", low="ltp", close="ltp")
    place = Place("INDIAVIX", date(2026, 11, 20), Kind.SPOT)
    assert {f.check for f in judge.findings(place, frame, ABOUT)} == {"no_close"}


def test_what_is_not_installed_is_said_with_the_remedy() -> None:
    layer = LazyModule("a_module_nobody_has", "data", "Parquet")
    with pytest.raises(NeedsExtra, match=r'Parquet needs the data layer: .* "swingbreak\[data\]"'):
        _ = layer.read_parquet
