"""The REST side: from a request to an endpoint and back."""

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

__all__ = ["ENDPOINTS", "RestServer"]

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

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        reply = self._reply(request, body)
        # counted once it is answered: what it caused has been told to everybody by now
        self.stream.activity += 1
        return _response(reply)

    def _reply(self, request: web.Request, body: bytes) -> Reply:
        endpoint, path = _find(request)
        if endpoint is None:
            return refusal(404, "Not found", path=request.path).reply
        at, caller = self.clock.elapsed(), request.remote or ""
        if not self._limiter.admit(endpoint.rate, endpoint.name, caller, at):
            return Reply({"message": str(endpoint.rate)}, 429)
        self.desk.calls += self.desk.analyzing
        try:
            is_query = request.method == "GET"
            payload = _query(request, endpoint) if is_query else _body(request, endpoint, body)
        except Refused as refused:
            return refused.reply
        return endpoint.reply(self.desk, payload | path)


def _find(request: web.Request) -> tuple[Endpoint | None, dict[str, str]]:
    name = request.path.removeprefix(_PREFIX).removesuffix("/")
    if not request.path.startswith(_PREFIX):
        return None, {}
    if name.startswith(_TICKER):
        return ENDPOINTS.get((request.method, "ticker/{path}")), {"path": name[len(_TICKER) :]}
    return ENDPOINTS.get((request.method, name)), {}


def _query(request: web.Request, endpoint: Endpoint) -> dict[str, Any]:
    if request.content_type == "application/json":
        raise Refused(BAD_JSON)  # it promises a body that a query has not got
    payload: dict[str, Any] = {}
    for name, field_ in (endpoint.shape or {}).items():
        value = request.query.get(_QUERY_NAMES.get(name, name))
        if value is not None or field_.required:
            payload[name] = value  # what is needed and missing arrives as null
    return payload


def _body(request: web.Request, endpoint: Endpoint, body: bytes) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Refused(endpoint.untyped or CRASHED)
    try:
        payload = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise Refused(BAD_JSON) from None
    if not isinstance(payload, dict):
        raise Refused(CRASHED)
    return payload


def _response(reply: Reply) -> web.Response:
    if isinstance(reply.body, str):
        return web.Response(text=reply.body, status=reply.status, content_type=reply.content_type)
    encoder = _as_is if reply.ordered else _sorted
    return web.Response(
        body=encoder.encode(reply.body) + b"\n",
        status=reply.status,
        content_type=reply.content_type,
    )
