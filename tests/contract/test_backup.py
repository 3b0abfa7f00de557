"""A state folder in one file and back, whole or not at all."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from swingbreak.adapters.archive import pack, unpack
from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.pulse import PulseWriter, pulse_in
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.database import open_reader, open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.bootstrap.verifying import verify_ledger
from swingbreak.cli.output import ExitCode
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import OrderAccepted
from tests.builders import DAY, at, entry
from tests.commands import run

RECORDS = [SubmitOrder("o1", entry()), OrderAccepted(at(1), "o1", "b1")]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder as a day leaves it that is locked, with logs and a word."""
    folder = tmp_path / "state"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "day.log").write_bytes(b"{}\n" * 1000)
    Controls(folder).lock(KillLock(at(), "enough", "cli"))
    with open_writer(database_in(folder)) as database:
        SqliteLedger(database).append(at(1), RECORDS)
    return folder


def kept(folder: Path) -> list[object]:
    with open_reader(database_in(folder)) as database:
        return [record for _, record in SqliteLedger(database).records(DAY)]


def test_it_comes_back_as_it_was(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, again = tmp_path / "backups" / "one.zip", tmp_path / "again"
    words = ("--state-dir", str(state), "--json")
    assert run("backup", "--to", str(archive), *words) == ExitCode.OK
    made = json.loads(capsys.readouterr().out)
    assert run("restore", str(archive), "--state-dir", str(again), "--json") == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == made | {"state_dir": str(again)}
    assert kept(again) == RECORDS
    assert verify_ledger(database_in(again)).is_whole
    assert Controls(again).locked() == Controls(state).locked()
    assert (again / "logs/day.log").read_bytes() == (state / "logs/day.log").read_bytes()
    assert sorted(path.name for path in archive.parent.iterdir()) == ["one.zip"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "backups", "state"]


def test_a_day_that_runs_is_not_disturbed_and_leaves_nothing_of_its_process(
    state: Path, tmp_path: Path
) -> None:
    archive, again = tmp_path / "one.zip", tmp_path / "again"
    with folder_lock(state), PulseWriter(pulse_in(state)), open_writer(database_in(state)) as busy:
        ledger = SqliteLedger(busy)
        with busy.write():  # in the middle of a transaction
            pack(state, archive)
        ledger.append(at(2), [SubmitOrder("o2", entry())])
        unpack(archive, again)
    names = {path.name for path in again.rglob("*") if path.is_file()}
    assert kept(again) == RECORDS
    assert len(kept(state)) == 3
    assert names == {"live_state.db", "day.log", "KILLED.json"}


def test_nothing_is_written_over(state: Path, tmp_path: Path) -> None:
    pack(state, tmp_path / "one.zip")
    before = kept(state)
    with pytest.raises(DataError, match=r"there is a state already; name another --state-dir"):
        unpack(tmp_path / "one.zip", state)
    assert kept(state) == before


def test_where_there_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no state to back up"):
        pack(tmp_path / "nowhere", tmp_path / "one.zip")
    assert list(tmp_path.iterdir()) == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def with_manifest(files: dict[str, str], layout: int = 1) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("a", "b")
            manifest = {"layout": layout, "swingbreak": "9.9", "files": files}
            packed.writestr("manifest.json", json.dumps(manifest))

    return write


def without_manifest(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a", "b")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (cut, "cannot be put back"),
        (without_manifest, "is no archive that `swingbreak backup` made"),
        (with_manifest({}, layout=2), r"has layout 2, .*use the swingbreak 9\.9"),
        (with_manifest({"a": "0"}), "a is not what was packed"),
        (with_manifest({"b": "0"}), "b is missing"),
        (with_manifest({"../a": "0"}), "would lie outside the folder"),
        (with_manifest({"/a": "0"}), "would lie outside the folder"),
        (Path.unlink, "cannot be put back"),
    ],
    ids=["cut", "foreign", "newer", "changed", "missing", "outside", "absolute", "gone"],
)
def test_what_is_damaged_is_not_put_back(
    state: Path, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    archive = tmp_path / "one.zip"
    pack(state, archive)
    spoil(archive)
    with pytest.raises(DataError, match=why):
        unpack(archive, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "again.new").exists()
