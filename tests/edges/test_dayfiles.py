import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from swingbreak.adapters.dayfiles import BarRow, load_day, read_bars
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.tables import Row
from swingbreak.domain.errors import DataError, NeedsExtra
from tests.day_statistics import minute_bars

FACTS = load_facts()
IST = timezone(timedelta(hours=5, minutes=30))
BARS = "ts,underlying,expiry,strike,right,open,high,low,close,volume"
BAR = "2021-06-11 09:15:00,NIFTY,2021-06-17,15600,CE,215.6,230.25,215.6,230.2,35400"
PUT = "2021-06-11 09:15:00,NIFTY,2021-06-17,15600,PE,42.6,42.9,42.6,42.65,189075"
QUOTES = "ts,underlying,expiry,strike,right,ltp,bid,ask,bid_qty,ask_qty,volume_cum,spot"
QUOTE = (
    "2026-08-19T11:27:00+05:30,NIFTY,2026-08-25,24100,CE,120.5,120.4,120.6,650,65,6500,24052.4004"
)
SYMBOLS = "ts,symbol,open,high,low,close,volume"


def csv(tmp_path: Path, *lines: str, name: str = "2021-06-11.csv") -> Path:
    path = tmp_path / "options" / "NIFTY" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def parquet(tmp_path: Path, rows: list[dict[str, Any]], name: str = "day.parquet") -> Path:
    path = tmp_path / name
    pl.DataFrame(rows).write_parquet(path)
    return path


def test_bars_of_a_csv_file(tmp_path: Path) -> None:
    tape = load_day(csv(tmp_path, BARS, BAR, PUT), FACTS)
    assert tape.label == "recorded options/NIFTY/2021-06-11 (1-minute bars)"
    assert (tape.synthetic, tape.underlying, tape.session.minutes) == (False, "NIFTY", 375)
    call, put = tape.contracts
    assert (call.symbol, put.symbol) == ("NIFTY17JUN2115600CE", "NIFTY17JUN2115600PE")
    assert (call.lot, call.freeze, call.tick) == (75, 2800, 5)
    first = minute_bars(tape)[0][call.symbol]
    assert first[1:6] == (215_60, 230_25, 215_60, 230_20, 35_400)
    spot = [tick.price for tick in tape.ticks() if tick.symbol == "NIFTY"]
    assert spot == [15_787_55]
    assert tape.notes == ("index from put-call parity",)


def test_a_path_without_its_ending_finds_the_file(tmp_path: Path) -> None:
    path = csv(tmp_path, BARS, BAR)
    assert load_day(path.with_suffix(""), FACTS).label.endswith("2021-06-11 (1-minute bars)")


def test_the_index_beside_a_day_is_read(tmp_path: Path) -> None:
    path = csv(tmp_path, BARS, BAR, PUT)
    beside = tmp_path / "spot" / "NIFTY" / "2021-06-11.csv"
    beside.parent.mkdir(parents=True)
    line = "2021-06-11 09:15:00,15796.45,15803.15,15788.9,15798.2"
    beside.write_text(f"ts,open,high,low,close\n{line}\n", "utf-8")
    tape = load_day(path, FACTS)
    spot = [tick.price for tick in tape.ticks() if tick.symbol == "NIFTY"]
    assert spot == [15_796_45, 15_788_90, 15_803_15, 15_798_20]
    assert tape.notes == ()


def test_bars_by_symbol_need_no_contract_columns(tmp_path: Path) -> None:
    line = "2026-11-20 09:15,NIFTY01DEC2624500PE,174.95,176,174.5,175,650"
    tape = load_day(csv(tmp_path, SYMBOLS, line), FACTS)
    assert tape.contracts[0].strike == 24_500_00
    assert tape.session.minutes == 385


def test_snapshots_of_a_csv_file(tmp_path: Path) -> None:
    silent = QUOTE.replace("11:27", "11:28").replace("120.5,", ",")
    untraded = QUOTE.replace("CE", "PE").replace(",6500,", ",0,")
    path = csv(tmp_path, QUOTES, QUOTE, silent, untraded, name="2026-08-19.csv")
    tape = load_day(path, FACTS)
    assert tape.label == "recorded options/NIFTY/2026-08-19 (chain snapshots)"
    index, option = tape.ticks()
    assert index.price == 24_052_40
    at = datetime(2026, 8, 19, 5, 57, tzinfo=UTC)
    assert tuple(option) == (*("NIFTY25AUG2624100CE", at, 120_50, 6500, 120_40, 120_60, 650, 65),)
    assert tape.notes == (
        "dropped 1 rows without a last price",
        "dropped 1 rows of contracts that had not traded",
    )


