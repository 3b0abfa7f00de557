"""The dashboard over HTTP: who may look, who may act, and what is shown."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import aiohttp
import msgspec
import pytest
from yarl import URL

from swingbreak.adapters.board import Board
from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.runlock import folder_lock
from swingbreak.bootstrap.obeying import obey
from swingbreak.dashboard.access import Access, FormTokens
from swingbreak.dashboard.server import Dashboard
from swingbreak.domain.errors import ConfigError
from swingbreak.runtime.inbox import Item, Word
from tests.boards import lay_out
from tests.builders import CE, PE
from tests.engine_bench import short

VIEWS = (
    "/",
    "/pipeline",
    f"/option/{PE.symbol}",
    "/events",
    "/days",
    "/days/2026-11-19",
    "/control",
)


class Visitor:
    """A browser as far as HTTP goes: it keeps cookies and says where its forms come from."""

    def __init__(self, address: str) -> None:
        self.address = URL(address)
        self.base = self.address.origin()
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def enter(self) -> Self:
        assert (await self.get(self.address))[0] == 200
        return self

    async def get(
        self, path: str | URL, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        url = self.base.join(URL(str(path)))
        async with self.session.get(url, headers=headers, allow_redirects=False) as answer:
            self.headers = answer.headers
            return answer.status, await answer.text()

    async def send(
        self, control: str, headers: Mapping[str, str] | None = None, /, **form: str
    ) -> tuple[int, str]:
        ours = {"Origin": str(self.base)} if headers is None else headers
        url = self.base / "control" / control
        async with self.session.post(url, data=form, headers=ours, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def token(self, word: str) -> str:
        _, text = await self.get("/control")
        form = text.partition(f'action="/control/{word}"')[2]
        found = re.search(r'name="token" value="([^"]+)"', form)
        assert found, text
        return found[1]


@asynccontextmanager
async def dashboard(
    folder: Path, *, armed: bool = False, runs: Path | None = None, scraper: str = ""
) -> AsyncIterator[Visitor]:
    served = Dashboard(folder, armed=armed, runs=runs, scraper=scraper)
    async with Visitor(await served.start(0)) as visitor:
        try:
            yield visitor
        finally:
            await served.stop()


@asynccontextmanager
async def engine_in(folder: Path) -> AsyncIterator[list[Word]]:
    """Somebody who holds the folder's lock and carries words out."""
    given: list[Word] = []

    def put(item: Item) -> None:
        assert isinstance(item, Word)
        given.append(item)
        item.answer(WallClock().now(), True, f"{item.control} was done")

    with folder_lock(folder):
        task = asyncio.create_task(obey(Controls(folder), put, lambda _: None))
        try:
            yield given
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    lay_out(tmp_path, datetime.now(UTC))  # noqa: TID251 - as old as a file on this machine
    return tmp_path


async def test_nothing_is_shown_without_the_token(state: Path) -> None:
    async with dashboard(state, armed=True) as visitor:
        for path in (*VIEWS, "/style.css", "/live.js", "/report", "/nowhere"):
            status, text = await visitor.get(path)
            assert status == 401, path
            assert CE.symbol not in text
        assert (await visitor.get("/enter"))[0] == 403
        assert (await visitor.get("/enter?token=guess"))[0] == 403
        assert (await visitor.send("kill", token="x", word="KILL", reason="y"))[0] == 401
    assert Controls(state).locked() is None


