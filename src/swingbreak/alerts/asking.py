"""What a person asks of the bot, and the codes that guard what cannot be taken back.

Rules of this file:

1. A code is for one sender in one chat and one command, for a minute, and for one attempt: a wrong
   code voids the right one.
2. What lets money be risked or sends orders needs a code; what only holds back does not.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from swingbreak.domain.control import Control

__all__ = ["CODE_S", "CONTROLS", "GUARDED", "HELP", "Asked", "Codes", "Word", "asked"]

CODE_S: Final = 60


class Word(StrEnum):
    """A command, as it is written after the slash."""

    STATUS = "status"
    POSITIONS = "positions"
    ORDERS = "orders"
    PNL = "pnl"
    WHY = "why"
    PAUSE = "pause"
    RESUME = "resume"
    FLATTEN = "flatten"
    KILL = "kill"
    HELP = "help"


CONTROLS: Final = {
    Word.PAUSE: Control.PAUSE,
    Word.RESUME: Control.RESUME,
    Word.FLATTEN: Control.FLATTEN,
    Word.KILL: Control.KILL,
}
GUARDED: Final = frozenset({Word.RESUME, Word.FLATTEN, Word.KILL})
HELP: Final = """\
/status the day in a few lines
/positions what is open
/orders what works at the exchange
/pnl closed and open results
/why what keeps entries from being made
/why SYMBOL@10:31 or /why o5: what led to an order, or why there was none
/pause no entries for now; stops stay
/resume the end of a pause (asks for a code)
/flatten exit everything, the day is over (asks for a code)
/kill the same, and no day begins until you unlock it on the machine (asks for a code)
/help this"""


class Asked(NamedTuple):
    """What was asked.

    Attributes:
        rest: What was written behind it.
    """

    word: Word
    rest: str


def asked(text: str) -> Asked | None:
    """Return what *text* asks for, ``None`` where it is no command of ours."""
    head, _, rest = text.strip().partition(" ")
    name = head.partition("@")[0].lower()
    if not name.startswith("/") or name[1:] not in set(Word):
        return None
    return Asked(Word(name[1:]), rest.strip())


class _Code(NamedTuple):
    word: Word
    code: str
    until: datetime


@dataclass(slots=True)
class Codes:
    """The codes that may still be used; one of each sender, and none outlives the process."""

    _open: dict[tuple[str, str], _Code] = field(default_factory=dict)

    def issue(self, who: tuple[str, str], word: Word, code: str, now: datetime) -> None:
        """Let *who*, a chat and a sender in it, say *word* with *code*, and nothing else."""
        self._open[who] = _Code(word, code, now + timedelta(seconds=CODE_S))

    def redeem(self, who: tuple[str, str], word: Word, code: str, now: datetime) -> bool:
        """Whether *who* may say *word* with *code* at *now*; whatever was open is not any more."""
        known = self._open.pop(who, None)
        if known is None:
            return False
        fits = hmac.compare_digest(known.code.encode(), code.encode())
        return fits and known.word is word and now <= known.until
