import json
import subprocess
import sys

import pytest

from swingbreak.cli.output import ExitCode


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "swingbreak", "simulate", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_few_days_in_two_processes_as_json() -> None:
    done = simulate("--days", "12", "--seed", "1", "--jobs", "2", "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    told = json.loads(done.stdout)
    assert told["days"] == 12
    assert told["violations"] == []
    assert told["faults"]
    assert done.stderr == ""


def test_one_day_for_people() -> None:
    done = simulate("--day", "3", "--seed", "1")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "1 days in " in done.stdout
    assert done.stdout.rstrip().endswith("0 violations")


def test_a_violation_says_how_to_see_it_again() -> None:
    done = simulate("--day", "23", "--seed", "5", "--faults", "hand.buys_back")
    if done.returncode == ExitCode.OK:
        pytest.fail("the fault is survived now: switch it on in the catalogue, and look here again")
    assert done.returncode == ExitCode.GATE_FAILED
    assert "again: swingbreak simulate --seed 5 --day 23 --faults hand.buys_back" in done.stdout
    assert "VIOLATION of 5" in done.stdout


def test_faults_are_listed() -> None:
    listed = json.loads(simulate("--list-faults", "--json").stdout)
    assert {"name", "what", "chance", "source", "off"} == listed[0].keys()
    assert len(listed) > 100
    assert "place.lost_answer" in simulate("--list-faults").stdout


def test_a_fault_that_does_not_exist_is_a_usage_error() -> None:
    done = simulate("--faults", "place.no_such")
    assert done.returncode == ExitCode.USAGE
    assert "--list-faults" in done.stderr
