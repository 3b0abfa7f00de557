"""What is known of the day that is about to be traded, and who is told what is not."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.bootstrap.known import doubts, facts_of, session_at
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.domain.session import Session
from swingbreak.facts.contracts import Contracts
from swingbreak.settings import load
from tests.own_facts import own_file, with_own

FACTS = load_facts()
LATE_HOLIDAY = """
[[calendar]]
from = 2026-11-23
until = 2026-11-23
holidays = { 2026-11-23 = "Assembly election" }
source = "circular of yesterday"
confidence = "H"

[[lot]]
underlying = "NIFTY"
from = 2026-12-01
until = 2026-12-01
units = 75
source = "instrument list of today"
confidence = "H"
"""


def test_the_session_of_an_ordinary_day() -> None:
    session = Session.on(date(2026, 11, 23), time(9, 15), time(15, 40))
    assert session_at(FACTS, session.at(time(8))) == session
    assert session_at(FACTS, session.closes - timedelta(seconds=1)) == session


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (datetime(2026, 11, 21, 5, tzinfo=UTC), "2026-11-21 is a weekend: there is no session to"),
        (
            datetime(2026, 11, 24, 5, tzinfo=UTC),
            r"is a holiday \(Guru Nanak Jayanti\): there is no",
        ),
        (datetime(2026, 2, 1, 5, tzinfo=UTC), r"2026-02-01 is a special session \(budget\)"),
        (datetime(2026, 11, 23, 10, 10, tzinfo=UTC), "closed at 2026-11-23 15:40:00; start again"),
    ],
    ids=["weekend", "holiday", "special", "over"],
)
def test_a_day_that_is_not_traded_is_refused(now: datetime, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        session_at(FACTS, now)


def test_a_day_of_an_unknown_calendar_is_traded_and_doubted() -> None:
    day = date(2027, 1, 4)
    assert session_at(FACTS, datetime(2027, 1, 4, 4, tzinfo=UTC)).day == day
    first, *others = doubts(FACTS, day)
    assert first.startswith("whether 2027-01-04 is a holiday is not known: holidays from 2027-01")
    assert others


def test_people_are_told_of_old_facts() -> None:
    assert doubts(FACTS, date(2026, 8, 24)) == ()
    assert "are known until 2026-08-22 only" in doubts(FACTS, date(2026, 11, 23))[0]


def test_files_of_the_user_are_named_by_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own_file(tmp_path, LATE_HOLIDAY)
    (tmp_path / "my.toml").write_text('facts_files = ["mine.toml"]', encoding="utf-8")
    facts = facts_of(load(Path("my.toml"), environment={}))
    assert facts.sources[-1].name == "mine.toml"
    with pytest.raises(ConfigError, match=r"2026-11-23 is a holiday \(Assembly election\)"):
        session_at(facts, datetime(2026, 11, 23, 5, tzinfo=UTC))
    assert Contracts(facts).lot("NIFTY", date(2026, 12, 1)) == 75
    with pytest.raises(DataError, match=r"facts file gone.toml cannot be read"):
        facts_of(load(environment={}, overrides={"facts_files": ["gone.toml"]}))


def test_a_holiday_and_a_lot_are_corrected_without_a_release(tmp_path: Path) -> None:
    facts = with_own(tmp_path, LATE_HOLIDAY)
    assert Contracts(facts).terms("NIFTY", date(2026, 12, 1), date(2026, 11, 25)).lot == 75
    assert Contracts(FACTS).terms("NIFTY", date(2026, 12, 1), date(2026, 11, 25)).lot == 65
