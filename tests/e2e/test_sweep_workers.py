"""Who chooses the sets of a sweep, and who runs them, changes nothing that they come to."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters import data_layer
from swingbreak.bootstrap.sweep import running, units
from swingbreak.bootstrap.sweep.clustering import cluster_workers
from swingbreak.bootstrap.sweep.folder import sweep_into
from swingbreak.bootstrap.sweep.running import SweepAsked
from swingbreak.bootstrap.sweep.space import grid, listed
from swingbreak.cli.output import ExitCode
from tests.commands import run

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

AXES = ("--grid", "stop_max_percent=6,8,10,14", "--range", "target_points_rupees=6..14:2")


def swept(stored: Path, out: str, *arguments: str) -> Any:
    # by the engine: the kernel, which takes long to be compiled, has tests of its own
    asked = ("--data", str(stored), "--out", out, *AXES, *arguments, "--exact", "--json")
    code = run("sweep", *asked)
    assert code == ExitCode.OK
    return json.loads(Path(out, "sweep.json").read_text("utf-8"))["view"]


def test_optuna_asks_for_the_same_sets_again_and_finds_them_done(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna")
    scored: list[int] = []
    real = units.score_unit
    monkeypatch.setattr(units, "score_unit", lambda unit: scored.append(1) or real(unit))
    first = swept(stored, "one", "--optuna", "22", "--objective", "net_r")
    assert len(scored) == 8, "two batches on four days"
    again = swept(stored, "one", "--optuna", "22", "--objective", "net_r")
    assert len(scored) == 8
    assert again == first
    points = [each["point"] for each in first["tried"]]
    assert len({str(point) for point in points}) == len(points) <= 20
    (note,) = [note for note in first["notes"] if "optuna" in note]
    assert f"{22 - len(points)} of them again; every set ran on every day" in note
    other = swept(stored, "two", "--optuna", "22", "--objective", "net_r", "--seed", "2")
    assert [each["point"] for each in other["tried"]] != points


@pytest.mark.slow
def test_what_optuna_asks_for_comes_to_what_it_does_in_a_grid(stored: Path) -> None:
    pytest.importorskip("optuna")
    every = {str(each["point"]): each["scores"] for each in swept(stored, "grid")["tried"]}
    for each in swept(stored, "chosen", "--optuna", "10")["tried"]:
        assert each["scores"] == every[str(each["point"])]


def test_sets_that_cannot_be_are_counted(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optuna")
    axes = ("--grid", "max_positions=0,2,5")
    asked = ("sweep", "--data", str(stored), "--optuna", "12", "--exact")
    assert run(*asked, "--out", "some", *axes, "--json") == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert sorted(each["point"]["max_positions"] for each in found["sets"]) == ["2", "5"]
    assert any("that cannot be" in note for note in found["notes"])
    impossible = ("--grid", "max_positions=0")
    assert run(*asked, "--out", "none", *impossible) == ExitCode.CONFIGURATION
    assert "none of 12 sets can be" in capsys.readouterr().err
    assert run(*asked, "--out", "none", *axes, "--random", "3") == ExitCode.CONFIGURATION


def asked_of(stored: Path, out: str) -> SweepAsked:
    points = grid([listed("stop_max_percent=6,8,10,14"), listed("target_points_rupees=6,10")])
    return SweepAsked(None, {}, points, stored, Path(out), "sharpe", exact=True)


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as made:
        yield made


def test_a_worker_that_is_killed_loses_nothing(
    stored: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_SETS_PER_UNIT", 1)
    killed: list[int] = []

    def told(done: int, _of: int, _resumed: int) -> None:
        if done == 3:
            victim = next(iter(cluster.workers.values())).pid
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    with cluster_workers(cluster.scheduler_address, 1) as workers:
        spread = sweep_into(asked_of(stored, "spread"), told, workers)
    assert len(killed) == 1
    assert len([*Path("spread/units").iterdir()]) == 32
    alone = sweep_into(asked_of(stored, "alone"), lambda *_: None)
    assert spread.view == alone.view
    for kept in Path("alone/units").iterdir():
        assert Path("spread/units", kept.name).read_bytes() == kept.read_bytes()


@pytest.mark.slow
def test_a_cluster_of_our_own_finds_what_one_process_finds(stored: Path) -> None:
    pytest.importorskip("distributed")
    assert swept(stored, "out", "--cluster", "local") == swept(stored, "alone")


def test_a_cluster_that_is_not_there(
    stored: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("sweep", "--data", str(stored), "--out", "none", *AXES)
    if pytest.importorskip("distributed"):
        assert run(*asked, "--cluster", "nonsense://x") == ExitCode.CONFIGURATION
        assert "nothing answers there" in capsys.readouterr().err

    def missing(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr(data_layer, "import_module", missing)
    assert run(*asked, "--cluster", "local") == ExitCode.CONFIGURATION
    assert 'pip install "swingbreak[cluster]"' in capsys.readouterr().err
