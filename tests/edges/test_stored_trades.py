from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.intake import Wanted
from swingbreak.bootstrap.reporting import report_run
from swingbreak.bootstrap.run_folder import read_pictures, write_run
from swingbreak.bootstrap.stored_trades import stored_pictures
from swingbreak.bootstrap.storing import import_files
from swingbreak.domain.errors import DataError
from swingbreak.domain.session import Session
from swingbreak.reporting.day_view import LevelMark
from swingbreak.reporting.run_view import RunTrade, RunView
from tests.run_views import lone_trade, run_day, run_view

DAY = date(2021, 6, 11)
OPENS = Session.on(DAY, time(9, 15), time(15, 30)).opens
SYMBOL = "NIFTY17JUN2115800CE"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    start = int(OPENS.timestamp())
    rows = [f"{start + m * 60},{SYMBOL},150.05,150.10,150.00,150.05,75" for m in range(375)]
    header = "ts,symbol,open,high,low,close,volume"
    Path("bars.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    import_files(tmp_path / "store", [Path("bars.csv")], Wanted())
    return tmp_path / "store"


def trade(symbol: str = SYMBOL, level: str = f"{SYMBOL}@158:155:15000") -> RunTrade:
    whole = lone_trade(DAY, 1.0)
    opened = OPENS + timedelta(minutes=165)
    contract = replace(whole.contract, symbol=symbol, expiry=date(2021, 6, 17))
    moved = replace(
        whole.trade,
        symbol=symbol,
        level=level,
        opened_at=opened,
        closed_at=opened + timedelta(minutes=20),
    )
    return replace(whole, trade=moved, contract=contract)


def run_of(*trades: RunTrade, day: date = DAY) -> RunView:
    return run_view((run_day(day, trades),))


def test_notable_trades_are_drawn_on_the_stored_minutes(store: Path) -> None:
    (picture,) = stored_pictures(run_of(trade()), store, load_facts())
    assert picture.level == LevelMark(150_00, 155, 158)
    assert picture.window == (125, 201)
    assert [bar.minute for bar in picture.bars] == list(range(125, 201))
    assert picture.bars[0].high == 150_10
    assert picture.session.opens == OPENS == datetime(2021, 6, 11, 3, 45, tzinfo=UTC)


def test_level_that_is_none_of_ours_is_not_drawn(store: Path) -> None:
    (picture,) = stored_pictures(run_of(trade(level="by hand")), store, load_facts())
    assert picture.level is None


def test_trade_without_minutes_is_left_out(store: Path) -> None:
    other = trade(symbol="NIFTY17JUN2115900CE")
    found = stored_pictures(run_of(other, trade()), store, load_facts())
    assert [(each.number, each.trade.symbol) for each in found] == [(1, SYMBOL)]
    assert stored_pictures(run_of(trade(), day=date(2021, 6, 14)), store, load_facts()) == ()


def test_report_draws_them_and_keeps_them(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write_run(folder, run_of(trade()))
    assert read_pictures(folder) == ()
    report_run(folder, data=store)
    assert len(read_pictures(folder)) == 1
    drawn = report_run(folder).page.read_text(encoding="utf-8")
    assert "Notable trades" in drawn


def test_store_that_is_not_there_is_named(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "run"
    write_run(folder, run_of(trade()))
    with pytest.raises(DataError, match="no data folder"):
        report_run(folder, data=store / "none")
