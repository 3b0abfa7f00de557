"""A bot at Telegram: messages out, updates in.

Rules of this file:

1. The token is part of every address. No text that leaves this file contains it, and none is made
   of an exception's own words, which may quote the address.
2. A message is text and nothing else: no markup that could be refused.
3. No answer is not a refusal: the message may have arrived.

Source: core.telegram.org/bots/api, read 2026-11-29: sendMessage, getUpdates, getMe, getChat and
ResponseParameters.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import aiohttp
import msgspec

from swingbreak.alerts.delivery import Delivery, Outcome

__all__ = ["TelegramBot", "TelegramChat", "Update"]

_MOST_CHARACTERS: Final = 4000  # of 4,096
_USUAL_S: Final = 10.0
_CONNECT_S: Final = 5.0
_BAD, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 400, 401, 403, 404
_CONFLICT, _TOO_MANY, _BROKEN = 409, 429, 500
_LEAST_WAIT_S: Final = 1.0

_BOT_REMEDY: Final = "take it again from BotFather, into TELEGRAM_BOT_TOKEN"
_CHAT_REMEDY: Final = "write /start to the bot from that chat, or correct telegram_chat_id"
_ONE_READER: Final = "another program reads this bot's messages, or a webhook is set: end it"


class Update(NamedTuple):
    """A message that somebody wrote to the bot.

    Attributes:
        sender: Who wrote it; in a private chat the chat itself.
        name: How they call themselves.
        at: When, by Telegram's clock.
        text: Empty for what is no text.
    """

    update_id: int
    chat: str
    sender: str
    name: str
    at: datetime
    text: str


class _Parameters(msgspec.Struct):
    retry_after: float = 0.0
    migrate_to_chat_id: int = 0


class _Reply(msgspec.Struct):
    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class _Somebody(msgspec.Struct):
    id: int
    username: str = ""
    first_name: str = ""
    title: str = ""


class _Written(msgspec.Struct, rename={"sender": "from"}):
    date: int
    chat: _Somebody
    sender: _Somebody | None = None
    text: str = ""


class _Raw(msgspec.Struct):
    update_id: int
    message: _Written | None = None


class _Numbered(msgspec.Struct):
    update_id: int


class TelegramBot:
    """The bot that a token belongs to.

    Args:
        session: HTTP session; the caller owns it.
        token: From BotFather.
        api_url: ``https://api.telegram.org``, or a Bot API server of one's own.
        answer_s: How long an answer may take.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: str,
        api_url: str,
        *,
        answer_s: float = _USUAL_S,
    ) -> None:
        self._session = session
        self._token = token
        self._base = f"{api_url}/bot{quote(token, safe=':')}/"
        self._answer_s = answer_s

    async def me(self) -> tuple[str, Delivery]:
        """Return the bot's name, empty where the token is not taken."""
        result, delivery = await self._call("getMe", {})
        name = result.get("username") if isinstance(result, dict) else ""
        return str(name or ""), delivery

    async def chat(self, chat: str) -> Delivery:
        """Say whether the bot knows *chat*."""
        _, delivery = await self._call("getChat", {"chat_id": chat})
        return delivery

    async def send(self, chat: str, text: str) -> Delivery:
        """Send *text* to *chat*, once."""
        fields = {"chat_id": chat, "text": text[:_MOST_CHARACTERS]}
        _, delivery = await self._call("sendMessage", fields)
        return delivery

    async def updates(self, after: int, wait_s: int) -> tuple[list[Update], int, Delivery]:
        """Return what was written after update *after*, and the number of the last update.

        Args:
            after: Every update up to this one is forgotten by Telegram.
            wait_s: How long to wait for the first of them; 0 to ask for what is there.
        """
        fields = {"offset": after + 1, "timeout": wait_s, "allowed_updates": ["message"]}
        result, delivery = await self._call("getUpdates", fields, more_s=wait_s)
        rows = result if isinstance(result, list) else []
        numbers = [n for row in rows if (n := _number(row)) is not None and n > after]
        if rows and not numbers:
            # asked again at once it would say the same: its reader has to pause
            why = "Telegram repeats what was seen, or sends what nobody understands"
            return [], after, Delivery(Outcome.UNSURE, why)
        unique: dict[int, Update] = {}
        for each in filter(None, map(_update, rows)):
            unique.setdefault(each.update_id, each)
        found = [unique[number] for number in sorted(unique) if number > after]
        return found, max(numbers, default=after), delivery

    async def _call(
        self, method: str, fields: dict[str, Any], *, more_s: float = 0.0
    ) -> tuple[Any, Delivery]:
        seconds = self._answer_s + more_s
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_S)
        try:
            async with self._session.post(
                self._base + method, json=fields, timeout=limit, allow_redirects=False
            ) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            why = f"Telegram cannot be reached ({type(error).__name__}): is the network there?"
            return None, Delivery(Outcome.NOT_SENT, why)
        except TimeoutError:
            return None, Delivery(Outcome.UNSURE, f"no answer from Telegram in {seconds:g} s")
        except (aiohttp.ClientError, OSError) as error:
            why = f"the answer from Telegram was lost ({type(error).__name__})"
            return None, Delivery(Outcome.UNSURE, why)
        try:
            reply = msgspec.json.decode(body, type=_Reply)
        except ValueError:  # no JSON, or no UTF-8
            return None, _wordless(status)
        said = reply.description.replace(self._token, "[hidden]")
        return (reply.result, Delivery(Outcome.DELIVERED)) if reply.ok else (None, _no(reply, said))


