"""What ``verify``, ``replay``, ``explain`` and ``compare`` find in the state folder of a day."""

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.dayfolder import database_in, decisions_in, events_in
from swingbreak.bootstrap.run_folder import write_run
from swingbreak.cli.main import application
from swingbreak.cli.output import run_reporting
from swingbreak.reporting.run_view import RunView
from swingbreak.runtime.day_record import digest_of
from tests.builders import DAY
from tests.run_views import made_run, run_day, run_view
from tests.taped_days import TapedDay, state_of

SEED = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TapedDay]:
    folder = tmp_path_factory.mktemp("state")
    return folder, state_of(folder, SEED)


@pytest.fixture
def state(made: tuple[Path, TapedDay], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "state"))


def called(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run the command in this process; return its code and what it printed."""
    arguments = [str(word) for word in words]
    app = application(arguments[0])
    code = run_reporting(lambda: app(arguments), arguments)
    return code, *capsys.readouterr()


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    code, out, _ = called(capsys, *words, "--json")
    return code, json.loads(out)


def spoil(state: Path, *statements: str) -> None:
    with sqlite3.connect(database_in(state)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS ledger_is_never_changed")
        connection.execute("DROP TRIGGER IF EXISTS ledger_is_never_cut")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def rows(state: Path) -> int:
    with sqlite3.connect(database_in(state)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM ledger").fetchone()
    connection.close()
    return int(count)


CHANGE = "UPDATE ledger SET body = replace(body, ':65', ':66') WHERE kind = 'order_filled'"


def test_what_nobody_touched_is_whole(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "verify", "--state-dir", state)
    assert code == 0
    assert "every row is as it was kept" in out
    code, told_of = told(capsys, "verify", database_in(state))
    assert (code, told_of["is_whole"], told_of["doubt"]) == (0, True, "")
    assert told_of["head"]["seq"] == told_of["rows"] == rows(state)


def test_a_changed_row_is_named(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(state, CHANGE)
    code, out, _ = called(capsys, "verify", "--state-dir", state)
    assert code == 10
    assert "was changed after it was kept" in out
    assert "order_filled" in out


def test_rows_that_are_missing_from_the_end_are_missed_by_the_tape(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = rows(state)
    spoil(state, f"DELETE FROM ledger WHERE seq > {count - 2}")  # noqa: S608 - ours
    code, out, _ = called(capsys, "verify", "--state-dir", state)
    assert code == 10
    assert "missing from the end: events/events_20261120.tape knows of row" in out


def test_an_end_that_nobody_knows_of_is_said_and_a_noted_head_settles_it(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, whole = told(capsys, "verify", "--state-dir", state)
    shutil.rmtree(state / "events")
    code, out, _ = called(capsys, "verify", "--state-dir", state)
    assert code == 0
    assert "nothing but the ledger knows of rows after 0" in out
    head = f"{whole['head']['seq']}:{whole['head']['link'][:12]}"
    assert called(capsys, "verify", "--state-dir", state, "--head", head)[0] == 0
    spoil(state, f"DELETE FROM ledger WHERE seq = {whole['rows']}")  # noqa: S608 - ours
    code, out, _ = called(capsys, "verify", "--state-dir", state, "--head", head)
    assert code == 10
    assert "the head that you gave knows of row" in out
    assert called(capsys, "verify", "--state-dir", state, "--head", "today")[0] == 2


def test_a_log_knows_the_end_too_and_a_ledger_written_anew_is_found(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (state / "logs").mkdir()
    line = {"event": "ledger.head", "seq": 3, "link": "ab" * 32}
    (state / "logs" / "swingbreak_20261120.log").write_text(
        f'{{"event": "note", "of": "ledger.head"}}\n{json.dumps(line)}\n{{"event": "ledger.head'
    )
    code, out, _ = called(capsys, "verify", "--state-dir", state)
    assert code == 10
    assert "written anew: row 3 is not the one that logs/swingbreak_20261120.log knows of" in out


def test_a_tape_that_cannot_be_read_is_told_and_the_ledger_verified(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events_in(state, DAY).write_text("prices of Friday")
    code, out, _ = called(capsys, "verify", "--state-dir", state)
    assert code == 0
    assert "note: " in out
    assert "is no event tape of this swingbreak" in out
    code, told_of = told(capsys, "verify", "--state-dir", state)
    assert (code, len(told_of["unread"]), told_of["doubt"] != "") == (0, 1, True)


def test_a_ledger_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("verify", "replay"):
        code, _, err = called(capsys, command, "--state-dir", tmp_path)
        assert code == 5
        assert "--state-dir" in err


def test_a_day_is_decided_again_as_it_was(
    made: tuple[Path, TapedDay], capsys: pytest.CaptureFixture[str]
) -> None:
    state, run = made
    code, told_of = told(capsys, "replay", "--state-dir", state)
    assert (code, told_of["is_equal"], told_of["is_whole"]) == (0, True, True)
    assert told_of["digest"] == told_of["kept_digest"] == run.record.digest()
    assert told_of["decisions"] == len(run.record.decisions) > 10
    code, out, _ = called(capsys, "replay", "--state-dir", state, "--date", "2026-11-20")
    assert code == 0
    assert "every command is the same" in out
    code, _, err = called(capsys, "replay", "--state-dir", state, "--date", "2026-11-19")
    assert code == 5
    assert "2026-11-20 to 2026-11-20" in err


def test_a_changed_decision_is_shown_in_words(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(
        state,
        "UPDATE ledger SET body = replace(body, '\"quantity\":', '\"quantity\":1') "
        "WHERE seq = (SELECT min(seq) FROM ledger WHERE kind = 'submit_order')",
    )
    code, out, _ = called(capsys, "replay", "--state-dir", state)
    assert code == 10
    assert "first difference: record 1 of the day, process 1" in out
    assert "the replay decides  09:" in out
    assert " place entry:" in out
    code, told_of = told(capsys, "replay", "--state-dir", state)
    assert (code, told_of["difference"]["row"]) == (10, 1)


def test_decision_lines_that_are_not_the_ledgers_are_found(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = decisions_in(state, DAY)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    code, out, _ = called(capsys, "replay", "--state-dir", state)
    assert code == 10
    assert "B decides nothing more, A does" in out


def test_a_torn_tape_is_replayed_as_far_as_it_goes(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tape = events_in(state, DAY)
    content = tape.read_bytes()
    tape.write_bytes(content[: len(content) // 2])
    code, out, _ = called(capsys, "replay", "--state-dir", state)
    assert code == 5
    assert "the same, as far as the tape goes" in out
    assert "could not be replayed" in out
    assert "torn" in out
    tape.unlink()
    code, _, err = called(capsys, "replay", "--state-dir", state)
    assert code == 5
    assert "no event tape" in err


def test_a_folder_is_like_its_own_decision_lines(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(decisions_in(state, DAY), run)
    (run / "decisions_20269999.txt").write_text("no day")
    for other in (run, decisions_in(run, DAY), database_in(state)):
        code, out, _ = called(capsys, "compare", state, other)
        assert (code, out.splitlines()[-1]) == (0, "1 of 1 days are decided alike")


def test_two_runs_that_part_are_shown_where(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = decisions_in(state, DAY).read_text().splitlines()
    other = tmp_path / "run"
    other.mkdir()
    words = lines[3].split(" ")
    words[2] += "X"
    lines[3] = " ".join(words)
    decisions_in(other, DAY).write_text("\n".join(lines))
    (other / "decisions_20261123.txt").write_text(lines[0])
    code, out, _ = called(capsys, "compare", state, other)
    assert code == 10
    assert "alike for 3 decisions, then: the " in out
    assert "2026-11-23  only B has it" in out
    assert out.splitlines()[-1] == "0 of 2 days are decided alike"
    code, told_of = told(capsys, "compare", state, other, "--date", "2026-11-20")
    assert code == 10
    (day,) = told_of["days"]
    assert (day["parting"]["alike"], day["decisions"][0]) == (3, len(lines))


def run_of(lines: list[str], digest: str = "") -> RunView:
    return run_view((run_day(DAY, decisions=digest or digest_of(lines)),))


def test_a_run_folder_is_compared_with_a_state_folder_line_by_line(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = decisions_in(state, DAY).read_text().splitlines()
    alike, other, spoilt = (tmp_path / name for name in ("alike", "other", "spoilt"))
    write_run(alike, run_of(lines), decisions={DAY: lines})
    code, out, _ = called(capsys, "compare", alike, state)
    assert (code, out.splitlines()[-1]) == (0, "1 of 1 days are decided alike")

    fewer = lines[:-1]
    write_run(other, run_of(fewer), decisions={DAY: fewer})
    for folder in (state, alike):
        code, out, _ = called(capsys, "compare", folder, other)
        assert code == 10
        assert f"alike for {len(fewer)} decisions, then: B decides nothing more, A does" in out
        assert f"A  {lines[-1]}" in out

    write_run(spoilt, run_of(lines), decisions={DAY: fewer})
    code, _, err = called(capsys, "compare", state, spoilt)
    assert code == 5
    assert f"decisions.csv: what it has of {DAY} is not what the run decided" in err


def test_a_run_folder_without_decisions_is_compared_by_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = made_run(3)
    first, *others = run.days
    one, other = tmp_path / "one", tmp_path / "other"
    write_run(one, run)
    write_run(other, replace(run, days=(replace(first, decisions="ab" * 8), *others)))
    code, out, _ = called(capsys, "compare", one, one)
    assert (code, out.splitlines()[-1]) == (0, "3 of 3 days are decided alike")
    code, out, _ = called(capsys, "compare", one, other)
    assert code == 10
    assert f"{first.day}  decided otherwise: {first.decisions} and abababababababab" in out
    assert "it is not known where they part" in out
    code, told_of = told(capsys, "compare", one, other)
    assert told_of["days"][0]["decisions"] == [None, None]


def test_what_holds_no_decisions_is_named(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for nothing in (tmp_path, tmp_path / "gone", tmp_path / "gone.db"):
        code, _, err = called(capsys, "compare", state, nothing)
        assert code == 5
        assert "holds no decisions" in err
    code, _, err = called(capsys, "compare", state, state, "--date", "2020-01-01")
    assert code == 5
    assert "nothing was decided on 2020-01-01" in err


def test_an_order_and_a_moment_are_explained(
    made: tuple[Path, TapedDay], capsys: pytest.CaptureFixture[str]
) -> None:
    state, run = made
    trade = next(iter(run.engine.state.holdings.trades.values()))
    code, out, _ = called(capsys, "explain", trade.trade_id, "--state-dir", state)
    assert code == 0
    for topic in ("cause", "bar", "swing", "filter", "ranking", "risk", "intent", "fill", "stop"):
        assert f"  {topic:<8}  " in out
    code, told_of = told(capsys, "explain", trade.trade_id, "--state-dir", state)
    assert (code, told_of["chain"][-1]["topic"]) == (0, "result")
    assert told_of["chain"][-1]["net"] == trade.net / 100
    moment = f"{trade.symbol.lower()}@09:20"
    code, told_of = told(capsys, "explain", moment, "--state-dir", state)
    assert (code, told_of["chain"][-1]["topic"]) == (0, "verdict")


@pytest.mark.parametrize(
    ("what", "says"),
    [("o999", "there: o1 to"), ("NIFTY@25:99", "a time in India"), ("NIFTY@09:20", "not followed")],
)
def test_what_cannot_be_explained_is_named(
    made: tuple[Path, TapedDay], what: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = called(capsys, "explain", what, "--state-dir", made[0])
    assert code == 5
    assert says in err
