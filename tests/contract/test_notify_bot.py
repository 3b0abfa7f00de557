"""What people write to the bot, from a Bot API to the state folder and back."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from swingbreak.adapters.controls import Answer, Controls
from swingbreak.adapters.notify_file import Memory, NotifyFile
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.adapters.telegram import TelegramBot, TelegramChat
from swingbreak.bootstrap import giving
from swingbreak.bootstrap.notifying.answering import Answerer
from swingbreak.bootstrap.notifying.post import Post
from swingbreak.bootstrap.notifying.watching import Watcher
from swingbreak.cli.main import application
from swingbreak.cli.output import ExitCode, run_reporting
from swingbreak.domain.commands import PauseDay
from swingbreak.domain.control import Control
from swingbreak.domain.session import ist_clock
from swingbreak.settings import load
from tests.builders import at
from tests.openalgo_fakes import ManualClock
from tests.telegram_fakes import OWNER, TOKEN, FakeTelegram, refused, telegram

NOW = at(10)
STRANGER = "555000111"
CODE = "493817"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeTelegram]:
    with telegram() as fake:
        yield fake


@pytest.fixture
def fake(server: FakeTelegram) -> FakeTelegram:
    server.sent.clear()
    server.updates.clear()
    server.plan.clear()
    server.calls.clear()
    server.repeats, server.written = False, 0
    return server


@dataclass
class Bot:
    """An answerer with what is around it."""

    state: Path
    fake: FakeTelegram
    post: Post
    answerer: Answerer
    clock: ManualClock

    async def said(self, text: str, *, chat: str = OWNER, old: float = 0) -> str:
        """Write *text* and return what was sent to its chat for it."""
        self.clock.wait(0.001)  # a word is named by its time
        before = len(self.fake.texts(chat))
        self.fake.write(text, self.clock.now().timestamp() - old, chat=chat)
        memory = self.post.memory
        bot = self.answerer._bot
        updates, memory.update_id, _ = await bot.updates(memory.update_id, 0)
        for update in updates:
            await self.answerer.answer(update)
        return "\n".join(self.fake.texts(chat)[before:])

    @property
    def warned(self) -> list[str]:
        """What waits for the owner."""
        return [parcel.text for parcel in self.post.memory.undelivered.parcels]


@asynccontextmanager
async def answering(
    tmp_path: Path, fake: FakeTelegram, memory: Memory | None = None
) -> AsyncIterator[Bot]:
    clock, state = ManualClock(NOW), tmp_path / "state"
    given = {
        "state_dir": str(state),
        "telegram_enabled": True,
        "telegram_chat_id": OWNER,
        "telegram_api_url": fake.url,
    }
    settings = load(None, environment={"TELEGRAM_BOT_TOKEN": TOKEN}, overrides=given)
    async with aiohttp.ClientSession() as http:
        bot = TelegramBot(http, TOKEN, fake.url)
        memory = memory or Memory()
        receiver = TelegramChat(bot, OWNER)
        post = Post(NotifyFile(state), memory, [receiver], clock)
        watcher = Watcher(settings, clock, memory, is_first=True)
        answerer = Answerer(bot, settings, clock, post, watcher, lambda: CODE, poll_s=1)
        yield Bot(state, fake, post, answerer, clock)


@asynccontextmanager
async def engine(state: Path, *, answers: bool = True) -> AsyncIterator[list[tuple[Control, str]]]:
    """Somebody who holds the folder and does as they are told."""
    heard: list[tuple[Control, str]] = []

    async def obey() -> None:
        controls = Controls(state)
        while answers:
            for given in list(controls.waiting()):
                assert given.by == "telegram"
                heard.append((given.control, given.reason))
                controls.answer(given, Answer(NOW, done=True, text="as you say"))
            await asyncio.sleep(0.01)

    with folder_lock(state):
        task = asyncio.create_task(obey())
        yield heard
        task.cancel()


async def test_a_pause_is_one_word_and_the_rest_need_a_code(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    async with answering(tmp_path, fake) as bot, engine(bot.state) as heard:
        assert await bot.said("/pause news at ten") == "pause: as you say"
        for word in ("resume", "flatten", "kill"):
            assert await bot.said(f"/{word}") == f"to {word}, write within 60 s:\n/{word} {CODE}"
            assert await bot.said(f"/{word} {CODE} enough") == f"{word}: as you say"
        assert heard == [
            (Control.PAUSE, "news at ten"),
            (Control.RESUME, "enough"),
            (Control.FLATTEN, "enough"),
            (Control.KILL, "enough"),
        ]
        lock = Controls(bot.state).locked()
        assert lock is not None
        assert (lock.reason, lock.by) == ("enough", "telegram")


async def test_a_code_is_not_used_twice_nor_late_nor_for_another_word(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    async with answering(tmp_path, fake) as bot, engine(bot.state) as heard:
        await bot.said("/flatten")
        assert "nothing was done" in await bot.said("/flatten 000000")
        assert "nothing was done" in await bot.said(f"/flatten {CODE}")
        await bot.said("/flatten")
        assert "nothing was done" in await bot.said(f"/kill {CODE}")
        await bot.said("/flatten")
        bot.clock.wait(61)
        assert "nothing was done" in await bot.said(f"/flatten {CODE}")
        assert heard == []
        await bot.said("/flatten")
        await bot.said(f"/flatten {CODE}")
        assert "nothing was done" in await bot.said(f"/flatten {CODE}")
        assert heard == [(Control.FLATTEN, "asked by Telegram")]
        assert Controls(bot.state).locked() is None


async def test_strangers_hear_nothing_and_the_owner_hears_of_them_once(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    fake.known.add(STRANGER)
    async with answering(tmp_path, fake) as bot, engine(bot.state) as heard:
        for text in ("/status", "/flatten", f"/flatten {CODE}", "hello"):
            assert await bot.said(text, chat=STRANGER) == ""
        assert heard == []
        assert len(bot.warned) == 1
        assert f"chat {STRANGER} (anna) wrote to the bot" in bot.warned[0]
        assert "sendMessage" not in fake.calls


async def test_what_is_too_old_is_not_obeyed_and_a_wrong_clock_is_named(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    async with answering(tmp_path, fake) as bot, engine(bot.state) as heard:
        for old in (61, -61):
            answer = await bot.said("/pause", old=old)
            assert "not obeyed" in answer
            assert ist_clock(NOW) in answer
        assert heard == []


async def test_what_was_written_before_the_start_is_passed_over_and_nothing_is_heard_twice(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    fake.write("/pause", NOW.timestamp())
    fake.write("/pause", NOW.timestamp(), chat=STRANGER)
    async with answering(tmp_path, fake) as bot, engine(bot.state) as heard:
        task = asyncio.create_task(bot.answerer.run())
        await until(lambda: bot.warned)
        assert bot.post.memory.update_id == 2
        assert "1 commands" in bot.warned[0]
        fake.repeats = True
        fake.write("/pause at last", NOW.timestamp())
        await until(lambda: heard and fake.texts())
        await until(lambda: fake.calls[-1] == "getUpdates")
        task.cancel()
        assert heard == [(Control.PAUSE, "at last")]
        kept = NotifyFile(bot.state).load()
    assert kept is not None
    assert kept.update_id == 3
    fake.sent.clear()
    async with answering(tmp_path, fake, kept) as bot, engine(bot.state) as heard:
        task = asyncio.create_task(bot.answerer.run())
        before = len(fake.calls)
        await until(lambda: len(fake.calls) > before)
        task.cancel()
        assert (heard, fake.texts()) == ([], [])


async def test_an_update_is_noted_on_the_disk_before_it_is_obeyed(
    tmp_path: Path, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering(tmp_path, fake) as bot:
        noted: list[int] = []

        async def answer(_: object) -> None:
            kept = NotifyFile(bot.state).load()
            noted.append(kept.update_id if kept else -1)

        monkeypatch.setattr(bot.answerer, "answer", answer)
        task = asyncio.create_task(bot.answerer.run())
        await until(lambda: "getUpdates" in fake.calls)
        await until(lambda: len(fake.calls) > 1)
        fake.write("/pause", NOW.timestamp())
        await until(lambda: noted)
        task.cancel()
        assert noted == [1]


async def test_while_telegram_is_away_it_is_asked_again_and_a_second_reader_is_told(
    tmp_path: Path, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    real = asyncio.sleep

    async def at_once(seconds: float) -> None:
        pauses.append(seconds)
        await real(0)

    conflict = refused(409, "Conflict: terminated by other getUpdates request")
    fake.next("getUpdates", refused(500, "Oops"), refused(502, "Oops"), conflict)
    async with answering(tmp_path, fake) as bot:
        monkeypatch.setattr(asyncio, "sleep", at_once)
        task = asyncio.create_task(bot.answerer.run())
        for _ in range(100_000):
            if len(fake.calls) > 3:
                break
            await real(0.001)
        task.cancel()
        assert pauses[:3] == [1, 2, 60]
        assert "another program reads this bot's messages" in bot.warned[0]


async def test_questions_are_answered_whether_or_not_a_day_is_there(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    async with answering(tmp_path, fake) as bot:
        assert "no day is recorded" in await bot.said("/status")
        assert await bot.said("/positions") == "nothing is open"
        assert await bot.said("/orders") == "no order is live"
        assert await bot.said("/pnl") == "no day is recorded yet"
        assert "NO process runs" in await bot.said("/why")
        assert "no day is recorded" in await bot.said("/why o5")
        assert "/flatten" in await bot.said("/help")
        assert "/help lists them" in await bot.said("hello")
        assert "was NOT done: nobody runs in " in await bot.said("/pause")
        await bot.said("/kill")
        assert "nothing was exited" in await bot.said(f"/kill {CODE}")
        assert Controls(bot.state).locked() is not None
        with open_writer(bot.state / "live_state.db") as writer:
            SqliteLedger(writer).append(NOW, [PauseDay("news")])
        bot.answerer._watcher.news()
        assert "a person has paused it" in await bot.said("/why")


async def test_a_database_that_cannot_be_read_is_an_answer(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    async with answering(tmp_path, fake) as bot:
        bot.state.mkdir()
        (bot.state / "live_state.db").write_text("junk" * 2000)
        assert "that did not work: " in await bot.said("/status")


async def test_an_engine_that_hangs_is_told_and_the_word_taken_back(
    tmp_path: Path, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering(tmp_path, fake) as bot, engine(bot.state, answers=False):
        monkeypatch.setattr(giving, "_PATIENCE_S", 0.1)
        assert "was NOT done: no answer" in await bot.said("/pause")
        assert list(Controls(bot.state).waiting()) == []
        await bot.said("/kill")
        assert "trading is locked all the same" in await bot.said(f"/kill {CODE}")


async def test_an_answer_that_telegram_turns_away_is_sent_later(
    tmp_path: Path, fake: FakeTelegram
) -> None:
    async with answering(tmp_path, fake) as bot:
        fake.next("sendMessage", refused(429, "Too Many Requests", retry_after=3))
        assert await bot.said("/positions") == ""
        assert bot.warned == ["nothing is open"]
        fake.next("sendMessage", refused(500, "Oops"))
        assert await bot.said("/orders") == ""
        assert bot.warned == ["nothing is open"], "it may have arrived"


async def until(seen: object) -> None:
    assert callable(seen)
    for _ in range(2000):
        if seen():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("not in 10 s")


def notify(capsys: pytest.CaptureFixture[str], *flags: str) -> tuple[int, str, str]:
    app = application("notify")
    code = run_reporting(lambda: app(["notify", *flags]), list(flags))
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fake: FakeTelegram) -> FakeTelegram:
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_CHAT_ID", "TELEGRAM_ENABLED", "APPRISE_URLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    text = f'telegram_enabled = true\ntelegram_chat_id = "{OWNER}"\ntelegram_api_url = "{fake.url}"'
    Path("swingbreak.toml").write_text(text + "\n")
    return fake


def test_trying_sends_one_message(capsys: pytest.CaptureFixture[str], set_up: FakeTelegram) -> None:
    code, out, err = notify(capsys, "--test", "--json")
    assert (code, err) == (ExitCode.OK, "")
    assert [row["outcome"] for row in json.loads(out)] == ["delivered"]
    assert set_up.texts() == ["swingbreak can reach you here"]
    set_up.next("sendMessage", refused(403, "Forbidden: bot was blocked"))
    code, out, _ = notify(capsys, "--test")
    assert code == ExitCode.CONFIGURATION
    assert "barred" in out
    set_up.next("sendMessage", refused(500, "Oops"))
    assert notify(capsys, "--test")[0] == ExitCode.GATEWAY_UNREACHABLE
    assert not Path("swingbreak-state").exists()


def test_trying_without_a_chat_shows_who_wrote(
    capsys: pytest.CaptureFixture[str], set_up: FakeTelegram
) -> None:
    Path("swingbreak.toml").write_text(f'telegram_api_url = "{set_up.url}"\n')
    code, out, _ = notify(capsys, "--test")
    assert code == ExitCode.CONFIGURATION
    assert "nobody has written to the bot" in out
    set_up.write("/start", NOW.timestamp(), chat=STRANGER)
    _, out, _ = notify(capsys, "--test")
    assert re.search(rf"{STRANGER} anna .*telegram_chat_id", out)
    set_up.next("getUpdates", refused(401, "Unauthorized"))
    assert "BotFather" in notify(capsys, "--test")[1]


REFUSALS = {
    "nobody": ("", {}, "nobody gets messages"),
    "no token": ("x", {"TELEGRAM_BOT_TOKEN": ""}, "TELEGRAM_BOT_TOKEN is not set"),
    "a wrong token": ("x", {"TELEGRAM_BOT_TOKEN": "1:wrong-token"}, "BotFather"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_work_ends_with_its_remedy(
    capsys: pytest.CaptureFixture[str],
    set_up: FakeTelegram,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    config, environment, text = REFUSALS[name]
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    if not config:
        Path("swingbreak.toml").unlink()
    code, out, err = notify(capsys)
    assert (code, out) == (ExitCode.CONFIGURATION, "")
    assert text in err
    assert set_up.sent == []
    assert "wrong-token" not in err
