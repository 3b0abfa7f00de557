"""Every check against a gateway, a machine and a state folder that fail it."""

import os
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from yarl import URL

from swingbreak.adapters.machine import this_machine
from swingbreak.adapters.pulse import PulseWriter, Stage, pulse_in
from swingbreak.adapters.runlock import account_lock, folder_lock
from swingbreak.bootstrap.checking import without_secrets
from swingbreak.bootstrap.preflight.checks import CHECKS
from swingbreak.bootstrap.preflight.verdicts import FAILURES, Outcome
from swingbreak.dashboard.server import Dashboard
from swingbreak.domain.errors import SessionLocked
from tests.openalgo_fakes import KEY, feed_server, order_row, rest_server
from tests.preflight_cases.case import NA, NO, NOWHERE, OK, REMARK, WAIT, Case, hang, on
from tests.preflight_cases.dates import DATES
from tests.preflight_cases.feed import FEED
from tests.preflight_cases.folders import ENDED, database, profile
from tests.preflight_cases.gateway import GATEWAY
from tests.preflight_cases.here import HERE
from tests.preflight_rig import (
    DAY,
    OPTIONS,
    SESSION,
    Scene,
    Socket,
    by_id,
    data,
    flown,
    machine,
    refusal,
)

CASES = HERE | DATES | GATEWAY | FEED
BY_ID = {check.check_id: check for check in CHECKS}
# Of every flight here: nobody has a profile, and the facts end in the summer.
ALWAYS = {"profile", "facts-age"}


def placed(case: Case, folder: Path) -> Scene:
    """The case's scene with the files of *folder*."""
    named = {
        key: [str(folder / name)] if key == "facts_files" else str(folder / name)
        for key, name in case.files.items()
    }
    return replace(case.scene, config={**case.scene.config, **named})


@pytest.mark.parametrize("name", CASES)
async def test_what_is_wrong_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    report = await flown(tmp_path, placed(case, tmp_path))
    outcome = by_id(report)[case.check_id]
    assert outcome.verdict is case.verdict, outcome
    assert case.verdict in BY_ID[case.check_id].fails
    told_ = f"{outcome.judgement.found} {outcome.judgement.cause}; {outcome.remedy}"
    assert [text for text in case.says if text not in told_] == [], told_
    assert outcome.guide
    others = {
        one.check_id: one.verdict
        for one in report.outcomes
        if one.verdict not in {OK, NA} and one.check_id != case.check_id
    }
    assert set(others) - ALWAYS == set(case.more), others
    assert report.is_safe == (case.verdict not in FAILURES and not set(others.values()) & FAILURES)


def test_every_way_to_fail_has_its_case() -> None:
    tried = {(case.check_id, case.verdict) for case in CASES.values()}
    possible = {(check.check_id, verdict) for check in CHECKS for verdict in check.fails}
    elsewhere = {
        # the tests below, and those of the parts
        ("other-instance", NO),
        ("other-instance", REMARK),
        ("account-in-use", NO),
        ("database-integrity", REMARK),
        # tests/contract/test_telegram.py
        *((f"telegram-{what}", verdict) for what in ("bot", "chat") for verdict in (REMARK, NO)),
    }
    assert possible - tried - elsewhere == set()


async def test_a_day_on_which_nothing_is_wrong(tmp_path: Path) -> None:
    good = Scene(prepare=profile(), config={"gateway_profile": str(tmp_path / "profile.json")})
    report = await flown(tmp_path, good)
    found = {one.check_id: one.verdict for one in report.outcomes if one.verdict is not OK}
    assert found == {
        "facts-age": REMARK,
        **dict.fromkeys(("telegram", "telegram-bot", "telegram-chat", "standby"), NA),
        **dict.fromkeys(("database-integrity", "binding", "day"), NA),
    }
    assert (report.answer, report.headline) == ("safe", "safe to trade today")
    assert not (tmp_path / "state").exists(), "a check changes nothing"


@pytest.mark.parametrize("name", ["other-instance", "account-in-use"])
async def test_who_runs_already_is_named(tmp_path: Path, name: str) -> None:
    host = f"http://{NOWHERE}"
    other = {
        "other-instance": folder_lock(tmp_path / "state"),
        "account-in-use": account_lock(tmp_path / "locks", host, KEY, DAY),
    }[name]
    with other:
        report = await flown(tmp_path, Scene(config={"openalgo_host": host}))
    outcome = by_id(report)[name]
    assert outcome.verdict is NO
    assert str(os.getpid()) in outcome.judgement.cause
    assert isinstance(outcome.judgement.error, SessionLocked)
    assert report.answer == "no"


