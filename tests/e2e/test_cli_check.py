"""`check` as a command: what it prints, and its exit code."""

import json
from pathlib import Path

from tests.e2e.processes import ended, serving, settings_file, small_day


def test_a_healthy_server_is_safe_and_nothing_is_changed(tmp_path: Path) -> None:
    day = str(small_day(tmp_path))
    few = settings_file(tmp_path, strikes_each_side=1, atm="24200", dashboard_port=0)
    with serving(tmp_path, "--replay", day, speed="60") as server:
        server.running.until(lambda: f"{server.now():%H:%M}" >= "03:46")  # a minute of the session
        flags = ("--state-dir", str(tmp_path / "state"), *server.addresses)
        end = ended(tmp_path, "check", *flags, *few, "--json", env=server.env)
        told = json.loads(end.out)
    assert (end.code, end.err, told["answer"]) == (0, "", "safe"), end
    assert told["headline"] == "safe to trade today"
    found = {one["id"]: one for one in told["checks"]}
    not_plain = {n: one["verdict"] for n, one in found.items() if one["verdict"] == "remark"}
    # at 60 minutes a minute the market may be ahead of the history that was asked for
    not_plain.pop("history", None)
    # a simulated day is not today, nobody has a profile, and the facts end in the summer
    assert not_plain == dict.fromkeys(("profile", "facts-age", "clock"), "remark")
    assert found["option-ticks"]["found"].startswith("6 of 6")
    assert all(one["cause"] and one["remedy"] for one in found.values() if one["guide"])
    assert not (tmp_path / "state").exists()


def test_what_cannot_be_read_is_told_all_the_same(tmp_path: Path) -> None:
    wrong = settings_file(tmp_path, max_position=2)
    end = ended(tmp_path, "check", *wrong, env={"PYTHONIOENCODING": "ascii"}, fresh=True)
    assert (end.code, end.err) == (4, "")
    assert end.out.isascii()
    assert "no: not to be traded until this is put right: settings" in end.out
    assert "did you mean max_positions?" in end.out
    assert "do     correct each key that is named" in end.out
    assert "see    docs/reference/check.md#configuration" in end.out
    assert "needs: file, environment and command line can be read" in end.out
