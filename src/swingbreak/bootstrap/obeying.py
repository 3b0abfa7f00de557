"""Carries a person's word from the state folder to the running day, and the answer back."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Answer, Controls, Given
from swingbreak.domain.control import Control
from swingbreak.domain.errors import DataError, KillEngaged, LedgerError
from swingbreak.domain.session import ist_stamp
from swingbreak.engine.state import State
from swingbreak.runtime.inbox import Item, Word

__all__ = ["go_on_killed", "obey", "told_to_stop"]

_LOOK_S = 0.2
_GOOD_FOR = timedelta(seconds=60)


def go_on_killed(
    controls: Controls, state: State, put: Callable[[Item], None], *, has_news: bool = False
) -> None:
    """Let a locked day go on only to its exits, and to what *has_news* says is still to be told.

    Raises:
        KillEngaged: The lock is there, and nothing is open that would have to be exited.
        DataError: There is a lock that cannot be read.
    """
    lock = controls.locked()
    if lock is None:
        return
    if not state.holdings.positions and not state.book.live and not has_news:
        raise KillEngaged(
            f"trading was killed at {ist_stamp(lock.at)} IST: {lock.reason!r}; when all is well "
            "again, `swingbreak kill --reset REASON` takes the lock away"
        )
    put(Word(Control.KILL, lock.reason, lambda _at, _done, _text: None))


async def obey(
    controls: Controls,
    put: Callable[[Item], None],
    leave: Callable[[bool], None],
    look_s: float = _LOOK_S,
) -> None:
    """Look for words until cancelled; one that is older than a minute is not carried out.

    Args:
        controls: Where they are left.
        put: Takes what the engine has to decide.
        leave: Asks the process to end.
        look_s: Seconds between two looks.
    """
    seen: set[str] = set()
    told: set[str] = set()
    while True:
        for given in _waiting(controls, told):
            if given.word_id not in seen:
                seen.add(given.word_id)
                _pass_on(given, controls, put, leave)
        await asyncio.sleep(look_s)


def told_to_stop(controls: Controls, at: datetime, *, between_days: bool) -> bool:
    """Look for words while no day runs; return whether one of them ends the process.

    Args:
        controls: Where they are left.
        at: Now.
        between_days: Whether no day is about to go on, so that there is nothing for other words
            to change; else they are left to the day.
    """
    given = _waiting(controls, set())
    for one in given:
        match one.control:
            case Control.STOP:
                _reply(controls, one, Answer(at, done=True, text="it waited; the process ends"))
            case Control.KILL:
                text = "locked; no day runs here now, and none begins"
                _reply(controls, one, Answer(at, done=True, text=text))
            case _ if between_days:
                text = f"no day runs: there is nothing to {one.control}"
                _reply(controls, one, Answer(at, done=False, text=text))
            case _:
                pass
    return any(one.control is Control.STOP for one in given)


def _reply(controls: Controls, given: Given, answered: Answer) -> None:
    try:
        controls.answer(given, answered)
    except LedgerError as error:  # it is done all the same
        structlog.get_logger().error("control.unanswered", reason=str(error))


def _pass_on(
    given: Given, controls: Controls, put: Callable[[Item], None], leave: Callable[[bool], None]
) -> None:
    def answer(answered: Answer) -> None:
        _reply(controls, given, answered)

    now = WallClock().now()
    if now - given.at > _GOOD_FOR:
        # who gave it has gone before it was answered, and may have said something else since
        answer(Answer(now, done=False, text="it was given too long ago: give it again"))
        return
    log = structlog.get_logger()
    log.warning("control.given", control=given.control.value, reason=given.reason, by=given.by)
    if given.control is Control.STOP:
        answer(Answer(given.at, done=True, text="entries are cancelled, then the process ends"))
        leave(False)
        return
    put(
        Word(
            given.control,
            given.reason,
            lambda at, done, text: answer(Answer(at, done, text)),
        )
    )


def _waiting(controls: Controls, told: set[str]) -> list[Given]:
    """Return the words that can be read; say of a file that cannot, unless it is in *told*."""
    found: list[Given] = []
    try:
        found.extend(controls.waiting())
    except DataError as error:
        if str(error) not in told:
            told.add(str(error))
            structlog.get_logger().error("control.unreadable", reason=str(error))
    return found
