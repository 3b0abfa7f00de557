import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.sqlite import schema
from swingbreak.adapters.sqlite.database import Database, open_reader, open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.adapters.sqlite.records import encode
from swingbreak.adapters.sqlite.views import (
    OrderRow,
    PositionRow,
    TradeRow,
    day_of,
    order_times,
    recorded_days,
    rows_of,
)
from swingbreak.domain.commands import HaltDay
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.orders import OrderStatus
from tests.recorded import AT, DAY, POSITION, TRADE, batch, publish_day

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state of a día #1" / "live_state.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with open_writer(path, busy_seconds=0) as opened:
        yield opened


def kept(database: Database, day: date = DAY) -> list[object]:
    return [record for _, record in SqliteLedger(database).records(day)]


def test_what_is_appended_is_read_back_in_order_after_a_new_start(path: Path) -> None:
    with open_writer(path) as database:
        ledger = SqliteLedger(database)
        ledger.append(AT, batch(1))
        ledger.append(AT + timedelta(seconds=1), [*batch(2), HaltDay("daily_stop")])
        ledger.append(AT + timedelta(seconds=2), [HaltDay("kill")])
    with open_writer(path) as database:
        ledger = SqliteLedger(database)
        ledger.append(AT + timedelta(seconds=3), batch(3))
        read = list(ledger.records(DAY))
    assert [record for _, record in read] == [
        *batch(1),
        *batch(2),
        HaltDay("daily_stop"),
        HaltDay("kill"),
        *batch(3),
    ]
    assert [at for at, _ in read[2:5]] == [AT, *[AT + timedelta(seconds=1)] * 2]


def test_a_day_is_a_day_in_india(database: Database) -> None:
    ledger = SqliteLedger(database)
    before_midnight = datetime(2026, 11, 19, 18, 29, 59, tzinfo=UTC)
    ledger.append(before_midnight, batch(1))
    ledger.append(before_midnight + timedelta(seconds=1), batch(2))
    assert kept(database, date(2026, 11, 19)) == batch(1)
    assert kept(database, DAY) == batch(2)
    assert ledger.days() == (date(2026, 11, 19), DAY)


def test_nothing_to_append_writes_nothing(database: Database) -> None:
    SqliteLedger(database).append(AT, [])
    assert kept(database) == []


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(LedgerError, match="no time zone"):
        SqliteLedger(database).append(AT.replace(tzinfo=None), batch(1))


def test_a_full_disk_keeps_nothing_of_the_batch_and_everything_before(database: Database) -> None:
    ledger = SqliteLedger(database)
    ledger.append(AT, batch(0))
    pages = database.read("PRAGMA page_count")[0][0]
    database.read(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(LedgerError, match=r"live_state\.db.*free some space"):
        ledger.append(AT, [record for n in range(1, 200) for record in batch(n)])
    assert kept(database) == batch(0)

    database.read("PRAGMA max_page_count = 100000")
    ledger.append(AT, batch(1))
    assert kept(database) == [*batch(0), *batch(1)]


def test_another_program_that_writes_is_named(path: Path, database: Database) -> None:
    ledger = SqliteLedger(database)
    browser = sqlite3.connect(path, isolation_level=None)
    browser.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="another program is writing"):
        ledger.append(AT, batch(1))
    browser.execute("ROLLBACK")
    browser.close()
    ledger.append(AT, batch(1))
    assert kept(database) == batch(1)


def test_a_second_writer_is_caught_before_records_mix(path: Path, database: Database) -> None:
    ours = SqliteLedger(database)
    with open_writer(path) as second:
        SqliteLedger(second).append(AT, batch(1))
    with pytest.raises(LedgerError, match="only one swingbreak"):
        ours.append(AT, batch(2))
    assert kept(database) == batch(1)


def test_readers_see_what_was_committed_while_the_writer_goes_on(
    path: Path, database: Database
) -> None:
    ledger = SqliteLedger(database)
    ledger.append(AT, batch(1))
    with open_reader(path) as reader, database.write() as connection:
        connection.execute("INSERT INTO migrations VALUES (99, 'unfinished', '')")
        assert kept(reader) == batch(1)
        connection.execute("DELETE FROM migrations WHERE number = 99")


