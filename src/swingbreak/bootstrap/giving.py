"""Gives a person's word to the running day and waits for the answer, wherever the word is from."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Answer, Controls, Given, KillLock
from swingbreak.bootstrap.viewing import is_run_in
from swingbreak.domain.control import Control
from swingbreak.domain.errors import ConfigError

__all__ = ["Said", "give", "give_kill"]

_PATIENCE_S, _LOOK_S = 5.0, 0.05


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a word.

    Attributes:
        answered: Whether the day has answered; if not, the word was taken back.
    """

    control: Control
    done: bool
    text: str
    answered: bool = True


def give(folder: Path, control: Control, reason: str, *, by: str) -> Said:
    """Tell whoever runs in *folder* to *control*, and wait some seconds for what became of it.

    Raises:
        ConfigError: Nobody runs there.
        LedgerError: The word could not be written; nothing was given.
    """
    if not is_run_in(folder):
        raise ConfigError(
            f"nobody runs in {folder}: there is nobody to {control}; name another --state-dir, or "
            "start `run`"
        )
    controls = Controls(folder)
    given = controls.give(control, reason, by=by, at=WallClock().now())
    answer = _wait(controls, given, time.monotonic)
    if answer is None:
        controls.withdraw(given)
        text = f"no answer in {_PATIENCE_S:g} s; the word was taken back: is it hanging?"
        return Said(control, done=False, text=text, answered=False)
    return Said(control, answer.done, answer.text)


def give_kill(folder: Path, reason: str, *, by: str) -> Said:
    """Lock trading in *folder*, then have whoever runs there exit everything.

    Raises:
        ConfigError: There is no *reason*; nothing was locked.
        LedgerError: The lock, or then the word, could not be written.
    """
    if not reason.strip():
        raise ConfigError("kill needs --reason TEXT; to take the lock away give --reset TEXT")
    # the lock first: if all else fails no new day begins
    Controls(folder).lock(KillLock(WallClock().now(), reason, by))
    if is_run_in(folder):
        said = give(folder, Control.KILL, reason, by=by)
        locked = "" if said.answered else "; trading is locked all the same"
        return replace(said, text=said.text + locked)
    text = (
        "locked; nobody runs here, so nothing was exited: if positions are open, `run` with the "
        "same settings exits them and ends"
    )
    return Said(Control.KILL, done=True, text=text)


def _wait(controls: Controls, given: Given, clock: Callable[[], float]) -> Answer | None:
    until, pause_between = clock() + _PATIENCE_S, Event()
    while (answer := controls.answered(given)) is None and clock() < until:
        pause_between.wait(_LOOK_S)
    return answer
