"""The REST side: from a request to an endpoint and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from swingbreak.gateway import (
    account_api,
    batch_api,
    books_api,
    calendar_api,
    market_api,
    offset_orders_api,
    options_api,
    orders_api,
    reference_api,
)
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import Endpoint
from swingbreak.gateway.envelope import BAD_JSON, CRASHED, Refused, Reply, refusal
from swingbreak.gateway.limits import RateLimiter
from swingbreak.gateway.market_clock import MarketClock
from swingbreak.gateway.stream import Stream

__all__ = ["ENDPOINTS", "Answered", "Call", "RestServer"]

_MODULES = (
    account_api,
    batch_api,
    books_api,
    calendar_api,
    market_api,
    offset_orders_api,
    options_api,
    orders_api,
    reference_api,
)
ENDPOINTS = {
    (endpoint.method, endpoint.name): endpoint
    for module in _MODULES
    for endpoint in module.ENDPOINTS
}
_PREFIX = "/api/v1/"
_TICKER = "ticker/"
_QUERY_NAMES = {"start_date": "from", "end_date": "to"}

_sorted = msgspec.json.Encoder(order="sorted")
_as_is = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Call:
    """A request, whatever carried it.

    Attributes:
        query: What stands behind the path's question mark.
        caller: Whose requests are counted together.
    """

    method: str
    path: str
    content_type: str = "application/json"
    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    content_type: str


@dataclass(slots=True)
class RestServer:
    """Answers HTTP requests."""

    desk: Desk
    stream: Stream
    clock: MarketClock
    _limiter: RateLimiter = field(default_factory=RateLimiter)

    def app(self) -> web.Application:
        """Return the application; one route, since unknown paths have a shape of their own."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    def answer(self, call: Call) -> Answered:
        """Answer *call*."""
        reply = self._reply(call)
        # counted once it is answered: what it caused has been told to everybody by now
        self.stream.activity += 1
        return _answered(reply)

    async def _handle(self, request: web.Request) -> web.Response:
        call = Call(
            method=request.method,
            path=request.path,
            content_type=request.content_type,
            body=await request.read(),
            query=request.query,
            caller=request.remote or "",
        )
        done = self.answer(call)
        # aiohttp names a charset for text only
        charset = "utf-8" if done.content_type.startswith("text/") else None
        return web.Response(
            body=done.body, status=done.status, content_type=done.content_type, charset=charset
        )

    def _reply(self, call: Call) -> Reply:
        endpoint, path = _find(call)
        if endpoint is None:
            return refusal(404, "Not found", path=call.path).reply
        at = self.clock.elapsed()
        if not self._limiter.admit(endpoint.rate, endpoint.name, call.caller, at):
            return Reply({"message": str(endpoint.rate)}, 429)
        self.desk.calls += self.desk.analyzing
        try:
            is_query = call.method == "GET"
            payload = _query(call, endpoint) if is_query else _body(call, endpoint)
        except Refused as refused:
            return refused.reply
        return endpoint.reply(self.desk, payload | path)


def _find(call: Call) -> tuple[Endpoint | None, dict[str, str]]:
    name = call.path.removeprefix(_PREFIX).removesuffix("/")
    if not call.path.startswith(_PREFIX):
        return None, {}
    if name.startswith(_TICKER):
        return ENDPOINTS.get((call.method, "ticker/{path}")), {"path": name[len(_TICKER) :]}
    return ENDPOINTS.get((call.method, name)), {}


def _query(call: Call, endpoint: Endpoint) -> dict[str, Any]:
    if call.content_type == "application/json":
        raise Refused(BAD_JSON)  # it promises a body that a query has not got
    payload: dict[str, Any] = {}
    for name, field_ in (endpoint.shape or {}).items():
        value = call.query.get(_QUERY_NAMES.get(name, name))
        if value is not None or field_.required:
            payload[name] = value  # what is needed and missing arrives as null
    return payload


def _body(call: Call, endpoint: Endpoint) -> dict[str, Any]:
    if call.content_type != "application/json":
        raise Refused(endpoint.untyped or CRASHED)
    try:
        payload = msgspec.json.decode(call.body)
    except ValueError:  # no JSON, or no UTF-8
        raise Refused(BAD_JSON) from None
    if not isinstance(payload, dict):
        raise Refused(CRASHED)
    return payload


def _answered(reply: Reply) -> Answered:
    if isinstance(reply.body, str):
        return Answered(reply.status, reply.body.encode(), reply.content_type)
    encoder = _as_is if reply.ordered else _sorted
    return Answered(reply.status, encoder.encode(reply.body) + b"\n", reply.content_type)