def test_snapshots_without_a_book_leave_it_unknown(tmp_path: Path) -> None:
    header = "ts,underlying,expiry,strike,right,ltp,volume_cum"
    line = "2026-08-19T11:27:00+05:30,NIFTY,2026-08-25,24100,CE,120.5,6500"
    (option,) = load_day(csv(tmp_path, header, line), FACTS).ticks()
    assert tuple(option)[4:] == (0, 0, 0, 0)


def test_the_nearest_expiry_is_played_unless_another_is_asked_for(tmp_path: Path) -> None:
    later = QUOTE.replace("2026-08-25", "2026-09-01")
    path = csv(tmp_path, QUOTES, later, QUOTE)
    assert [c.expiry for c in load_day(path, FACTS).contracts] == [date(2026, 8, 25)]
    other = load_day(path, FACTS, expiry=date(2026, 9, 1))
    assert [c.symbol for c in other.contracts] == ["NIFTY01SEP2624100CE"]
    with pytest.raises(DataError, match="2026-10-27; found: 2026-08-25, 2026-09-01"):
        load_day(path, FACTS, expiry=date(2026, 10, 27))


def test_parquet_bars_with_types(tmp_path: Path) -> None:
    row = {
        "ts": datetime(2021, 6, 11, 9, 15, tzinfo=IST),
        "underlying": "NIFTY",
        "expiry": date(2021, 6, 17),
        "strike": 15600.0,
        "right": "CE",
        "open": 215.6,
        "high": 230.25,
        "low": 215.6,
        "close": 230.2,
        "volume": 35400,
        "oi": None,
    }
    path = parquet(tmp_path, [row])
    expected = BarRow(
        date(2021, 6, 11),
        "NIFTY17JUN2115600CE",
        datetime(2021, 6, 11, 3, 45, tzinfo=UTC),
        *(215_60, 230_25, 215_60, 230_20, 35_400),
    )
    assert read_bars(path) == [expected]
    assert load_day(path, FACTS).contracts[0].symbol == expected.symbol


