"""Checks of the bot that sends messages: asked of Telegram, and nothing is sent."""

from typing import Final

from swingbreak.adapters.telegram import TelegramBot
from swingbreak.bootstrap.preflight import judging
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.verdicts import Group, Judgement, Verdict, not_applicable

__all__ = ["CHECKS"]

_ANSWER_S: Final = 4.0
_GUIDE: Final = "explanation/alerts.md#setting-it-up"


def _bot(flight: Flight) -> TelegramBot | None:
    messengers = there(flight.settings).messengers
    if not (messengers.telegram_enabled and messengers.bot_token):
        return None
    token, api = messengers.bot_token, messengers.telegram_api
    return TelegramBot(flight.http, token, api, answer_s=_ANSWER_S)


async def _token(flight: Flight) -> Judgement:
    bot = _bot(flight)
    if bot is None:
        return not_applicable("Telegram is not set up")
    return judging.bot(*await bot.me())


async def _chat(flight: Flight) -> Judgement:
    bot = _bot(flight)
    if bot is None:
        return not_applicable("Telegram is not set up")
    chats = there(flight.settings).messengers.chats
    return judging.chats([await bot.chat(chat) for chat in chats])


CHECKS: Final = (
    Check(
        "telegram-bot",
        Group.CONFIGURATION,
        "Telegram can be reached and takes the bot's token",
        (Verdict.REMARK, Verdict.PERMANENT),
        "take the token again from BotFather; or go without, with telegram_enabled false",
        _GUIDE,
        _token,
        needs=("settings",),
    ),
    Check(
        "telegram-chat",
        Group.CONFIGURATION,
        "the bot may write to every chat",
        (Verdict.REMARK, Verdict.PERMANENT),
        "write /start to the bot from each chat; `swingbreak notify --test` shows what arrives",
        _GUIDE,
        _chat,
        needs=("telegram-bot",),
    ),
)
