"""How checks are run and summed up, and what a `run` asks of them."""

import asyncio
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from swingbreak.adapters.machine import PACKAGES, missing_packages, this_machine
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.database import open_any, open_writer
from swingbreak.bootstrap.accord import clock_of, wrong_size
from swingbreak.bootstrap.checking import refuse_unfit
from swingbreak.bootstrap.preflight import folder as state
from swingbreak.bootstrap.preflight import weighing
from swingbreak.bootstrap.preflight.checks import CHECKS, OF_RUN
from swingbreak.bootstrap.preflight.flight import Check, Flight, Probe, fly
from swingbreak.bootstrap.preflight.judging import LEAST_PYTHON
from swingbreak.bootstrap.preflight.verdicts import (
    Group,
    Judgement,
    Report,
    Verdict,
    ok,
    permanent,
    remark,
    transient,
)
from swingbreak.bootstrap.preflight.weighing import Plan
from swingbreak.domain.errors import (
    ConfigError,
    DataError,
    GatewayUnreachable,
    LedgerError,
    ModeMismatch,
    SessionLocked,
)
from swingbreak.domain.parameters import Parameters
from swingbreak.settings import Mode
from tests.openalgo_fakes import ManualClock
from tests.preflight_rig import NOW

ROOT = Path(__file__).resolve().parents[2]
OK, REMARK, NA = Verdict.OK, Verdict.REMARK, Verdict.NOT_APPLICABLE
WAIT, NO = Verdict.TRANSIENT, Verdict.PERMANENT


def says(judgement: Judgement) -> Probe:
    async def probe(_: Flight) -> Judgement:
        return judgement

    return probe


def fails_with(error: Exception) -> Probe:
    async def probe(_: Flight) -> Judgement:
        raise error

    return probe


def check(name: str, probe: Probe, **more: Any) -> Check:
    fails = (REMARK, WAIT, NO)
    return Check(name, Group.GATEWAY, f"{name} is well", fails, "do", "see", probe, **more)


async def flown(*checks: Check) -> Report:
    async with aiohttp.ClientSession() as http:
        return await fly(checks, Flight(None, {}, http, ManualClock(NOW), Path()))


def verdicts(report: Report) -> dict[str, Verdict]:
    return {one.check_id: one.verdict for one in report.outcomes}


async def test_what_needs_a_failure_is_not_asked_and_says_why() -> None:
    report = await flown(
        check("d", says(ok("")), needs=("c",)),
        check("c", says(ok("")), needs=("a", "b")),
        check("a", says(remark("x", "y"))),
        check("b", says(transient("x", "y"))),
        check("e", says(ok("")), after=("b",)),
    )
    assert verdicts(report) == {"d": NA, "c": NA, "a": REMARK, "b": WAIT, "e": OK}
    first = report.outcomes[0]
    assert (first.judgement.cause, first.remedy, first.guide) == ("needs: c is well", "", "")


async def test_checks_run_at_once_and_each_within_its_seconds() -> None:
    met = asyncio.Barrier(2)

    async def meet(_: Flight) -> Judgement:
        await met.wait()
        return ok("met")

    async def hang(_: Flight) -> Judgement:
        await asyncio.Event().wait()
        return ok("never")

    report = await flown(check("a", meet), check("b", meet), check("c", hang, seconds=0.05))
    assert verdicts(report) == {"a": OK, "b": OK, "c": WAIT}
    assert report.outcomes[2].judgement.cause == "nothing came in 0.05 s"


@pytest.mark.parametrize(
    ("error", "is_remote", "verdict"),
    [
        (ConfigError("x"), True, NO),
        (LedgerError("x"), False, NO),
        (DataError("x"), False, NO),
        (DataError("x"), True, WAIT),
        (GatewayUnreachable("x"), True, WAIT),
        (ModeMismatch("x"), True, NO),
    ],
)
async def test_an_error_is_judged_by_what_may_be_done(
    error: Exception, is_remote: bool, verdict: Verdict
) -> None:
    report = await flown(check("a", fails_with(error), is_remote=is_remote))
    (only,) = report.outcomes
    assert (only.verdict, only.judgement.cause, only.judgement.error) == (verdict, "x", error)
    assert (only.remedy, only.guide) == ("do", "see")


@pytest.mark.parametrize(
    ("judgements", "answer", "headline"),
    [
        ([ok(""), remark("x", "y")], "safe", "safe to trade today"),
        ([ok(""), transient("x", "y")], "not yet", "not yet: this may pass: c1"),
        (
            [permanent("x", "y"), transient("x", "y")],
            "no",
            "no: not to be traded until this is put right: c0, c1",
        ),
    ],
)
async def test_the_worst_decides(judgements: list[Judgement], answer: str, headline: str) -> None:
    checks = (check(f"c{n}", says(one)) for n, one in enumerate(judgements))
    report = await flown(*checks)
    assert (report.answer, report.headline) == (answer, headline)
    assert report.is_safe == (answer == "safe")


def test_the_table_is_sound() -> None:
    names = [one.check_id for one in CHECKS]
    assert len(names) == len(set(names)) >= 30
    assert {one.group for one in CHECKS} == set(Group)
    done: set[str] = set()
    while waiting := [one for one in CHECKS if one.check_id not in done]:
        ready = [one for one in waiting if {*one.needs, *one.after} <= done]
        assert ready, f"these wait for each other: {[one.check_id for one in waiting]}"
        done |= {one.check_id for one in ready}
    of_run = {one.check_id for one in OF_RUN}
    assert all({*one.needs, *one.after} <= of_run for one in OF_RUN)


