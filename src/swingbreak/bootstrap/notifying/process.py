"""`swingbreak notify`: a process of its own beside the one that trades."""

import asyncio
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import aiohttp

from swingbreak.adapters.apprise_service import AppriseService, require_apprise
from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.dayfolder import DayFolder
from swingbreak.adapters.notify_file import Memory, NotifyFile
from swingbreak.adapters.runlock import RunLock
from swingbreak.adapters.telegram import TelegramBot, TelegramChat
from swingbreak.alerts.alert import Alert, Severity
from swingbreak.alerts.delivery import Delivery, Outcome
from swingbreak.bootstrap.giving_up import hush
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.bootstrap.notifying.answering import Answerer
from swingbreak.bootstrap.notifying.post import Post
from swingbreak.bootstrap.notifying.watching import Watcher
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import IST
from swingbreak.logs import open_log
from swingbreak.ports import Notifier
from swingbreak.settings import Messengers, Settings, load, secrets_of

__all__ = ["Tried", "bot_of", "notify", "try_all"]

_LOOK_S: Final = 1.0
_NOBODY: Final = (
    "nobody gets messages: set telegram_enabled, telegram_chat_id and TELEGRAM_BOT_TOKEN, or "
    "APPRISE_URLS; docs/explanation/alerts.md says how"
)


class Tried(NamedTuple):
    """How one receiver took a message, or which chat could be one."""

    receiver: str
    delivery: Delivery


def notify(config: Path | None, state_dir: Path | None) -> Departure:
    """Tell what happens in the state folder until a signal comes, and return that.

    Raises:
        ConfigError: Nobody gets messages, or the bot's token is not valid.
        DataError: What an earlier process kept cannot be read.
        SessionLocked: Another process does it already.
    """
    settings = load(config, overrides={"state_dir": state_dir and str(state_dir)})
    departure = Departure()
    hush()
    try:
        asyncio.run(until_signal(_run(settings), departure))
    except asyncio.CancelledError:
        if departure.signal is None:
            raise
    return departure


def try_all(config: Path | None) -> list[Tried]:
    """Send one message to every receiver and say what came of it.

    Raises:
        ConfigError: Nobody gets messages.
    """
    hush()
    return asyncio.run(_tried(load(config)))


def bot_of(http: aiohttp.ClientSession, messengers: Messengers) -> TelegramBot:
    """Return the bot.

    Raises:
        ConfigError: There is no token.
    """
    if not messengers.bot_token:
        raise ConfigError(
            "TELEGRAM_BOT_TOKEN is not set: BotFather gives one, copy it into this environment "
            "variable"
        )
    return TelegramBot(http, messengers.bot_token, messengers.telegram_api)


async def _run(settings: Settings) -> None:
    clock, folder = WallClock(), settings.state_dir
    purpose = f"notify on {folder}"
    name = f"{settings.log_name}-notify"
    log = DayFolder(folder, clock.now().astimezone(IST).date(), name).log
    hidden = (*secrets_of(), *settings.messengers.secrets)
    async with aiohttp.ClientSession() as http:
        receivers = _receivers(http, settings)
        with ExitStack() as stack:
            stack.enter_context(RunLock(folder / "notify.lock", purpose))
            opened = open_log(log, now=clock.now, secrets=hidden, console=sys.stderr)
            stack.enter_context(opened)
            file = NotifyFile(folder)
            kept = file.load()
            memory = kept or Memory()
            watcher = Watcher(settings, clock, memory, is_first=kept is None)
            post = Post(file, memory, receivers, clock)
            bot = await _valid_bot(http, settings.messengers)
            async with asyncio.TaskGroup() as tasks:
                if bot is not None:
                    answerer = Answerer(bot, settings, clock, post, watcher, _code)
                    tasks.create_task(answerer.run())
                for receiver in receivers:
                    tasks.create_task(post.deliver(receiver.name))
                await _watch(post, watcher, clock)


async def _watch(post: Post, watcher: Watcher, clock: WallClock) -> None:
    first = watcher.news()
    today = watcher.story.summary() if watcher.story else "nothing has happened yet"
    began = Alert(clock.now(), Severity.INFO, "notify.began", "notify", f"listening; {today}")
    post.take([began, *first])
    while True:
        await asyncio.sleep(_LOOK_S)
        post.take(watcher.news())


def _receivers(http: aiohttp.ClientSession, settings: Settings) -> list[Notifier]:
    found: list[Notifier] = []
    if settings.messengers.telegram_enabled:
        bot = bot_of(http, settings.messengers)
        found += [TelegramChat(bot, chat) for chat in settings.messengers.chats]
    if settings.messengers.apprise_urls:
        require_apprise()
        found += map(AppriseService, settings.messengers.apprise_urls)
    if not found:
        raise ConfigError(_NOBODY)
    return found


async def _valid_bot(http: aiohttp.ClientSession, messengers: Messengers) -> TelegramBot | None:
    if not messengers.telegram_enabled:
        return None
    bot = bot_of(http, messengers)
    _, delivery = await bot.me()
    if delivery.outcome is Outcome.BARRED:
        raise ConfigError(delivery.why)
    return bot  # it may be out of reach for now


async def _tried(settings: Settings) -> list[Tried]:
    async with aiohttp.ClientSession() as http:
        messengers = settings.messengers
        if messengers.bot_token and not messengers.chats:
            return await _who_wrote(bot_of(http, messengers))
        text = "swingbreak can reach you here"
        receivers = _receivers(http, settings)
        return [Tried(each.name, await each.send(text)) for each in receivers]


async def _who_wrote(bot: TelegramBot) -> list[Tried]:
    updates, _, delivery = await bot.updates(0, 0)
    if delivery.outcome is not Outcome.DELIVERED:
        return [Tried("telegram", delivery)]
    chats = {update.chat: update.name for update in updates}
    if not chats:
        why = "telegram_chat_id is not set, and nobody has written to the bot: write /start to it"
        return [Tried("telegram", Delivery(Outcome.BARRED, why))]
    why = "wrote to the bot: put the number into telegram_chat_id if it is yours"
    return [Tried(f"{chat} {name}", Delivery(Outcome.BARRED, why)) for chat, name in chats.items()]


def _code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"
