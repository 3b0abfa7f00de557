"""``data record``: a day's ticks survive a kill, and become the day that was served."""

import json
import signal
from datetime import date, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.adapters.store.recording import Recording, TickLog, recorded_portions, recordings
from swingbreak.adapters.store.tapes import load_tape
from swingbreak.cli.output import ExitCode
from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Tick
from swingbreak.facts.calendar import Calendar
from swingbreak.market.day_bars import Origin
from tests.contract.test_recording import CAME, FIRST, RISING, a_rising_day, options, short_session
from tests.e2e.brake import braked
from tests.e2e.processes import Running, ended, running, serving, settings_file, small_day

FACTS = load_facts()
DAY = date(2026, 11, 20)
SESSION = Calendar(FACTS).session(DAY)
RECORDING = Recording("NIFTY", DAY, Origin.RECORDED)
NAME = "NIFTY01DEC2624200CE"


def tick(second: int, price: int = 150_00) -> Tick:
    at = SESSION.opens + timedelta(seconds=second)
    return Tick(NAME, at, price, 65 * (second + 1), price - 5, price + 5, 65, 130)


def log_of(root: Path, *ticks: Tick) -> Path:
    log = TickLog(Store(root), RECORDING)
    for each in ticks:
        log.add(each)
    log.close()
    return log.path


def test_a_line_cut_short_is_taken_away(tmp_path: Path) -> None:
    path = log_of(tmp_path, tick(1), tick(2))
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    log_of(tmp_path, tick(3))
    (recording,) = recordings(Store(tmp_path))
    portions = {p.place.kind: p for p in recorded_portions(Store(tmp_path), FACTS, recording, 1500)}
    assert len(portions[Kind.TICKS].frame) == 2
    assert portions[Kind.BARS].frame["volume"].to_list() == [260]


def test_a_recording_that_began_late_does_not_count_what_had_traded(tmp_path: Path) -> None:
    log_of(tmp_path, tick(3600), tick(3601))
    (recording,) = recordings(Store(tmp_path))
    portions = {p.place.kind: p for p in recorded_portions(Store(tmp_path), FACTS, recording, 1500)}
    assert portions[Kind.BARS].frame["volume"].to_list() == [65]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no tick was recorded"),
        ("soon,A\n", "a line is no tick"),
        ("1,A,1,1,1,1,1,1\n", "none of 1 ticks lies in the session"),
    ],
)
def test_a_recording_of_nothing_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = log_of(tmp_path)
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=why):
        recorded_portions(Store(tmp_path), FACTS, RECORDING, 1500)


def test_what_was_flushed_is_there_while_the_file_is_open(tmp_path: Path) -> None:
    log = TickLog(Store(tmp_path), RECORDING)
    log.add(tick(1))
    log.flush()
    assert log.path.read_text("utf-8").count("\n") == 1
    log.close()


def lines_in(folder: Path) -> int:
    """How many ticks have been recorded."""
    files = [path.read_bytes() for path in folder.glob("store/incoming/ticks/*")]
    return sum(file.count(b"\n") - file.count(b",,\n") for file in files)


def test_a_foreign_file_among_recordings_is_named(tmp_path: Path) -> None:
    log_of(tmp_path).with_name("notes.ticks").touch()
    with pytest.raises(DataError, match=r"notes\.ticks: its name is no recording's"):
        recordings(Store(tmp_path))


def test_half_an_hour_survives_a_kill(tmp_path: Path) -> None:
    config = settings_file(tmp_path, strikes_each_side=1)
    with serving(tmp_path / "serve", "--replay", str(small_day(tmp_path))) as server:
        flags = (*config, *server.addresses, "--data", "store")
        with running(tmp_path, "data", "record", *flags, name="first", env=server.env) as first:
            first.until(lambda: lines_in(tmp_path))
            first.process.kill()
            assert first.process.wait() == -signal.SIGKILL
        kept = lines_in(tmp_path)
        result = ended(tmp_path, "data", "record", *flags, "--json", name="second", env=server.env)
    assert result.code == ExitCode.DATA, result.err  # the served day ends at 09:45
    assert not lines_in(tmp_path)
    rows = {one["kind"]: one["rows"] for one in json.loads(result.out)}
    assert set(rows) == {"bars", "spot", "ticks"}
    assert rows["ticks"] >= kept > 0
    tape = load_tape(Store(tmp_path / "store"), FACTS, Place("NIFTY", DAY, Kind.TICKS))
    assert tape.synthetic
    assert tape.label == "synthetic NIFTY 2026-11-20 recorded at a simulated exchange"


def test_what_the_window_comes_to_survives_a_kill(tmp_path: Path) -> None:
    facts = str(short_session(tmp_path))
    config = settings_file(tmp_path, **RISING, facts_files=[facts])
    served = ("--replay", str(a_rising_day(tmp_path)), "--facts", facts)
    # what passes while nobody records is no part of this
    with serving(tmp_path / "serve", *served) as server, braked(server) as brake:
        flags = ("data", "record", *config, *server.addresses, "--data", "store", "--json")
        with running(tmp_path, *flags, name="first", env=server.env) as first:
            first.until(lambda: _is_connected(first))
            brake.go()
            first.until(lambda: lines_in(tmp_path))
            brake.hold()
            first.process.kill()
            assert first.process.wait() == -signal.SIGKILL
        with running(tmp_path, *flags, name="second", env=server.env) as second:
            second.until(lambda: _is_connected(second))
            brake.go()
            result = second.ended()
    assert result.code == ExitCode.OK, result.err
    tape = load_tape(Store(tmp_path / "store"), FACTS, Place("NIFTY", DAY, Kind.TICKS))
    assert {contract.symbol for contract in tape.contracts} == options(*FIRST, *CAME)
    assert [note[:40] for note in tape.notes] == ["4 contracts recorded only since they cam"]
    found = json.loads(result.out)
    said = [one["kind"] for one in found if "set_aside" in {f["check"] for f in one["findings"]}]
    assert said == ["bars", "ticks"]


@pytest.mark.slow
def test_a_whole_day_survives_a_kill(tmp_path: Path) -> None:
    config = settings_file(tmp_path, strikes_each_side=1)
    with serving(tmp_path / "serve", "--generate", "7") as server:
        flags = (*config, *server.addresses, "--data", "store")
        with running(tmp_path, "data", "record", *flags, name="first", env=server.env) as first:
            first.until(lambda: lines_in(tmp_path) > 2_000)
            first.process.kill()
            assert first.process.wait() == -signal.SIGKILL
        kept = lines_in(tmp_path)
        result = ended(tmp_path, "data", "record", *flags, "--json", name="second", env=server.env)
    assert result.code == ExitCode.OK, result.err
    ticks = next(one for one in json.loads(result.out) if one["kind"] == "ticks")
    assert ticks["rows"] > kept > 2_000
    # what an earlier start followed is followed to the end, wherever the money is by then
    day = DayReader(Store(tmp_path / "store"), FACTS).day("NIFTY", DAY)
    for place, contract in enumerate(day.contracts):
        assert day.minute[day.starts[place + 1] - 1] > SESSION.minutes - 10, contract.symbol


def _is_connected(recorder: Running) -> bool:
    return "feed connected" in recorder.complained