@pytest.mark.parametrize("one", CHECKS, ids=lambda one: one.check_id)
def test_a_check_says_what_helps(one: Check) -> None:
    assert one.fails
    assert OK not in one.fails
    assert one.remedy
    page, _, section = one.guide.partition("#")
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    heads = [line.strip("# ").lower() for line in text.splitlines() if line.startswith("#")]
    assert section in {head.replace(" ", "-") for head in heads}


def test_the_page_has_every_check_as_it_is() -> None:
    page = (ROOT / "docs" / "reference" / "check.md").read_text(encoding="utf-8")
    shown: dict[str, list[tuple[str, ...]]] = {}
    group = ""
    for line in page.splitlines():
        group = line.removeprefix("## ").lower() if line.startswith("## ") else group
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if line.startswith("| `") and len(cells) == 4:
            shown.setdefault(group, []).append(cells)
    order = list(Verdict)
    expected: dict[str, list[tuple[str, ...]]] = {}
    for one in CHECKS:
        fails = ", ".join(v.split()[0] for v in sorted(one.fails, key=order.index))
        row = (f"`{one.check_id}`", one.asks, fails, one.remedy)
        expected.setdefault(one.group.value, []).append(row)
    assert shown == expected
    refused = page.split("## What run refuses")[1].split("\n## ")[0]
    assert [one.check_id for one in OF_RUN if f"`{one.check_id}`" not in refused] == ["settings"]


def test_packages_and_python_are_those_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [text.partition(">")[0].replace("-", "_") for text in project["dependencies"]]
    assert sorted(PACKAGES) == sorted(names)
    assert project["requires-python"] == f">={LEAST_PYTHON[0]}.{LEAST_PYTHON[1]}"
    assert missing_packages() == ()
    assert missing_packages(["json", "no_such_package"]) == ("no_such_package",)


def test_this_machine_tells_what_it_is(tmp_path: Path) -> None:
    here = this_machine()
    assert here.python >= (3, 11, 0)
    assert here.india in {None, timedelta(hours=5, minutes=30)}
    assert here.free_bytes(tmp_path / "not" / "there") > 0
    assert here.unwritable(tmp_path / "not" / "there") == ""
    assert list(tmp_path.iterdir()) == []
    assert here.unwritable(_file(tmp_path) / "below") != ""


def test_a_lock_is_looked_at_without_being_taken(tmp_path: Path) -> None:
    lock = folder_lock(tmp_path / "state")
    lock.look()
    assert not (tmp_path / "state").exists()
    with lock:
        before = lock.path.read_text(encoding="utf-8")
        with pytest.raises(SessionLocked):
            folder_lock(tmp_path / "state").look()
    folder_lock(tmp_path / "state").look()
    assert lock.path.read_text(encoding="utf-8") == before
    with pytest.raises(LedgerError, match="cannot be locked"):
        folder_lock(_file(tmp_path)).look()


def _file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file"


def test_a_database_that_is_large_is_looked_at_in_part(tmp_path: Path) -> None:
    path = tmp_path / "live_state.db"
    with open_writer(path) as database, database.write() as connection:
        rows = ((f"2026-{n}", "paper", "x") for n in range(20_000))
        connection.executemany("INSERT INTO bindings VALUES (?, ?, ?)", rows)
    with open_any(path) as database:
        assert database.damage(5.0) == ""
        assert database.damage(-1.0) is None
    assert state.integrity(None).verdict is REMARK
    junk = tmp_path / "junk.db"
    junk.write_text("junk" * 2000)
    with open_any(junk) as database, pytest.raises(LedgerError, match="not a SQLite database"):
        database.damage(5.0)


def test_a_plan_is_as_much_as_the_limits_allow() -> None:
    plan = Plan.of(Parameters())
    assert (plan, plan.positions) == (Plan(3, 2), 5)
    assert Plan.of(replace(Parameters(), max_positions=2)) == Plan(2, 0)
    assert plan.need((100_00, 200_00), 1000) == 770_00


def test_a_lot_may_be_too_large_for_the_risk() -> None:
    # the nearest stop that qualifies is 2 % of 100 rupees away: 130 rupees a lot
    assert wrong_size(65, replace(Parameters(), r_value=130_00)) is None
    error = wrong_size(65, replace(Parameters(), r_value=129_99))
    assert "no position could be sized" in str(error)
    assert weighing.planned_units(65, replace(Parameters(), r_value=130_00)) == 65
    assert weighing.planned_units(65, Parameters()) == 650


def test_real_money_wants_clocks_that_agree() -> None:
    with pytest.raises(ConfigError, match=r"differ by .* set the clock"):
        clock_of(NOW - timedelta(days=9), Mode.LIVE)
    assert clock_of(NOW, Mode.PAPER).now() == NOW


async def test_a_day_is_refused_before_a_damaged_database_is_written(tmp_path: Path) -> None:
    path, given = tmp_path / "state" / "live_state.db", {"state_dir": str(tmp_path / "state")}
    await refuse_unfit(None, given)
    assert not path.parent.exists()
    open_writer(path).close()
    await refuse_unfit(None, given)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO bindings VALUES ('2026-11-20', 'paper', 'x')")
        connection.commit()
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'bindings'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[size * (page - 1) + 3 : size * (page - 1) + 5] = b"\xff\xff"  # its number of cells
    path.write_bytes(bytes(content))
    with pytest.raises(LedgerError, match="damaged"):
        await refuse_unfit(None, given)
    assert path.read_bytes() == bytes(content)
