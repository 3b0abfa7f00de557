"""How a request reaches the gateway and what its answer, or the lack of one, means.

Rules of this file:

1. An order request is sent once. What became of it is one of four things: taken, certainly not
   sent, certainly refused, or unknown. A timeout is unknown.
2. Only queries are repeated, a few times, when the gateway did not answer or was overloaded.
3. Success is HTTP 200 and ``status: success``.

Source: OpenAlgo 2.0.2.1, recorded exchanges, read 2026-11-22.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import aiohttp
import msgspec
import stamina

from swingbreak.adapters.openalgo.echo import Echo
from swingbreak.adapters.openalgo.loose_json import as_standard
from swingbreak.domain.errors import (
    ConfigError,
    DataError,
    GatewayRefused,
    GatewayUnreachable,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    RequestNotSent,
)

__all__ = ["Answer", "Timeouts", "Transport"]

_T = TypeVar("_T")
_JSON: Final = {"Content-Type": "application/json"}
_KEY_TEXT: Final = "invalid openalgo apikey"
_OK, _BAD_REQUEST, _TOO_LATE, _TOO_MANY, _BROKEN = 200, 400, 408, 429, 500
_NOT_OFFERED = 501


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that each class of call may take."""

    connect_s: float = 3.0
    order_s: float = 5.0
    query_s: float = 5.0
    history_s: float = 15.0
    chain_s: float = 15.0


class Answer(msgspec.Struct, gc=False):
    """What every answer may carry.

    Attributes:
        message: Text, or an object by field name.
        mode: ``analyze`` from the gateway's sandbox; live answers carry none.
        pending_order_id: Of an order that waits for a person's approval.
    """

    status: str = ""
    message: Any = None
    errors: Any = None
    mode: str = ""
    orderid: str | int | None = None
    pending_order_id: Any = None

    @property
    def text(self) -> str:
        """What it says to a person."""
        parts = [part for part in (self.message, self.errors) if part]
        return " ".join(
            part if isinstance(part, str) else msgspec.json.encode(part).decode() for part in parts
        )


_decode_answer = msgspec.json.Decoder(Answer, strict=False).decode


class Transport:
    """A gateway's REST interface for one API key, over a pooled session.

    Attributes:
        timeouts: Seconds per class of call.
        in_flight: Requests not answered yet.
    """

    def __init__(
        self, host: str, api_key: str, session: aiohttp.ClientSession, timeouts: Timeouts
    ) -> None:
        if not host.startswith(("http://", "https://")):
            raise ConfigError(f"host {host!r} is no address like http://127.0.0.1:5000")
        self.timeouts = timeouts
        self.in_flight = 0
        self._base = f"{host.rstrip('/')}/api/v1/"
        self._api_key = api_key
        self._echo = Echo(api_key)
        self._session = session

    async def order(self, path: str, fields: Mapping[str, str | int]) -> Answer:
        """Send an order request once and return the gateway's yes.

        Raises:
            RequestNotSent: It certainly did not arrive, or was turned away for its rate.
            OrderRefused: It was certainly refused.
            GatewayRefused: The key is wrong or the broker session is gone; nothing was done.
            OutcomeUnknown: It may have been carried out.
        """
        status, raw = await self._post(path, fields, self.timeouts.order_s)
        answer = _answer(raw)
        text = f"{path}: HTTP {status}: {answer.text}"
        if status == _OK and answer.status == "success":
            return answer
        if status == _TOO_MANY:
            raise RateLimited(text)
        if _KEY_TEXT in text.lower():
            raise GatewayRefused(_with_advice(text))
        # a 200 that is no yes must say no itself; whoever redirects has not carried it out
        said_no = answer.status == "error" if status == _OK else status < _BROKEN
        if said_no and status != _TOO_LATE:
            raise OrderRefused(text)
        raise OutcomeUnknown(text)

    async def query(
        self, path: str, reply: type[_T], *, seconds: float | None = None, **fields: object
    ) -> _T:
        """Ask *path* and return its answer as *reply*; repeats itself while nothing answers.

        Raises:
            GatewayUnreachable: No answer, or an error of the gateway's own.
            RateLimited: Too many requests, still after waiting.
            GatewayRefused: It answered with a refusal.
            DataError: The answer is not of the shape expected.
        """
        patience = seconds or self.timeouts.query_s
        async for attempt in stamina.retry_context(
            on=(GatewayUnreachable, RateLimited), attempts=3, wait_initial=0.2, wait_jitter=0.2
        ):
            with attempt:
                return await self._ask(path, fields, patience, reply)
        raise AssertionError("retry_context returns or raises")

    async def _ask(
        self, path: str, fields: Mapping[str, object], seconds: float, reply: type[_T]
    ) -> _T:
        try:
            status, raw = await self._post(path, fields, seconds)
        except (RequestNotSent, OutcomeUnknown) as error:
            raise GatewayUnreachable(
                f"{error}: is OpenAlgo running there, and is the address right?"
            ) from error
        answer = _answer(raw)
        text = f"{path}: HTTP {status}: {answer.text}"
        if status == _TOO_MANY:
            raise RateLimited(text)
        if status >= _BROKEN and status != _NOT_OFFERED:
            raise GatewayUnreachable(text)
        if status != _OK or answer.status != "success":
            raise GatewayRefused(_with_advice(text))
        try:
            return msgspec.json.decode(raw, type=reply, strict=False)
        except msgspec.DecodeError as error:
            raise DataError(f"{path}: the answer cannot be read: {error}") from error

    async def _post(
        self, path: str, fields: Mapping[str, object], seconds: float
    ) -> tuple[int, bytes]:
        # a deadline of its own for connecting: running into it proves that nothing was sent
        connect = min(self.timeouts.connect_s, seconds / 2)
        self.in_flight += 1
        try:
            async with self._session.post(
                self._base + path,
                data=msgspec.json.encode({"apikey": self._api_key, **fields}),
                headers=_JSON,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=connect),
                allow_redirects=False,
            ) as response:
                return response.status, _standard(self._echo.body(await response.read()))
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            raise RequestNotSent(f"{path}: no connection to {self._base}: {error}") from error
        except (aiohttp.ClientError, OSError) as error:  # a timeout is an OSError
            what = f"no answer in {seconds:g} s" if isinstance(error, TimeoutError) else str(error)
            raise OutcomeUnknown(f"{path}: {self._base}: {what}") from error
        finally:
            self.in_flight -= 1


def _standard(raw: bytes) -> bytes:
    # a broker's text may be in whatever encoding; of an answer it is the least important part
    return as_standard(raw.decode(errors="replace")).encode()


def _answer(raw: bytes) -> Answer:
    try:
        return _decode_answer(raw)
    except msgspec.DecodeError:
        return Answer(message=raw[:200].decode(errors="replace"))


def _with_advice(text: str) -> str:
    if _KEY_TEXT not in text.lower():
        return text
    return (
        f"{text}: the API key is wrong, or the gateway has no broker session (it ends at 03:00 "
        "and at every logout). Log in to the broker in OpenAlgo first; copy the key again only "
        "if that does not help"
    )