async def test_one_that_waits_for_the_session_is_no_obstacle(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with folder_lock(state), PulseWriter(pulse_in(state)) as pulse:
        pulse.beat(Stage.WAITS)
        waiting = by_id(await flown(tmp_path, Scene()))["other-instance"]
    assert waiting.verdict is REMARK
    assert waiting.judgement.found == f"process {os.getpid()} waits"
    gone = by_id(await flown(tmp_path, Scene()))["other-instance"]
    assert gone.verdict is OK


STANDBYS = {
    "well": (Socket(), OK, ("6 of 6",)),
    "refused": (
        Socket(code="AUTHENTICATION_ERROR"),
        REMARK,
        ("AUTHENTICATION_ERROR", "OPENALGO_STANDBY_API_KEY"),
    ),
    "ends": (Socket(hangs_up="authenticate"), REMARK, ("closed",)),
    "of another day": (Socket(ahead=timedelta(hours=1)), REMARK, ("+3600.0 s", "another time")),
    "counting in lots": (Socket(volume=1000), REMARK, ("has 1000 there, and 65000 here",)),
    "a little behind": (Socket(volume=64_000), OK, ("6 of 6",)),
    "mute": (Socket(silent=frozenset(OPTIONS)), REMARK, ("mute", "put it right there")),
    "of other contracts": (Socket(missing=frozenset({OPTIONS[0]})), REMARK, (OPTIONS[0],)),
}


@pytest.mark.parametrize("name", STANDBYS)
async def test_a_standby_is_listened_to_and_is_no_obstacle(tmp_path: Path, name: str) -> None:
    socket, verdict, says = STANDBYS[name]
    async with feed_server(socket.serve) as standby:
        scene = Scene(
            config={"standby_ws_url": standby.url}, environment={"OPENALGO_STANDBY_API_KEY": KEY}
        )
        report = await flown(tmp_path, scene)
    outcome = by_id(report)["standby"]
    told_ = f"{outcome.judgement.found} {outcome.judgement.cause}; {outcome.remedy}"
    assert (outcome.verdict, report.is_safe) == (verdict, True), outcome
    assert [text for text in says if text not in told_] == [], told_


async def test_the_dashboard_itself_may_have_its_port(tmp_path: Path) -> None:
    unusable = this_machine().unusable

    async def seen(port: int) -> Outcome:
        scene = Scene(machine=machine(unusable=unusable), config={"dashboard_port": port})
        return by_id(await flown(tmp_path, scene))["dashboard-port"]

    dashboard = Dashboard(tmp_path, armed=False)
    port = URL(await dashboard.start(0)).port or 0
    assert (await seen(port)).judgement.found == f"a dashboard listens on {port}"
    await dashboard.stop()
    assert (await seen(port)).judgement.found == f"{port} is free"
    async with rest_server() as other:
        taken = await seen(URL(other.url).port or 0)
    assert taken.verdict is REMARK
    assert "aiohttp" in taken.judgement.cause, "who it is"
    assert (await seen(0)).verdict is OK


async def test_what_is_ours_is_not_left_over(tmp_path: Path) -> None:
    rows = """
    INSERT INTO orders (date, order_id, broker_order_id, slot, symbol, side, status, quantity,
        filled, value_paise, limit_paise, trigger_paise, reason, level, placed_at, updated_at)
    VALUES ('2026-11-20', 'a', '1', 'close:X', 'NIFTY01DEC2624500CE', 'BUY', 'accepted', 65, 0, 0,
        1, 1, '', '', '', '');
    INSERT INTO positions (date, symbol, trade_id, level, sold, sold_value_paise, bought,
        bought_value_paise, points_paise, stop_paise, opened_at)
    VALUES ('2026-11-20', 'NIFTY01DEC2624500CE', 't', '', 65, 1, 0, 0, 1, 1, '');
    """
    held = [{"symbol": "NIFTY01DEC2624500CE", "quantity": -65}, {"symbol": "X", "quantity": 0}]
    books = on(orderbook=(200, data({"orders": [order_row()]})), positionbook=(200, data(held)))
    found = by_id(await flown(tmp_path, replace(books, prepare=database(rows + ENDED))))
    assert [found[name].verdict for name in ("day", "orders", "positions")] == [OK, OK, OK]
    assert found["orders"].judgement.found == "1 working, 1 of them ours"
    assert found["positions"].judgement.found == "1 open, 1 of them ours"
    # what the gateway does not have is as suspicious as what it has
    bare = replace(books, answers={**books.answers, "positionbook": (200, data([]))})
    found = by_id(await flown(tmp_path, replace(bare, prepare=lambda _: None)))
    assert found["positions"].verdict is WAIT
    assert "NIFTY01DEC2624500CE +0, here -65" in found["positions"].judgement.cause


async def test_a_market_that_waits_for_us_is_not_used_up(tmp_path: Path) -> None:
    mute = Socket(silent=frozenset({OPTIONS[3]}), pongs=0)
    report = by_id(await flown(tmp_path, Scene(socket=mute, ticks_s=10.0)))
    assert report["option-ticks"].verdict is REMARK
    assert mute.pongs == 65  # seconds of the market
    closed = Socket(silent=frozenset({"*"}), pongs=0, now=SESSION.at(time(9)))
    report = by_id(await flown(tmp_path, Scene(socket=closed, wall=closed.now, ticks_s=10.0)))
    assert report["index-ticks"].judgement.cause.startswith("not now")
    assert closed.pongs == 0


async def test_a_key_that_the_gateway_repeats_is_hidden(tmp_path: Path) -> None:
    report = await flown(tmp_path, on(ping=(400, refusal(f"no such thing: {KEY}"))))
    assert KEY in by_id(report)["key"].judgement.found
    hidden = by_id(without_secrets(report, [KEY]))["key"]
    assert KEY not in repr(replace(hidden.judgement, error=None))
    assert "no such thing" in hidden.judgement.found


async def test_a_gateway_that_hangs_ends_in_a_verdict(tmp_path: Path) -> None:
    quick = tuple(replace(check, seconds=0.1) for check in CHECKS)
    report = await flown(tmp_path, replace(on(ping=hang), checks=quick))
    assert by_id(report)["gateway"].judgement.cause == "nothing came in 0.1 s"
    assert (report.answer, report.seconds < 2) == ("not yet", True)
    assert by_id(report)["key"].judgement.cause == "needs: it answers as OpenAlgo does"
    scene = replace(on(optionchain=hang), checks=quick)
    found = by_id(await flown(tmp_path, scene))
    assert found["symbols"].verdict is WAIT
    assert found["feed-log-in"].verdict is NA
