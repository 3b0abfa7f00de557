"""The store's files: whole or not there, joined, graded, read back."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import polars as pl
import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.files import About, Staged, read_about, read_place
from swingbreak.adapters.store.intake import Intake, Portion, Wanted
from swingbreak.adapters.store.keeping import Judge, Kept, finish, keep
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.made import about_tape, portions_of_tape
from swingbreak.adapters.store.reading import DayReader
from swingbreak.adapters.store.tapes import finest, load_tape
from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.session import Session
from swingbreak.market.day_bars import Origin
from swingbreak.market.quality import Grade
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import generate_day
from swingbreak.simulation.tape import ArrayTape

FACTS = load_facts()
DAY = date(2021, 6, 11)
PLACE = Place("NIFTY", DAY, Kind.BARS)
HEADER = "ts,symbol,open,high,low,close,volume"
CALL, PUT = "NIFTY17JUN2115800CE", "NIFTY17JUN2115800PE"
NEXT_WEEK = "NIFTY24JUN2115800CE"
GRACE_MS = 1500


def lines(symbol: str, minutes: range = range(375), price: str = "150.05") -> list[str]:
    opens = int(Session.on(DAY, time(9, 15), time(15, 30)).opens.timestamp())
    return [f"{opens + m * 60},{symbol},{price},{price},{price},{price},75" for m in minutes]


def csv(tmp_path: Path, *rows: str, name: str = "bars.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def store_files(tmp_path: Path, *paths: Path, **wanted: bool) -> tuple[Store, tuple[Kept, ...]]:
    store = Store(tmp_path / "store")
    said = Wanted(**wanted)
    intake = Intake(FACTS, said)
    with Staged(store) as staged:
        for path in paths:
            keep(staged, intake.file(path), replaces=said.replaces)
        return store, finish(staged, Judge(store, FACTS))


@pytest.fixture(scope="module")
def generated() -> ArrayTape:
    spec = day_spec(FACTS, date(2026, 11, 20), "NIFTY")
    return generate_day(replace(spec, strikes=2, ticks_per_minute=6.0))


def kept_tape(root: Path, tape: ArrayTape, *, with_ticks: bool) -> Store:
    store = Store(root)
    with Staged(store) as staged:
        keep(
            staged,
            portions_of_tape(
                tape, GRACE_MS, about_tape(tape, Origin.SYNTHETIC), with_ticks=with_ticks
            ),
        )
        finish(staged, Judge(store, FACTS))
    return store


def test_files_lie_where_the_layout_says(tmp_path: Path) -> None:
    store, kept = store_files(tmp_path, csv(tmp_path, *lines(CALL), *lines(PUT)))
    path = tmp_path / "store/bars/underlying=NIFTY/date=2021-06-11/bars.parquet"
    assert store.path(PLACE) == path
    assert path.is_file()
    assert [(one.place, one.rows, one.grade) for one in kept] == [(PLACE, 750, Grade.A)]
    about = read_about(path)
    assert about.label.startswith("recorded NIFTY 2021-06-11 from ")
    assert about.sources[0].endswith("bars.csv")
    assert (about.origin, about.grade) == (Origin.RECORDED, "A")
    frame = pl.read_parquet(tmp_path / "store/bars")  # any tool reads it, folders as columns
    assert frame["underlying"].unique().to_list() == ["NIFTY"]
    assert frame["ts"].dtype == pl.Datetime("ms", "UTC")


def test_a_day_comes_from_many_files(tmp_path: Path) -> None:
    one = csv(tmp_path, *lines(CALL), name="call.csv")
    other = csv(tmp_path, *lines(PUT), name="put.csv")
    store, (kept,) = store_files(tmp_path, one, other)
    assert kept.rows == 750
    assert len(read_about(store.path(PLACE)).sources) == 2


def test_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    path = csv(tmp_path, *lines(CALL))
    store, first = store_files(tmp_path, path)
    before = read_place(store, PLACE)
    _, again = store_files(tmp_path, path)
    assert first == again
    assert read_place(store, PLACE).equals(before)


def test_other_values_are_a_conflict(tmp_path: Path) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL)))
    changed = csv(tmp_path, *lines(CALL, range(3), "151.05"), name="changed.csv")
    with pytest.raises(DataError, match=r"other values for .* 3 such rows; --replace"):
        store_files(tmp_path, changed)
    assert read_place(store, PLACE)["open"].unique().to_list() == [150_05]
    store_files(tmp_path, changed, replaces=True)
    assert sorted(read_place(store, PLACE)["open"].unique()) == [150_05, 151_05]


def test_a_file_read_again_keeps_what_it_no_longer_has(tmp_path: Path) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL), *lines(PUT)))
    outside = lines(PUT, range(-1, 0))
    again = csv(tmp_path, *lines(PUT, price="151.05"), *outside)
    for _ in range(2):
        _, (kept,) = store_files(tmp_path, again, replaces=True)
        about = read_about(store.path(PLACE))
        assert kept.rows == 750
        assert about.dropped == {"outside the session": 1}
        assert about.label.startswith("recorded NIFTY 2021-06-11 from ")


def test_made_up_and_recorded_data_share_no_day(tmp_path: Path, generated: ArrayTape) -> None:
    store = kept_tape(tmp_path / "store", generated, with_ticks=False)
    day = generated.session.day
    about = About("other", Origin.RECORDED)
    frame = read_place(store, Place("NIFTY", day, Kind.BARS))
    with Staged(store) as staged, pytest.raises(DataError, match="synthetic data of that day"):
        keep(staged, [Portion(Place("NIFTY", day, Kind.BARS), frame, about)])


def test_a_file_of_a_store_is_not_imported(tmp_path: Path) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL)))
    with pytest.raises(DataError, match="is a file of a data store already"):
        Intake(FACTS, Wanted()).file(store.path(PLACE))


def test_one_bad_file_of_many_stores_nothing(tmp_path: Path) -> None:
    bad = csv(tmp_path, "soon," + lines(PUT)[0].partition(",")[2], name="bad.csv")
    with pytest.raises(DataError, match=r"bad\.csv: row 1"):
        store_files(tmp_path, csv(tmp_path, *lines(CALL)), bad)
    assert not [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


def test_a_crash_before_the_commit_leaves_the_old_file(tmp_path: Path) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL)))
    more = csv(tmp_path, *lines(PUT), name="more.csv")
    staged = Staged(store)  # as if killed: never left, never committed
    keep(staged, Intake(FACTS, Wanted()).file(more))
    assert len(read_place(store, PLACE)) == 375
    assert list(store.places()) == [PLACE]


@pytest.mark.parametrize("size", [0, 10, 400, -1])
def test_a_truncated_file_is_named(tmp_path: Path, size: int) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL)))
    path = store.path(PLACE)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DataError, match=r"bars\.parquet: not a readable Parquet file"):
        DayReader(store, FACTS).day("NIFTY", DAY)
    assert "not a readable" in DayReader(store, FACTS).select("NIFTY").refused[DAY]


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.8])
def test_a_single_flipped_bit_is_found(tmp_path: Path, share: float) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL), *lines(PUT)))
    path = store.path(PLACE)
    damaged = bytearray(path.read_bytes())
    footer = int.from_bytes(damaged[-8:-4], "little")
    damaged[4 + int(share * (len(damaged) - footer - 12))] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=r"has changed since|not a readable"):
        read_place(store, PLACE)


def test_a_day_without_a_close_is_stored_but_not_used(tmp_path: Path) -> None:
    store, (kept,) = store_files(tmp_path, csv(tmp_path, *lines(CALL, range(200))))
    assert kept.grade is Grade.D
    assert [finding.check for finding in kept.findings] == ["no_close"]
    reader = DayReader(store, FACTS)
    assert reader.select("NIFTY").days == ()
    assert reader.select("NIFTY").refused == {DAY: "grade D: `swingbreak data check` says why"}
    assert reader.select("NIFTY", least=Grade.D).days == (DAY,)


def test_days_are_chosen_by_date_and_a_file_of_others_is_graded_when_asked(tmp_path: Path) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL)))
    path = store.path(PLACE)
    pl.read_parquet(path, hive_partitioning=False).write_parquet(path)  # without our metadata
    reader = DayReader(store, FACTS)
    assert reader.select("NIFTY").days == (DAY,)
    assert reader.select("NIFTY", first=date(2021, 6, 12)).days == ()
    assert reader.select("BANKNIFTY").days == ()
    assert [day.day for day in reader.days("NIFTY", [DAY])] == [DAY]


def test_the_nearest_expiry_is_read(tmp_path: Path) -> None:
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL), *lines(NEXT_WEEK)))
    reader = DayReader(store, FACTS)
    assert [c.symbol for c in reader.day("NIFTY", DAY).contracts] == [CALL]
    later = reader.day("NIFTY", DAY, expiry=date(2021, 6, 24))
    assert [c.symbol for c in later.contracts] == [NEXT_WEEK]
    assert len(reader.day("NIFTY", DAY, every=True)) == 750
    with pytest.raises(DataError, match="no contract expires on 2021-07-01; found: 2021-06-17"):
        reader.day("NIFTY", DAY, expiry=date(2021, 7, 1))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data folder"):
        list(Store(tmp_path / "none").places())
    store, _ = store_files(tmp_path, csv(tmp_path, *lines(CALL)))
    with pytest.raises(DataError, match="no data file"):
        DayReader(store, FACTS).day("NIFTY", date(2021, 6, 14))
    with pytest.raises(DataError, match="nothing of BANKNIFTY"):
        finest(store, "BANKNIFTY", DAY)
    (store.root / "bars/underlying=NIFTY/date=soon").mkdir()
    (store.root / "bars/underlying=NIFTY/date=soon/bars.parquet").touch()
    with pytest.raises(DataError, match="is no day like"):
        list(store.places())


def test_a_later_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path, metadata={"swingbreak.layout": "2"})
    with pytest.raises(DataError, match="layout 2, this version reads 1"):
        read_about(path)
    pl.DataFrame({"a": [1]}).write_parquet(path, metadata={"swingbreak.sources": "["})
    with pytest.raises(DataError, match="its metadata cannot be read"):
        read_about(path)


def without_counts(cut: CutDay) -> list[dict[str, Bar]]:
    return [
        {symbol: bar._replace(ticks=0) for symbol, bar in minute.bars.items()}
        for minute in cut.minutes
    ]


def test_a_stored_generated_day_has_the_generators_bars(
    tmp_path: Path, generated: ArrayTape
) -> None:
    store = kept_tape(tmp_path, generated, with_ticks=False)
    own, day = CutDay(generated, GRACE_MS), generated.session.day
    stored = DayReader(store, FACTS).day("NIFTY", day)
    assert stored.contracts == generated.contracts
    assert stored.label == generated.label
    assert stored.origin is Origin.SYNTHETIC
    for place, contract in enumerate(stored.contracts):
        bars = (minute.bars.get(contract.symbol) for minute in own.minutes)
        assert list(stored.bars(place)) == [bar for bar in bars if bar]
    assert len(stored.index.minute) == generated.session.minutes
    tape = load_tape(store, FACTS, finest(store, "NIFTY", day))
    assert tape.synthetic
    assert without_counts(CutDay(tape, GRACE_MS)) == without_counts(own)


def test_a_day_stored_with_its_ticks_is_the_same_tape(tmp_path: Path, generated: ArrayTape) -> None:
    store = kept_tape(tmp_path, generated, with_ticks=True)
    tape = load_tape(store, FACTS, finest(store, "NIFTY", generated.session.day))
    assert list(tape.ticks()) == list(generated.ticks())
    assert (tape.symbols, tape.contracts) == (generated.symbols, generated.contracts)
    assert (tape.label, tape.synthetic) == (generated.label, True)
    assert [tape.previous_close(name) for name in tape.symbols] == [
        generated.previous_close(name) for name in generated.symbols
    ]
    own, stored = CutDay(generated, GRACE_MS), CutDay(tape, GRACE_MS)
    assert own.minutes == stored.minutes


def test_snapshots_become_a_tape(tmp_path: Path) -> None:
    header = "ts,underlying,expiry,strike,right,ltp,bid,ask,bid_qty,ask_qty,volume_cum,spot"
    rows = [
        f"2026-08-19T11:2{m}:05+05:30,NIFTY,2026-08-25,24100,CE,120.5,120.4,120.6,650,65,{v},24052.40"
        for m, v in ((7, 0), (8, 6500), (9, 7150))
    ]
    path = tmp_path / "chain.csv"
    path.write_text("\n".join([header, *rows]), "utf-8")
    store, (kept,) = store_files(tmp_path, path)
    assert kept.grade is Grade.D  # minutes of a day
    place = finest(store, "NIFTY", date(2026, 8, 19))
    tape = load_tape(store, FACTS, place)
    quotes = [tick for tick in tape.ticks() if tick.symbol != "NIFTY"]
    assert [(tick.price, tick.volume, tick.bid) for tick in quotes] == [
        (120_50, 6500, 120_40),
        (120_50, 7150, 120_40),
    ]
    with pytest.raises(DataError, match="no contract expires on 2026-09-01; found: 2026-08-25"):
        load_tape(store, FACTS, place, expiry=date(2026, 9, 1))