@dataclass(frozen=True, slots=True)
class TelegramChat:
    """One chat as a receiver of messages."""

    bot: TelegramBot
    chat: str

    @property
    def name(self) -> str:
        """What files and logs call it; the chat's id is nobody else's business."""
        return f"telegram-{sha256(self.chat.encode()).hexdigest()[:8]}"

    async def send(self, text: str) -> Delivery:
        """Send *text*, once."""
        return await self.bot.send(self.chat, text)


def _wordless(status: int) -> Delivery:
    why = f"what answers at telegram_api_url does not speak as Telegram does (HTTP {status})"
    taken_perhaps = status < _BAD or status >= _BROKEN
    return Delivery(Outcome.UNSURE if taken_perhaps else Outcome.NOT_SENT, why)


def _no(reply: _Reply, said: str) -> Delivery:
    match reply.error_code:
        case code if code == _TOO_MANY:
            wait = max(reply.parameters.retry_after, _LEAST_WAIT_S)
            return Delivery(Outcome.NOT_SENT, f"Telegram asks to wait {wait:g} s", wait)
        case code if code in {_UNAUTHORIZED, _NOT_FOUND}:
            return Delivery(Outcome.BARRED, f"the bot token is not valid ({said}): {_BOT_REMEDY}")
        case code if code == _FORBIDDEN or _is_of_chat(reply):
            return Delivery(Outcome.BARRED, f"the chat takes nothing ({said}): {_CHAT_REMEDY}")
        case code if code == _CONFLICT:
            return Delivery(Outcome.BARRED, f"{_ONE_READER} ({said})")
        case code if code >= _BROKEN:
            return Delivery(Outcome.UNSURE, f"Telegram is in trouble ({code} {said})")
        case code:
            return Delivery(Outcome.REFUSED, f"Telegram refused it ({code} {said})")


def _is_of_chat(reply: _Reply) -> bool:
    gone = "chat not found" in reply.description.lower()
    return reply.error_code == _BAD and (gone or bool(reply.parameters.migrate_to_chat_id))


def _number(row: object) -> int | None:
    try:
        return msgspec.convert(row, _Numbered).update_id
    except msgspec.ValidationError:
        return None


def _update(row: object) -> Update | None:
    try:
        raw = msgspec.convert(row, _Raw)
    except msgspec.ValidationError:
        return None
    message = raw.message
    if message is None:
        return None
    sender = message.sender or message.chat
    name = sender.username or sender.first_name or message.chat.title
    at = datetime.fromtimestamp(max(message.date, 0), UTC)
    return Update(raw.update_id, str(message.chat.id), str(sender.id), name, at, message.text)