def test_a_reader_cannot_write(path: Path, database: Database) -> None:
    SqliteLedger(database).append(AT, batch(1))
    with open_reader(path) as reader, pytest.raises(LedgerError, match="may not be written"):
        SqliteLedger(reader).append(AT, batch(2))


@pytest.mark.parametrize(
    "change", ["UPDATE ledger SET body = '{}'", "DELETE FROM ledger"], ids=["changed", "cut"]
)
def test_the_ledger_table_is_only_appended_to(database: Database, change: str) -> None:
    SqliteLedger(database).append(AT, batch(1))
    with pytest.raises(LedgerError, match="only appended to"), database.write() as connection:
        connection.execute(change)
    assert kept(database) == batch(1)


def test_an_error_in_a_transaction_undoes_it(database: Database) -> None:
    def fail_halfway() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO migrations VALUES (99, 'half', '')")
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()
    assert database.read("SELECT * FROM migrations WHERE number = 99") == []


def test_after_a_failed_disk_nothing_more_is_written(database: Database) -> None:
    def fail() -> None:
        with database.write():
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR | (4 << 8)  # SQLITE_IOERR_FSYNC
            raise error

    with pytest.raises(LedgerError, match="check the disk"):
        fail()
    with pytest.raises(LedgerError, match="check the disk"):
        SqliteLedger(database).append(AT, batch(1))


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE positions (symbol TEXT)")
    connection.close()


def newer(path: Path) -> None:
    with open_writer(path) as database, database.write() as connection:
        connection.execute("INSERT INTO migrations VALUES (99, 'add_greeks', '9.9')")


def no_database(path: Path) -> None:
    path.write_text("trades of Friday\n" * 100)


def damaged(path: Path) -> None:
    with open_writer(path) as database:
        SqliteLedger(database).append(AT, [r for n in range(300) for r in batch(n)])
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("opener", [open_writer, open_reader], ids=["writer", "reader"])
@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        pytest.param(foreign, ("another program", "positions", "state_dir"), id="foreign"),
        pytest.param(newer, ("add_greeks", "supports up to 6", "newer swingbreak"), id="newer"),
        pytest.param(no_database, ("not a SQLite database",), id="no-database"),
        pytest.param(damaged, ("damaged",), id="damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_remedy(
    tmp_path: Path,
    opener: Callable[[Path], Database],
    spoil: Callable[[Path], None],
    names: tuple[str, ...],
) -> None:
    path = tmp_path / "live_state.db"
    spoil(path)
    with pytest.raises(LedgerError) as caught:
        opener(path).close()
    for name in (str(path), *names):
        assert name in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_writer(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="choose another state_dir"):
        open_writer(tmp_path / "file" / "live_state.db")


def test_a_reader_does_not_make_a_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_reader(tmp_path / "live_state.db")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_write_ahead_log_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_files = sqlite3.connect(":memory:", isolation_level=None)
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: without_files)
    with pytest.raises(LedgerError, match="local disk"):
        open_writer(path)