async def test_the_page_of_the_day_says_who_is_listened_to(tmp_path: Path) -> None:
    def on_standby(shown: Board) -> Board:
        feed = msgspec.structs.replace(shown.feed, leads="standby", turns=1)
        return msgspec.structs.replace(shown, feed=feed)

    now = datetime.now(UTC)  # noqa: TID251 - as old as a file on this machine
    lay_out(tmp_path, now, change=on_standby)
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        assert "The standby is listened to." in (await visitor.get("/"))[1]


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        ({}, "24300 to 24700, all day"),
        ({"centre": 24500_00}, "24300 to 24700, around 24500"),
        (
            {"centre": 24500_00, "coming": 24650_00},
            "24300 to 24700, around 24500, <strong>moving to 24650</strong>",
        ),
        ({"lowest": 0, "highest": 0}, "not told"),
    ],
    ids=["fixed", "window", "moving", "old board"],
)
async def test_the_page_of_the_day_says_which_strikes_may_be_entered(
    tmp_path: Path, feed: dict[str, int], told: str
) -> None:
    def changed(shown: Board) -> Board:
        return msgspec.structs.replace(shown, feed=msgspec.structs.replace(shown.feed, **feed))

    now = datetime.now(UTC)  # noqa: TID251 - as old as a file on this machine
    lay_out(tmp_path, now, change=changed)
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        assert f"<dt>Strikes</dt><dd>{told}</dd>" in (await visitor.get("/"))[1]


SCRAPER = "0123456789abcdef-made-up"


async def test_a_scraper_reads_metrics_and_nothing_else(state: Path) -> None:
    bearer = {"Authorization": f"Bearer {SCRAPER}"}
    async with dashboard(state, armed=True, scraper=SCRAPER) as visitor:
        status, text = await visitor.get("/metrics", bearer)
        assert status == 200
        assert visitor.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "swingbreak_running 1.0" in text
        assert f'swingbreak_position_units{{symbol="{CE.symbol}"}} 650.0' in text
        for path in (*VIEWS, "/report", "/style.css"):
            assert (await visitor.get(path, bearer))[0] == 401, path
        assert (await visitor.get("/metrics", {**bearer, "Host": "evil.example"}))[0] == 403
        assert (await visitor.get("/metrics", {**bearer, "Origin": "http://evil.example"}))[
            0
        ] == 403


@pytest.mark.parametrize(
    "said", ["", "Bearer ", "Bearer guess", f"Basic {SCRAPER}", f"Bearer {SCRAPER}x", "Bearer \xe9"]
)
async def test_who_does_not_know_the_scrapers_token_gets_no_metrics(state: Path, said: str) -> None:
    headers = {"Authorization": said} if said else {}
    for scraper in (SCRAPER, ""):
        async with dashboard(state, scraper=scraper) as visitor:
            status, text = await visitor.get("/metrics", headers)
            assert (status, "swingbreak_" in text) == (401, False), (said, scraper)


async def test_who_may_look_may_read_metrics(state: Path) -> None:
    async with dashboard(state) as visitor:
        await visitor.enter()
        assert (await visitor.get("/metrics"))[0] == 200


async def test_the_token_becomes_a_cookie_no_script_and_no_other_site_can_use(state: Path) -> None:
    async with dashboard(state) as visitor:
        status, text = await visitor.get(visitor.address)
        cookie = visitor.headers["Set-Cookie"]
        assert status == 200
        assert 'content="0; url=/"' in text
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        token = visitor.address.query["token"]
        assert token not in cookie
        for path in VIEWS:
            status, text = await visitor.get(path)
            assert status == 200, path
            assert token not in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "[::"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ],
    ids=str,
)
async def test_a_foreign_host_or_origin_is_refused(state: Path, headers: dict[str, str]) -> None:
    async with dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token("kill")
        status, text = await visitor.get("/", headers)
        assert status == 403
        assert CE.symbol not in text
        ours = {"Origin": str(visitor.base), **headers}
        assert (await visitor.send("kill", ours, token=token, word="KILL", reason="x"))[0] == 403
    assert Controls(state).locked() is None


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
async def test_who_does_not_say_where_a_form_comes_from_is_refused(
    state: Path, headers: dict[str, str]
) -> None:
    async with dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token("pause")
        if headers:
            headers = {**headers, "Origin": str(visitor.base)}
        assert (await visitor.send("pause", headers, token=token, word="PAUSE"))[0] == 403


async def test_localhost_is_this_machine_too_and_a_tunnel_may_have_another_port(
    state: Path,
) -> None:
    async with dashboard(state) as visitor:
        await visitor.enter()
        for host in ("localhost:9", "[::1]:80", "127.0.0.1"):
            assert (await visitor.get("/", {"Host": host}))[0] == 200


