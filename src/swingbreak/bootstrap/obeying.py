"""Carries a person's word from the state folder to the running day, and the answer back."""

import asyncio
from collections.abc import Callable

import structlog

from swingbreak.adapters.controls import Answer, Controls, Given
from swingbreak.domain.control import Control
from swingbreak.domain.errors import DataError, KillEngaged, LedgerError
from swingbreak.domain.session import ist_stamp
from swingbreak.engine.state import State
from swingbreak.runtime.inbox import Item, Word

__all__ = ["go_on_killed", "obey"]

_LOOK_S = 0.2


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
    controls: Controls, put: Callable[[Item], None], leave: Callable[[bool], None]
) -> None:
    """Look for words until cancelled.

    Args:
        controls: Where they are left.
        put: Takes what the engine has to decide.
        leave: Asks the process to end.
    """
    seen: set[str] = set()
    while True:
        for given in _waiting(controls):
            if given.word_id not in seen:
                seen.add(given.word_id)
                _pass_on(given, controls, put, leave)
        await asyncio.sleep(_LOOK_S)


def _pass_on(
    given: Given, controls: Controls, put: Callable[[Item], None], leave: Callable[[bool], None]
) -> None:
    def answer(answered: Answer) -> None:
        try:
            controls.answer(given, answered)
        except LedgerError as error:  # it is done all the same
            structlog.get_logger().error("control.unanswered", reason=str(error))

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


def _waiting(controls: Controls) -> list[Given]:
    try:
        return list(controls.waiting())
    except DataError as error:
        structlog.get_logger().error("control.unreadable", reason=str(error))
        return []
