from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.dayfolder import DayFolder, database_in
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.sqlite.database import Database, open_writer
from swingbreak.adapters.sqlite.views import OrderRow, PositionRow, TradeRow, publish
from swingbreak.bootstrap.reporting import open_run
from swingbreak.bootstrap.state_run import read_state
from swingbreak.domain.errors import DataError, LedgerError
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.domain.position import Trade
from swingbreak.reporting.run_view import RunView
from tests.recorded import AT, DAY, ENTRY, POSITION, STOP, TRADE, publish_day, summary

BEFORE = date(2026, 11, 19)
STOPPED = replace(
    TRADE,
    bought_value=650 * 185_35,
    closed_at=AT + timedelta(minutes=7),
    exit_reason="stop",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def recorded(
    database: Database,
    *trades: Trade,
    day: date = DAY,
    orders: tuple[OrderRow, ...] = (),
    is_open: bool = False,
    **changes: object,
) -> None:
    said = replace(summary(*trades, halted_reason="force_exit"), **changes)  # type: ignore[arg-type]
    publish(
        database,
        day,
        orders=orders,
        positions=[PositionRow.of(POSITION, 165_00, 0)] if is_open else [],
        trades=[TradeRow.of(trade) for trade in trades],
        summary=said,
    )


def read(folder: Path) -> RunView:
    return read_state(folder, load_facts())


def test_recorded_days_are_a_run(folder: Path) -> None:
    with open_writer(database_in(folder)) as database:
        recorded(database, day=BEFORE)
        recorded(database, TRADE)
    run = read(folder)
    assert (run.kind, run.fills, run.others) == ("paper", "", {})
    assert (run.label, run.r_value) == ("synthetic NIFTY seed 7", 6_500_00)
    assert [day.day for day in run.days] == [BEFORE, DAY]
    (whole,) = run.days[1].trades
    assert whole.trade == TRADE
    assert (whole.contract.symbol, whole.contract.lot) == (TRADE.symbol, 65)
    assert run.days[1].synthetic
    assert run.days[1].curve == ((TRADE.closed_at, TRADE.net),)
    assert run.days[1].halted_reason == "force_exit"
    assert run.days[1].notes == ()


def test_slippage_is_that_of_the_orders_on_record(folder: Path) -> None:
    # sold 5 paise under the trigger of 174.95, bought 35 paise over the trigger of 185.00
    sold = Order("o1", ENTRY, OrderStatus.FILLED, 650, 650 * 174_90, "b1")
    bought = Order("o2", STOP, OrderStatus.FILLED, 650, 650 * 185_35, "b2")
    closed = STOPPED.closed_at
    with open_writer(database_in(folder)) as database:
        recorded(
            database,
            replace(STOPPED, sold_value=650 * 174_90),
            orders=(
                OrderRow.of(sold, AT - timedelta(minutes=3), AT + timedelta(seconds=1)),
                OrderRow.of(bought, AT, closed + timedelta(seconds=1)),
            ),
        )
    (whole,) = read(folder).days[0].trades
    assert whole.slippage == 650 * (5 + 35)


@pytest.mark.parametrize(
    ("filled", "trigger", "late"),
    [(0, 174_95, 0), (650, None, 0), (650, 174_95, 30)],
    ids=["did not trade", "has no trigger", "of another time"],
)
def test_other_orders_cost_no_slippage(
    folder: Path, filled: int, trigger: int | None, late: int
) -> None:
    intent = replace(ENTRY, trigger=trigger)
    order = Order("o1", intent, OrderStatus.FILLED, filled, filled * 170_00, "b1")
    heard = TRADE.closed_at + timedelta(minutes=late)
    with open_writer(database_in(folder)) as database:
        recorded(database, TRADE, orders=(OrderRow.of(order, AT, heard),))
    (whole,) = read(folder).days[0].trades
    assert whole.slippage == 0


def test_orders_of_two_trades_in_one_symbol_are_told_apart(folder: Path) -> None:
    later = replace(
        TRADE,
        trade_id="o3",
        opened_at=TRADE.closed_at + timedelta(minutes=2),
        closed_at=TRADE.closed_at + timedelta(minutes=9),
    )
    order = Order("o3", ENTRY, OrderStatus.FILLED, 650, 650 * 174_85, "b3")
    with open_writer(database_in(folder)) as database:
        recorded(database, TRADE, later, orders=(OrderRow.of(order, AT, later.opened_at),))
    assert [each.slippage for each in read(folder).days[0].trades] == [0, 650 * 10]


def test_day_that_goes_on_or_is_not_flat_is_noted(folder: Path) -> None:
    with open_writer(database_in(folder)) as database:
        recorded(database, TRADE, is_open=True, halted_reason="")
    first, second = read(folder).days[0].notes
    assert first.startswith("NOT FLAT")
    assert second == "goes on, or was broken off."


def test_days_of_several_modes_labels_and_sizes_are_told(folder: Path) -> None:
    with open_writer(database_in(folder)) as database:
        recorded(database, day=BEFORE, r_value_paise=5_000_00, label="NIFTY via x", mode="live")
        recorded(database, TRADE)
    run = read(folder)
    assert run.kind == "live and paper"
    assert run.label == "synthetic NIFTY seed 7 and 1 more"
    assert [day.synthetic for day in run.days] == [False, True]
    assert "1 day had an R of 5000.00 rupees; here every R is 6500.00." in run.notes


def test_decisions_are_known_where_their_file_is(folder: Path) -> None:
    with open_writer(database_in(folder)) as database:
        recorded(database, day=BEFORE)
        recorded(database, TRADE)
    DayFolder(folder, DAY, "x").write_decisions(["a", "b"])
    assert [len(day.decisions) for day in read(folder).days] == [0, 16]


def test_empty_state_folder_has_no_run(folder: Path) -> None:
    with open_writer(database_in(folder)):
        pass
    with pytest.raises(DataError, match="no day is recorded there yet"):
        read(folder)


def test_any_folder_of_a_run_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    with open_writer(database_in(folder)) as database:
        publish_day(database)
    assert open_run(folder).days[0].trades[0].trade == TRADE
    (folder / "live_state.db").write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError):
        open_run(folder)
    with pytest.raises(DataError, match="there is no such folder"):
        open_run(folder / "none")
    with pytest.raises(DataError, match="holds no run"):
        open_run(folder.parent)