async def test_every_answer_forbids_what_the_pages_do_not_need(state: Path) -> None:
    async with dashboard(state) as visitor:
        for path in ("/", visitor.address, "/", "/nowhere", "/days/2026-11-19/report"):
            await visitor.get(path)
            policy = visitor.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert visitor.headers["Cache-Control"] == "no-store"
            assert visitor.headers["Referrer-Policy"] == "same-origin"
            assert visitor.headers["X-Content-Type-Options"] == "nosniff"


async def test_it_is_read_only_unless_armed(state: Path) -> None:
    async with engine_in(state) as given, dashboard(state) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/control")
        assert "<form" not in text
        assert "--armed" in text
        for word in ("pause", "resume", "flatten", "kill"):
            status, _ = await visitor.send(word, token="x", word=word.upper(), reason="why")
            assert status == 403
        assert given == []
    assert Controls(state).locked() is None


@pytest.mark.parametrize("word", ["pause", "resume", "flatten", "kill"])
async def test_a_word_reaches_the_day_and_its_answer_is_shown(state: Path, word: str) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token(word)
        assert (await visitor.send(word, token=token, word=word.upper(), reason="<news>"))[0] == 303
        assert [(each.control.value, each.reason) for each in given] == [(word, "<news>")]
        _, text = await visitor.get("/control")
        assert f"{word} was done (&lt;news&gt;)" in text
    lock = Controls(state).locked()
    assert (lock is not None and lock.by == "dashboard") is (word == "kill")


async def test_a_form_is_good_once_and_for_one_thing(state: Path) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token("pause")
        assert (await visitor.send("pause", token=token, word="PAUSE"))[0] == 303
        assert (await visitor.send("pause", token=token, word="PAUSE"))[0] == 409
        other = await visitor.token("pause")
        assert (await visitor.send("flatten", token=other, word="FLATTEN"))[0] == 409
        assert (await visitor.send("pause", token=other, word="PAUSE"))[0] == 409
        assert (await visitor.send("stop", token=other, word="STOP"))[0] == 404
        assert (await visitor.send("pause", word="PAUSE", token="x" * 40_000))[0] == 413
        assert len(given) == 1


@pytest.mark.parametrize(
    ("word", "typed", "reason"),
    [
        ("flatten", "flatten", "x"),
        ("flatten", "", "x"),
        ("flatten", "KILL", "x"),
        ("kill", "KILL", " "),
    ],
)
async def test_what_is_not_confirmed_is_not_done(
    state: Path, word: str, typed: str, reason: str
) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token(word)
        status, text = await visitor.send(word, token=token, word=typed, reason=reason)
        assert status == 400
        assert "nothing was done" in text
        assert given == []
    assert Controls(state).locked() is None


async def test_a_form_that_is_no_text_is_refused(state: Path) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        for kind in ("utf-8", "no-such"):
            headers = {
                "Origin": str(visitor.base),
                "Content-Type": f"application/x-www-form-urlencoded; charset={kind}",
            }
            url = visitor.base / "control" / "pause"
            async with visitor.session.post(url, data=b"word=\xff", headers=headers) as answer:
                assert answer.status in {400, 409}
        assert given == []


async def test_where_nobody_runs_a_kill_still_locks(state: Path) -> None:
    async with dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token("pause")
        assert (await visitor.send("pause", token=token, word="PAUSE"))[0] == 303
        assert "nobody runs in" in (await visitor.get("/control"))[1]
        token = await visitor.token("kill")
        assert (await visitor.send("kill", token=token, word="KILL", reason="gone"))[0] == 303
        assert "locked; nobody runs here" in (await visitor.get("/control"))[1]
    assert Controls(state).locked() is not None


