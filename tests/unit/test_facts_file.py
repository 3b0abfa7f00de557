import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts, read_rows
from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Confidence, Dated, UnknownFact
from swingbreak.facts.staleness import staleness
from tests.own_facts import HEAD, ROW, one_row, own_file, with_own

FACTS = load_facts()
LOT = {"underlying": '"NIFTY"', "from_": "2027-01-01", "until": "2027-06-30", "units": 60}
NAMES = sorted(
    file.name for file in (files("swingbreak") / "data").iterdir() if file.name.endswith(".toml")
)
# What tells rows of one table apart, besides their days.
KEYS = {
    "contract": ("underlying",),
    "lot": ("underlying",),
    "freeze": ("underlying",),
    "weekly_expiry": ("underlying",),
    "monthly_expiry": ("underlying",),
    "expiry_exception": ("underlying",),
    "expiry_rule": (),
    "calendar": (),
    "session": (),
    "special_session": (),
    "outage": ("exchange",),
    "price_protection": ("exchange",),
    "stop_limit_gap": ("exchange",),
    "order_type": ("pricetype", "exchange"),
    "order_rate": ("by",),
    "order_to_trade_exempt": (),
    "cut_off": ("broker",),
}


def rows(name: str) -> Iterator[tuple[str, Dated]]:
    text = (files("swingbreak") / "data" / name).read_text("utf-8")
    _, tables = read_rows(name, text)
    return ((table, row) for table, found in tables.items() for row in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_and_a_confidence(name: str) -> None:
    for table, row in rows(name):
        assert len(row.source) > 8, (table, row)
        assert row.confidence in set(Confidence), (table, row)


@pytest.mark.parametrize("table", KEYS)
def test_rows_follow_one_another_or_lie_within_one_another(table: str) -> None:
    found = FACTS.table(table).rows
    assert found
    for one, other in combinations(found, 2):
        if [one.values[k] for k in KEYS[table]] != [other.values[k] for k in KEYS[table]]:
            continue
        apart = one.until < other.since or other.until < one.since
        inside = one.since <= other.since <= other.until <= one.until
        outside = other.since <= one.since <= one.until <= other.until
        assert apart or inside != outside, (table, one, other)


def test_facts_know_their_age() -> None:
    sources = {source.name: source for source in FACTS.sources}
    assert sorted(sources) == NAMES
    contracts = sources["contracts.toml"]
    assert (contracts.known_until, contracts.stale_after_days) == (date(2026, 8, 22), 45)
    assert contracts.age(date(2026, 8, 1)) == 0
    assert contracts.age(date(2026, 8, 25)) == 3
    assert not contracts.is_stale(date(2026, 10, 6))
    assert contracts.is_stale(date(2026, 10, 7))


def test_people_are_told_of_old_facts_in_one_sentence_a_day_of_knowledge(tmp_path: Path) -> None:
    facts = with_own(tmp_path, one_row("lot", **LOT))
    assert staleness(facts, date(2026, 10, 6)) == ()
    (ours,) = staleness(facts, date(2026, 11, 20))
    assert ours.startswith("facts of calendar.toml, charges.toml, contracts.toml, ")
    assert "are known until 2026-08-22 only, 90 days before 2026-11-20: check lots" in ours
    assert ours.endswith("in a file named in facts_files")
    *_, mine = staleness(facts, date(2027, 3, 1))
    assert f"{tmp_path / 'mine.toml'} are known until 2026-11-20 only, 101 days before" in mine


def test_a_user_s_row_goes_before_the_package_s(tmp_path: Path) -> None:
    whole = {**LOT, "from_": "2019-01-01", "until": "2030-12-31"}
    facts = with_own(tmp_path, one_row("lot", **whole))
    row = facts.table("lot").on(date(2025, 1, 30), underlying="NIFTY")
    assert row.values["units"] == 60
    assert row.origin.is_own
    assert facts.sources[-1].is_own
    # the exception of one day within it is the narrower of the package's own
    ours = FACTS.table("lot").on(date(2025, 1, 30), underlying="NIFTY")
    assert ours.values["units"] == 25


def test_several_files_of_the_user(tmp_path: Path) -> None:
    one = own_file(tmp_path, one_row("lot", **LOT), name="one.toml")
    two = own_file(tmp_path, one_row("lot", **{**LOT, "underlying": '"SENSEX"'}), name="two.toml")
    table = load_facts([two, one]).table("lot")
    day = date(2027, 2, 1)
    assert table.on(day, underlying="NIFTY").origin.name == str(one)
    assert table.on(day, underlying="SENSEX").origin.name == str(two)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (one_row("lots", **LOT), "unknown table 'lots'; there are calendar, c"),
        (one_row("lot", **{**LOT, "lot": 5}), "unknown key 'lot' in a row of 'lot'; there are und"),
        (one_row("lot", underlying='"NIFTY"'), "row of 'lot' from 0001-01-01 lacks the key 'units"),
        (one_row("lot", **{**LOT, "until": "2026-01-01"}), "a row from 2027-01-01 ends before, on"),
        ("[[lot]]\nunits = 60\n", "a head or row lacks the key 'source'"),
        (one_row("lot", **LOT).replace('"H"', '"X"'), "a value of the wrong kind: 'X' is not a"),
        (one_row("lot", **{**LOT, "from_": '"soon"'}), "of the wrong kind: '>' not supported"),
        ("[[lot", "is not TOML"),
    ],
    ids=["table", "key", "missing key", "dates", "source", "confidence", "kind", "syntax"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        with_own(tmp_path, text)


def test_a_file_of_another_schema_or_none_is_refused(tmp_path: Path) -> None:
    text = HEAD.replace("1", "2", 1) + one_row("lot", **LOT)
    with pytest.raises(DataError, match="facts: schema 2 of facts is not 1"):
        read_rows("facts", text)
    with pytest.raises(DataError, match=r"facts file .* cannot be read"):
        load_facts([tmp_path / "missing.toml"])


def test_a_row_says_what_it_has_and_what_it_has_not() -> None:
    _, tables = read_rows("facts", HEAD + "[[lot]]\nunits = true\n" + ROW)
    (row,) = tables["lot"]
    assert (row.since, row.until) == (date.min, date.max)
    assert row.value("units") is True
    assert row.read("units", bool) is True
    with pytest.raises(
        DataError, match=r"facts: units = True in the row from 0001-01-01 should be"
    ):
        row.read("units", int)
    with pytest.raises(UnknownFact, match="freeze from 0001-01-01 on is not known: my own eyes"):
        row.value("freeze")


def test_a_table_that_nobody_wrote_is_empty() -> None:
    assert FACTS.table("nothing").rows == ()
    with pytest.raises(UnknownFact, match="no nothing is known for 2026-11-20; facts end never"):
        FACTS.table("nothing").on(date(2026, 11, 20))


def test_the_holidays_are_written_as_toml_keys() -> None:
    text = (files("swingbreak") / "data" / "calendar.toml").read_text("utf-8")
    years = tomllib.loads(text)["calendar"]
    assert [row["from"].year for row in years] == list(range(2019, 2028))
    assert [len(row.get("holidays", ())) for row in years] == [17, 12, 14, 13, 15, 17, 14, 16, 0]


def test_every_table_is_documented_and_the_documented_file_works(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "facts-files.md").read_text("utf-8")
    listed = {word for line in text.splitlines() if line.startswith("| `") for word in names(line)}
    assert listed == {table for name in NAMES for table, _ in rows(name)}
    example = tmp_path / "mine.toml"
    example.write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    facts = load_facts([example])
    assert Contracts(facts).lot("NIFTY", date(2027, 1, 5)) == 65
    assert not Calendar(facts).is_trading_day(date(2026, 12, 1))


def names(line: str) -> list[str]:
    return line.split("|")[1].replace("`", "").replace(",", " ").split()
