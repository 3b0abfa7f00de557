"""Files of vendors, good ones and bad ones, on their way to the store."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.intake import Intake, Portion, Wanted
from swingbreak.adapters.store.layout import Kind
from swingbreak.domain.errors import DataError

FACTS = load_facts()
HEADER = "ts,symbol,open,high,low,close,volume"
NAME = "NIFTY17JUN2115800CE"
REST = f"{NAME},215.6,230.25,215.6,230.2,35400"
DAY = date(2021, 6, 11)


def csv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def read(path: Path, wanted: Wanted | None = None) -> list[Portion]:
    return Intake(FACTS, wanted or Wanted()).file(path)


def row(at: str, rest: str = REST) -> str:
    return f"{at},{rest}"


def first(tmp_path: Path, *lines: str, wanted: Wanted | None = None) -> dict[str, object]:
    (portion,) = read(csv(tmp_path, *lines), wanted)
    return portion.frame.row(0, named=True)


@pytest.mark.parametrize(
    "at",
    [
        "2021-06-11 09:15:00",
        "2021-06-11T09:15:00",
        "2021-06-11T09:15:00+05:30",
        "2021-06-11T09:15:00+0530",
        "2021-06-11 03:45:00Z",
        "2021-06-11T03:45:00+00:00",
        "2021-06-11 09:15",
        "2021-06-11 09:15:00.000",
        "11-06-2021 09:15:00",
        "11/06/2021 09:15",
        "11.06.2021 09:15:00",
        "2021/06/11 09:15:00",
        "20210611 09:15",
        "11-Jun-2021 09:15:00",
        "11-JUN-21 09:15:00",
        "11 Jun 2021 09:15 AM",
        "2021-06-11 09:15:59",
        "1623383100",
        "1623383100000",
    ],
)
def test_a_time_is_read_in_any_form(tmp_path: Path, at: str) -> None:
    bar = first(tmp_path, HEADER, row(at))
    assert bar["ts"] == datetime(2021, 6, 11, 3, 45, tzinfo=UTC)


def test_a_bar_is_kept_in_paise_with_its_contract(tmp_path: Path) -> None:
    (portion,) = read(csv(tmp_path, HEADER + ",oi", row("2021-06-11 09:15", REST + ",750")))
    assert (portion.place.underlying, portion.place.day) == ("NIFTY", DAY)
    assert portion.place.kind is Kind.BARS
    bar = portion.frame.row(0, named=True)
    assert bar["ts"] == datetime(2021, 6, 11, 3, 45, tzinfo=UTC)
    assert (bar["expiry"], bar["strike"], bar["right"]) == (date(2021, 6, 17), 15_800_00, "CE")
    assert [bar[c] for c in ("open", "high", "low", "close")] == [215_60, 230_25, 215_60, 230_20]
    assert (bar["volume"], bar["ticks"], bar["oi"]) == (35_400, 0, 750)


def test_a_date_and_a_time_make_an_instant(tmp_path: Path) -> None:
    lines = (
        "Ticker,Date,Time,Open,High,Low,Close,Volume",
        f"{NAME}.NFO,11-06-2021,09:15:59,1,1,1,1,5",
    )
    assert first(tmp_path, *lines)["ts"] == datetime(2021, 6, 11, 3, 45, tzinfo=UTC)


def test_a_contract_in_columns(tmp_path: Path) -> None:
    header = "SYMBOL,EXPIRY_DT,STRIKE_PR,OPTION_TYP,TIMESTAMP,OPEN,HIGH,LOW,CLOSE,VOL"
    line = 'NIFTY 50,17-Jun-2021,"15,800.00",Put,2021-06-11 09:15,1.05,1.10,1.05,1.10,75'
    bar = first(tmp_path, header, line)
    assert (bar["expiry"], bar["strike"], bar["right"]) == (date(2021, 6, 17), 15_800_00, "PE")
    assert bar["open"] == 1_05


def test_a_bar_stamped_at_its_end_is_of_the_minute_before(tmp_path: Path) -> None:
    wanted = Wanted(stamped_at_close=True)
    assert first(tmp_path, HEADER, row("2021-06-11 09:16"), wanted=wanted)["ts"] == datetime(
        2021, 6, 11, 3, 45, tzinfo=UTC
    )


def test_days_and_underlyings_are_cut_apart(tmp_path: Path) -> None:
    other = REST.replace("NIFTY", "BANKNIFTY").replace("15800", "35000")
    portions = read(
        csv(tmp_path, HEADER, row("2021-06-11 09:15"), row("2021-06-14 09:15"),
            row("2021-06-14 09:16"), row("2021-06-14 09:15", other))
    )  # fmt: skip
    places = {(p.place.underlying, p.place.day, len(p.frame)) for p in portions}
    monday = date(2021, 6, 14)
    assert places == {("NIFTY", DAY, 1), ("NIFTY", monday, 2), ("BANKNIFTY", monday, 1)}


def test_rows_outside_the_session_are_counted(tmp_path: Path) -> None:
    (portion,) = read(csv(tmp_path, HEADER, row("2021-06-11 09:08"), row("2021-06-11 09:15"),
                          row("2021-06-11 09:16")))  # fmt: skip
    assert len(portion.frame) == 2
    assert portion.about.dropped == {"outside the session": 1}


def test_an_index_is_named_by_the_caller_or_its_folder(tmp_path: Path) -> None:
    lines = "ts,open,high,low,close", "2021-06-11 09:15,15796.451,15803.15,15788.9,15798.2"
    with pytest.raises(DataError, match="which index is it"):
        read(csv(tmp_path, *lines))
    (portion,) = read(csv(tmp_path, *lines), Wanted(underlying="NIFTY"))
    assert (portion.place.kind, portion.place.underlying) == (Kind.SPOT, "NIFTY")
    assert portion.frame["open"].to_list() == [15_796_45]
    (tmp_path / "BANKNIFTY").mkdir()
    (portion,) = read(csv(tmp_path / "BANKNIFTY", *lines))
    assert portion.place.underlying == "BANKNIFTY"


def test_snapshots_keep_their_book(tmp_path: Path) -> None:
    header = "ts,underlying,expiry,strike,right,ltp,bid,ask,bid_qty,ask_qty,volume_cum,spot"
    line = "2026-08-19T11:27:05+05:30,NIFTY,2026-08-25,24100,CE,120.5,120.4,,650,65,6500,24052.4004"
    silent = "2026-08-19T11:27:05+05:30,NIFTY,2026-08-25,24150,CE,,,,,,,24052.4004"
    (portion,) = read(csv(tmp_path, header, line, silent))
    assert portion.place.kind is Kind.SNAPSHOTS
    (quote,) = portion.frame.rows(named=True)
    assert (quote["ltp"], quote["bid"], quote["ask"]) == (120_50, 120_40, 0)
    assert (quote["volume"], quote["spot"]) == (6_500, 24_052_40)
    assert portion.about.dropped == {"without a last price": 1}


GOOD = row("2021-06-11 09:15:00")
NEXT = row("2021-06-11 09:16:00")


def with_value(column: int, value: str) -> str:
    cells = NEXT.split(",")
    cells[column] = value
    return ",".join(cells)


BAD = {
    "no time": (with_value(0, "soon"), "row 2, column 'ts': 'soon' is no time"),
    "another form": (with_value(0, "11/06/2021 09:16:00"), "is no time"),
    "mixed zones": (with_value(0, "2021-06-11 09:16:00+05:30"), "has a time zone unlike the first"),
    "a weekend": (with_value(0, "2021-06-12 09:16:00"), "is of 2021-06-12, which has no session"),
    "a year nobody knows": (with_value(0, "2017-06-12 09:16:00"), "nothing is known"),
    "seconds": (with_value(0, "2021-06-11 09:16:30"), "is not the start of a minute"),
    "no contract": (with_value(1, "NIFTY"), "column 'symbol': 'NIFTY' is no option's name"),
    "no underlying": (with_value(1, "GOLD17JUN2115800CE"), "is of no underlying known here"),
    "expired": (with_value(1, "NIFTY10JUN2115800CE"), "is before the day of the row"),
    "no price": (with_value(2, "x"), "column 'open': 'x' is not a price in rupees"),
    "an empty price": (with_value(2, ""), "column 'open': '' is empty"),
    "part of a paisa": (with_value(2, "215.605"), "'215.605' is not a price"),
    "a negative price": (with_value(2, "-215.60"), "'-215.60' is negative"),
    "an endless price": (with_value(2, "inf"), "'inf' is not a price"),
    "a huge price": (with_value(3, "1e9"), "is too large to be true"),
    "a negative volume": (with_value(6, "-5"), "row 2, column 'volume': '-5' is negative"),
    "half a unit": (with_value(6, "0.5"), "is not a whole number"),
    "a low of nothing": (with_value(4, "0"), "is not above zero"),
    "high below low": (with_value(3, "100"), "column 'high': '100' is below the low"),
    "close outside": (with_value(5, "250"), "column 'close': '250' is outside the bar's"),
    "twice": (GOOD, "is there before for the same contract"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_with_its_place_value_and_remedy(tmp_path: Path, case: str) -> None:
    line, why = BAD[case]
    path = csv(tmp_path, HEADER, GOOD, line)
    with pytest.raises(DataError) as refused:
        read(path)
    message = str(refused.value)
    assert why in message
    assert message.startswith(f"{path}: row 2, column ")
    assert "nothing of it was stored" in message


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_are_left_out_and_counted_where_a_person_asks(tmp_path: Path, case: str) -> None:
    line, _ = BAD[case]
    (portion,) = read(csv(tmp_path, HEADER, GOOD, line), Wanted(drop_bad=True))
    assert len(portion.frame) == 1
    assert sum(portion.about.dropped.values()) == 1


def test_every_kind_of_bad_row_is_counted(tmp_path: Path) -> None:
    lines = [GOOD, NEXT, with_value(6, "-1"), with_value(6, "-2"), with_value(5, "250")]
    with pytest.raises(DataError) as refused:
        read(csv(tmp_path, HEADER, *lines))
    first, second, *_ = str(refused.value).splitlines()
    assert "row 3, column 'volume': '-1' is negative; 2 such rows in all" in first
    assert "row 5, column 'close'" in second


def test_bars_of_five_minutes_are_refused(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER, GOOD, row("2021-06-11 09:20:00"))
    with pytest.raises(DataError, match="0:05:00 apart; one-minute bars are needed"):
        read(path)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "not a readable CSV"),
        ([HEADER], "no row can be used"),
        (["when,what", "1,2"], "no column with the time"),
        ([HEADER, GOOD + ",7"], "a cell per column"),
        ([HEADER, row("2021-06-11 08:00:00")], "outside the session"),
    ],
)
def test_a_file_without_use_is_refused(tmp_path: Path, lines: list[str], why: str) -> None:
    with pytest.raises(DataError, match=why):
        read(csv(tmp_path, *lines))


def test_a_row_cut_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 2, column 'close': '' is empty"):
        read(csv(tmp_path, HEADER, GOOD, f"2021-06-11 09:16:00,{NAME},215.6,230.25,215.6"))


def test_a_truncated_parquet_file_is_named(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    pl.DataFrame({"ts": ["2021-06-11 09:15"]}).write_parquet(whole)
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"cut\.parquet: not a readable Parquet file"):
        read(cut)


def test_typed_columns_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    at = datetime(2021, 6, 11, 9, 15)  # noqa: DTZ001 - a time without a zone is the point
    prices = dict.fromkeys(("open", "high", "low", "close"), 150.05)
    contract = {"underlying": "NIFTY", "expiry": date(2021, 6, 17), "strike": 15800.0}
    more = {"right": "CE", "volume": 75, "oi": float("nan"), "ticks": 3}
    pl.DataFrame([{"ts": at, **contract, **prices, **more}]).write_parquet(path)
    (portion,) = read(path)
    bar = portion.frame.row(0, named=True)
    assert bar["ts"] == datetime(2021, 6, 11, 3, 45, tzinfo=UTC)
    assert (bar["strike"], bar["open"], bar["ticks"]) == (15_800_00, 150_05, 3)


def test_a_date_column_and_a_time_column_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    prices = dict.fromkeys(("open", "high", "low", "close"), 150.05)
    stamp = {"date": DAY, "time": datetime(2021, 6, 11, 9, 15).time()}  # noqa: DTZ001 - as above
    pl.DataFrame([{**stamp, "symbol": NAME, "volume": 5, **prices}]).write_parquet(path)
    (portion,) = read(path)
    assert portion.frame["ts"].to_list() == [datetime(2021, 6, 11, 3, 45, tzinfo=UTC)]