async def test_the_views_show_what_the_engine_published(tmp_path: Path) -> None:
    shown = lay_out(tmp_path, datetime.now(UTC))  # noqa: TID251 - as old as a file on this machine
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/")
        assert "running" in text
        assert f"{shown.account.r:+.2f}".replace("-", "\u2212") in text
        assert "stop rests" in text
        assert "the socket &lt;closed&gt;" in text
        _, text = await visitor.get("/pipeline")
        for each in shown.candidates:
            assert each.symbol in text
            assert each.why in text
        _, text = await visitor.get(f"/option/{PE.symbol}?span=day")
        assert "<svg" in text
        assert "Entry rests at 174.95" in text
        _, text = await visitor.get("/events?only=trouble")
        assert "feed.lost" in text
        assert "entry.filled" not in text
        _, text = await visitor.get("/days")
        assert "2026-11-19" in text
        _, text = await visitor.get("/days/2026-11-19/report")
        assert "the page of the day" in text


async def test_runs_are_shown_by_name_and_nothing_else_is(state: Path) -> None:
    runs = state / "runs"
    (runs / "range <1>").mkdir(parents=True)
    (runs / "range <1>" / "report.html").write_text("the report of a run", encoding="utf-8")
    (state / "report.html").write_text("the report of all days", encoding="utf-8")
    async with dashboard(state, runs=runs) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/days")
        assert "range &lt;1&gt;" in text
        assert (await visitor.get("/runs/range%20%3C1%3E"))[1] == "the report of a run"
        assert (await visitor.get("/report"))[1] == "the report of all days"
        for path in ("/runs/..%2Fruns%2Frange%20%3C1%3E", "/runs/..%2F", "/runs/nothing"):
            assert (await visitor.get(path))[0] == 404
    async with dashboard(state) as visitor:
        await visitor.enter()
        assert "Runs" not in (await visitor.get("/days"))[1]
        assert (await visitor.get("/runs/range%20%3C1%3E"))[0] == 404


async def test_an_unprotected_position_and_a_dead_engine_are_shouted(tmp_path: Path) -> None:
    lay_out(tmp_path, datetime.now(UTC) - timedelta(minutes=3), bench=short())  # noqa: TID251 - as above
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/")
        assert "650 units without a stop" in text
        assert "NOBODY RUNS" in text
        assert "Do not trust these numbers" in text


async def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as visitor:
        await visitor.enter()
        for path in ("/", "/pipeline", "/events", "/days", "/control"):
            status, text = await visitor.get(path)
            assert status == 200
            assert "no engine" in text
        for path in (
            "/option/X",
            "/days/2026-11-20",
            "/days/x",
            "/days/2026-11-20/report",
            "/report",
        ):
            assert (await visitor.get(path))[0] == 404
    assert names_in(tmp_path) == []


async def test_what_is_damaged_is_said(state: Path) -> None:
    (state / "course" / "course_20261120.jsonl").write_text("no\n")
    async with dashboard(state) as visitor:
        await visitor.enter()
        status, text = await visitor.get("/")
        assert status == 503
        assert "move it away" in text
        assert (await visitor.get("/pipeline"))[0] == 200


async def test_what_has_not_changed_is_not_sent_again(state: Path) -> None:
    async with dashboard(state) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/pipeline")
        found = re.search(r'data-stamp="(\w+)"', text)
        assert found
        assert (await visitor.get("/pipeline", {"X-Seen": found[1]}))[0] == 204
        assert (await visitor.get("/pipeline", {"X-Seen": "other"}))[0] == 200


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as visitor:
        with pytest.raises(ConfigError, match=f"port {visitor.base.port}"):
            await Dashboard(tmp_path, armed=False).start(visitor.base.port or 0)


def test_headers_of_any_bytes_are_judged() -> None:
    access = Access()
    assert access.refusal({"Host": "127.0.0.1\udcff"}, acts=False)
    assert access.refusal({}, acts=False)
    assert not access.knows_cookie("\udcff")
    assert not access.knows_token("")
    assert access.knows_cookie(access.cookie)
    assert not access.knows_cookie(access.token)


def test_forms_grow_old_and_do_not_pile_up() -> None:
    now = [0.0]
    forms = FormTokens(lambda: now[0])
    token = forms.give("kill")
    now[0] = 599.0
    assert forms.take("kill", token)
    token = forms.give("kill")
    now[0] = 1_200.0
    assert not forms.take("kill", token)
    first = forms.give("kill")
    for _ in range(200):
        forms.give("kill")
    assert not forms.take("kill", first)
