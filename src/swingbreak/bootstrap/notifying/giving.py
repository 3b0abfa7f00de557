"""Gives a person's word to whoever runs in a state folder, and waits for the answer."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.adapters.runlock import folder_lock
from swingbreak.domain.control import Control
from swingbreak.domain.errors import SessionLocked
from swingbreak.ports import Clock

__all__ = ["Given", "Giver"]

_PATIENCE_S, _LOOK_S = 5.0, 0.05


class Given(NamedTuple):
    """What became of a word."""

    done: bool
    text: str


class Giver:
    """Gives words in the name of *by*, ``telegram``, to the process that runs in *state_dir*."""

    def __init__(
        self, state_dir: Path, by: str, clock: Clock, *, patience_s: float = _PATIENCE_S
    ) -> None:
        self._state_dir = state_dir
        self._controls = Controls(state_dir)
        self._by = by
        self._clock = clock
        self._looks = round(patience_s / _LOOK_S)

    async def give(self, control: Control, reason: str) -> Given:
        """Say *control*; a kill locks trading first, and says so where nobody runs.

        Raises:
            LedgerError: It could not be written; nothing was given.
        """
        if control is Control.KILL:
            # the lock first: if all else fails no new day begins
            self._controls.lock(KillLock(self._clock.now(), reason, self._by))
        if not self._runs():
            if control is not Control.KILL:
                return Given(False, f"no process runs the day: there is nobody to {control}")
            return Given(True, "locked; nobody runs here, so nothing was exited: `run` exits it")
        given = self._controls.give(control, reason, by=self._by, at=self._clock.now())
        for _ in range(self._looks):
            if (answer := self._controls.answered(given)) is not None:
                return Given(answer.done, answer.text)
            await asyncio.sleep(_LOOK_S)
        self._controls.withdraw(given)
        locked = "; trading is locked all the same" if control is Control.KILL else ""
        return Given(False, f"no answer; the word was taken back{locked}: is it hanging?")

    def _runs(self) -> bool:
        try:
            folder_lock(self._state_dir).look()
        except SessionLocked:
            return True
        return False
