"""Who may look at the dashboard, and with what: tokens, cookies, hosts, origins, headers."""

from pathlib import Path

import pytest

from swingbreak.adapters.controls import Controls
from swingbreak.dashboard.access import Access
from tests.builders import CE
from tests.visiting import VIEWS, dashboard

pytestmark = pytest.mark.usefixtures("at_noon")


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


def test_headers_of_any_bytes_are_judged() -> None:
    access = Access()
    assert access.refusal({"Host": "127.0.0.1\udcff"}, acts=False)
    assert access.refusal({}, acts=False)
    assert not access.knows_cookie("\udcff")
    assert not access.knows_token("")
    assert access.knows_cookie(access.cookie)
    assert not access.knows_cookie(access.token)
