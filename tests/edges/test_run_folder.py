import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.bootstrap.run_decisions import DECISION_COLUMNS, read_decisions
from swingbreak.bootstrap.run_folder import read_run, write_run
from swingbreak.bootstrap.run_tables import CURVE_COLUMNS, DAY_COLUMNS, TRADE_COLUMNS
from swingbreak.domain.errors import DataError
from swingbreak.reporting.run_view import RunView
from tests.run_views import lone_trade, made_run, run_day, run_view, session, trading_days

DAYS = trading_days(3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "first"


def written(folder: Path, run: RunView | None = None) -> Path:
    write_run(folder, run or made_run(5))
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def with_cell(path: Path, number: int, column: str, value: str) -> None:
    """Change one cell of a CSV; the first data row is row 1."""
    table = rows(path)
    table[number - 1][column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def test_run_is_read_as_it_was_written(folder: Path) -> None:
    run = made_run(10, settings={"a": "1 \u20b9"}, notes=('say "hm", please', "two\nlines"))
    assert read_run(written(folder, run)) == run


@pytest.mark.parametrize(
    "run",
    [
        run_view(()),
        run_view((run_day(DAYS[0]),), fills="", kind="live"),
        run_view(
            (run_day(DAYS[0], synthetic=True, grade="", notes=("a\nb", 'c "d"')),),
            others={"calibrated": (run_day(DAYS[0]),)},
        ),
        run_view((run_day(DAYS[0], (lone_trade(DAYS[0], -1, slippage=-65, stake=5),)),)),
    ],
    ids=["no day", "gateway's fills", "notes and another model", "better than its trigger"],
)
def test_unusual_runs_are_read_as_they_were_written(folder: Path, run: RunView) -> None:
    assert read_run(written(folder, run)) == run


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.timedeltas(timedelta(0), timedelta(hours=6)), st.integers(-(10**12), 10**12)),
        max_size=20,
    )
)
def test_curve_keeps_every_microsecond(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[timedelta, int]]
) -> None:
    opens = session(DAYS[0]).opens
    curve = tuple((opens + span, value) for span, value in sorted(points))
    run = run_view((run_day(DAYS[0], curve=curve),))
    assert read_run(written(tmp_path_factory.mktemp("run"), run)).days[0].curve == curve


def test_tables_have_the_documented_columns_and_the_headline_first(folder: Path) -> None:
    written(folder)
    for name, columns in (
        ("days.csv", DAY_COLUMNS),
        ("trades.csv", TRADE_COLUMNS),
        ("curves.csv", CURVE_COLUMNS),
    ):
        table = rows(folder / name)
        assert list(table[0]) == list(columns)
        models = list(dict.fromkeys(row["fills"] for row in table))
        assert models == ["pessimistic", "calibrated", "optimistic"]


def test_derived_columns_are_those_of_the_trade(folder: Path) -> None:
    trade = lone_trade(DAYS[0], 2).trade
    written(folder, run_view((run_day(DAYS[0], (lone_trade(DAYS[0], 2),)),)))
    (row,) = rows(folder / "trades.csv")
    assert row["entry_rupees"] == "150.00"
    assert row["exit_rupees"] == "130.00"
    assert row["net_rupees"] == f"{trade.net / 100:.2f}"
    assert row["r"] == f"{trade.r:.4f}"
    assert row["opened_ist"] == "2026-06-01T12:00:00+05:30"


DECIDED = {
    DAYS[0]: [
        "2026-06-01T04:32:01.500000+00:00 place entry:CE SELL 65 NIFTY02JUN2624500CE trigger -",
        "2026-06-01T04:33:40+00:00 cancel o1 switch",
    ],
    DAYS[1]: [],
}


def test_decisions_are_read_as_they_were_written(folder: Path) -> None:
    run = made_run(2)
    write_run(folder, run, decisions=DECIDED)
    assert read_run(folder) == run
    assert read_decisions(folder) == {DAYS[0]: DECIDED[DAYS[0]]}
    first, _ = rows(folder / "decisions.csv")
    assert first["at_ist"] == "2026-06-01T10:02:01.500000+05:30"


def test_decisions_of_an_earlier_run_do_not_stay(folder: Path) -> None:
    write_run(folder, made_run(2), decisions=DECIDED)
    assert read_decisions(written(folder)) is None


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("date", "1 June", "is not a day like"), ("at_ist", "noon", "is not a time like")],
)
def test_wrong_cell_of_a_decision_is_named(
    folder: Path, column: str, value: str, said: str
) -> None:
    write_run(folder, made_run(2), decisions=DECIDED)
    with_cell(folder / "decisions.csv", 2, column, value)
    with pytest.raises(DataError, match=rf"decisions\.csv: row 2, column '{column}'.* {said}"):
        read_decisions(folder)


def test_run_says_what_its_data_was(folder: Path) -> None:
    days = (run_day(DAYS[0], grade="B"), run_day(DAYS[1], synthetic=True, grade="A"))
    written(folder, run_view(days))
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert about["grades"] == {"A": 1, "B": 1}
    assert about["synthetic_days"] == 1
    assert about["fill_models"] == {"pessimistic": 2}


