import asyncio
import os
import signal
import sys
from datetime import timedelta

import pytest

from swingbreak.bootstrap.day import given_up
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.domain.errors import DataError, LedgerError
from swingbreak.domain.events import SymbolsHeld
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.outbox import Outbox
from tests.gateway_fakes import CONTRACTS, SESSION

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot signal itself")
SYMBOLS = tuple(contract.symbol for contract in CONTRACTS)
AT = SESSION.opens + timedelta(seconds=5)


async def told(departure: Departure, asked: list[bool]) -> str:
    """A day that ends when it is asked to at once."""
    ended = asyncio.Event()

    def tell(at_once: bool) -> None:
        asked.append(at_once)
        if at_once:
            ended.set()

    departure.tell = tell
    os.kill(os.getpid(), signal.SIGTERM)
    await ended.wait()
    return "the day so far"


@posix
async def test_a_signal_asks_and_later_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swingbreak.bootstrap.leaving._PATIENCE_S", 0.01)
    departure, asked = Departure(), list[bool]()
    before = signal.getsignal(signal.SIGTERM)
    assert await until_signal(told(departure, asked), departure) == "the day so far"
    assert (departure.signal, asked) == (signal.SIGTERM, [False, True])
    assert signal.getsignal(signal.SIGTERM) is before


@posix
async def test_a_second_signal_insists_at_once() -> None:
    departure, asked = Departure(), list[bool]()
    asked_by = signal.getsignal(signal.SIGINT)
    task = asyncio.ensure_future(until_signal(told(departure, asked), departure))
    await asyncio.sleep(0)  # signals are listened to from here on
    assert signal.getsignal(signal.SIGINT) is not asked_by
    os.kill(os.getpid(), signal.SIGINT)
    assert await task == "the day so far"
    assert (departure.signal, asked) == (signal.SIGTERM, [False, True])


@posix
async def test_what_has_not_begun_is_cancelled() -> None:
    departure = Departure()

    async def start() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await until_signal(start(), departure)
    assert departure.signal is signal.SIGTERM


async def test_nobody_waits_for_what_was_dropped() -> None:
    async with asyncio.TaskGroup() as tasks:
        outbox = Outbox(tasks, lambda: None)
        outbox.start(asyncio.sleep(3600))
        await asyncio.sleep(0)
        outbox.start(asyncio.sleep(3600))  # has not begun when it is dropped
        await outbox.drop()
    assert outbox.in_flight == 0


def desk() -> Desk:
    return Desk(SESSION, SYMBOLS, Parameters(), Engine(SESSION, CONTRACTS, Parameters()))


def test_a_lost_feed_holds_everything_at_once() -> None:
    assert list(desk().lost(AT)) == [SymbolsHeld(AT, dict.fromkeys(SYMBOLS, "incomplete"))]


def test_whoever_leaves_enters_nothing_any_more_whatever_becomes_known() -> None:
    one = desk()
    one.started(AT)
    leaving = SymbolsHeld(AT, dict.fromkeys(SYMBOLS, "leaving"))
    assert leaving in list(one.shut(AT))
    later = AT + timedelta(minutes=2)
    events = [*one.advance(later), *one.repaired(later, dict.fromkeys(SYMBOLS, ()))]
    assert [event for event in events if isinstance(event, SymbolsHeld)] == []
    assert set(one.held.values()) == {"leaving"}


LOCKED, WRONG, BUG = LedgerError("locked"), DataError("wrong"), ZeroDivisionError()


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        ([LOCKED], LOCKED),
        ([LOCKED, WRONG], LOCKED),
        ([BUG], BUG),
        ([ExceptionGroup("tasks", [WRONG])], WRONG),
    ],
    ids=["one", "two", "a mistake of ours", "nested"],
)
def test_a_day_is_given_up_for_one_reason(errors: list[Exception], reason: Exception) -> None:
    assert given_up(ExceptionGroup("tasks", errors)) is reason


def test_a_mistake_of_ours_among_others_hides_none_of_them() -> None:
    group = ExceptionGroup("tasks", [LOCKED, BUG])
    assert given_up(group) is group
