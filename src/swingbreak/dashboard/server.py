"""The dashboard's HTTP server: on loopback only, for one person, with nothing to keep.

Rules of this file:

1. Every request passes :meth:`Dashboard._guard`; there is no other way to a page.
2. It reads what the engine publishes, and acts through the words that the command line gives.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias

from aiohttp import web

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.exposition import CONTENT_TYPE, exposition
from swingbreak.bootstrap.giving import Said, give, give_kill
from swingbreak.bootstrap.measuring import metrics_of
from swingbreak.bootstrap.viewing import DASHBOARD
from swingbreak.dashboard import control as control_view
from swingbreak.dashboard.access import COOKIE_PREFIX, Access, FormTokens
from swingbreak.dashboard.control import OFFERED, Told
from swingbreak.dashboard.days import day_page, days_page, report_of, run_reports
from swingbreak.dashboard.events import events
from swingbreak.dashboard.frame import Page, page, problem
from swingbreak.dashboard.look import SHEET
from swingbreak.dashboard.option import option
from swingbreak.dashboard.outlook import Outlook
from swingbreak.dashboard.pipeline import pipeline
from swingbreak.dashboard.today import today
from swingbreak.domain.control import Control
from swingbreak.domain.errors import ConfigError, SwingbreakError
from swingbreak.domain.session import ist_clock

__all__ = ["Dashboard"]

_ADDRESS: Final = "127.0.0.1"
_SCRIPT: Final = (files("swingbreak.dashboard") / "live.js").read_text(encoding="utf-8")
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# what a report carries in itself, and nothing else
_REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # not "no-referrer": with it a form of ours would come from the origin "null"
    "Referrer-Policy": "same-origin",
    "Server": DASHBOARD,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_READS: Final = frozenset({"GET", "HEAD"})
_MOST_BODY: Final = 16 * 1024
_TOLD: Final = 10
_METRICS: Final = "/metrics"

_Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Dashboard:
    """Shows one state folder.

    Args:
        folder: The state folder.
        armed: Whether words may be given.
        runs: Where run folders are, to show their reports; ``None`` for nowhere.
        scraper: The token of who may read metrics; empty where only who may look may.

    Attributes:
        access: Who may look.
    """

    def __init__(
        self, folder: Path, *, armed: bool, runs: Path | None = None, scraper: str = ""
    ) -> None:
        self.access = Access(scraper)
        self._folder = folder
        self._armed = armed
        self._runs = runs
        self._clock = WallClock()
        self._outlook = Outlook(folder, self._clock.now, time.monotonic)
        self._forms = FormTokens(time.monotonic)
        self._told: deque[Told] = deque(maxlen=_TOLD)
        self._runner: web.AppRunner | None = None
        self._cookie_name = COOKIE_PREFIX

    async def start(self, port: int) -> str:
        """Listen on *port* of the loopback, 0 for a free one; return the address to open.

        Raises:
            ConfigError: The port is taken.
        """
        runner = web.AppRunner(self._application(), access_log=None)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, _ADDRESS, port).start()
        except OSError as error:
            await self.stop()
            raise ConfigError(
                f"port {port} of {_ADDRESS} cannot be used ({error.strerror}); choose another "
                "--port, or 0 for any that is free"
            ) from error
        found = runner.addresses[0][1]
        # cookies do not know ports: two dashboards must not take each other's away
        self._cookie_name = f"{COOKIE_PREFIX}{found}"
        return f"http://{_ADDRESS}:{found}/enter?token={self.access.token}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard], client_max_size=_MOST_BODY)
        application.add_routes(
            [
                web.get("/enter", self._enter),
                web.get("/style.css", _style),
                web.get("/live.js", _script),
                web.get("/", self._today),
                web.get("/pipeline", self._pipeline),
                web.get("/option/{symbol}", self._option),
                web.get("/events", self._events),
                web.get("/days", self._days),
                web.get("/days/{day}", self._day),
                web.get("/days/{day}/report", self._report),
                web.get("/report", self._report),
                web.get("/runs/{name}", self._run),
                web.get(_METRICS, self._measured),
                web.get("/control", self._control),
                web.post("/control/{word}", self._act),
            ]
        )
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        response = await self._answer(request, handler)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    async def _answer(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        refusal = self.access.refusal(request.headers, acts=request.method not in _READS)
        if refusal:
            return _problem(403, "Refused", refusal, link=False)
        if not self._may_look(request):
            text = "Open the address that `swingbreak dashboard` printed; it carries the token."
            return _problem(401, "Who is there?", text, link=False)
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return _problem(413, "Too long", "The form is longer than any of ours.")
        except web.HTTPException as error:
            return _problem(error.status, error.reason, f"There is nothing at {request.path}.")
        except SwingbreakError as error:
            return _problem(503, "It cannot be shown", str(error))

    def _may_look(self, request: web.Request) -> bool:
        if request.path == "/enter":
            return True
        scrapes = self.access.knows_scraper(request.headers.get("Authorization", ""))
        if request.path == _METRICS and scrapes:
            return True
        return self.access.knows_cookie(request.cookies.get(self._cookie_name, ""))

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        if not self.access.knows_token(request.query.get("token", "")):
            text = "This token is not the one that this dashboard printed when it began."
            return _problem(403, "Refused", text, link=False)
        # not a redirect: after one from elsewhere the browser would keep a strict cookie back
        response = _html(
            problem("You are in", "The cookie is set.").replace(
                "<head>", '<head><meta http-equiv="refresh" content="0; url=/"/>', 1
            )
        )
        response.set_cookie(
            self._cookie_name, self.access.cookie, httponly=True, samesite="Strict", path="/"
        )
        return response

    async def _today(self, request: web.Request) -> web.StreamResponse:
        view = self._outlook.view()
        course = self._outlook.course(view.board.day) if view.board else None
        return self._page(request, today(view, course))

    async def _pipeline(self, request: web.Request) -> web.StreamResponse:
        return self._page(request, pipeline(self._outlook.view()))

    async def _option(self, request: web.Request) -> web.StreamResponse:
        view, symbol = self._outlook.view(), request.match_info["symbol"]
        if view.board is None:
            raise web.HTTPNotFound
        course = self._outlook.course(view.board.day)
        shown = option(view, course, symbol, request.query.get("span", ""))
        if shown is None:
            raise web.HTTPNotFound
        return self._page(request, shown)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        return self._page(request, events(self._outlook.view(), request.query.get("only", "")))

    async def _days(self, request: web.Request) -> web.StreamResponse:
        return self._page(request, days_page(self._folder, self._runs))

    async def _day(self, request: web.Request) -> web.StreamResponse:
        shown = day_page(self._folder, _date(request))
        if shown is None:
            raise web.HTTPNotFound
        return self._page(request, shown)

    async def _report(self, request: web.Request) -> web.StreamResponse:
        day = _date(request) if "day" in request.match_info else None
        return await _written(report_of(self._folder, day))

    async def _run(self, request: web.Request) -> web.StreamResponse:
        # by name among those that are there: a name is never made a path
        found = run_reports(self._runs) if self._runs else {}
        if request.match_info["name"] not in found:
            raise web.HTTPNotFound
        return await _written(found[request.match_info["name"]])

    async def _measured(self, _: web.Request) -> web.StreamResponse:
        body = exposition(metrics_of(self._outlook.view())).encode()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    async def _control(self, request: web.Request) -> web.StreamResponse:
        shown = control_view.control(
            self._outlook.view(),
            reversed(self._told),
            armed=self._armed,
            token_for=self._forms.give,
        )
        return self._page(request, shown)

    async def _act(self, request: web.Request) -> web.StreamResponse:
        if not self._armed:
            return _problem(403, "Read-only", "This dashboard was not started with --armed.")
        action = next((each for each in OFFERED if each == request.match_info["word"]), None)
        if action is None:
            raise web.HTTPNotFound
        try:
            form = {name: str(value) for name, value in (await request.post()).items()}
        except (ValueError, LookupError):  # no text, or in no alphabet that there is
            return _problem(400, "Not done", "The form cannot be read: nothing was done.")
        if not self._forms.take(action.value, form.get("token", "")):
            text = "This form was used already, or is too old: nothing was done. Open it again."
            return _problem(409, "Not done", text)
        reason = form.get("reason", "").strip()
        if wrong := control_view.mistake(action, form.get("word", ""), reason):
            return _problem(400, "Not done", wrong)
        said = await asyncio.to_thread(self._say, action, reason)
        self._told.append(Told(ist_clock(self._clock.now()), said, reason))
        return web.Response(status=303, headers={"Location": "/control"})

    def _say(self, action: Control, reason: str) -> Said:
        try:
            if action is Control.KILL:
                return give_kill(self._folder, reason, by="dashboard")
            return give(self._folder, action, reason, by="dashboard")
        except SwingbreakError as error:
            return Said(action, done=False, text=str(error))

    def _page(self, request: web.Request, shown: Page) -> web.Response:
        text, stamp = page(self._outlook.view(), shown)
        if stamp and request.headers.get("X-Seen") == stamp:
            return web.Response(status=204)
        return _html(text)


async def _style(_: web.Request) -> web.StreamResponse:
    return web.Response(text=SHEET, content_type="text/css")


async def _script(_: web.Request) -> web.StreamResponse:
    return web.Response(text=_SCRIPT, content_type="text/javascript")


async def _written(path: Path) -> web.StreamResponse:
    try:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise web.HTTPNotFound from None
    response = _html(text)
    response.headers["Content-Security-Policy"] = _REPORT_POLICY
    return response


def _date(request: web.Request) -> date:
    try:
        return date.fromisoformat(request.match_info["day"])
    except ValueError:
        raise web.HTTPNotFound from None


def _problem(status: int, title: str, text: str, *, link: bool = True) -> web.Response:
    return _html(problem(title, text, link=link), status)


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
