"""The bot against a Bot API that does what the real one does on a bad day."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from swingbreak.adapters.apprise_service import AppriseService, require_apprise
from swingbreak.adapters.telegram import TelegramBot, TelegramChat
from swingbreak.alerts.delivery import Outcome
from swingbreak.bootstrap.preflight import judging
from swingbreak.bootstrap.preflight.verdicts import Verdict
from swingbreak.domain.errors import NeedsExtra
from swingbreak.settings import Messengers
from tests.preflight_rig import Scene, by_id, flown
from tests.telegram_fakes import (
    HANGS_UP,
    OWNER,
    SILENT,
    TOKEN,
    Answer,
    FakeTelegram,
    refused,
    taken,
    telegram,
)

OK, REMARK, NO, NA = Verdict.OK, Verdict.REMARK, Verdict.PERMANENT, Verdict.NOT_APPLICABLE


@pytest.fixture(scope="module")
def server() -> Iterator[FakeTelegram]:
    with telegram() as fake:
        yield fake


@pytest.fixture
def fake(server: FakeTelegram) -> FakeTelegram:
    server.sent.clear()
    server.updates.clear()
    server.plan.clear()
    server.repeats = False
    return server


@asynccontextmanager
async def bot(url: str, token: str = TOKEN, answer_s: float = 5.0) -> AsyncIterator[TelegramBot]:
    async with aiohttp.ClientSession() as http:
        yield TelegramBot(http, token, url, answer_s=answer_s)


async def test_a_message_arrives_as_it_is(fake: FakeTelegram) -> None:
    async with bot(fake.url) as one:
        chat = TelegramChat(one, OWNER)
        text = "a_b *c* <d> \N{RUPEE SIGN}1,000 [x](y)"
        assert (await chat.send(text)).outcome is Outcome.DELIVERED
        await chat.send("x" * 5000)
    assert fake.sent[0] == (OWNER, text)
    assert len(fake.sent[1][1]) == 4000
    assert OWNER not in chat.name
    assert chat.name == replace(chat).name


ANSWERS: dict[str, tuple[Answer, Outcome, str]] = {
    "too many": (
        refused(429, "Too Many Requests: retry after 7", retry_after=7),
        Outcome.NOT_SENT,
        "wait 7 s",
    ),
    "broken": (refused(500, "Internal Server Error"), Outcome.UNSURE, "500"),
    "a gateway's page": ((502, b"<html>Bad Gateway</html>"), Outcome.UNSURE, "HTTP 502"),
    "bytes that are no text": (
        (200, b'{"ok":true,"description":"\xff"}'),
        Outcome.UNSURE,
        "HTTP 200",
    ),
    "a portal's page": ((200, b"<html>Log in</html>"), Outcome.UNSURE, "HTTP 200"),
    "another server": ((404, b"not found"), Outcome.NOT_SENT, "HTTP 404"),
    "a list": ((200, b"[]"), Outcome.UNSURE, "does not speak"),
    "a moved page": ((302, b""), Outcome.UNSURE, "HTTP 302"),
    "a token of nobody": (refused(401, "Unauthorized"), Outcome.BARRED, "BotFather"),
    "a token that is none": (refused(404, "Not Found"), Outcome.BARRED, "BotFather"),
    "a blocked bot": (
        refused(403, "Forbidden: bot was blocked by the user"),
        Outcome.BARRED,
        "/start",
    ),
    "no such chat": (refused(400, "Bad Request: chat not found"), Outcome.BARRED, "/start"),
    "a moved group": (
        refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1001),
        Outcome.BARRED,
        "telegram_chat_id",
    ),
    "another reader": (
        refused(409, "Conflict: terminated by other getUpdates request"),
        Outcome.BARRED,
        "another program",
    ),
    "an empty text": (
        refused(400, "Bad Request: message text is empty"),
        Outcome.REFUSED,
        "text is empty",
    ),
    "its token in the text": (refused(400, f"no {TOKEN}"), Outcome.REFUSED, "no [hidden]"),
    "a lost connection": (HANGS_UP, Outcome.UNSURE, "lost"),
    "silence": (SILENT, Outcome.UNSURE, "no answer from Telegram in 0.1 s"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_an_answer_means(fake: FakeTelegram, name: str) -> None:
    answer, outcome, text = ANSWERS[name]
    fake.next("sendMessage", answer)
    async with bot(fake.url, answer_s=0.1 if answer == SILENT else 5.0) as one:
        found = await one.send(OWNER, "x")
    assert found.outcome is outcome
    assert text in found.why
    assert TOKEN not in found.why
    assert found.wait_s == (7 if name == "too many" else 0)


async def test_an_address_where_nobody_is(fake: FakeTelegram) -> None:
    del fake
    async with bot("http://127.0.0.1:1") as one:
        found = await one.send(OWNER, "x")
        name, of_me = await one.me()
    assert (found.outcome, of_me.outcome, name) == (Outcome.NOT_SENT, Outcome.NOT_SENT, "")
    assert "cannot be reached" in found.why
    assert TOKEN not in found.why


def row(number: Any, **message: Any) -> dict[str, Any]:
    plain = {"date": 1_795_000_000, "chat": {"id": 7, "title": "us"}, "text": "/help"}
    return {"update_id": number, "message": plain | message}


async def test_updates_come_in_order_once_and_whatever_is_odd_among_them(
    fake: FakeTelegram,
) -> None:
    rows = [
        row(12, **{"from": {"id": 8, "username": "anna"}}),
        row(11),
        row(12),
        {"update_id": 13, "edited_message": {}},
        {"update_id": 14, "message": {"chat": "odd"}},
        row("15"),
        row(9),
        "odd",
        row(16, text=5),
    ]
    fake.next("getUpdates", taken(rows), taken("odd"), HANGS_UP, taken(rows))
    async with bot(fake.url) as one:
        found, last, delivery = await one.updates(10, 0)
        assert (await one.updates(last, 0))[:2] == ([], 16)
        assert (await one.updates(last, 0))[2].outcome is Outcome.UNSURE
        repeated = await one.updates(last, 0)
        assert (repeated[:2], repeated[2].outcome) == (([], 16), Outcome.UNSURE)
    assert delivery.outcome is Outcome.DELIVERED
    assert last == 16
    assert [(u.update_id, u.chat, u.sender, u.name) for u in found] == [
        (11, "7", "7", "us"),
        (12, "7", "8", "anna"),
    ]
    assert fake.calls[-1] == "getUpdates"


READY = {"telegram_enabled": True, "telegram_chat_id": OWNER}
CHECKED = {
    "all is well": ((), (), OK, OK),
    "a token of nobody": ((refused(401, "Unauthorized"),), (), NO, NA),
    "a bad day there": ((refused(500, "Oops"),), (HANGS_UP,), REMARK, REMARK),
    "a blocked bot": ((), (refused(403, "Forbidden: blocked"),), OK, NO),
}


@pytest.mark.parametrize("name", CHECKED)
async def test_the_pre_flight_asks_telegram(tmp_path: Path, fake: FakeTelegram, name: str) -> None:
    of_bot, of_chat, bot_verdict, chat_verdict = CHECKED[name]
    fake.next("getMe", *of_bot)
    fake.next("getChat", *of_chat)
    config = READY | {"telegram_api_url": fake.url}
    scene = Scene(config=config, environment={"TELEGRAM_BOT_TOKEN": TOKEN})
    found = by_id(await flown(tmp_path, scene))
    assert found["telegram"].verdict is OK
    assert found["telegram-bot"].verdict is bot_verdict, found["telegram-bot"]
    assert found["telegram-chat"].verdict is chat_verdict, found["telegram-chat"]
    said = f"{found['telegram-bot']} {found['telegram-chat']}"
    assert TOKEN not in said
    assert OWNER not in said
    assert fake.sent == []


def test_other_services_need_their_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = Messengers(
        telegram_enabled=False,
        telegram_api="",
        bot_token="",
        chats=(),
        apprise_urls=("json://h",),
    )
    assert judging.telegram(set_up, has_apprise=False).verdict is REMARK
    assert judging.telegram(set_up, has_apprise=True).verdict is OK
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(NeedsExtra, match=r'pip install "swingbreak\[notify\]"'):
        require_apprise()


@pytest.mark.parametrize(
    ("knows", "delivers", "outcome"),
    [
        (True, True, Outcome.DELIVERED),
        (True, False, Outcome.UNSURE),
        (False, False, Outcome.BARRED),
    ],
)
async def test_other_services_are_given_a_thread_and_keep_quiet(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    outcome: Outcome,
    *,
    knows: bool,
    delivers: bool,
) -> None:
    loop, sent = asyncio.get_running_loop(), []

    class Apprise:
        def add(self, url: str) -> bool:
            return knows and url == "json://user:word@host"

        def notify(self, *, body: str, title: str) -> bool:
            logging.getLogger("apprise").error("no luck with json://user:word@host")
            with pytest.raises(RuntimeError):
                asyncio.get_running_loop()  # a thread of its own has none
            sent.append((title, body))
            return delivers

    module = type("Module", (), {"Apprise": Apprise})
    monkeypatch.setitem(__import__("sys").modules, "apprise", module)
    service = AppriseService("json://user:word@host")
    found = await service.send("x")
    assert found.outcome is outcome
    assert sent == [("swingbreak", "x")] * knows
    assert "word" not in f"{service!r} {service.name} {found.why}"
    assert caplog.text == ""
    assert loop.is_running()
