"""Real files in the store: read without a person's help, and found as good as they are known to be.

Real days are those of ``../shared/data``, which is not part of the project.
"""

import csv
from datetime import date
from pathlib import Path

import pytest

from swingbreak.adapters.dayfiles import load_day
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.files import Staged
from swingbreak.adapters.store.intake import Intake, Wanted
from swingbreak.adapters.store.keeping import Judge, Kept, finish, keep
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.adapters.store.tapes import load_tape
from swingbreak.market.quality import Grade

DATA = Path(__file__).parents[3] / "shared" / "data"
FACTS = load_facts()
FILES = (
    *("options/NIFTY/2021-06-11", "options/NIFTY/2021-06-14", "spot/NIFTY/2021-06-11"),
    *("options_from_snapshots/NIFTY/2025-08-29", "chain_snapshots/NIFTY/2025-08-29"),
    *("chain_snapshots/NIFTY/2026-08-19", "chain_snapshots/NIFTY/2019-08-30"),
    "chain_snapshots/BANKNIFTY/2019-06-27",
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[Place, Kept]]:
    if not DATA.is_dir():
        pytest.skip("no real data beside the project")
    store, intake = Store(tmp_path_factory.mktemp("store")), Intake(FACTS, Wanted())
    with Staged(store) as staged:
        for name in FILES:
            keep(staged, intake.file(DATA / f"{name}.parquet"))
        kept = finish(staged, Judge(store, FACTS))
    return store, {one.place: one for one in kept}


def place(underlying: str, day: str, kind: Kind = Kind.BARS) -> Place:
    return Place(underlying, date.fromisoformat(day), kind)


def recorded_quality(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("where", "grade", "checks"),
    [
        (place("NIFTY", "2021-06-11"), Grade.A, set()),
        (place("NIFTY", "2021-06-14"), Grade.A, set()),
        (place("NIFTY", "2021-06-11", Kind.SPOT), Grade.A, set()),
        # derived from snapshots: a fifth of the minutes has none
        (place("NIFTY", "2025-08-29"), Grade.D, {"hole", "late_start"}),
        (
            place("NIFTY", "2025-08-29", Kind.SNAPSHOTS),
            Grade.C,
            {"hole", "late_start", "set_aside"},
        ),
        (
            place("NIFTY", "2026-08-19", Kind.SNAPSHOTS),
            Grade.D,
            {"no_close", "late_start", "no_book"},
        ),
        (place("NIFTY", "2019-08-30", Kind.SNAPSHOTS), Grade.B, {"set_aside"}),
        (place("BANKNIFTY", "2019-06-27", Kind.SNAPSHOTS), Grade.D, {"no_close"}),
    ],
    ids=lambda value: str(value) if isinstance(value, Place) else "",
)
def test_a_real_day_has_the_grade_it_deserves(
    filled: tuple[Store, dict[Place, Kept]], where: Place, grade: Grade, checks: set[str]
) -> None:
    kept = filled[1][where]
    assert kept.grade == grade, kept.findings
    assert checks <= {finding.check for finding in kept.findings}


def test_every_bar_of_the_quality_list_is_stored(
    filled: tuple[Store, dict[Place, Kept]],
) -> None:
    kept = filled[1]
    for row in recorded_quality("QUALITY_options.csv"):
        where = place(row["underlying"], row["date"])
        if where in kept:
            assert kept[where].rows == int(row["bars"])


@pytest.mark.parametrize("day", ["2021-06-11", "2021-06-14"])
def test_a_stored_day_is_the_tape_of_its_file(
    filled: tuple[Store, dict[Place, Kept]], day: str
) -> None:
    store = filled[0]
    tape = load_tape(store, FACTS, place("NIFTY", day))
    direct = load_day(DATA / "options" / "NIFTY" / f"{day}.parquet", FACTS)
    names = {contract.symbol for contract in direct.contracts}
    assert tape.contracts == direct.contracts
    assert [tick for tick in tape.ticks() if tick.symbol in names] == [
        tick for tick in direct.ticks() if tick.symbol in names
    ]


def test_stored_snapshots_are_the_tape_of_their_file(
    filled: tuple[Store, dict[Place, Kept]],
) -> None:
    tape = load_tape(filled[0], FACTS, place("NIFTY", "2026-08-19", Kind.SNAPSHOTS))
    direct = load_day(DATA / "chain_snapshots" / "NIFTY" / "2026-08-19.parquet", FACTS)
    assert list(tape.ticks()) == list(direct.ticks())


def test_only_days_that_deserve_it_are_chosen(
    filled: tuple[Store, dict[Place, Kept]],
) -> None:
    chosen = DayReader(filled[0], FACTS).select("NIFTY")
    assert chosen.days == (date(2021, 6, 11), date(2021, 6, 14))
    assert chosen.refused == {date(2025, 8, 29): "grade D: `swingbreak data check` says why"}