def test_an_older_file_is_brought_up_to_date_and_keeps_its_records(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        with open_writer(path) as database, database.write() as connection:
            for n, record in enumerate(batch(1), 1):
                connection.execute(
                    "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (n, DAY.isoformat(), AT.isoformat(), *encode(record)),
                )
    with pytest.raises(LedgerError, match="older swingbreak"):
        open_reader(path)
    with open_writer(path) as database:
        assert kept(database) == batch(1)
        assert rows_of(database, "orders", DAY) == []
        names = [row[0] for row in database.read("SELECT name FROM migrations ORDER BY number")]
    assert names == [migration.__name__ for migration in schema.MIGRATIONS]


def test_trades_of_a_file_without_counts_took_an_order_each_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
        with open_writer(path) as database, database.write() as connection:
            connection.execute(
                "INSERT INTO trades (date, trade_id, symbol, level, quantity, sold_value_paise, "
                "bought_value_paise, charges_paise, points_paise, stop_paise, opened_at, "
                "closed_at, exit_reason) "
                "VALUES (?, 'o1', 'X', 'L1', 65, 9, 8, 0, 1, 1, '', '', '')",
                (DAY.isoformat(),),
            )
    with open_writer(path) as database:
        (trade,) = rows_of(database, "trades", DAY)
    assert (trade["orders"], trade["net_paise"]) == (2, 1)


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (done INTEGER)")
        connection.execute("CREATE TABLE half (done INTEGER)")

    with monkeypatch.context() as newer_program:
        newer_program.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(LedgerError, match="half already exists"):
            open_writer(path)
    with open_writer(path) as database:
        assert database.read("SELECT name FROM sqlite_master WHERE name = 'half'") == []


def test_publishing_replaces_the_day_and_only_the_day(database: Database) -> None:
    yesterday = DAY - timedelta(days=1)
    publish_day(database, yesterday)
    publish_day(database, trades=())
    publish_day(database)
    assert recorded_days(database) == (yesterday, DAY)
    shown = day_of(database, DAY)
    assert shown.keys() == {"orders", "positions", "trades", "daily_summary"}
    assert [row["order_id"] for row in shown["orders"]] == ["o1", "o2"]
    assert shown["trades"] == [
        {**row, "date": DAY.isoformat()} for row in rows_of(database, "trades", yesterday)
    ]


def test_what_people_read_is_what_the_domain_says(database: Database) -> None:
    publish_day(database)
    (trade,) = rows_of(database, "trades", DAY)
    assert trade["gross_paise"] == TRADE.gross
    assert trade["net_paise"] == TRADE.net
    assert trade["r"] == TRADE.r
    assert trade["opened_at"] == "2026-11-20T09:31:05.250000+05:30"
    (position,) = rows_of(database, "positions", DAY)
    assert position["quantity"] == POSITION.quantity
    assert position["pnl_paise"] == POSITION.pnl_at(165_00)
    assert (position["net_paise"], position["net_r"]) == (6150_00, 6150 / 6500)
    (day,) = rows_of(database, "daily_summary", DAY)
    assert (day["trades"], day["wins"], day["net_paise"]) == (1, 1, TRADE.net)
    assert day["r"] == TRADE.net / 6_500_00
    filled, resting = rows_of(database, "orders", DAY)
    assert (filled["average_paise"], resting["average_paise"]) == (174_95, None)
    assert OrderStatus(str(resting["status"])).is_live


def test_a_publication_that_fails_leaves_the_old_day(database: Database) -> None:
    publish_day(database)
    before = day_of(database, DAY)
    with pytest.raises(LedgerError):
        publish_day(database, trades=(replace(TRADE, level="L9"), TRADE))
    assert day_of(database, DAY) == before


@pytest.mark.parametrize(
    ("table", "row"),
    [("orders", OrderRow), ("positions", PositionRow), ("trades", TradeRow)],
    ids=["orders", "positions", "trades"],
)
def test_a_row_has_a_field_for_every_column_that_is_stored(
    database: Database, table: str, row: type
) -> None:
    columns = {column["name"] for column in database.read(f"PRAGMA table_info({table})")}
    assert columns == {"date", *row.__dataclass_fields__}


def test_an_order_was_placed_first_and_updated_last() -> None:
    later = AT + timedelta(seconds=9)
    submitted, accepted, filled = batch(1)
    records = [(AT, submitted), (AT, HaltDay("x")), (AT, accepted), (later, filled)]
    assert order_times(records) == {"o1": (AT, later)}


APPEND_FOR_EVER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from tests.recorded import AT, batch
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.adapters.sqlite.records import encode

ledger = SqliteLedger(open_writer(Path(sys.argv[1])))
for n in range(10**9):
    ledger.append(AT, batch(n))
    print(n, flush=True)
"""


def test_a_killed_process_has_kept_every_append_that_returned_and_none_by_half(path: Path) -> None:
    arguments = [str(path), str(ROOT / "src"), str(ROOT)]
    for _ in range(3):
        command = [sys.executable, "-c", APPEND_FOR_EVER, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            returned = [int(process.stdout.readline()) for _ in range(40)]
            process.kill()
            returned += [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
        assert process.returncode != 0
        with open_reader(path) as reader:
            records = kept(reader)
        with open_writer(path) as database:
            assert kept(database) == records
            assert database.read("PRAGMA integrity_check")[0][0] == "ok"
        whole = len(records) // 3
        assert records == [record for n in range(whole) for record in batch(n)]
        assert whole in {returned[-1] + 1, returned[-1] + 2}
        path.unlink()