def test_second_run_takes_the_place_of_the_first_and_nothing_else(folder: Path) -> None:
    written(folder)
    (folder / "mine.txt").write_text("kept", encoding="utf-8")
    second = made_run(2, seed=8)
    assert read_run(written(folder, second)) == second
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "kept"
    assert not list(folder.glob("*.new"))


def test_run_that_cannot_be_written_leaves_the_old_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made_run(2)
    written(folder, old)
    opened = Path.open

    def full(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == "curves.csv.new":
            raise OSError(28, "No space left on device")
        return opened(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DataError, match=r"curves\.csv: cannot be written \(No space"):
        write_run(folder, made_run(3))
    monkeypatch.undo()
    assert read_run(folder) == old
    assert not list(folder.glob("*.new"))


def test_run_broken_off_between_two_files_is_not_taken_for_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(folder)
    renamed = Path.replace

    def broken(path: Path, target: Path) -> Path:
        if target.name == "trades.csv":
            raise OSError(5, "Input/output error")
        return renamed(path, target)

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(DataError, match=r"trades\.csv: cannot be written"):
        write_run(folder, made_run(3))
    monkeypatch.undo()
    with pytest.raises(DataError, match=r"run\.json: No such file .* once its run is complete"):
        read_run(folder)


def test_label_of_an_odd_path_can_be_written(folder: Path) -> None:
    written(folder, run_view((), label="data in \udcff"))
    assert read_run(folder).label == "data in ?"


def cut(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: cut(f / "days.csv"), "is no day of fills 'optimistic'"),
        (lambda f: cut(f / "trades.csv"), r"days\.csv: row 15, column 'trades': '\d' but the tr"),
        (lambda f: (f / "days.csv").unlink(), r"no data file .*days\.csv"),
        (lambda f: (f / "days.csv").write_text("a,b\n"), r"days\.csv: no column fills, date"),
        (lambda f: (f / "trades.csv").write_bytes(b"\xff"), r"trades\.csv: not a readable CSV"),
        (lambda f: (f / "run.json").write_text("{"), r"run\.json: is not what swingbreak writes"),
        (lambda f: (f / "run.json").write_text("{}"), r"run\.json: .* missing required field"),
    ],
    ids=["day cut", "trade cut", "no days", "columns", "no text", "half a seal", "empty seal"],
)
def test_damaged_folder_is_named(folder: Path, damage: Callable[[Path], None], said: str) -> None:
    written(folder)
    damage(folder)
    with pytest.raises(DataError, match=said):
        read_run(folder)


@pytest.mark.parametrize(
    ("name", "column", "value", "said"),
    [
        ("days", "date", "2026-13-01", "is not a day like"),
        ("days", "date", "2026-06-01", "does not come after 2026-06-01"),
        ("days", "synthetic", "maybe", "is neither yes nor no"),
        ("days", "option_bars", "-1", "is negative"),
        ("days", "net_rupees", "0.01", "but its trades come to"),
        ("days", "notes", "[1]", "is no JSON list of texts"),
        ("days", "notes", "[", "is no JSON list of texts"),
        ("trades", "quantity", "0", "is not above zero"),
        ("trades", "points_rupees", "", "is not a price in rupees"),
        ("trades", "sold_rupees", "12.345", "is not an amount in rupees and whole paise"),
        ("trades", "net_rupees", "1.00", "is not sold less bought less charges"),
        ("trades", "right", "XX", "is neither CE nor PE"),
        ("trades", "closed_ist", "2026-06-01T09:15:00+05:30", "is before the trade was opened"),
        ("trades", "ambiguous", "", "is neither yes nor no"),
        ("trades", "date", "2020-01-01", "is no day of fills 'pessimistic'"),
        ("curves", "seconds", "0 x", "or net_paise is not numbers"),
        ("curves", "seconds", "0 60", "is 2 points, net_paise 360"),
        ("curves", "seconds", " ".join(["60"] + ["0"] * 359), "go back"),
    ],
)
def test_wrong_cell_is_named_with_its_row(
    folder: Path, name: str, column: str, value: str, said: str
) -> None:
    written(folder)
    with_cell(folder / f"{name}.csv", 2, column, value)
    with pytest.raises(DataError) as caught:
        read_run(folder)
    where = f"{folder / name}.csv: row 2, column {column!r}"
    assert str(caught.value).startswith(where)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layout": 2}, "has layout 2"),
        ({"r_value_paise": 0}, "is not above zero"),
        ({"fills": "other"}, "is none of its fill_models"),
        ({"fill_models": {"pessimistic": 4}}, "says {'pessimistic': 4}"),
        ({"kind": 1}, r"\$.kind"),
    ],
)
def test_seal_that_does_not_fit_is_refused(
    folder: Path, change: dict[str, object], said: str
) -> None:
    path = written(folder) / "run.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**about, **change}), encoding="utf-8")
    with pytest.raises(DataError, match=r"run\.json|days\.csv") as caught:
        read_run(folder)
    assert said.replace("\\", "") in str(caught.value)


def test_every_column_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/run-folder.md").read_text(encoding="utf-8")
    for columns in (DAY_COLUMNS, TRADE_COLUMNS, CURVE_COLUMNS, DECISION_COLUMNS):
        assert "\n".join(f"| `{name}` | {text} |" for name, text in columns.items()) in page
