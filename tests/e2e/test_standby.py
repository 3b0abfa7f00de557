"""A day whose feed goes mute and comes back, with a second server standing by."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.board import board_in, read_board
from tests.e2e.books_audit import Books, agree, audited
from tests.e2e.processes import Running, Server, ended, lines_of, running, serving, settings_file
from tests.e2e.relay import Relay, relayed

BUSY = ("--generate", "22")
SPEED = "60"
# at this speed a second of the market is a sixtieth of one here: deadlines are long
TERMS = {"force_exit_ist": "09:45", "standby_after_s": 30, "standby_back_after_s": 120}


@dataclass
class Day:
    """A day under way, its own feed behind a relay."""

    state: Path
    server: Server
    feed: Relay
    run: Running

    def told(self, event: str) -> Sequence[dict[str, Any]]:
        """The lines of the log with an *event*."""
        logs = list(self.state.glob("logs/*.log"))
        lines = [json.loads(line) for log in logs for line in lines_of(log)]
        return [line for line in lines if line["event"] == event]

    def turns(self) -> list[str]:
        return [line["subject"] for line in self.told("feed.turned")]

    def ticks_by_the_standby(self) -> bool:
        """Whether the board shows that ticks come, and from where."""
        feed = (shown := read_board(board_in(self.state))) and shown.feed
        fresh = feed is not None and feed.age_s is not None and feed.age_s < feed.stale_after_s
        return feed is not None and fresh and (feed.leads, feed.turns) == ("standby", 1)


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """The same made-up day on two servers."""
    with ExitStack() as stack, ThreadPoolExecutor(2) as both:
        folders = (tmp_path, tmp_path / "standby")
        begun = both.map(lambda at: stack.enter_context(serving(at, *BUSY, speed=SPEED)), folders)
        server, standby = begun  # at once, so that their markets are in about the same minute
        feed = stack.enter_context(relayed(server.ws_url))
        flags = settings_file(tmp_path, standby_ws_url=standby.ws_url, **TERMS)
        given = ("--host", server.host, "--ws-url", feed.url, "--state-dir", "state", *flags)
        env = {**server.env, "OPENALGO_STANDBY_API_KEY": standby.key}
        run = stack.enter_context(running(tmp_path, "run", *given, env=env))
        yield Day(tmp_path / "state", server, feed, run)


@pytest.mark.slow
def test_a_mute_feed_is_stood_in_for_and_comes_back(day: Day) -> None:
    day.run.until(lambda: day.told("feed.restored") and day.told("standby.restored"))
    day.feed.is_mute = True
    day.run.until(lambda: day.turns() == ["standby"])
    assert "no tick of the primary" in day.told("feed.turned")[0]["reason"]
    day.run.until(day.ticks_by_the_standby)
    day.feed.is_mute = False
    day.run.until(lambda: day.turns()[:2] == ["standby", "primary"])
    end = day.run.ended()
    assert end.code == 0, end.err
    books = Books.of(day.server)
    assert (books.held, books.working) == ({}, [])
    agree(audited(day.state), books, day.state)
    again = ended(day.state.parent, "replay", "--state-dir", "state", "--json")
    assert again.code == 0, again
