"""`notify` beside a day that is served and run: what reaches a phone, and what a phone can do."""

import re
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.views import day_of, recorded_days
from tests.e2e.books_audit import Books
from tests.e2e.processes import Running, running, serving, settings_file
from tests.e2e.test_controls import BUSY, busy
from tests.telegram_fakes import OWNER, TOKEN, FakeTelegram, telegram

AGAIN = "\n(this may have reached you before)"
DAY = "2026-11-20"
TOLD = {"TELEGRAM_BOT_TOKEN": TOKEN}


def flags_of(folder: Path, fake: FakeTelegram, **more: object) -> tuple[str, ...]:
    settings = settings_file(
        folder,
        force_exit_ist="15:00",
        daily_target_r=1000,
        daily_stop_r=-1000,
        telegram_enabled=True,
        telegram_chat_id=OWNER,
        telegram_api_url=fake.url,
        **more,
    )
    return ("--state-dir", str(folder / "state"), *settings)


def test_a_day_on_the_phone_and_ended_from_there(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with telegram() as fake, serving(tmp_path, *BUSY, speed="300") as server:
        flags = flags_of(tmp_path, fake, max_positions=1, max_per_right=1)
        with running(tmp_path, "notify", *flags, name="notify", env=TOLD) as notify:
            wait_for(notify, fake, "notify.began")
            with running(tmp_path, "run", *server.addresses, *flags, env=server.env) as run:
                busy(run, state)
                wait_for(notify, fake, "entry.filled")
                assert "a process runs the day" in said(notify, fake, "/status")
                # the market does not wait for the question: it may be closed by now
                assert re.search("stop|nothing is open", said(notify, fake, "/positions"))
                code = re.findall(r"\d{6}", said(notify, fake, "/flatten"))[0]
                wrong = f"{(int(code) + 1) % 1_000_000:06d}"
                assert "wrong" in said(notify, fake, f"/flatten {wrong}")
                assert "wrong" in said(notify, fake, f"/flatten {code}"), "a wrong code voids it"
                assert run.process.poll() is None
                code = re.findall(r"\d{6}", said(notify, fake, "/flatten"))[0]
                assert said(notify, fake, f"/flatten {code}").startswith("flatten: ")
                assert run.ended().code == 0
            for kind in ("stop.rests", "trade.closed", "day.halted", "run.ended"):
                wait_for(notify, fake, kind)
            assert " R (flatten)" in wait_for(notify, fake, f"day.summary {DAY}: paper: ")
            assert notify.signalled(signal.SIGTERM).code == 143
        assert Books.of(server).held == {}
        kept = "".join(path.read_text("utf-8") for path in state.rglob("*") if is_text(path))
        output = "".join(path.read_text("utf-8") for path in tmp_path.glob("*.err"))
        assert "notify.began" in kept
        assert [secret for secret in (TOKEN, OWNER) if secret in kept + output] == []


@pytest.mark.slow
def test_killed_again_and_again_it_tells_every_trade_once(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with telegram() as fake, serving(tmp_path, *BUSY, speed="400") as server:
        flags = flags_of(tmp_path, fake)
        killed(tmp_path, flags, "first")  # what happens from now on is no history
        with running(tmp_path, "run", *server.addresses, *flags, env=server.env) as run:
            number = 0
            while run.process.poll() is None:
                number += 1
                killed(tmp_path, flags, f"notify{number}")
        assert number > 1
        with running(tmp_path, "notify", *flags, name="last", env=TOLD) as notify:
            wait_for(notify, fake, "run.ended")
            notify.glance(6)  # the last repeats are told when their time is over
        with open_reader(database_in(state)) as database:
            trades = day_of(database, recorded_days(database)[-1])["trades"]
    once = dict.fromkeys(text.removesuffix(AGAIN) for text in fake.texts())
    marked = sum(text.endswith(AGAIN) for text in fake.texts())
    assert len(fake.texts()) - len(once) <= marked, "what comes twice says so"
    lines = [line for text in once for line in text.splitlines()]
    told = Counter[str]()
    for line in lines:
        if found := re.search(r" trade.closed (\w+): .*?(?: \(x(\d+)\))?$", line):
            told[found[1]] += int(found[2] or 1)
    assert told == Counter(str(row["symbol"]) for row in trades)
    assert sum(" day.summary " in line for line in lines) == 1


@pytest.mark.slow
def test_an_engine_that_dies_with_positions_open_is_an_alarm(tmp_path: Path) -> None:
    with telegram() as fake, serving(tmp_path, *BUSY, speed="300") as server:
        flags = flags_of(tmp_path, fake)
        with running(tmp_path, "notify", *flags, name="notify", env=TOLD) as notify:
            with running(tmp_path, "run", *server.addresses, *flags, env=server.env) as run:
                busy(run, tmp_path / "state")
                wait_for(notify, fake, "run.began")
                run.process.kill()
                run.ended()
            died = time.monotonic()
            assert "CRITICAL" in wait_for(notify, fake, "run.ended")
            assert time.monotonic() - died < 5


def killed(folder: Path, flags: tuple[str, ...], name: str) -> None:
    """Run `notify` until it has begun and a moment longer, then kill it."""
    with running(folder, "notify", *flags, name=name, env=TOLD) as notify:
        notify.until(lambda: "alert.seen" in notify.complained)
        notify.glance(1)
        notify.process.kill()


def wait_for(notify: Running, fake: FakeTelegram, kind: str) -> str:
    return notify.until(lambda: next((text for text in fake.texts() if kind in text), ""))


def said(notify: Running, fake: FakeTelegram, text: str) -> str:
    """Write *text* to the bot and return its answer, which is no alert."""
    before = len(fake.texts())
    fake.write(text, time.time())  # noqa: TID251 - what people write carries their time

    def answer() -> str:
        return next((one for one in fake.texts()[before:] if not is_alert(one)), "")

    return notify.until(answer)


def is_alert(text: str) -> bool:
    return bool(re.match(r"(WARNING |CRITICAL )?\d\d:\d\d:\d\d |\d+ alerts together", text))


def is_text(path: Path) -> bool:
    return path.suffix in {".json", ".log"}