def test_bars_for_signals_may_hold_several_days_and_any_symbol(tmp_path: Path) -> None:
    lines = [
        "2026-11-19 15:29,ANY,1,1.05,0.95,1,10",
        "2026-11-20T03:45:00Z,ANY,2,2,2,2,20.0",
        "2026-11-20 09:15,OTHER,3,3,3,3,0",
    ]
    rows = read_bars(csv(tmp_path, SYMBOLS, *lines))
    assert [(row.day.day, row.symbol, row.ts.hour, row.close, row.volume) for row in rows] == [
        (19, "ANY", 9, 100, 10),
        (20, "ANY", 3, 200, 20),
        (20, "OTHER", 3, 300, 0),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([BARS, BAR.replace("35400", "-5")], "row 1, column 'volume': '-5' is negative"),
        ([BARS, BAR.replace("35400", "5.5")], "column 'volume': '5.5' is not a whole number"),
        ([BARS, BAR.replace("35400", "many")], "column 'volume': 'many' is not a number"),
        ([BARS, BAR.replace("35400", "nan")], "column 'volume': 'nan' is not a number"),
        ([BARS, PUT, BAR.replace("230.2,", "230.201,")], "row 2, column 'close': '230.201' is not"),
        ([BARS, BAR.replace("215.6,", ",")], "row 1, column 'open': '' is not a price"),
        ([BARS, BAR.replace("230.25", "214")], "column 'high': '214' is below the low of 215.60"),
        ([BARS, BAR.replace("230.2,", "231,")], "column 'close': '231' is outside the bar's 215"),
        ([BARS, BAR.replace("CE,215.6", "CE,9")], "column 'open': '9' is outside the bar's"),
        ([BARS, BAR.replace("230.25", "99999999")], "column 'high': '99999999' is too large"),
        ([BARS, BAR.replace("09:15:00", "09:15:01")], "column 'ts': .* is not the start of a min"),
        ([BARS, BAR.replace("2021-06-11 09", "11/06/2021 09")], "column 'ts': .* is not a time"),
        ([BARS, BAR.replace("2021-06-17", "17JUN21")], "column 'expiry': '17JUN21' is not a day"),
        ([BARS, BAR.replace("CE", "XX")], "row 1, column 'right': 'XX' is no option"),
        ([BARS, BAR.replace("NIFTY", " ")], "row 1, column 'underlying': ' ' is not a text"),
        ([BARS, BAR, BAR, PUT, PUT], "row 2, .*before for .* CE; 2 such rows in all"),
        ([BARS, BAR, BAR.replace("06-11", "06-14")], "row 2, .* is not of 2021-06-11: a tape is"),
        ([BARS, BAR, PUT.replace("NIFTY", "BANKNIFTY")], "row 2, .* is not NIFTY: a tape is one"),
        ([BARS, BAR, BAR.replace("09:15", "09:20")], "bars are 0:05:00 apart"),
        ([BARS, BAR.replace("09:15", "03:45")], "none of 1 rows .* without a zone are read as Ind"),
        ([BARS, BAR.replace("NIFTY", "DAX")], "no contract facts of underlying 'DAX'"),
        ([BARS, BAR.replace("215.6", "0")], "column 'low': '0' is not above zero"),
        ([BARS, BAR, "x" * 200_000], "not a readable CSV file: field larger"),
        ([BARS, "", BAR[:-6]], "row 2 has 9 cells for 10 columns"),
        ([BARS], "no row with a price and a volume"),
        ([""], "empty; the first line must name the columns"),
        ([BARS + ",ts", BAR + ",1"], "column ts appears twice"),
        ([BARS.replace("close,", ""), BAR], "no column close; found: ts, underlying, .*volume"),
        ([BARS.replace("right", "kind"), BAR], "no column right; found"),
        (["ts,price", "1,2"], "neither bars .* nor chain snapshots .*; found: ts, price"),
        ([SYMBOLS, "2026-11-20 09:15,NIFTY,1,1,1,1,1"], "column 'symbol': 'NIFTY' is no option"),
        ([QUOTES, QUOTE.replace("120.4,", "121,")], "'bid': '121' is above the ask of 120.60"),
        ([QUOTES, QUOTE.replace("24052.4004", "-1")], "column 'spot': '-1' is negative"),
        ([QUOTES, QUOTE, QUOTE], "row 2, column 'ts': .* is there before"),
        ([QUOTES.replace("volume_cum", "volume"), QUOTE], "no column volume_cum; found"),
        ([QUOTES.replace("strike", "k"), QUOTE], "no column strike; found"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_malformed_file_says_where(tmp_path: Path, lines: list[str], message: str) -> None:
    path = csv(tmp_path, *lines)
    with pytest.raises(DataError, match=message) as caught:
        load_day(path, FACTS)
    if "facts" not in message and "none of" not in message:
        assert str(path) in str(caught.value)


def test_a_repeated_bar_is_refused_for_signals_too(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 2, column 'ts'.*NIFTY17JUN2115600CE; 1 such rows"):
        read_bars(csv(tmp_path, BARS, BAR, BAR))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no data file .*day\.parquet or .*day\.csv"):
        load_day(tmp_path / "day", FACTS)
    with pytest.raises(DataError, match=r"no data file .*day\.csv$"):
        read_bars(tmp_path / "day.csv")


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, [{"ts": "x", "volume": 1}] * 100)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="not a readable Parquet file"):
        load_day(path, FACTS)


def test_a_text_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(b"ts,\xff\xfe\n")
    with pytest.raises(DataError, match="not a readable CSV file"):
        load_day(path, FACTS)


def test_parquet_without_its_layer_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path, [{"ts": "x"}])
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(NeedsExtra, match=r'start\.py, or pip install "swingbreak\[data\]"'):
        load_day(path, FACTS)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("price", 230.201, "is not a price"),
        ("price", float("nan"), "is not a price"),
        ("price", None, "None is not a price"),
        ("units", None, "None is not a number"),
        ("units", 1.5, "is not a whole number"),
        ("units", 2**70, "is too large"),
        ("level", "x", "is not a number"),
        ("day", datetime(2026, 11, 20, tzinfo=UTC), "2026-11-20 .* is not a day"),
        ("day", None, "is not a day"),
        ("instant", 5, "is not a time"),
        ("text", 7, "7 is not a text"),
    ],
)
def test_a_typed_cell_of_the_wrong_kind_is_refused(
    column: str, value: object, message: str
) -> None:
    row = Row(Path("day.parquet"), 3, {"cell": value})
    with pytest.raises(DataError, match=f"day.parquet: row 3, column 'cell': .*{message}"):
        getattr(row, column)("cell")


def test_a_typed_cell_of_the_right_kind_is_read() -> None:
    day, at = date(2026, 11, 20), datetime(2026, 11, 20, 9, 15, tzinfo=IST)
    row = Row(Path("x"), 1, {"day": day, "at": at, "naive": at.replace(tzinfo=None), "n": 65})
    assert row.day("day") == day
    assert row.instant("at") == row.instant("naive") == datetime(2026, 11, 20, 3, 45, tzinfo=UTC)
    assert (row.units("n"), row.price("n"), row.level("n")) == (65, 65_00, 65_00)
    assert not row.has("absent")
