"""A feed that is cut, refused or mute in the middle of the day: entries wait, stops stay."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.events import OrderFilled
from swingbreak.domain.orders import OrderStatus, Purpose, Side
from tests.e2e.books_audit import Books, Kept, agree, audited, ledger_of, replay
from tests.e2e.processes import Running, Server, lines_of, running, serving, settings_file
from tests.e2e.relay import Relay, relayed

BUSY = ("--generate", "22")
FLAGS = {"force_exit_ist": "10:30"}
STANDS_S = 6.0  # at the speed used, some minutes of the market


@dataclass
class Day:
    """A day under way, its WebSocket behind a relay."""

    folder: Path
    server: Server
    feed: Relay
    run: Running

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def resting(self) -> dict[str, str]:
        """Side by symbol of what works at the gateway."""
        return {row["symbol"]: row["action"] for row in Books.of(self.server).working}

    def held(self) -> dict[str, int]:
        """How many symbols are held now for what reason, by the log."""
        (log,) = self.state.glob("logs/*.log")
        lines = [json.loads(line) for line in lines_of(log)]
        return next((one for one in reversed(lines) if one["event"] == "symbols.held"), {})

    def entries_are_asked_back(self) -> bool:
        """Whether no entry is left working that has not been asked to go."""
        entries = [o for o in replay(ledger_of(self.state)).live() if o.intent.side is Side.SELL]
        return all(order.status is OrderStatus.PENDING_CANCEL for order in entries)

    def filled(self, purpose: Purpose) -> int:
        """How many orders of a purpose have traded."""
        return filled(ledger_of(self.state), purpose)

    def finish(self) -> None:
        """Let the day end: flat, nothing missed, and the books agree."""
        end = self.run.ended()
        assert end.code == 0, end.err
        books = Books.of(self.server)
        assert (books.held, books.working) == ({}, [])
        agree(audited(self.state), books, self.state)


def filled(kept: Sequence[Kept], purpose: Purpose) -> int:
    intents = {r.order_id: r.intent for _, r in kept if isinstance(r, SubmitOrder)}
    traded = {r.order_id for _, r in kept if isinstance(r, OrderFilled)}
    return sum(intents[order_id].slot.purpose is purpose for order_id in traded)


@pytest.fixture(params=["max", pytest.param("60", marks=pytest.mark.slow)])
def day(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Day]:
    """A day in which the first position has just been opened."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path, *BUSY, speed=request.param))
        feed = stack.enter_context(relayed(server.ws_url))
        behind = replace(server, ws_url=feed.url)
        arguments = ("run", *behind.addresses, "--state-dir", "state")
        flags = settings_file(tmp_path, **FLAGS)
        run = stack.enter_context(running(tmp_path, *arguments, *flags, env=server.env))
        one = Day(tmp_path, server, feed, run)
        run.until(lambda: one.filled(Purpose.ENTRY))
        yield one


def test_a_cut_feed_is_made_again_and_repaired(day: Day) -> None:
    connections = day.feed.connections
    day.feed.is_open = False
    day.feed.cut()
    day.run.until(lambda: day.held().get("incomplete") == 42)
    day.run.until(day.entries_are_asked_back)  # over REST; stops are not
    short = +replay(ledger_of(day.state)).short
    assert {s for s, side in day.resting().items() if side == "BUY"} == short.keys()
    entries = day.filled(Purpose.ENTRY)
    day.feed.is_open = True
    day.run.until(lambda: day.feed.connections > connections)
    day.run.until(lambda: "incomplete" not in day.held())
    day.run.until(lambda: day.filled(Purpose.ENTRY) > entries)
    day.finish()


@pytest.mark.slow
def test_a_mute_feed_holds_entries_until_it_is_repaired(day: Day) -> None:
    day.feed.is_mute = True
    day.run.until(lambda: day.held().get("feed_stale", 0) >= 42)
    day.run.until(day.entries_are_asked_back)
    entries = day.filled(Purpose.ENTRY)
    day.feed.is_mute = False
    day.run.until(lambda: not {"incomplete", "feed_stale"} & day.held().keys())
    day.run.until(lambda: day.filled(Purpose.ENTRY) > entries)
    day.finish()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot halt a process")
@pytest.mark.parametrize("day", ["60"], indirect=True)
def test_a_gateway_that_stands_still_for_a_while(day: Day) -> None:
    day.server.running.process.send_signal(signal.SIGSTOP)
    day.run.glance(STANDS_S)
    day.server.running.process.send_signal(signal.SIGCONT)
    day.finish()
